"""Types into an app without a terminal, as Pilot does, and prints what each key took to its repaint as JSON.

For each key two numbers: the seconds that passed, and the seconds that this process worked.
"""

import asyncio
import json
import sys
from time import perf_counter, process_time
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

KEYS = 140
NOT_COUNTED = 20


class OneField(App[None]):
    """As little as can be typed into."""

    def compose(self) -> ComposeResult:
        """One field."""
        yield Input()


async def ask_screen() -> list[tuple[float, float]]:
    """Typing the name of the machine on the ask screen."""
    from wizard.machine.pretend_machine import PretendMachine
    from wizard.places import FRESH_ARCH
    from wizard.tui.app import WizardApp
    from wizard.tui.screens.ask import AskScreen

    app = WizardApp(PretendMachine.from_json(FRESH_ARCH.read_text("utf-8")), reduced=False)
    async with app.run_test(size=(100, 30)) as pilot:
        while app.walk.beginning is None:
            await pilot.pause(0.05)
        await pilot.press("enter")
        while not isinstance(app.screen, AskScreen) or not app.screen.query(Input):
            await pilot.pause(0.05)
        return await _typed(app)


async def one_field() -> list[tuple[float, float]]:
    """Typing into an app that has nothing else."""
    app = OneField()
    async with app.run_test(size=(100, 30)):
        return await _typed(app)


async def _typed(app: App[Any]) -> list[tuple[float, float]]:
    field = app.screen.query(Input).first()
    field.cursor_blink = False
    field.focus()
    painted = asyncio.Event()
    painted_at = worked_until = 0.0
    before = field.value

    def display(_screen: object, renderable: Any) -> None:
        """What App._display does on a real terminal, up to the text that would be written."""
        nonlocal painted_at, worked_until
        if renderable is None:
            return
        renderable.render_segments(app.console)
        if field.value != before:
            painted_at, worked_until = perf_counter(), process_time()
            painted.set()

    app._display = display  # type: ignore[method-assign, assignment]
    await asyncio.sleep(0.2)
    assert app._driver is not None
    seconds = []
    for number in range(KEYS):
        before = field.value
        painted.clear()
        key = events.Key("backspace", None) if number % 2 else events.Key("x", "x")
        key.set_sender(app)
        typed_at, worked_before = perf_counter(), process_time()
        app._driver.send_message(key)
        await asyncio.wait_for(painted.wait(), 5)
        seconds.append((painted_at - typed_at, worked_until - worked_before))
        await asyncio.sleep(0.004)
    return seconds[NOT_COUNTED:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run({"ask": ask_screen, "one-field": one_field}[sys.argv[1]]())))
