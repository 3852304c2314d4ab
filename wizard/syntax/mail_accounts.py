"""The database of virtual mail, in PostfixAdmin's schema: bytes in, bytes out, rows that are not ours kept."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.syntax.mailbox_rows import fields_of
from wizard.words import _

if TYPE_CHECKING:
    import sqlite3

# FHS 3.0, 5.8: state that programs change while they run.
DATABASE: Final = PurePosixPath("/var/lib/virtual_mail/accounts.sqlite")
# All mailboxes lie below it, each where its row says.
MAIL_FOLDER: Final = PurePosixPath("/var/vmail")
# PostfixAdmin, DOCUMENTS and public/upgrade.php: the four tables that Postfix and Dovecot read, with its column names.
SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS domain (
  domain varchar(255) NOT NULL PRIMARY KEY,
  description varchar(255) NOT NULL DEFAULT '',
  aliases int(10) NOT NULL DEFAULT 0,
  mailboxes int(10) NOT NULL DEFAULT 0,
  maxquota bigint(20) NOT NULL DEFAULT 0,
  quota bigint(20) NOT NULL DEFAULT 0,
  transport varchar(255) NOT NULL DEFAULT 'virtual',
  backupmx tinyint(1) NOT NULL DEFAULT 0,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1
)""",
    """CREATE TABLE IF NOT EXISTS mailbox (
  username varchar(255) NOT NULL PRIMARY KEY,
  password varchar(255) NOT NULL,
  name varchar(255) NOT NULL DEFAULT '',
  maildir varchar(255) NOT NULL,
  quota bigint(20) NOT NULL DEFAULT 0,
  local_part varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  phone varchar(30) NOT NULL DEFAULT '',
  email_other varchar(255) NOT NULL DEFAULT '',
  token varchar(255) NOT NULL DEFAULT '',
  token_validity datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  password_expiry datetime NOT NULL DEFAULT '2000-01-01 00:00:00'
)""",
    """CREATE TABLE IF NOT EXISTS alias (
  address varchar(255) NOT NULL PRIMARY KEY,
  goto text NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1
)""",
    """CREATE TABLE IF NOT EXISTS alias_domain (
  alias_domain varchar(255) NOT NULL PRIMARY KEY,
  target_domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1
)""",
    "CREATE INDEX IF NOT EXISTS mailbox_domain ON mailbox (domain)",
    "CREATE INDEX IF NOT EXISTS alias_domain_of ON alias (domain)",
)
_MAILBOXES: Final = "SELECT username, password, quota, active FROM mailbox"
_ALIASES: Final = "SELECT address, goto FROM alias WHERE active AND address <> goto"
_SET_ALIAS: Final = (
    "INSERT INTO alias (address, goto, domain) VALUES (?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET goto = excluded.goto, active = 1"
)
# Rows that are new have the highest numbers (https://sqlite.org/autoinc.html).
_SET_ALIASES_OF_NEW: Final = (
    "INSERT INTO alias (address, goto, domain) SELECT username, username, domain FROM mailbox WHERE rowid > ?"
    " ON CONFLICT (address) DO UPDATE SET goto = excluded.goto, active = 1"
)
# https://sqlite.org/fileformat2.html, section 1.3.3: 2 in these two bytes means that a write-ahead log may hold more.
_VERSIONS: Final = slice(18, 20)


