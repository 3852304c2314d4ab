"""The step that does nothing: the inverse of one that left nothing behind."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """No change at all."""

    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Leave as it is: {why}").format(why=self.why)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """No path."""
        return ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """No claim."""
        return ()

    def differs(self, _look: Look) -> frozenset[str]:
        """Nothing is ever left to do."""
        return frozenset()

    def preview(self, _look: Look) -> str:
        """One sentence."""
        return self.why + "\n"

    def inverse(self, _look: Look) -> Step:
        """Itself."""
        return self

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Does nothing."""

    def verify(self, _look: Look) -> Problem | None:
        """Nothing can be wrong."""
        return None
