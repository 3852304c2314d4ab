"""Profile: questions, and one pure function from answers to wanted steps."""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.ask.mail_accounts import AccountChange
from wizard.ask.question import AnyQuestion, SoFar
from wizard.check.dns_needs import DnsNeeds
from wizard.check.finding import Check, Probe
from wizard.machine.machine import Look
from wizard.steps.step import Step


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One way a machine can handle mail; `summary` says in two lines what it is for and what it is not for.

    `account_steps` are the steps for one change to its mail accounts; None: it keeps none. `dns_needs` is what has to
    be found in the DNS for its mail; None: nothing, because no other machine sends any.
    """

    title: str
    summary: str
    questions: tuple[AnyQuestion, ...]
    desired: Callable[[SoFar], tuple[Step, ...]]
    checks: tuple[Check, ...] = ()
    probes: tuple[Probe, ...] = ()
    account_steps: Callable[[AccountChange, SoFar], tuple[Step, ...]] | None = None
    dns_needs: Callable[[Look, SoFar], tuple[DnsNeeds, ...]] | None = None
