"""Remove a folder, as long as nothing lies in it."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.account_paths import same_but_time
from wizard.steps.in_turn import InTurn
from wizard.steps.restore_file import ABSENT, RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RemoveDirectory:
    """Removes a folder and then each of those `above` it (the innermost first) that is empty; others stay.

    One that stays becomes root's alone when it is `private`: its owner may be gone, and whoever gets that number next
    shall not read what lies in it.
    """

    path: PurePosixPath
    above: tuple[PurePosixPath, ...] = ()
    private: bool = False
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Remove the folder {path} if it is empty").format(path=self.path)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folders."""
        return (self.path, *self.above)

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """All of them: what lies in a folder keeps it."""
        return self.touches

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The folder, with no value."""
        return (Claim("directory", str(self.path)),)

    def _going(self, look: Look) -> tuple[PurePosixPath, ...]:
        """The folders that are, or will then be, empty."""
        going: list[PurePosixPath] = []
        for path in self.touches:
            state = look.file(path)
            if state is None:
                continue
            if state.kind is not Kind.DIRECTORY or set(look.names_in(path)) - {gone.name for gone in going}:
                break
            going.append(path)
        return tuple(going)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether there is an empty folder to remove."""
        is_left = bool(self._going(look)) or self._to_lock(look) is not None
        return frozenset({self.claims[0].name}) if is_left else frozenset()

    def _to_lock(self, look: Look) -> FileState | None:
        """The folder as root's alone, where it has to become so; None where not."""
        now = look.file(self.path)
        if not self.private or now is None or now.kind is not Kind.DIRECTORY or self._going(look):
            return None
        locked = FileState(Kind.DIRECTORY, mode=0o700, mtime_ns=now.mtime_ns)
        return None if same_but_time(now, locked) else locked

    def preview(self, look: Look) -> str:
        """Which folders go."""
        if self._to_lock(look) is not None:
            return (
                _("{path} stays, because something lies in it, and becomes root's alone.").format(path=self.path) + "\n"
            )
        return "".join(_("Folder {path} is removed.").format(path=path) + "\n" for path in self._going(look))

    def inverse(self, look: Look) -> Step:
        """Makes them again as they are."""
        back = tuple(
            RestoreFile(path=path, before=look.file(path), ours=ABSENT, why=self.why)
            for path in ((self.path,) if self._to_lock(look) is not None else reversed(self._going(look)))
        )
        return InTurn(steps=back, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Removes those that are empty."""
        going = self._going(machine)
        if (locked := self._to_lock(machine)) is not None:
            machine.set_metadata(self.path, locked)
        for path in going:
            machine.remove(path)
            tell(_("{path} is removed.").format(path=path))
        if self.path not in going and machine.names_in(self.path):
            tell(_("{path} stays, because something lies in it.").format(path=self.path))

    def verify(self, look: Look) -> Problem | None:
        """Whether no empty one is left."""
        if self.differs(look):
            return Problem(_("The folder {path} is still there.").format(path=self.path))
        return None
