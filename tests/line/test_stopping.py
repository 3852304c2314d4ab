"""Signals: before a run they end the program, during one they ask it to stop after the running step."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.line.conftest import Hold
from tests.line.sample import Script
from tests.line.test_conversation import YES
from wizard.command_line import Exit
from wizard.line.stopping import SIGNALS, Stopping


@pytest.fixture
def stopping() -> Iterator[tuple[Stopping, list[str]]]:
    """Listens, and gives the signals back afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    said: list[str] = []
    found = Stopping(said.append)
    found.listen()
    yield found, said
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_before_a_run_a_signal_ends_the_program(stopping: tuple[Stopping, list[str]], number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert not stopping[0].has_run


def test_a_lost_terminal_lets_a_run_come_to_its_end(stopping: tuple[Stopping, list[str]]) -> None:
    found, said = stopping
    with found.while_running() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert not stop()
    assert said == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_during_a_run_a_signal_asks_to_stop(stopping: tuple[Stopping, list[str]], number: signal.Signals) -> None:
    found, said = stopping
    with found.while_running() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        os.kill(os.getpid(), number)
    assert said == [
        "Stopping after the running step.",
        "Waiting for the running step to end; breaking it off would leave it half done.",
    ]
    assert found.has_run


def test_a_new_run_has_not_been_asked_to_stop(stopping: tuple[Stopping, list[str]]) -> None:
    found, _said = stopping
    with found.while_running():
        os.kill(os.getpid(), signal.SIGTERM)
    with found.while_running() as stop:
        assert not stop()


def test_a_signal_that_is_ignored_stays_ignored(stopping: tuple[Stopping, list[str]]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    stopping[0].listen()
    with stopping[0].while_running() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert not stop()


def test_control_c_while_applying_stops_between_steps_and_offers_to_put_back(hold: Hold) -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    interrupted = Script(while_applying=lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        report, text = hold([*YES, "1"], script=interrupted, listen=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert "Stopping after the running step." in text
    assert interrupted.calls == ["make", "carry out", "put back"]
    assert report.exit is Exit.CANCELLED
