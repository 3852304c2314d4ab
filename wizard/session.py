"""The conversation as values: begin, choose, answer, plan, apply, test, put back; every front drives these functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wizard.apply.events import Ending, Event
from wizard.apply.runs import Run
from wizard.ask.answers import Answered
from wizard.ask.question import AnyQuestion, Answer, SoFar
from wizard.check.finding import Finding, Stage
from wizard.machine.facts import Facts
from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.plan.make_plan import Plan
from wizard.plan.profile import Profile
from wizard.problem import Problem

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Beginning:
    """What is known before the first question: facts, profiles by id, kept answers, and a run that did not end."""

    facts: Facts
    profiles: Mapping[str, Profile]
    last_profile: str = ""
    kept: Mapping[str, Answered] = field(default_factory=dict)
    unfinished: Run | None = None


@dataclass(frozen=True)
class Session:
    """A conversation under way; a changed session is a new one. Answers of questions now hidden are kept."""

    profile_id: str
    profile: Profile
    facts: Facts
    answers: Mapping[str, Answered] = field(default_factory=dict)
