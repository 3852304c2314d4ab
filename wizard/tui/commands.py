"""The commands of the palette: where one can go from here, and how things look."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.screen import Screen

from wizard.tui.screens.wizard_screen import WizardScreen
from wizard.words import _

if TYPE_CHECKING:
    from wizard.session import Session
    from wizard.tui.app import WizardApp


def commands_for(app: "WizardApp", screen: Screen[Any]) -> Iterable[SystemCommand]:
    """Those that make sense on this screen."""
    walk = app.walk
    if isinstance(screen, WizardScreen):
        yield SystemCommand(_("Help"), _("What this screen is for, and its keys"), screen.action_help)
    if not walk.is_changing and not walk.is_testing:
        yield SystemCommand(_("Go to: choose a profile"), _("The first screen"), lambda: to_start(app))
        if walk.conversation is not None and walk.outcome is None and walk.going_on_with is None:
            yield SystemCommand(
                _("Go to: the questions"), _("Every question can be answered again"), lambda: to_questions(app)
            )
            yield SystemCommand(_("Go to: all answers"), _("Pick one and go to its question"), lambda: to_answers(app))
            yield SystemCommand(
                _("Go to: preview"), _("What would be changed, with the answers as they are"), lambda: to_preview(app)
            )
        if walk.outcome is not None:
            if walk.conversation is not None and not walk.story.undoing:
                yield SystemCommand(_("Go to: test sends"), _("Send the test mails again"), lambda: to_tests(app))
            yield SystemCommand(_("Go to: report"), _("What was done and found"), lambda: to_report(app))
        if walk.beginning is not None:
            yield SystemCommand(
                _("Go to: snapshots and undo"),
                _("Earlier runs: look at them, put them back"),
                lambda: show_snapshots(app),
            )
        if session_with_names(app) is not None:
            yield SystemCommand(
                _("Go to: DNS records"), _("To copy, and compared with name servers"), lambda: show_dns(app)
            )
        if can_show_accounts(app):
            yield SystemCommand(
                _("Go to: mailboxes and aliases"), _("Look at them, add, change, remove"), lambda: to_accounts(app)
            )
        if walk.beginning is not None and walk.beginning.unfinished is not None:
            yield SystemCommand(
                _("Go to: the unfinished run"), _("Go on with it, or put it back"), lambda: show_unfinished(app)
            )
    yield SystemCommand(_("Dark or light"), _("Change the colours (ctrl+t)"), app.action_toggle_theme)
    yield SystemCommand(
        _("Reduced Unicode on or off"), _("Draw with ASCII only, for consoles"), app.action_toggle_reduced
    )
    yield SystemCommand(_("Quit"), _("Leave (F10)"), app.action_quit)


def can_show_accounts(app: "WizardApp") -> bool:
    """Whether there are mailboxes to look at, and nothing else is under way."""
    from wizard.session import keeps_accounts

    walk = app.walk
    return walk.beginning is not None and not walk.is_changing and keeps_accounts(walk.beginning)


def to_accounts(app: "WizardApp") -> None:
    """The mailboxes and aliases; after a run the machine is looked at again first."""
    from wizard.tui.screens.accounts import AccountsScreen

    def then() -> None:
        if app.walk.beginning is not None and can_show_accounts(app):
            app.push_screen(AccountsScreen())

    back_to_first(app)
    if app.walk.outcome is not None:
        app.walk.start_over(then)
    else:
        then()


def back_to_first(app: "WizardApp") -> None:
    """Leaves every screen above the first one."""
    while len(app.screen_stack) > 2:
        app.pop_screen()


def to_start(app: "WizardApp") -> None:
    """The first screen; after a run the machine is looked at again."""
    back_to_first(app)
    if app.walk.outcome is not None:
        app.walk.start_over()


def to_questions(app: "WizardApp", key: str = "") -> None:
    """The questions, at this one when it is given."""
    from wizard.tui.screens.ask import AskScreen

    back_to_first(app)
    app.push_screen(AskScreen(at_key=key))


def to_answers(app: "WizardApp") -> None:
    """All answers in a list."""
    from wizard.tui.screens.answers import AnswersScreen

    app.push_screen(AnswersScreen())


def to_preview(app: "WizardApp") -> None:
    """The preview, unless an answer is refused: then its question."""
    from wizard.tui.screens.ask import AskScreen, first_refused
    from wizard.tui.screens.preview import PreviewScreen

    key = first_refused(app.walk)
    if key:
        app.walk.tried.add(key)
    if not isinstance(app.screen, AskScreen) or key:
        to_questions(app, key)
    if key:
        app.notify(_("This answer is refused; the preview needs one that fits."), severity="warning", markup=False)
    else:
        app.push_screen(PreviewScreen())


def to_apply(app: "WizardApp") -> None:
    """The run that was just begun."""
    from wizard.tui.screens.apply import ApplyScreen

    back_to_first(app)
    app.push_screen(ApplyScreen())


def to_tests(app: "WizardApp") -> None:
    """The test sends, begun at once."""
    from wizard.tui.screens.mail_tests import MailTestsScreen

    back_to_first(app)
    app.push_screen(MailTestsScreen())


def to_report(app: "WizardApp") -> None:
    """What was done and found."""
    from wizard.tui.screens.report import ReportScreen

    back_to_first(app)
    app.push_screen(ReportScreen())


def go_on(app: "WizardApp") -> None:
    """Looks at the machine again, then at what is left of the run that did not end."""
    from wizard.tui.screens.preview import PreviewScreen

    def then() -> None:
        back_to_first(app)
        app.walk.resume()
        app.push_screen(PreviewScreen(makes_plan=False))

    app.walk.look_around(then)


def show_snapshots(app: "WizardApp") -> None:
    """The runs that are kept."""
    from wizard.tui.screens.snapshots import SnapshotsScreen

    if not isinstance(app.screen, SnapshotsScreen):
        app.push_screen(SnapshotsScreen())


def session_with_names(app: "WizardApp") -> "Session | None":
    """The conversation whose mail system has names in the DNS: the present one, else that of what is set up."""
    from wizard import session

    beginning, present = app.walk.beginning, app.walk.conversation
    if present is not None and app.walk.outcome is not None:
        return present if present.profile.dns_needs is not None and not app.walk.story.undoing else None
    profile = beginning.profiles.get(beginning.last_profile) if beginning is not None else None
    if beginning is None or profile is None or profile.dns_needs is None or not beginning.facts.mail_domains:
        return None
    return session.choose(beginning, beginning.last_profile)


def show_dns(app: "WizardApp") -> None:
    """The DNS records that are needed, and what name servers answer."""
    from wizard.tui.screens.dns import DnsScreen

    conversation = session_with_names(app)
    if conversation is not None and not isinstance(app.screen, DnsScreen):
        app.push_screen(DnsScreen(conversation))


def show_unfinished(app: "WizardApp") -> None:
    """The run that did not come to its end."""
    from wizard.tui.screens.unfinished import UnfinishedScreen

    if not isinstance(app.screen, UnfinishedScreen):
        app.push_screen(UnfinishedScreen())
