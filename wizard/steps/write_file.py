"""Write one whole file that belongs to us."""

from dataclasses import dataclass, field
from hashlib import sha256

from wizard.machine.machine import FileState, Look
from wizard.problem import Problem
from wizard.steps.account_paths import numbered, same_but_time
from wizard.steps.file_edit import FileEdit
from wizard.steps.step import Claim
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class WriteFile(FileEdit):
    """Makes a file have this content, mode and owner; ACLs that a person gave it stay, unless it is `secret`."""

    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str | int = "root"
    group: str | int = "root"
    secret: bool = False

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Write {path}").format(path=self.path)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The file, by the digest of its content where that gives nothing away."""
        return (Claim("file", str(self.path), "" if self.secret else sha256(self.content).hexdigest()),)

    def is_secret(self) -> bool:
        """Whether the content is never shown."""
        return self.secret

    def edited(self, current: FileState | None) -> FileState:
        """The file as it should be, whatever is there."""
        kept = () if current is None or self.secret else current.xattrs
        mtime = current.mtime_ns if current is not None and current.content == self.content else None
        return FileState(
            content=self.content, mode=self.mode, owner=self.owner, group=self.group, mtime_ns=mtime, xattrs=kept
        )

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """Whether it is another file, by its numbers where owner and group are given so."""
        return frozenset() if same_but_time(current, self.edited(current)) else frozenset({self.claims[0].name})

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is another file."""
        current = self._now(look)[1]
        same = same_but_time(current, numbered(self.edited(current), look))
        return frozenset() if same else frozenset({self.claims[0].name})

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there as it was written."""
        if not self.differs(look):
            return None
        return Problem(
            _("{path} is not as it was written.").format(path=self.path),
            _("Something else writes this file. Look for it before you try again."),
        )
