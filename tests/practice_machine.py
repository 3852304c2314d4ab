"""Fixtures that boot practice machines; POSTWIZARD_NO_MACHINE=1 leaves out the tests that need one."""

import os
from collections.abc import Iterator

import pytest

from tests.machine.three_hosts import ThreeHosts, boot_three_hosts, make_outside_host
from wizard.practice.build import BuiltTree, build
from wizard.practice.practice_machine import Frozen, PracticeMachine


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects, and says so in the summary; without the variable a computer that cannot host fails these tests."""
    if os.environ.get("POSTWIZARD_NO_MACHINE") != "1":
        return
    left_out = [item for item in items if item.get_closest_marker("real_machine")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def practice_tree() -> BuiltTree:
    """The built tree; the first use on a computer takes two minutes."""
    return build(lambda line: print(line, flush=True))


@pytest.fixture
def fresh_machine(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """A machine that was just switched on for the first time, and is gone after the test."""
    with PracticeMachine.fresh() as machine:
        yield machine


@pytest.fixture(scope="session")
def outside_host(practice_tree: BuiltTree) -> Iterator[Frozen]:
    """What the hosts outside start from: Postfix and a name server, installed and not started."""
    outside = make_outside_host()
    yield outside
    outside.destroy()


@pytest.fixture(scope="module")
def three_hosts(outside_host: Frozen) -> Iterator[ThreeHosts]:
    """An outside sender, a fresh server and an outside receiver, for all tests of a module."""
    with boot_three_hosts(outside_host) as hosts:
        yield hosts
