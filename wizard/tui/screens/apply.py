"""Apply: each step as it happens, what it says, and what to do when the run is over."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Key

from wizard.apply.events import Ending
from wizard.in_words import ending_in_words
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.wizard_screen import key
from wizard.tui.story import StepState, StepStory
from wizard.tui.widgets.progress_line import ProgressLine
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.what_now import Option, WhatNow
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.apply.execute import Outcome
    from wizard.problem import Problem

STYLES = {
    StepState.WAITING: "$quiet",
    StepState.RUNNING: "bold $accent",
    StepState.DONE: "$text-success",
    StepState.FAILED: "bold $text-error",
    StepState.NOT_BEGUN: "$quiet",
}


class ApplyScreen(ListAndDetailScreen):
    """A run under way, or over; also one that puts an earlier run back."""

    LEG: ClassVar[Leg | None] = Leg.APPLY
    HELP: ClassVar[str] = _(
        "The steps are carried out one after the other; the word before each says how far it is. Beside or below "
        "stands what the chosen step said. s stops after the step that runs, never in the middle of one. If a step "
        "fails, those after it are not begun, and you decide: put everything back, look at the log, or leave it for "
        "now. A lost connection does not stop the run; start postwizard again to see how it ended."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("s", "stop", _("Stop after this step"), "s"),
        key("tab", "app.focus_next", _("Steps or log"), "tab"),
        key("escape", "back", _("To the start"), "esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._follows = True

    def content(self) -> ComposeResult:
        """How much is done, the steps, the log of one, and what to do next."""
        yield Words(id="apply-line", classes="headline")
        yield ProgressLine()
        yield from self.columns()
        yield WhatNow()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_walk(self) -> None:
        """Shows the story as far as it was told."""
        story = self.walk.story
        rows = self.rows
        rows.show([_row(step) for step in story.steps])
        if self._follows:
            rows.go_to(story.current)
        bar = self.query_one(ProgressLine)
        bar.done, bar.count = story.done, len(story.steps)
        self.query_one("#apply-line", Words).say(self._headline())
        self._show_log()
        self._show_what_now()
        self.refresh_bindings()

    def _headline(self) -> Content:
        story = self.walk.story
        if self.walk.is_changing:
            if self.walk.stop.asked():
                return plain(_("Stopping after this step ..."), "$text-warning")
            return plain(_("Putting back ...") if story.undoing else _("Applying ..."))
        if self.walk.outcome is not None:
            return plain(ending_in_words(self.walk.outcome.ending))
        return plain(_("Not put back") if story.undoing else _("Not applied"))

    def _show_log(self) -> None:
        steps = self.walk.story.steps
        if not steps:
            self.say_detail("")
            return
        step = steps[min(self.rows.place, len(steps) - 1)]
        said = step.lines[1:] if step.lines[:1] == [step.title] else step.lines
        lines = [plain(step.title, "bold"), *map(plain, said)]
        if not said and step.problem is None:
            lines.append(plain(_("(it said nothing)") if step.state is StepState.DONE else "", "$quiet"))
        is_said_below = self.walk.outcome is not None and self.walk.outcome.problem == step.problem
        if step.problem is not None and not is_said_below:
            lines.extend(problem_lines(step.problem))
        self.say_detail(Content("\n").join(lines))
        if self._follows:
            self.query_one("#detail").scroll_end(animate=False, immediate=True)

    @on(Rows.Moved, "#list")
    def _moved(self) -> None:
        self._follows = False
        self._show_log()
        self.detail_home()

    # --- what next ---------------------------------------------------------------------------------------------------

    def _show_what_now(self) -> None:
        now = self.query_one(WhatNow)
        if self.walk.is_changing:
            now.withdraw()
            return
        outcome, problem = self.walk.outcome, self.walk.problem
        if outcome is not None:
            now.offer(self._ending(outcome), self._options(outcome))
        elif problem is not None:
            options = [Option("b", _("Back to the start"), lambda: commands.to_start(self.wizard))]
            if self.walk.story.undoing:
                again = Option("p", _("Try again"), self._put_back)
                options = [options[0], again, Option("f", _("Put back all the same"), self._force)]
            elif self.walk.conversation is not None and not self.walk.story.run_id:
                options.insert(0, Option("l", _("Look at the preview again"), lambda: commands.to_preview(self.wizard)))
            now.offer(Content("\n").join(problem_lines(problem)), options)

    def _ending(self, outcome: "Outcome") -> Content:
        lines = [plain(f"{_('note')}  {note}", "$text-warning") for note in outcome.notes]
        if outcome.problem is not None:
            lines.extend(problem_lines(outcome.problem))
        return Content("\n").join(lines or [plain(self._what_now(outcome))])

    def _what_now(self, outcome: "Outcome") -> str:
        if outcome.ending is Ending.DONE and self.walk.conversation is not None:
            return _("What is written is in force. See for yourself: a test mail is followed into the mailbox.")
        return _("What now?")

    def _options(self, outcome: "Outcome") -> list[Option]:
        to_report = Option("r", _("Report"), lambda: commands.to_report(self.wizard))
        log = Option("l", _("Look at the log"), self._to_log)
        start = Option("b", _("Back to the start"), lambda: commands.to_start(self.wizard))
        back = Option("p", _("Put back: everything as it was before this run"), self._put_back)
        match outcome.ending:
            case Ending.DONE:
                if self.walk.conversation is None:
                    return [to_report, start]
                return [Option("t", _("Send test mails"), lambda: commands.to_tests(self.wizard)), to_report, log]
            case Ending.FAILED:
                return [back, log, Option("e", _("Leave it as it is for now"), lambda: commands.to_report(self.wizard))]
            case Ending.STOPPED:
                if self.walk.story.undoing:
                    return [Option("p", _("Go on putting back"), self._put_back), to_report]
                on_with_it = Option("g", _("Go on with the rest"), lambda: commands.go_on(self.wizard))
                return [on_with_it, back, Option("e", _("Leave it as it is for now"), to_report.do)]
            case Ending.NOT_ALL_PUT_BACK:
                again = Option("p", _("Try again"), self._put_back)
                if outcome.notes:
                    force = Option("f", _("Put back the rest too, over what was changed since"), self._force)
                    return [to_report, again, force]
                return [again, Option("f", _("Put back all the same"), self._force), to_report, start]
            case Ending.PUT_BACK | Ending.NOTHING_TO_DO:
                return [to_report, start]

    def _to_log(self) -> None:
        self.rows.focus()

    def _put_back(self) -> None:
        self._start_putting_back(force=False)

    def _force(self) -> None:
        words = _("What came or was changed since then is lost when it is put back by force. Do that?")
        self.app.push_screen(Confirm(words, _("Put back by force"), _("Leave it")), self._force_if)

    def _force_if(self, wanted: bool | None) -> None:
        if wanted:
            self._start_putting_back(force=True)

    def _start_putting_back(self, *, force: bool) -> None:
        self._follows = True
        self.rows.focus()
        self.walk.put_back(self.walk.run_id, force=force)

    # --- keys --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers each key only while it does something."""
        if action == "stop":
            return self.walk.is_changing
        if action == "back":
            return not self.walk.is_changing
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """Asks the run to stop after this step."""
        self.walk.stop.ask()
        self.show_walk()

    def action_back(self) -> None:
        """To the first screen, which looks at the machine again."""
        commands.to_start(self.wizard)

    def on_key(self, event: Key) -> None:
        """A letter of what is offered."""
        if self.query_one(WhatNow).press(event.key):
            event.stop()


def problem_lines(problem: "Problem") -> list[Content]:
    """What is wrong, then the hint."""
    lines = [Content.assemble(Content.styled(_("[failed]") + " ", "bold $text-error"), plain(problem.what))]
    if problem.hint:
        lines.append(plain(f"hint: {problem.hint}"))
    return lines


def _row(step: StepStory) -> Content:
    seconds = f"  {step.seconds:.1f} s" if step.seconds is not None else ""
    return Content.assemble(
        plain(f"[{step.state.in_words}] ", STYLES[step.state]), plain(step.title), plain(seconds, "$quiet")
    )
