"""Documents for programs: one JSON document a line, each with its format and kind."""

import json
from collections.abc import Mapping

from wizard import as_json
from wizard.apply.events import Event
from wizard.apply.runs import Run
from wizard.ask.mailbox_import import WrongCell
from wizard.check.dns_records import DnsReport
from wizard.check.finding import Stage
from wizard.line.printer import Printer
from wizard.machine.facts import Facts
from wizard.plan.make_plan import Plan
from wizard.plan.profile import Profile
from wizard.report import Report
from wizard.session import Session
from wizard.syntax.mail_accounts import ListedAlias, ListedMailbox


class InJson:
    """The Voice that programs read."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def _say(self, kind: str, body: object) -> None:
        self._printer.line(json.dumps(as_json.document(kind, body)))

    def note(self, text: str) -> None:
        """Nothing: sentences are for people."""

    def profiles(self, profiles: Mapping[str, Profile]) -> None:
        """One document with all of them."""
        self._say("profiles", [as_json.profile_json(name, profile) for name, profile in profiles.items()])

    def facts(self, facts: Facts) -> None:
        """One document."""
        self._say("facts", as_json.facts_json(facts))

    def plan(self, session: Session, plan: Plan) -> None:
        """One document."""
        self._say("plan", as_json.plan_json(plan, session))

    def event(self, event: Event) -> None:
        """One document for each."""
        self._say("event", as_json.event_json(event))

    def stage(self, probe: str, stage: Stage) -> None:
        """One document for each."""
        self._say("stage", as_json.stage_json(probe, stage))

    def runs(self, runs: tuple[Run, ...]) -> None:
        """One document with all of them."""
        self._say("runs", [as_json.run_json(run) for run in runs])

    def changes(self, run_id: str, text: str) -> None:
        """One document."""
        self._say("changes", {"run": run_id, "text": text})

    def mailboxes(self, mailboxes: tuple[ListedMailbox, ...]) -> None:
        """One document with all of them; their quota in bytes, 0 being without limit."""
        self._say("mailboxes", [as_json.plain(row) for row in mailboxes])

    def aliases(self, aliases: tuple[ListedAlias, ...]) -> None:
        """One document with all of them."""
        self._say("aliases", [as_json.alias_json(row) for row in aliases])

    def wrong_cells(self, wrong: tuple[WrongCell, ...]) -> None:
        """One document with all of them."""
        self._say("wrong_cells", [as_json.wrong_cell_json(cell) for cell in wrong])

    def progress(self, words: str, done: int, total: int | None) -> None:
        """One document."""
        self._say("progress", {"what": words.format(done=done, total=total), "done": done, "total": total})

    def dns(self, dns: DnsReport) -> None:
        """One document."""
        self._say("dns", as_json.plain(dns))

    def report(self, report: Report) -> None:
        """One document, always the last."""
        self._say("report", as_json.report_json(report))
