"""How soon the program is there: its help, and its first frame."""

import os
import sys

import pytest

from tests.bench.first_frame import seconds_to_see
from tests.bench.timing import ROOT, Ratio, check, in_turn, least, seconds_of

# A wheel's modules are compiled when it is installed; here the first round, which is not counted, compiles them.
PYTHON = (sys.executable, "-P")


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of a usual terminal; compiled modules are kept apart from the checkout."""
    compiled = tmp_path_factory.mktemp("compiled")
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled), "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8"}  # fmt: skip


def test_help_is_there_at_once(table: list[Ratio], environment: dict[str, str]) -> None:
    taken = least(
        in_turn(
            9,
            help=lambda: seconds_of((*PYTHON, "-m", "wizard", "--help"), environment),
            nothing=lambda: seconds_of((*PYTHON, "-c", "pass"), environment),
        )
    )
    # argparse, gettext and what they need are three quarters of the difference.
    check(
        table,
        Ratio(what="postwizard --help / python -c pass", ours=taken["help"], theirs=taken["nothing"], aim=5, bound=7),
    )


def test_the_first_frame_is_soon_there(table: list[Ratio], environment: dict[str, str]) -> None:
    command = (*PYTHON, "-m", "wizard", "--pretend")
    taken = least(
        in_turn(
            5,
            frame=lambda: seconds_to_see(b"Local only", command, environment, str(ROOT)),
            toolkit=lambda: seconds_of((*PYTHON, "-c", "import textual.app"), environment),
        )
    )
    check(
        table,
        Ratio(what="first frame / import textual.app", ours=taken["frame"], theirs=taken["toolkit"], aim=3, bound=5),
    )
