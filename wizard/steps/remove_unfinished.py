"""Remove what an attempt left behind that did not come to its end."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.in_turn import InTurn
from wizard.steps.restore_file import ABSENT, RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RemoveUnfinished:
    """Removes all that came into these folders beside what was `there`, unless the `finished` file came as well."""

    folders: tuple[PurePosixPath, ...]
    there: tuple[PurePosixPath, ...]
    finished: PurePosixPath
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Remove what was begun for {path}").format(path=self.finished)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folders."""
        return self.folders

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was begun; it has no value."""
        return (Claim("unfinished", str(self.finished)),)

    def _left_over(self, look: Look) -> tuple[PurePosixPath, ...]:
        """The paths to remove, the innermost first."""
        if look.file(look.real_path(self.finished)) is not None:
            return ()
        came = look.manifest(self.folders).keys() - {*self.there, *self.folders}
        return tuple(sorted(came, key=lambda path: (-len(path.parts), path)))

    def differs(self, look: Look) -> frozenset[str]:
        """Whether something of it is left."""
        return frozenset({self.claims[0].name}) if self._left_over(look) else frozenset()

    def preview(self, look: Look) -> str:
        """Which paths go."""
        return "".join(_("{path} is removed.").format(path=path) + "\n" for path in self._left_over(look))

    def inverse(self, look: Look) -> Step:
        """Puts back what is there now."""
        back = tuple(
            RestoreFile(path=path, before=look.file(path), ours=ABSENT, secret=True, why=self.why)
            for path in reversed(self._left_over(look))
        )
        return InTurn(steps=back, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Removes it; says where it stays because it came to its end."""
        if machine.file(machine.real_path(self.finished)) is not None:
            tell(_("{path} stays, with all that belongs to it.").format(path=self.finished))
        for path in self._left_over(machine):
            machine.remove(path)

    def verify(self, look: Look) -> Problem | None:
        """Whether nothing of it is left."""
        if self.differs(look):
            return Problem(_("Something of what was begun for {path} is still there.").format(path=self.finished))
        return None
