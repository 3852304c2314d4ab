"""Voice: what a call says as it goes, in words for people or in documents for programs."""

from collections.abc import Mapping
from typing import Protocol

from wizard.apply.events import Event
from wizard.apply.runs import Run
from wizard.ask.mailbox_import import WrongCell
from wizard.check.dns_records import DnsReport
from wizard.check.finding import Stage
from wizard.machine.facts import Facts
from wizard.plan.make_plan import Plan
from wizard.plan.profile import Profile
from wizard.report import Report
from wizard.session import Session
from wizard.syntax.mail_accounts import ListedAlias, ListedMailbox


class Voice(Protocol):
    """Hears everything that happens and says it; no method raises, whatever becomes of the terminal."""

    def note(self, text: str) -> None:
        """A sentence for people; programs do not need it."""
        ...

    def profiles(self, profiles: Mapping[str, Profile]) -> None:
        """The profiles there are."""
        ...

    def facts(self, facts: Facts) -> None:
        """What is so on the machine."""
        ...

    def plan(self, session: Session, plan: Plan, /) -> None:
        """Everything that a plan would change."""
        ...

    def event(self, event: Event) -> None:
        """A step of the way while a plan is carried out."""
        ...

    def stage(self, probe: str, stage: Stage, /) -> None:
        """A stage of the test send with that key."""
        ...

    def runs(self, runs: tuple[Run, ...]) -> None:
        """The runs that are kept."""
        ...

    def changes(self, run_id: str, text: str, /) -> None:
        """What one run changed."""
        ...

    def mailboxes(self, mailboxes: tuple[ListedMailbox, ...]) -> None:
        """The mailboxes there are."""
        ...

    def aliases(self, aliases: tuple[ListedAlias, ...]) -> None:
        """The aliases there are."""
        ...

    def wrong_cells(self, wrong: tuple[WrongCell, ...], /) -> None:
        """What is wrong in a file of mailboxes."""
        ...

    def progress(self, words: str, done: int, total: int | None, /) -> None:
        """How far something is that goes before a run; `words` have places for {done} and {total}."""

    def dns(self, dns: DnsReport) -> None:
        """The DNS records that are needed, and what is found of them."""
        ...

    def report(self, report: Report) -> None:
        """How it all ended."""
        ...
