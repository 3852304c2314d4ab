"""Put many new mailboxes into the database of virtual mail at once: all of them, or none."""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Final

from wizard.machine.machine import FileState, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_edit import AccountEdit
from wizard.steps.step import Claim
from wizard.syntax.mail_accounts import has_mailboxes, with_new_mailboxes
from wizard.syntax.mailbox_rows import count_of, fields_of, unpacked
from wizard.words import _, ngettext

_ROWS_SHOWN: Final = 5
_DOMAINS_SHOWN: Final = 20

# Digests of the databases that were built here, with the rows that were put in: what is so to the byte holds them all.
_whole: Final[set[tuple[bytes, bytes]]] = set()


@lru_cache(maxsize=1)
def _built(content: bytes, rows: bytes) -> bytes:
    """The database with the rows; a plan asks several times, and lets go of it as soon as it is written."""
    made = with_new_mailboxes(content, rows)
    _whole.add((sha256(made).digest(), rows))
    return made


def _has(content: bytes, rows: bytes) -> bool:
    return (sha256(content).digest(), rows) in _whole or has_mailboxes(content, rows)


@dataclass(frozen=True, kw_only=True)
class ImportMailboxes(AccountEdit):
    """Adds mailboxes, none of which is there yet, to a database that is there; `rows` are as mailbox_rows packs them.

    The database is built whole beside the old one, by one transaction, and takes its place in one step.
    """

    rows: bytes = field(repr=False)

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        count = count_of(self.rows)
        return ngettext(
            "Import {count} mailbox into {path}", "Import {count} mailboxes into {path}", count
        ).format(count=count, path=self.path)  # fmt: skip

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for all of them."""
        return (Claim("mail_account", "import", "", str(self.path)),)

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """Whether a mailbox is missing."""
        is_there = current is not None and _has(current.content, self.rows)
        return frozenset() if is_there else frozenset({self.claims[0].name})

    def edited(self, current: FileState | None) -> FileState:
        """The database with the mailboxes; raises Trouble where there is no database, or one of them is there."""
        if current is None:
            raise Trouble(
                _("There is no database of mail accounts at {path}.").format(path=self.path),
                _("Set one up first: `postwizard --profile {name}`.").format(name="virtual_mail"),
            )
        if not self.differs_from(current):
            return current
        return replace(current, content=_built(current.content, self.rows), mtime_ns=None)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Builds the database and puts it in place."""
        super().apply(machine, tell)
        count = count_of(self.rows)
        said = ngettext("{count} mailbox is imported.", "{count} mailboxes are imported.", count)
        tell(said.format(count=count))

    def verify(self, look: Look) -> Problem | None:
        """Whether all of them are there now."""
        _built.cache_clear()
        return super().verify(look)

    def told(self, _current: FileState | None, different: frozenset[str]) -> str:
        """How many come into which domain, and the first of them; of a password only that it is set."""
        if not different:
            return ""
        domains = Counter(address.rpartition("@")[2] for address, *_rest in fields_of(self.rows))
        lines = [
            ngettext("+ {count} mailbox in {domain}", "+ {count} mailboxes in {domain}", count).format(
                count=count, domain=domain
            )
            for domain, count in domains.most_common(_DOMAINS_SHOWN)
        ]
        if (more := len(domains) - _DOMAINS_SHOWN) > 0:
            lines.append(
                ngettext("  … and {count} more domain", "  … and {count} more domains", more).format(count=more)
            )
        for row in islice(unpacked(self.rows), _ROWS_SHOWN):
            limit = _("{count} bytes").format(count=row.quota) if row.quota else _("without limit")
            words = _("{address}: password •••").format(address=row.address)
            lines.append("  " + ", ".join(part for part in (words, limit, row.name) if part))
        if (more := count_of(self.rows) - _ROWS_SHOWN) > 0:
            lines.append("  " + ngettext("… and {count} more", "… and {count} more", more).format(count=more))
        return "\n".join(lines) + "\n"
