"""Remove one file or link."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.diff import unified
from wizard.steps.manager import reload_manager_for
from wizard.steps.restore_file import ABSENT, RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RemoveFile:
    """Removes what lies at a path; of a link, the link and not what it points to."""

    path: PurePosixPath
    secret: bool = False
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Remove {path}").format(path=self.path)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The path."""
        return (self.path,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The path, with no value."""
        return (Claim("file", str(self.path)),)

    def _now(self, look: Look) -> FileState | None:
        state = look.file(self.path)
        if state is not None and state.kind not in {Kind.FILE, Kind.LINK}:
            raise Trouble(_("{path} is not a file, so it is not removed.").format(path=self.path))
        return state

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is there."""
        return frozenset({self.claims[0].name}) if self._now(look) is not None else frozenset()

    def preview(self, look: Look) -> str:
        """What goes; the content is not shown where it is secret, or where not everybody may read it."""
        return unified(self.path, self._now(look), None, secret=self.secret or None)

    def inverse(self, look: Look) -> Step:
        """Puts it back."""
        return RestoreFile(path=self.path, before=self._now(look), ours=ABSENT, secret=True, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Removes it, if it is there."""
        if self._now(machine) is None:
            return
        machine.remove(self.path)
        tell(_("{path} is removed.").format(path=self.path))
        reload_manager_for(machine, self.path)

    def verify(self, look: Look) -> Problem | None:
        """Whether it is gone."""
        if self.differs(look):
            return Problem(_("{path} is there again.").format(path=self.path), _("Something else writes this file."))
        return None
