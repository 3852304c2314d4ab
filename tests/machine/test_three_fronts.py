"""Three fronts, one result: unattended, line by line and on the full screen leave the same machine behind."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.machine.same_machine import Fingerprint, differences, fingerprint, without_times
from tests.machine.terminal import DOWN, ENTER, F4, UP, Terminal
from tests.machine.the_wizard import mailbox_of, read_file, set_up, wizard
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

READER = "hana"
ANSWERS = f'format = 1\nprofile = "local_only"\n\n[answers]\nroot_mail_to = "{READER}"\n'
# What is told apart by when it was made, and by nothing else.
OF_ITS_TIME = (
    "/etc/postfix/aliases.lmdb", "/var/lib/pacman", "/var/lib/postfix/master.lock", "/var/lib/postwizard",
    "/var/spool/mail", "/var/spool/postfix",
)  # fmt: skip


def unattended(machine: PracticeMachine) -> None:
    """By a file of answers."""
    result = set_up(machine, answers=ANSWERS)
    assert result.exit_code == 0, result.text + result.error_text


def line_by_line(machine: PracticeMachine) -> None:
    """By prompts, one after the other; each proposal is taken but one."""
    with Terminal(machine, "postwizard", "--line") as terminal:
        terminal.sees("What shall this machine do with mail?")
        terminal.press(ENTER)
        terminal.answers("Who reads the mail for root?", READER)
        terminal.takes_what_is_proposed("Go ahead?")
        terminal.sees("Yes, take these")
        terminal.press_and_wait(UP)
        terminal.press(ENTER)
        assert terminal.ended() == 0, terminal.text


def full_screen(machine: PracticeMachine) -> None:
    """By keys, on screens."""
    with Terminal(machine, "postwizard") as terminal:
        terminal.sees("Local only", "nobody listens")
        terminal.press(ENTER)
        terminal.sees("Part 1", "▌ ")
        terminal.goes_on_to("Who reads the mail for root?")
        terminal.types_over("admin", READER)
        terminal.press(F4)
        terminal.sees("are left to do", "Install postfix")
        terminal.press(DOWN, ENTER)
        terminal.sees("now?")
        terminal.press("y")
        terminal.sees("All steps are done.")
        terminal.press("t")
        terminal.sees("All is well")
        terminal.press(ENTER)
        terminal.sees("postwizard undo")
        terminal.press(ENTER)
        assert terminal.ended() == 0, terminal.text


@dataclass(frozen=True)
class Left:
    """A machine as it was when it was fresh, and as a front left it."""

    fresh: Fingerprint
    found: Fingerprint
    ledger: list[Any]
    answers: str
    table: list[str]


@contextmanager
def machine_with_a_reader(_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """A fresh machine with one more person."""
    with PracticeMachine.fresh() as machine:
        assert machine.run("useradd", "--create-home", "--shell", "/usr/bin/bash", READER).ok
        yield machine


def left_by(front: Callable[[PracticeMachine], None], tree: BuiltTree) -> Left:
    """What the front leaves; then it is put back, so that this is known of each of them, too."""
    with machine_with_a_reader(tree) as machine:
        fresh = fingerprint(machine)
        front(machine)
        assert "Subject: " in mailbox_of(machine, READER) or front is not unattended
        found = fingerprint(machine)
        entries = json.loads(read_file(machine, "/var/lib/postwizard/ledger.json"))["entries"]
        ledger = [{name: value for name, value in entry.items() if name != "run_id"} for entry in entries]
        table = machine.run("postalias", "-s", "lmdb:/etc/postfix/aliases").text.splitlines()
        left = Left(
            fresh,
            found,
            ledger,
            read_file(machine, "/var/lib/postwizard/answers.toml"),
            [line for line in table if "yp_last_modified" not in line.lower()],
        )
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
        assert differences(fresh, fingerprint(machine)) == {}
        return left


def comparable(found: Fingerprint) -> Fingerprint:
    """The fingerprint without what tells machines apart that were set up at different times."""
    paths = {name: entry for name, entry in without_times(found)["paths"].items() if not name.startswith(OF_ITS_TIME)}
    return {**found, "paths": paths}


def test_three_fronts_leave_the_same_machine(practice_tree: BuiltTree) -> None:
    first = left_by(unattended, practice_tree)
    for front in (line_by_line, full_screen):
        other = left_by(front, practice_tree)
        apart = differences(comparable(first.fresh), comparable(other.fresh))
        found = differences(comparable(first.found), comparable(other.found))
        assert {name: pair for name, pair in found.items() if name not in apart} == {}, front.__name__
        assert other.ledger == first.ledger, front.__name__
        assert other.answers == first.answers, front.__name__
        assert other.table == first.table, front.__name__
