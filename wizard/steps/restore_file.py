"""Put a path back as it was: the inverse of every step that changes files."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import ChangedSince, Problem, Trouble
from wizard.steps.account_paths import same_but_time
from wizard.steps.diff import unified
from wizard.steps.manager import reload_manager_for
from wizard.steps.step import Claim, Step
from wizard.words import _

ABSENT: Final = "absent"


def digest_of_content(state: FileState | None) -> str:
    """SHA-256 of what a step leaves at a path; ABSENT when it leaves nothing there."""
    return sha256(state.content).hexdigest() if state is not None else ABSENT


@dataclass(frozen=True, kw_only=True)
class RestoreFile:
    """Gives a path back its earlier state, links, rights and times included; a file changed by a person since is kept.

    `before` None means that nothing was there. `ours` tells what we left (a SHA-256 digest, ABSENT, or empty when it
    cannot be known): what is now neither that nor as before was changed by a person, and then `otherwise` takes back
    our part of it alone.
    """

    path: PurePosixPath
    before: FileState | None
    ours: str = ""
    otherwise: Step | None = None
    keep_if_changed: bool = True
    secret: bool = False
    why: str = ""

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        if self.before is None:
            return _("Remove {path} again").format(path=self.path)
        return _("Put {path} back").format(path=self.path)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The path, and what taking back our part alone may touch."""
        return tuple(dict.fromkeys((self.path, *(self.otherwise.touches if self.otherwise else ()))))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The path."""
        return (Claim("file", str(self.path)),)

    def _instead(self, now: FileState | None) -> bool:
        """Whether a person changed the file since, so that it is not put back whole."""
        if now is None or not self.ours or not self.keep_if_changed or now.kind is Kind.DIRECTORY:
            return False
        if self.before is not None and (now.kind, now.content) == (self.before.kind, self.before.content):
            return False
        return digest_of_content(now) != self.ours

    def _is_back(self, now: FileState | None) -> bool:
        if self.before is None or now is None:
            return now is self.before
        timeless = self.before.mtime_ns is None
        return same_but_time(now, self.before) and (timeless or now.mtime_ns == self.before.mtime_ns)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is not back yet."""
        now = look.file(self.path)
        if self._is_back(now):
            return frozenset()
        if self._instead(now):
            return self.otherwise.differs(look) if self.otherwise else frozenset({self.claims[0].name})
        return frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """The difference between now and before."""
        now = look.file(self.path)
        if self._is_back(now):
            return ""
        if not self._instead(now):
            return unified(self.path, now, self.before, secret=self.secret) or _(
                "{path} gets back the time of its last change.\n"
            ).format(path=self.path)
        if self.otherwise is None:
            return self._changed().problem.what + "\n"
        kept = _("{path} was changed since; only what we set is taken back, the rest stays.").format(path=self.path)
        return kept + "\n\n" + self.otherwise.preview(look)

    def inverse(self, look: Look) -> Step:
        """Puts back what is there now."""
        now = look.file(self.path)
        if self._instead(now) and self.otherwise is not None:
            return self.otherwise.inverse(look) or self
        return replace(self, before=now, ours=digest_of_content(self.before), otherwise=None)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Puts it back; raises ChangedSince where a person changed it and our part cannot be told apart."""
        now = machine.file(self.path)
        if self._is_back(now):
            return
        if self._instead(now):
            if self.otherwise is None:
                raise self._changed()
            tell(_("{path} was changed since; only what we set is taken back.").format(path=self.path))
            self.otherwise.apply(machine, tell)
            return
        if self.before is None:
            machine.remove(self.path)
        elif now is None and machine.file(self.path.parent) is None:
            # Taken away since, or by a step that was put back already; whoever puts back whole folders brings it too.
            tell(_("{path} is not put back, because its folder is gone.").format(path=self.path))
            return
        elif now is not None and (now.kind, now.content) == (self.before.kind, self.before.content):
            machine.set_metadata(self.path, self.before)
        else:
            self._write(machine, now)
        reload_manager_for(machine, self.path)

    def _write(self, machine: Machine, now: FileState | None) -> None:
        assert self.before is not None  # noqa: S101 - asked for by the caller
        if now is not None and now.kind is Kind.OTHER:
            raise Trouble(_("{path} is now a device, pipe or socket, and is not replaced.").format(path=self.path))
        machine.write_file(self.path, self.before)

    def _changed(self) -> ChangedSince:
        return ChangedSince(
            _("{path} was changed since the wizard wrote it, so it stays as it is.").format(path=self.path),
            _("Compare it with the snapshot, or undo with --force to put it back all the same."),
        )

    def verify(self, look: Look) -> Problem | None:
        """Whether it is back."""
        if self.differs(look):
            return Problem(_("{path} is not as it was before.").format(path=self.path))
        return None
