"""Report: what was done, what was found, how to undo it, and the commands for later."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from wizard.preview_text import folded
from wizard.tui import commands
from wizard.tui.background import in_background
from wizard.tui.journey import Leg
from wizard.tui.plain import plain, shown
from wizard.tui.report_text import Line, report_lines
from wizard.tui.screens.save_as import SaveAs
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.problem import Problem


class ReportScreen(WizardScreen):
    """The end of the journey, to read and to keep."""

    LEG: ClassVar[Leg | None] = Leg.REPORT
    HELP: ClassVar[str] = _(
        "What was done and found, how to put everything back, and the commands that are useful from now on. w writes "
        "it to a file. F6 shows this and earlier runs, each of which can be put back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "finish", _("Leave"), "enter"),
        key("w", "save", _("Write to a file"), "w"),
        key("t", "tests", _("Test sends"), "t"),
        key("f6", "snapshots", _("Undo"), "F6"),
        key("escape", "back", _("To the start"), "esc"),
    ]

    def content(self) -> ComposeResult:
        """The text, which scrolls."""
        with VerticalScroll(id="report"):
            yield Words(id="report-words")

    def on_mount(self) -> None:
        """The arrow keys scroll at once."""
        self.query_one("#report").focus()

    def show_walk(self) -> None:
        """Shows the report."""
        lines = report_lines(self.walk, self.wizard.host_name)
        width = self.query_one("#report-words").content_size.width
        self.query_one("#report-words", Words).say(Content("\n").join(_drawn(line, width) for line in lines))

    def on_resize(self) -> None:
        """Folds long lines anew."""
        self.call_after_refresh(self.show_walk)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers test sends only where there is a profile to test."""
        if action == "tests":
            return self.walk.conversation is not None and not self.walk.story.undoing
        return super().check_action(action, parameters)

    def action_finish(self) -> None:
        """Leaves the program."""
        self.app.run_worker(self.app.action_quit())

    def action_tests(self) -> None:
        """Sends the test mails."""
        commands.to_tests(self.wizard)

    def action_snapshots(self) -> None:
        """Earlier runs."""
        commands.show_snapshots(self.wizard)

    def action_back(self) -> None:
        """To the first screen."""
        commands.to_start(self.wizard)

    def action_save(self) -> None:
        """Asks for a file name."""
        run_id = self.walk.outcome.run_id if self.walk.outcome is not None else ""
        self.app.push_screen(SaveAs(f"/root/postwizard-{run_id or 'report'}.txt"), self._save)

    def _save(self, name: str | None) -> None:
        if not name:
            return
        machine = self.walk.machine
        text = "\n".join(line.text for line in report_lines(self.walk, self.wizard.host_name)) + "\n"

        def work() -> str:
            from wizard.machine.machine import FileState
            from wizard.problem import BadInput

            path = PurePosixPath(name)
            if not path.is_absolute():
                raise BadInput(_("{name} is no full path.").format(name=name), _("Begin it with a slash."))
            if machine.file(path) is not None:
                raise BadInput(_("{name} exists already.").format(name=name), _("Give another name."))
            machine.write_file(path, FileState(content=text.encode("utf-8", "replace"), mode=0o600))
            return name

        in_background(self.app, work, self._saved, self._not_saved, "save")

    def _saved(self, name: str) -> None:
        self.app.notify(_("Written to {name}").format(name=shown(name)))

    def _not_saved(self, problem: "Problem") -> None:
        self.app.notify(str(problem), title=_("Not written"), severity="error")


def _drawn(line: Line, width: int) -> Content:
    """The line; what has no room goes on below, a little further in than it began."""
    text = shown(line.text)
    return plain("\n".join(folded(text, width, len(text) - len(text.lstrip()) + 2)), line.style)
