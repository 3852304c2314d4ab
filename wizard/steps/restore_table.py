"""Put a compiled table back as it was: the inverse of building it."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.restore_file import RestoreFile, digest_of_content
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RestoreTable:
    """Gives the files of an index their earlier state, as long as the source is the one the index was built from.

    When a person changed the source since, the lines that we set are taken back one by one, and the index is built
    again from the result; the old one would then be wrong.
    """

    source: PurePosixPath
    indexes: tuple[tuple[PurePosixPath, FileState | None], ...]
    built_from: str
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Put the compiled table of {path} back").format(path=self.source)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The files of the index."""
        return tuple(path for path, _state in self.indexes)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The files of the index."""
        return tuple(Claim("file", str(path)) for path in self.touches)

    def _files(self, look: Look) -> tuple[RestoreFile, ...]:
        if digest_of_content(look.file(look.real_path(self.source))) != self.built_from:
            return ()
        return tuple(RestoreFile(path=path, before=state, secret=True, why=self.why) for path, state in self.indexes)

    def differs(self, look: Look) -> frozenset[str]:
        """The files that are not back yet."""
        return frozenset().union(*(step.differs(look) for step in self._files(look)))

    def preview(self, look: Look) -> str:
        """Which files change."""
        return "".join(
            _("{path} gets its earlier state back.").format(path=step.path) + "\n"
            if step.before is not None
            else _("{path} is removed.").format(path=step.path) + "\n"
            for step in self._files(look)
            if step.differs(look)
        )

    def inverse(self, look: Look) -> Step:
        """Puts back what is there now."""
        return replace(self, indexes=tuple((path, look.file(path)) for path in self.touches))

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Puts the files back."""
        for step in self._files(machine):
            step.apply(machine, tell)

    def verify(self, look: Look) -> Problem | None:
        """Whether they are back."""
        if self.differs(look):
            return Problem(_("The compiled table of {path} is not as it was before.").format(path=self.source))
        return None
