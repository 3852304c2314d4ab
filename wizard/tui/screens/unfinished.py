"""Unfinished: the run that did not come to its end, shown before anything else is asked."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key

from wizard.in_words import run_state_in_words, time_in_words
from wizard.tui import commands
from wizard.tui.plain import plain
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.what_now import Option, WhatNow
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.apply.runs import Run


class UnfinishedScreen(WizardScreen):
    """Go on, put back, or leave it for now."""

    NAME: ClassVar[str] = _("An unfinished run")
    HELP: ClassVar[str] = _(
        "An earlier run was broken off: by a failure, by a key, by a power cut or a lost connection. Go on shows "
        "what is left to do and applies it when you say so. Put back makes the machine what it was before that run. "
        "Leave changes nothing now; but until you decide, no new run can begin."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "take", _("Take"), "enter"),
        key("escape", "back", _("Leave for now"), "esc"),
    ]

    def content(self) -> ComposeResult:
        """How far it came, and what can be done."""
        yield Words(id="unfinished-line", classes="headline")
        with VerticalScroll(id="unfinished-steps", can_focus=False):
            yield Words(id="unfinished-words")
        yield WhatNow()

    @property
    def _run(self) -> "Run | None":
        beginning = self.walk.beginning
        return beginning.unfinished if beginning is not None else None

    def show_walk(self) -> None:
        """Shows the run and the choices."""
        run = self._run
        if run is None:
            return
        words = _("The run of {time} did not come to its end: {state}").format(
            time=time_in_words(run.began), state=run_state_in_words(run.state)
        )
        self.query_one("#unfinished-line", Words).say(plain(words))
        lines = [plain(f"{run.run_id}  {run.profile_id}", "$quiet"), Content("")]
        for number, title in enumerate(run.titles):
            is_done = number < run.steps_done
            mark = _("[done]") if is_done else _("[not done]")
            lines.append(
                Content.assemble(plain(f"{mark} ", "$text-success" if is_done else "$text-warning"), plain(title))
            )
        self.query_one("#unfinished-words", Words).say(Content("\n").join(lines))
        self.query_one(WhatNow).offer(plain(_("What shall be done with it?")), self._options(run))

    def _options(self, run: "Run") -> list[Option]:
        on_with_it = Option("g", _("Go on: look at what is left, then apply it"), self._go_on)
        back = Option("p", _("Put back: the machine as it was before that run"), self._ask_to_put_back)
        leave = Option("l", _("Leave it for now"), self.action_back)
        if run.state == "unfinished-undo":
            return [Option("p", _("Go on putting it back"), self._ask_to_put_back), leave]
        return [on_with_it, back, leave]

    def _go_on(self) -> None:
        commands.go_on(self.wizard)

    def _ask_to_put_back(self) -> None:
        words = _("Put that run back? The machine is then as it was before it.")
        self.app.push_screen(Confirm(words, _("Put back"), _("Not now")), self._put_back_if)

    def _put_back_if(self, wanted: bool | None) -> None:
        run = self._run
        if wanted and run is not None:
            self.walk.conversation = None
            self.walk.put_back(run.run_id)
            commands.to_apply(self.wizard)

    def action_take(self) -> None:
        """Enter on a choice; the list itself sees to it."""

    def on_key(self, event: Key) -> None:
        """A letter of what is offered."""
        if self.query_one(WhatNow).press(event.key):
            event.stop()
