"""Make a folder, with the folders above it that are missing."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import numbered, same_but_time
from wizard.steps.diff import unified
from wizard.steps.remove_directory import RemoveDirectory
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class MakeDirectory:
    """Makes a folder have this mode and owner; folders above it that are missing are made for everybody to enter.

    One that is `private`, and cannot be removed again because something lies in it, is left to root alone. `behind` is
    the folder as make_plan found it where links lead to it, and `above` are those that were missing.
    """

    path: PurePosixPath
    mode: int = 0o755
    owner: str | int = "root"
    group: str | int = "root"
    private: bool = False
    why: str
    behind: PurePosixPath | None = None
    above: tuple[PurePosixPath, ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Make the folder {path}").format(path=self.path)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folder, and those above it that are made."""
        return (*self.above, self.path, *((self.behind,) if self.behind else ()))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """All of them: mail may come to lie in it, which is neither copied nor put back."""
        return self.touches

    def needed_after(self, _changed: frozenset[str], look: Look) -> "MakeDirectory":
        """The same step, which knows where links lead to and what is missing."""
        real = look.real_path(self.path)
        return replace(self, behind=real if real != self.path else None, above=self._missing_above(look))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The folder, and those above it that are made."""
        return tuple(Claim("directory", str(path)) for path in (self.path, *self.above))

    def _now(self, look: Look) -> FileState | None:
        state = look.file(self.path)
        if state is not None and state.kind is Kind.LINK:
            state = look.file(look.real_path(self.path))
        if state is not None and state.kind is not Kind.DIRECTORY:
            raise Trouble(
                _("{path} is there, but it is not a folder.").format(path=self.path),
                _("Move it away, then try again."),
            )
        return state

    def _wanted(self, look: Look, now: FileState | None) -> FileState:
        kept = () if now is None else now.xattrs
        wanted = FileState(Kind.DIRECTORY, mode=self.mode, owner=self.owner, group=self.group, xattrs=kept)
        return numbered(wanted, look)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is missing, or has another mode or owner."""
        now = self._now(look)
        if same_but_time(now, self._wanted(look, now)):
            return frozenset()
        missing = {path for path in self.above if look.file(path) is None}
        return frozenset(claim.name for claim in self.claims if PurePosixPath(claim.key) in {self.path, *missing})

    def preview(self, look: Look) -> str:
        """What is made, and what changes about it."""
        now = self._now(look)
        above = "".join(_("New folder {path}.").format(path=path) + "\n" for path in self._missing_above(look))
        return above + unified(self.path, now, self._wanted(look, now))

    def _missing_above(self, look: Look) -> tuple[PurePosixPath, ...]:
        """The folders above that have to be made, the outermost first."""
        return tuple(path for path in reversed(self.path.parents) if look.file(path) is None and path != path.parent)

    def inverse(self, look: Look) -> Step:
        """Removes it again where it is empty, or puts its mode and owner back."""
        now = self._now(look)
        if now is None:
            above = self._missing_above(look)[::-1]
            return RemoveDirectory(path=self.path, above=above, private=self.private, why=self.why)
        return RestoreFile(path=look.real_path(self.path), before=now, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Makes it, if it is not so yet."""
        if not self.differs(machine):
            return
        for path in self._missing_above(machine):
            machine.write_file(path, FileState(Kind.DIRECTORY, mode=0o755))
        real = machine.real_path(self.path)
        machine.write_file(real, self._wanted(machine, self._now(machine)))
        tell(_("{path} is made.").format(path=real))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there with its mode and owner."""
        if self.differs(look):
            return Problem(_("The folder {path} is not as it was made.").format(path=self.path))
        return None