@dataclass(frozen=True)
class Mailbox:
    """One mailbox: its address, the hash of its password, and the bytes that it may hold (0: without limit).

    One that is not `active` was switched off by a person, and is the same mailbox all the same.
    """

    address: str
    password: Secret
    quota: int
    active: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Accounts:
    """The domains and aliases that are active, and every mailbox; aliases from a mailbox to itself are left out."""

    domains: tuple[str, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    aliases: Mapping[str, str] | None = None

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox of this address, or None."""
        return next((mailbox for mailbox in self.mailboxes if mailbox.address == address), None)


@dataclass(frozen=True)
class ListedMailbox:
    """A mailbox as it is listed: what may be shown of it, and whether mail for it is taken."""

    address: str
    quota: int
    active: bool


@dataclass(frozen=True)
class ListedAlias:
    """An alias as it is listed; `targets` are separated by commas."""

    address: str
    targets: str
    active: bool


def listed(content: bytes) -> tuple[tuple[ListedMailbox, ...], tuple[ListedAlias, ...]]:
    """All mailboxes and aliases with those that are switched off; raises Trouble for what cannot be read."""
    if not content:
        return (), ()
    with _opened(content) as base:
        mailboxes = base.execute("SELECT username, quota, active FROM mailbox ORDER BY username")
        aliases = base.execute("SELECT address, goto, active FROM alias WHERE address <> goto ORDER BY address")
        return (
            tuple(ListedMailbox(name, quota, bool(active)) for name, quota, active in mailboxes),
            tuple(ListedAlias(address, targets, bool(active)) for address, targets, active in aliases),
        )


def rows_of(content: bytes, addresses: Iterable[str]) -> tuple[tuple[ListedMailbox, ...], tuple[ListedAlias, ...]]:
    """As `listed`, of these addresses alone, and with the aliases from a mailbox to itself."""
    if not content:
        return (), ()
    with _opened(content) as base:
        mailboxes = _each(base, "SELECT username, quota, active FROM mailbox WHERE username = ?", addresses)
        aliases = _each(base, "SELECT address, goto, active FROM alias WHERE address = ?", addresses)
        return (
            tuple(ListedMailbox(name, quota, bool(active)) for name, quota, active in mailboxes),
            tuple(ListedAlias(address, targets, bool(active)) for address, targets, active in aliases),
        )


def maildir_of(content: bytes, address: str) -> str:
    """Where the mail of a mailbox lies, below the folder of all mail; empty where there is no such mailbox."""
    if not content:
        return ""
    with _opened(content) as base:
        found = base.execute("SELECT maildir FROM mailbox WHERE username = ?", (address,)).fetchone()
        return str(found[0]) if found is not None else ""


def read_accounts(content: bytes, only: Collection[str] | None = None) -> Accounts:
    """What a database holds, or holds of the addresses that are given; raises Trouble for one that cannot be read."""
    if not content:
        return Accounts((), (), {})
    with _opened(content) as base:
        domains = base.execute("SELECT domain FROM domain WHERE active ORDER BY domain")
        mailboxes: Iterable[Any] = base.execute(f"{_MAILBOXES} ORDER BY username")
        aliases: Iterable[Any] = base.execute(f"{_ALIASES} ORDER BY address")
        if only is not None:
            mailboxes = _each(base, f"{_MAILBOXES} WHERE username = ?", only)
            aliases = _each(base, f"{_ALIASES} AND address = ?", only)
        return Accounts(
            tuple(name for (name,) in domains),
            tuple(Mailbox(name, Secret(password), quota, bool(active)) for name, password, quota, active in mailboxes),
            dict(aliases),
        )


def _each(base: "sqlite3.Connection", query: str, addresses: Iterable[str]) -> Iterator[Any]:
    """The rows that a query with one mark finds for each address in turn."""
    for address in addresses:
        yield from base.execute(query, (address,))


def with_accounts(content: bytes, wanted: Accounts, removed: Iterable[str] = ()) -> bytes:
    """The database with exactly these domains active, and with these mailboxes and aliases beside those there.

    The `removed` addresses are neither mailbox nor alias afterwards.
    What a domain that is left out holds, stays: it is only no longer served. A mailbox that was switched off stays so.
    """
    with _opened(content) as base:
        for statement in SCHEMA:
            base.execute(statement)
        marks = ", ".join("?" * len(wanted.domains))
        # The marks stand for values; no value is part of the statement.
        base.execute(f"UPDATE domain SET active = 0 WHERE active AND domain NOT IN ({marks})", wanted.domains)  # noqa: S608
        for name in wanted.domains:
            base.execute(
                "INSERT INTO domain (domain) VALUES (?) ON CONFLICT (domain) DO UPDATE SET active = 1 WHERE NOT active",
                (name,),
            )
        for mailbox in wanted.mailboxes:
            local_part, _at, domain = mailbox.address.rpartition("@")
            key = (mailbox.address,)
            is_new = base.execute("SELECT 1 FROM mailbox WHERE username = ?", key).fetchone() is None
            base.execute(
                "INSERT INTO mailbox (username, password, maildir, quota, local_part, domain) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (username)"
                " DO UPDATE SET password = excluded.password, quota = excluded.quota",
                (
                    mailbox.address,
                    mailbox.password.reveal(),
                    f"{domain}/{local_part}/",
                    mailbox.quota,
                    local_part,
                    domain,
                ),
            )
            # The alias of a mailbox that was there may forward its mail too, and is its owner's business.
            has_alias = base.execute("SELECT 1 FROM alias WHERE address = ?", key).fetchone() is not None
            if is_new or not has_alias:
                _set_alias(base, mailbox.address, mailbox.address)
        for address, target in (wanted.aliases or {}).items():
            _set_alias(base, address, target)
        for address in removed:
            base.execute("DELETE FROM mailbox WHERE username = ?", (address,))
            base.execute("DELETE FROM alias WHERE address = ?", (address,))
        base.commit()
        return base.serialize()


def with_new_mailboxes(content: bytes, rows: bytes) -> bytes:
    """The database with these mailboxes more, put in by one transaction; `rows` are as mailbox_rows packs them.

    Raises Trouble, and gives nothing, where one of them is there already.
    """
    with _opened(content) as base:
        (newest,) = base.execute("SELECT coalesce(max(rowid), 0) FROM mailbox").fetchone()
        base.executemany(
            "INSERT INTO mailbox (username, password, maildir, quota, local_part, domain, name)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            _columns(rows),
        )
        base.execute(_SET_ALIASES_OF_NEW, (newest,))
        base.commit()
        return base.serialize()


def _columns(rows: bytes) -> Iterator[tuple[str, str, str, int, str, str, str]]:
    for address, password, quota, name in fields_of(rows):
        local_part, _at, domain = address.rpartition("@")
        yield address, password, f"{domain}/{local_part}/", int(quota), local_part, domain, name


def has_mailboxes(content: bytes, rows: bytes) -> bool:
    """Whether every one of these mailboxes is there as it was packed; the first that is not ends the search."""
    with _opened(content) as base:
        if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'mailbox'").fetchone():
            return False
        query = "SELECT password, quota, name FROM mailbox WHERE username = ?"
        return all(
            base.execute(query, (address,)).fetchone() == (password, int(quota), name)
            for address, password, quota, name in fields_of(rows)
        )


def _set_alias(base: "sqlite3.Connection", address: str, target: str) -> None:
    base.execute(_SET_ALIAS, (address, target, address.rpartition("@")[2]))


@contextmanager
def _opened(content: bytes) -> Iterator["sqlite3.Connection"]:
    import sqlite3  # only where there is such a database

    if content[_VERSIONS] == b"\x02\x02":
        raise Trouble(
            _("The database of mail accounts is kept with a write-ahead log, which is not read here."),
            _("Change it with sqlite3(1): PRAGMA journal_mode = DELETE;"),
        )
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            if content:
                base.deserialize(content)
            base.execute("PRAGMA secure_delete = ON")  # a password that is replaced leaves no trace in free pages
            yield base
        except sqlite3.Error as error:
            raise Trouble(
                _("The database of mail accounts cannot be read: {error}").format(error=error),
                _("Compare it with the snapshots of earlier runs: `postwizard snapshots`."),
            ) from error
