"""Words for people: the plan, the way and the end as plain lines, one fact a line."""

from collections.abc import Mapping

from wizard.apply.events import Event, RunBegan
from wizard.apply.runs import Run
from wizard.ask.mailbox_import import WrongCell
from wizard.ask.sizes import in_words
from wizard.check.dns_records import DnsReport
from wizard.check.finding import Stage
from wizard.command_line import Exit
from wizard.in_words import commands_for_later, run_state_in_words
from wizard.line.facts import fact_lines
from wizard.line.preview import plan_lines
from wizard.line.printer import Printer
from wizard.line.progress import Line, compared_lines, event_lines, finding_lines, stage_lines
from wizard.machine.facts import Facts
from wizard.plan.make_plan import Plan
from wizard.plan.profile import Profile
from wizard.report import Report
from wizard.session import Session
from wizard.syntax.mail_accounts import ListedAlias, ListedMailbox
from wizard.words import _, ngettext

_CELLS_SHOWN = 20


class InWords:
    """The Voice that people read."""

    def __init__(self, printer: Printer, errors: Printer) -> None:
        self._printer = printer
        self._errors = errors
        self._steps = 0

    def _lines(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            self._printer.line(line.text, line.style)

    def note(self, text: str) -> None:
        """The sentence, folded."""
        self._printer.sentence(text)

    def profiles(self, profiles: Mapping[str, Profile]) -> None:
        """Each with its id, title and summary."""
        for profile_id, profile in profiles.items():
            self._printer.line(f"{profile_id}: {profile.title}", "strong")
            self._printer.sentence(profile.summary, "    ")

    def facts(self, facts: Facts) -> None:
        """One fact a line."""
        self._printer.lines(fact_lines(facts))

    def plan(self, _session: Session, plan: Plan) -> None:
        """Each step with its reason and its exact preview."""
        self._lines(plan_lines(plan, self._printer.width))

    def event(self, event: Event) -> None:
        """Its lines."""
        if isinstance(event, RunBegan):
            self._steps = len(event.titles)
        self._lines(event_lines(event, self._steps))

    def stage(self, _probe: str, stage: Stage) -> None:
        """Its lines."""
        self._lines(stage_lines(stage))

    def runs(self, runs: tuple[Run, ...]) -> None:
        """Each on a line."""
        if not runs:
            self._printer.sentence(_("No runs are kept: the wizard has changed nothing yet."))
        for run in runs:
            done = _("{done} of {count} steps").format(done=run.steps_done, count=len(run.titles))
            self._printer.line(f"{run.run_id}  {run_state_in_words(run.state)}  {run.profile_id}  {done}")

    def changes(self, _run_id: str, text: str) -> None:
        """The text, line by line."""
        self._printer.lines(text.splitlines())

    def mailboxes(self, mailboxes: tuple[ListedMailbox, ...]) -> None:
        """Each on a line."""
        if not mailboxes:
            self._printer.sentence(_("There is no mailbox."))
        for row in mailboxes:
            quota = in_words(row.quota) if row.quota else _("without limit")
            self._printer.line(f"{row.address}  {quota}  {_active(row.active)}")

    def aliases(self, aliases: tuple[ListedAlias, ...]) -> None:
        """Each on a line."""
        if not aliases:
            self._printer.sentence(_("There is no alias."))
        for row in aliases:
            self._printer.line(f"{row.address} → {row.targets}  {_active(row.active)}")

    def wrong_cells(self, wrong: tuple[WrongCell, ...]) -> None:
        """The first of them, and how many more there are."""
        for cell in wrong[:_CELLS_SHOWN]:
            words = _("line {line}, {column}: {what}") if cell.column else _("line {line}: {what}")
            self._errors.sentence(words.format(line=cell.line, column=cell.column, what=cell.problem.what))
            self._errors.hint(cell.problem, "    ")
        if (more := len(wrong) - _CELLS_SHOWN) > 0:
            words = ngettext(
                "… and {count} more; --report FILE or --json gives all of them.",
                "… and {count} more; --report FILE or --json gives all of them.",
                more,
            )
            self._errors.sentence(words.format(count=more))
        self._errors.line()

    def progress(self, words: str, done: int, total: int | None) -> None:
        """One line."""
        self._printer.line(words.format(done=done, total=total))

    def dns(self, dns: DnsReport) -> None:
        """The zone file as it is to be copied, then each record with its verdict."""
        self._printer.lines(dns.zone.splitlines())
        for compared in dns.compared:
            self._printer.line()
            self._lines(compared_lines(compared))

    def report(self, report: Report) -> None:
        """How it ended, what is wrong, what was found, and how to undo it."""
        printer = self._printer
        if report.findings:
            printer.line()
            printer.line(_("What was found"), "strong")
        for finding in report.findings:
            self._lines(finding_lines(finding))
        for note in report.notes:
            printer.sentence(note)
        if report.refused:
            self._errors.problems(report.refused)
        if report.problem is not None:
            self._errors.problem(report.problem)
        if report.exit is Exit.NOT_VERIFIED and report.run_id:
            printer.sentence(_("The changes are in place, but a check or a test send failed; see the lines above."))
        if report.exit is Exit.CANCELLED and report.ending == "cancelled" and report.problem is None:
            self._errors.sentence(_("Nothing was changed."))
        if report.can_undo:
            command = f"postwizard undo {report.run_id}"
            printer.line()
            printer.sentence(_("To put everything back: {command}").format(command=command))
        if report.can_undo and report.exit is Exit.DONE:
            printer.line()
            printer.line(_("For later"), "strong")
            for command, words in commands_for_later():
                printer.line(f"  {command:<26}{words}")


def _active(active: bool) -> str:
    return _("active") if active else _("switched off")
