"""What all edits of mail accounts share: they are made of a database in SQLite's format, wherever that is kept."""

from abc import abstractmethod
from dataclasses import dataclass

from wizard.machine.machine import FileState, Look
from wizard.steps.file_edit import FileEdit


@dataclass(frozen=True, kw_only=True)
class AccountEdit(FileEdit):
    """An edit of the accounts that are kept in a file; `EditServerAccounts` makes the same one in a server."""

    secret: bool = True

    @abstractmethod
    def told(self, current: FileState | None, different: frozenset[str]) -> str:
        """What comes and changes, in sentences, given the names of the claims that are not so; no password is shown."""

    def is_secret(self) -> bool:
        """Hashes of passwords are in it."""
        return True

    def preview(self, look: Look) -> str:
        """What comes and changes, in sentences; of a password only that it is set."""
        return self.told(self._now(look)[1], self.differs(look))
