"""Report: what was done, what was found, how to undo it, and the commands for later."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from wizard.preview_text import folded
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain, shown
from wizard.tui.report_text import Line, report_lines
from wizard.tui.screens.save_as import save_text
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.words import Words
from wizard.words import _


class ReportScreen(WizardScreen):
    """The end of the journey, to read and to keep."""

    LEG: ClassVar[Leg | None] = Leg.REPORT
    HELP: ClassVar[str] = _(
        "What was done and found, how to put everything back, and the commands that are useful from now on. w writes "
        "it to a file. F7 shows the records for the DNS, where mail of a domain comes in. F6 shows this and earlier "
        "runs, each of which can be put back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "finish", _("Leave"), "enter"),
        key("w", "save", _("Write to a file"), "w"),
        key("t", "tests", _("Test sends"), "t"),
        key("f6", "snapshots", _("Undo"), "F6"),
        key("f7", "dns", _("DNS"), "F7"),
        key("m", "accounts", _("Users"), "m"),
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
        """Offers test sends only where there is a profile to test, and the DNS where it has names there."""
        if action == "tests":
            return self.walk.conversation is not None and not self.walk.story.undoing
        if action == "dns":
            return commands.session_with_names(self.wizard) is not None
        if action == "accounts":
            return self._keeps_accounts
        return super().check_action(action, parameters)

    @property
    def _keeps_accounts(self) -> bool:
        """Whether the profile that was carried out keeps mailboxes."""
        conversation = self.walk.conversation
        is_there = conversation is not None and not self.walk.story.undoing and not self.walk.is_changing
        return is_there and conversation is not None and conversation.profile.account_steps is not None

    def action_finish(self) -> None:
        """Leaves the program."""
        self.app.run_worker(self.app.action_quit())

    def action_tests(self) -> None:
        """Sends the test mails."""
        commands.to_tests(self.wizard)

    def action_dns(self) -> None:
        """The DNS records of this mail system."""
        commands.show_dns(self.wizard)

    def action_accounts(self) -> None:
        """The mailboxes and aliases of what is set up."""
        commands.to_accounts(self.wizard)

    def action_snapshots(self) -> None:
        """Earlier runs."""
        commands.show_snapshots(self.wizard)

    def action_back(self) -> None:
        """To the first screen."""
        commands.to_start(self.wizard)

    def action_save(self) -> None:
        """Asks for a file name."""
        run_id = self.walk.outcome.run_id if self.walk.outcome is not None else ""
        text = "\n".join(line.text for line in report_lines(self.walk, self.wizard.host_name)) + "\n"
        save_text(self.app, self.walk.machine, f"/root/postwizard-{run_id or 'report'}.txt", text)


def _drawn(line: Line, width: int) -> Content:
    """The line; what has no room goes on below, a little further in than it began."""
    text = shown(line.text)
    return plain("\n".join(folded(text, width, len(text) - len(text.lstrip()) + 2)), line.style)
