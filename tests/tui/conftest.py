"""Fixtures of the full-screen front: an engine to drive, and a terminal without surprises."""

import asyncio

import pytest
from textual.scrollbar import ScrollBar

from tests.tui.fake_engine import Engine


async def _one_turn(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _calm_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No animations, no colours or theme from the outside."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "POSTWIZARD_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBar.renderer)
    # The pilot sleeps until the processor looks idle, three times for each key. What a test waits for is a claim or a
    # screen that has taken in all its messages, so a turn of the loop is enough.
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", _one_turn)
    # The pilot has the screen drawn when a test looks at it; nobody sees the pictures between.
    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", 1.0)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine behind the screens; a test changes what it says before it opens the app."""
    fake = Engine()
    fake.install(monkeypatch)
    return fake
