"""Driving the app as a person does: by keys, and by reading what is on the screen."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.fake_engine import NO_MACHINE
from wizard.tui import commands
from wizard.tui.app import WizardApp
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.preview import PreviewScreen

PATIENCE = 15


class Person:
    """Sits at the keyboard."""

    def __init__(self, app: WizardApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Presses keys one after the other, letting each take effect."""
        for key in keys:
            await self.pilot.press(key)
            await self._settled()

    async def write(self, text: str) -> None:
        """Types a text."""
        for character in text:
            await self.pilot.press("space" if character == " " else character)
        await self._settled()

    async def _settled(self) -> None:
        """Waits until every part of the screen has taken in what was sent to it, and what that led to."""
        for _turn in range(2):
            await self.pilot._wait_for_screen()
        await self.pilot.pause()

    async def until(self, claim: Callable[[], object], words: str = "") -> None:
        """Waits until this is so; a claim that never comes true fails with what the screen says."""
        end = monotonic() + PATIENCE
        await self.pilot.pause()
        while not claim():
            if monotonic() > end:
                raise AssertionError(f"never so: {words}\n{self.seen}")
            await self.pilot.pause(0.02)

    async def sees(self, text: str) -> None:
        """Waits until the screen shows this text."""
        await self.until(lambda: text in self.seen or text in self.words, f"sees {text!r}")

    async def is_at(self, screen: type[Screen[Any]]) -> None:
        """Waits until this is the screen, and it has something to be at."""
        await self.until(lambda: isinstance(self.app.screen, screen), f"is at {screen.__name__}")

    @property
    def seen(self) -> str:
        """The characters on the screen, line by line."""
        return screen_text(self.app)

    @property
    def words(self) -> str:
        """The same without line breaks and runs of blanks, so that wrapped sentences can be found."""
        return " ".join(self.seen.split())


def screen_text(app: WizardApp) -> str:
    """What the terminal would show now."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[:width].rstrip() for strip in lines[:height])


@asynccontextmanager
async def sitting_at(size: tuple[int, int] = (80, 24), **options: Any) -> AsyncIterator[Person]:
    """The app on a terminal of this size, the first screen filled."""
    options.setdefault("reduced", False)
    app = WizardApp(options.pop("machine", NO_MACHINE), **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: app.walk.beginning is not None or app.walk.problem is not None, "looked around")
        await pilot.pause()
        yield person


async def at_preview(person: Person, profile_id: str = "local_only") -> None:
    """Goes to the preview at once, for a test of what comes after it; the way there has tests of its own."""
    person.app.walk.choose(profile_id)
    person.app.push_screen(PreviewScreen())
    await person.is_at(PreviewScreen)
    await person.until(lambda: person.app.walk.plan is not None)


async def applied(person: Person) -> None:
    """Applies what the preview would show, without looking at it."""
    walk = person.app.walk
    walk.choose("local_only")
    walk.make_plan()
    await person.until(lambda: walk.plan is not None)
    walk.apply()
    commands.to_apply(person.app)
    await person.is_at(ApplyScreen)
