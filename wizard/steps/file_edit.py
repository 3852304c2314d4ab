"""What all steps that change one file share: the edit is a pure function from the file before to the file after."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from time import time_ns
from typing import ClassVar, Self

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import numbered, same_but_time
from wizard.steps.diff import unified
from wizard.steps.manager import reload_manager_for
from wizard.steps.restore_file import RestoreFile, digest_of_content
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class FileEdit(ABC):
    """An edit of one file; where its path is a symbolic link, the file behind the link is edited and the link stays.

    `behind` is that file as make_plan found it, so that it is among the paths that are touched.
    """

    path: PurePosixPath
    why: str
    behind: PurePosixPath | None = None
    # Postfix waits while main.cf is younger than two seconds, in case it is still being written (dict_load_file_xt of
    # util/dict.c). Ours is replaced whole, so it is given a time that far back, and nothing waits.
    age_ns: ClassVar[int] = 0

    @property
    @abstractmethod
    def title(self) -> str:
        """What it does, in the imperative."""

    @property
    @abstractmethod
    def claims(self) -> tuple[Claim, ...]:
        """What it makes so."""

    @abstractmethod
    def edited(self, current: FileState | None) -> FileState:
        """The file after the edit; `current` None: there is none yet. Raises Trouble for what cannot be written."""

    @abstractmethod
    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """The names of the claims that the file does not fulfil."""

    def undone_in_part(self, _before: FileState | None) -> Step | None:
        """The step that takes back this edit alone from a file that a person changed since; None: cannot be told."""
        return None

    def is_secret(self) -> bool:
        """Whether the content is never shown."""
        return False

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The path, and the file behind it where it is a link."""
        return (self.path,) if self.behind is None else (self.path, self.behind)

    def needed_after(self, _changed: frozenset[str], look: Look) -> Self:
        """The same edit, which knows the file behind the path."""
        real = look.real_path(self.path)
        return replace(self, behind=real if real != self.path else None)

    def _now(self, look: Look) -> tuple[PurePosixPath, FileState | None]:
        real = look.real_path(self.path)
        state = look.file(real)
        if state is not None and state.kind is not Kind.FILE:
            raise Trouble(
                _("{path} is not a regular file, so it cannot be edited.").format(path=real),
                _("Look what it is: `stat {path}`.").format(path=real),
            )
        return real, state

    def _wanted(self, current: FileState | None, look: Look) -> FileState:
        return numbered(self.edited(current), look)

    def differs(self, look: Look) -> frozenset[str]:
        """The names of the claims that are not so yet."""
        return self.differs_from(self._now(look)[1])

    def preview(self, look: Look) -> str:
        """The diff of the file."""
        _real, now = self._now(look)
        if not self.differs(look):
            return ""
        return unified(self.path, now, self._wanted(now, look), secret=self.is_secret())

    def inverse(self, look: Look) -> Step:
        """Puts the file back to the byte, or this edit alone when a person changed the file since."""
        real, now = self._now(look)
        after = self.edited(now) if self.differs(look) else now
        return RestoreFile(
            path=real,
            before=now,
            ours=digest_of_content(after),
            otherwise=self.undone_in_part(now),
            secret=self.is_secret(),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Edits the file, if it is not so yet."""
        if not self.differs(machine):
            return
        real, now = self._now(machine)
        after = self._wanted(now, machine)
        if now is not None and now.content == after.content:
            if not same_but_time(now, after):
                machine.set_metadata(real, replace(after, mtime_ns=now.mtime_ns))
        else:
            machine.write_file(real, replace(after, mtime_ns=time_ns() - self.age_ns if self.age_ns else None))
        tell(_("{path} is written.").format(path=real))
        reload_manager_for(machine, real)

    def verify(self, look: Look) -> Problem | None:
        """Whether the file is so now."""
        if different := self.differs(look):
            return Problem(
                _("{path} is not as it was written: {names}.").format(
                    path=self.path, names=", ".join(sorted(name.rpartition("#")[2] for name in different))
                ),
                _("Something else writes this file. Look for it before you try again."),
            )
        return None
