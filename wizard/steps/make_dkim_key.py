"""Make a key that signs mail, by openssl(1); one that is there is kept."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import numbered, same_but_time
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _

# RFC 8301, section 3.2: at least 1024 bits, and 2048 should be used; more do not fit into one string of a TXT record.
BITS: Final = 2048
_KEY: Final = re.compile(rb"-----BEGIN PRIVATE KEY-----\n.+?-----END PRIVATE KEY-----\n", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class MakeDkimKey:
    """Makes sure that there is a key, which root writes and the program that signs can only read.

    The ledger does not keep it: who no longer signs, or for another domain, may do so again, and its record is still in
    the DNS. Only undo takes a key away, and only one that its run made.
    """

    path: PurePosixPath
    group: str
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Make the key {path}").format(path=self.path)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The key."""
        return (self.path,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The key; nothing of what is in it is kept."""
        return (Claim("dkim_key", str(self.path)),)

    def _there(self, look: Look) -> FileState | None:
        """The key that lies there; raises Trouble where something else does."""
        state = look.file(self.path)
        if state is not None and (state.kind is not Kind.FILE or b"PRIVATE KEY-----" not in state.content):
            raise Trouble(
                _("{path} is there, but it is not a key.").format(path=self.path), _("Move it away, then try again.")
            )
        return state

    def _wanted(self, content: bytes) -> FileState:
        return FileState(content=content, mode=0o640, owner="root", group=self.group)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is missing, or others can read it, or the program cannot."""
        there = self._there(look)
        if there is not None and same_but_time(there, numbered(self._wanted(there.content), look)):
            return frozenset()
        return frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """One sentence; the content of the key is never shown."""
        if not self.differs(look):
            return ""
        if self._there(look) is None:
            said = _("New key {path} (RSA, {bits} bits), for root and the group {group} alone.")
        else:
            said = _("The key {path} is kept, and becomes readable for root and the group {group} alone.")
        return said.format(path=self.path, bits=BITS, group=self.group) + "\n"

    def inverse(self, look: Look) -> Step:
        """Removes it again, or gives it back its rights."""
        return RestoreFile(
            path=self.path, before=look.file(self.path), keep_if_changed=False, secret=True, why=self.why
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Makes it; raises Trouble where openssl(1) does not."""
        if not self.differs(machine):
            return
        there = self._there(machine)
        if there is not None:
            machine.set_metadata(self.path, self._wanted(there.content))
            return
        made = machine.run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{BITS}")
        key = _KEY.search(made.stdout)
        if not made.ok or key is None:
            raise Trouble(
                _("openssl(1) made no key: {said}").format(said=made.error_text.strip()[-300:]),
                _("See `openssl version`; it needs 3.0 or later."),
            )
        machine.write_file(self.path, self._wanted(key[0]))
        tell(_("{path} is written.").format(path=self.path))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there, for those alone who need it."""
        if self.differs(look):
            return Problem(_("The key {path} is not there as it was made.").format(path=self.path))
        return None
