"""What is told while a plan is carried out; fronts show it, tests collect it, `--json` prints it."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from wizard.problem import Problem


class Ending(Enum):
    """How carrying out a plan ended; the value is its name in `--json`."""

    DONE = "done"
    NOTHING_TO_DO = "nothing-to-do"
    FAILED = "failed"
    STOPPED = "stopped"
    PUT_BACK = "put-back"
    NOT_ALL_PUT_BACK = "not-all-put-back"


@dataclass(frozen=True)
class RunBegan:
    """A run begins; `titles` are its steps in order. `undoing` when it puts an earlier run back."""

    run_id: str
    titles: tuple[str, ...]
    undoing: bool = False


@dataclass(frozen=True)
class StepStarted:
    """Step `number` (from 1) begins."""

    number: int
    title: str


@dataclass(frozen=True)
class StepSaid:
    """A line of progress from the running step."""

    number: int
    line: str


@dataclass(frozen=True)
class StepDone:
    """The step is done and verified."""

    number: int
    seconds: float


@dataclass(frozen=True)
class StepFailed:
    """The step failed; those after it are not begun."""

    number: int
    problem: Problem


@dataclass(frozen=True)
class RunEnded:
    """The run is over."""

    ending: Ending
    problem: Problem | None = None


Event: TypeAlias = RunBegan | StepStarted | StepSaid | StepDone | StepFailed | RunEnded
