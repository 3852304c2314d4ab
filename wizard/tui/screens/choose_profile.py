"""Choose: the profiles, what each is for, and what was found on the machine."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from wizard.in_words import notices_in_words, run_state_in_words, time_in_words
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.apply.runs import Run
    from wizard.machine.facts import Facts
    from wizard.session import Beginning

MAIL_PORTS = (25, 465, 587, 143, 993)


class ChooseProfileScreen(WizardScreen):
    """The first screen: which of the profiles this machine shall have."""

    LEG: ClassVar[Leg | None] = Leg.CHOOSE
    HELP: ClassVar[str] = _(
        "A profile is one way a machine can handle mail. Choose the one that fits: it only decides which questions "
        "come next, and nothing is changed before you have seen and accepted the preview. Beside the list is what "
        "the wizard found on this machine."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "choose", _("Choose")),
        key("f5", "look_again", _("Look again"), "F5"),
        key("f6", "snapshots", _("Undo"), "F6"),
        key("f7", "dns", _("DNS"), "F7"),
        key("m", "accounts", _("Users"), "m"),
        key("f10", "app.quit", _("Quit"), "F10"),
    ]

    def content(self) -> ComposeResult:
        """Notices, the list, and what is to be said of the present row."""
        yield Words(id="notices")
        yield Words(_("What shall this machine do with mail?"), classes="headline")
        yield Rows(id="profiles")
        with VerticalScroll(id="about"):
            yield Words(id="summary")
            yield Words(id="found")

    def on_mount(self) -> None:
        """Begins in the list."""
        self.query_one(Rows).focus()

    def show_walk(self) -> None:
        """Shows what is known of the machine, or that it is being looked at."""
        self._show_notices()
        rows = self.query_one(Rows)
        beginning = self.walk.beginning
        if beginning is None:
            problem = self.walk.problem
            text = problem.what if problem is not None else _("Looking at this machine ...")
            self.query_one("#summary", Words).say(plain(text, "$text-error" if problem else "$quiet"))
            self.query_one("#found", Words).say(plain(f"\nhint: {problem.hint}" if problem else ""))
            return
        self.query_one("JourneyBar").refresh()
        self.refresh_bindings()
        is_new = not len(rows)
        rows.show([self._row(beginning, profile_id) for profile_id in beginning.profiles])
        if is_new and beginning.last_profile in beginning.profiles:
            rows.go_to(list(beginning.profiles).index(beginning.last_profile))
        self._show_present()

    def _row(self, beginning: "Beginning", profile_id: str) -> Content:
        title = plain(beginning.profiles[profile_id].title, "bold")
        if profile_id == beginning.last_profile:
            return Content.assemble(title, Content.styled("  " + _("(chosen last time)"), "$quiet"))
        return title

    def _show_present(self) -> None:
        beginning = self.walk.beginning
        if beginning is None or not beginning.profiles:
            return
        profile = list(beginning.profiles.values())[self.query_one(Rows).place]
        self.query_one("#summary", Words).say(plain(profile.summary))
        lines = [plain(_("What was found"), "bold $accent"), *found_lines(beginning.facts, self.walk.last_run)]
        self.query_one("#found", Words).say(Content("\n").join(lines))

    def _show_notices(self) -> None:
        beginning = self.walk.beginning
        notices: list[str] = []
        if self.wizard.dry_run:
            notices.append(_("Dry run: you come as far as the preview, and nothing is changed."))
        if beginning is not None:
            notices.extend(notices_in_words(beginning.facts, pretend=self.wizard.pretend))
        if beginning is not None and beginning.unfinished is not None:
            notices.append(_("An earlier run did not come to its end: F6 to go on with it or put it back."))
        place = self.query_one("#notices", Words)
        place.display = bool(notices)
        lines = [
            Content.assemble(Content.styled(_("note") + "  ", "bold $text-warning"), plain(line)) for line in notices
        ]
        place.say(Content("\n").join(lines))

    @on(Rows.Moved)
    def _moved(self) -> None:
        self._show_present()

    @on(Rows.Taken)
    def action_choose(self) -> None:
        """On to the questions of the present profile."""
        beginning = self.walk.beginning
        if beginning is None or not beginning.profiles:
            return
        self.walk.choose(list(beginning.profiles)[self.query_one(Rows).place])
        commands.to_questions(self.wizard)

    def action_look_again(self) -> None:
        """Looks at the machine once more."""
        if not self.walk.is_changing:
            self.walk.start_over()
            self.show_walk()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers the DNS records and the mailboxes only where mail of a domain is set up."""
        if action == "accounts":
            return commands.can_show_accounts(self.wizard)
        if action == "dns":
            return commands.session_with_names(self.wizard) is not None
        return super().check_action(action, parameters)

    def action_dns(self) -> None:
        """The DNS records of what is set up."""
        commands.show_dns(self.wizard)

    def action_accounts(self) -> None:
        """The mailboxes and aliases of what is set up."""
        commands.to_accounts(self.wizard)

    def action_snapshots(self) -> None:
        """Earlier runs; the unfinished one first."""
        beginning = self.walk.beginning
        if beginning is not None and beginning.unfinished is not None:
            commands.show_unfinished(self.wizard)
        elif beginning is not None:
            commands.show_snapshots(self.wizard)


def found_lines(facts: "Facts", last_run: "Run | None" = None) -> list[Content]:
    """What matters of the machine before the first question, a line each."""
    pairs = [
        (_("System"), facts.os_name or facts.os_id or _("unknown")),
        (_("Name"), facts.fully_qualified_name or facts.host_name or _("unknown")),
        (_("Postfix"), facts.postfix_version or (_("installed") if facts.postfix_installed else _("not installed"))),
    ]
    owners = {
        f"{listener.port}: {listener.unit or listener.process or _('unknown')}"
        + (f" ({listener.package})" if listener.package else "")
        for listener in facts.listeners
        if listener.port in MAIL_PORTS
    }
    pairs.append((_("Mail ports"), ", ".join(sorted(owners)) or _("nobody listens")))
    if last_run is not None:
        when, state = time_in_words(last_run.began), run_state_in_words(last_run.state)
        pairs.append((_("Last run"), _("{time}, {state}; F6 shows what it changed").format(time=when, state=state)))
    if facts.queue_size:
        pairs.append((_("In the queue"), str(facts.queue_size)))
    if facts.pacnew_files:
        pairs.append((_(".pacnew files"), ", ".join(facts.pacnew_files)))
    lines = [Content.assemble(plain(f"{name:<14}", "$quiet"), plain(value)) for name, value in pairs]
    lines.extend(
        Content.assemble(Content.styled(_("[warning]") + " ", "$text-warning"), plain(warning))
        for warning in facts.warnings
    )
    return lines
