"""What all gates share: the steps that follow are tried on a copy first, and nothing that outlives it is changed."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.nothing import Nothing
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class Gate(ABC):
    """A step that make_plan gives those of the steps behind it to try that concern it, in `then`.

    It claims nothing, and there is something to do as long as there is something to check.
    """

    then: tuple[Step, ...] = ()
    why: str

    @property
    @abstractmethod
    def title(self) -> str:
        """What it does, in the imperative."""

    @abstractmethod
    def with_following(self, steps: tuple[Step, ...]) -> Self:
        """The same gate for those of these steps that it tries, which follow it in a plan."""

    @abstractmethod
    def differs(self, look: Look) -> frozenset[str]:
        """One word for what is tried, when there is something to check."""

    @abstractmethod
    def preview(self, look: Look) -> str:
        """What must be passed."""

    @abstractmethod
    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Raises Trouble when what is wanted does not pass; nothing live has changed then."""

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """No path that outlives it."""
        return ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """No claim."""
        return ()

    def inverse(self, _look: Look) -> Step:
        """Nothing: it looks at a copy."""
        return Nothing(why=_("the check changed nothing"))

    def verify(self, _look: Look) -> Problem | None:
        """Nothing is left that could be looked at."""
        return None
