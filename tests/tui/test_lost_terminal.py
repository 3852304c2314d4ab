"""A terminal that goes away, and signals from outside, on a real pseudo-terminal."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pexpect
import pytest

HERE = Path(__file__).parents[2]
PATIENCE = 60
GONE = -1


def appears(path: Path) -> str:
    """Waits until the file is there and complete."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        if path.exists():
            return path.read_text()
        sleep(0.02)
    raise AssertionError(f"{path.name} never came")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[pexpect.spawn]:
    """The wizard at its first screen."""
    environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(HERE)}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "tests.tui.slow_run", str(tmp_path)],
        dimensions=(24, 80),
        env=environment,
        cwd=str(HERE),
        timeout=PATIENCE,
    )
    child.expect("Mail between users")
    yield child
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    child.terminated, child.closed = True, True  # so that its finaliser does not try again
    if child.child_fd != GONE:
        os.close(child.child_fd)


def begin_run(child: pexpect.spawn, folder: Path) -> None:
    """Accepts everything and applies it."""
    child.send("\r")
    child.expect("called in mail")
    child.send("\x1bOS")  # F4
    child.expect("steps are left")
    child.send("\r")
    child.expect("Not yet")
    child.send("y")
    appears(folder / "running")


def test_a_run_goes_on_to_its_end_when_the_terminal_is_lost(terminal: pexpect.spawn, tmp_path: Path) -> None:
    begin_run(terminal, tmp_path)
    os.close(terminal.child_fd)  # the kernel hangs up: SIGHUP, and writing to the terminal fails from now on
    terminal.child_fd = GONE
    (tmp_path / "go").touch()
    assert appears(tmp_path / "asked") == "False"
    assert appears(tmp_path / "ended") == "done"
    assert appears(tmp_path / "code") == "0"


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.thorough)])
def test_a_signal_lets_the_step_end_and_begins_no_other(
    terminal: pexpect.spawn, tmp_path: Path, number: signal.Signals
) -> None:
    begin_run(terminal, tmp_path)
    terminal.kill(number)
    terminal.expect("Stopping after")
    (tmp_path / "go").touch()
    assert appears(tmp_path / "asked") == "True"
    terminal.expect("Stopped between two steps")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.thorough),
        pytest.param(signal.SIGINT, marks=pytest.mark.thorough),
        signal.SIGHUP,
    ],
)
def test_a_signal_before_anything_is_changed_leaves_with_130(
    terminal: pexpect.spawn, tmp_path: Path, number: signal.Signals
) -> None:
    terminal.kill(number)
    assert appears(tmp_path / "code") == "130"
