"""Fixtures of the full-screen front: an engine to drive, and a terminal without surprises."""

import pytest
from textual.scrollbar import ScrollBar

from tests.tui.fake_engine import Engine


@pytest.fixture(autouse=True)
def _calm_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No animations, no colours or theme from the outside."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "POSTWIZARD_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBar.renderer)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine behind the screens; a test changes what it says before it opens the app."""
    fake = Engine()
    fake.install(monkeypatch)
    return fake
