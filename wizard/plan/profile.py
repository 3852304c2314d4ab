"""Profile: questions, and one pure function from answers to wanted steps."""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.ask.question import AnyQuestion, SoFar
from wizard.check.finding import Check, Probe
from wizard.steps.step import Step


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One way a machine can handle mail; `summary` says in two lines what it is for and what it is not for."""

    title: str
    summary: str
    questions: tuple[AnyQuestion, ...]
    desired: Callable[[SoFar], tuple[Step, ...]]
    checks: tuple[Check, ...] = ()
    probes: tuple[Probe, ...] = ()
