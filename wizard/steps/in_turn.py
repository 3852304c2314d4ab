"""Several steps as one: the inverse of a step that changes more than one thing."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import ChangedSince, Problem
from wizard.steps.step import Claim, Sparing, Step


@dataclass(frozen=True, kw_only=True)
class InTurn:
    """Steps that touch different things, carried out one after the other."""

    steps: tuple[Step, ...]
    why: str

    @property
    def title(self) -> str:
        """The title of the first; the others belong to it."""
        return self.steps[0].title if self.steps else self.why

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """What any of them touches."""
        return tuple(dict.fromkeys(path for step in self.steps for path in step.touches))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """What those that touch it spare."""
        spared = dict.fromkeys(path for step in self.steps if isinstance(step, Sparing) for path in step.spares)
        changed = {path for step in self.steps if not isinstance(step, Sparing) for path in step.touches}
        return tuple(path for path in spared if path not in changed)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What any of them claims."""
        return tuple(dict.fromkeys(claim for step in self.steps for claim in step.claims))

    def differs(self, look: Look) -> frozenset[str]:
        """What is left to do for any of them."""
        return frozenset().union(*(step.differs(look) for step in self.steps))

    def preview(self, look: Look) -> str:
        """Their previews, each as if it came first."""
        return "\n".join(step.preview(look) for step in self.steps if step.differs(look))

    def inverse(self, look: Look) -> Step | None:
        """Their inverses, the last one first; None when any of them has none."""
        inverses = [step.inverse(look) for step in reversed(self.steps)]
        found = tuple(step for step in inverses if step is not None)
        return InTurn(steps=found, why=self.why) if len(found) == len(inverses) else None

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Carries out each; one that leaves a person's change alone does not keep the others from theirs."""
        left: ChangedSince | None = None
        for step in self.steps:
            try:
                step.apply(machine, tell)
            except ChangedSince as changed:
                left = left or changed
        if left is not None:
            raise left

    def verify(self, look: Look) -> Problem | None:
        """The first problem of any of them."""
        return next((problem for step in self.steps if (problem := step.verify(look)) is not None), None)
