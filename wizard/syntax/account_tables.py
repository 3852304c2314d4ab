"""Mail accounts as plain tables: what Postfix looks up in them (postmap(1)), and Dovecot's passwd-file."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from wizard.problem import Trouble
from wizard.syntax.mail_accounts import MAIL_FOLDER
from wizard.syntax.mail_rows import TABLES, Rows
from wizard.words import _

Row = Mapping[str, str]
Entries = Iterable[tuple[str, str]]


def _active(rows: Rows, table: str) -> list[Row]:
    named = (dict(zip(TABLES[table], row, strict=True)) for row in rows[table].values())
    return [row for row in named if row["active"] == "1"]


def _served(rows: Rows) -> frozenset[str]:
    return frozenset(row["domain"] for row in _active(rows, "domain"))


def _domains(rows: Rows) -> Entries:
    return ((row["domain"], row["domain"]) for row in _active(rows, "domain") if row["backupmx"] != "1")


def _mailboxes(rows: Rows) -> Entries:
    return ((row["username"], row["maildir"]) for row in _active(rows, "mailbox"))


def _aliases(rows: Rows) -> Entries:
    served, aliases = _served(rows), _active(rows, "alias")
    yield from ((row["address"], row["goto"]) for row in aliases if row["domain"] in served)
    # One line for each address of the other domain, so that mail for nobody there is refused too.
    for same in _active(rows, "alias_domain"):
        for row in aliases:
            local_part, _at, domain = row["address"].rpartition("@")
            if domain == same["target_domain"]:
                yield f"{local_part}@{same['alias_domain']}", row["goto"]


def _senders(rows: Rows) -> Entries:
    served = _served(rows)
    found: dict[str, dict[str, None]] = {row["username"]: {row["username"]: None} for row in _active(rows, "mailbox")}
    for row in _active(rows, "alias"):
        if row["domain"] in served:
            found.setdefault(row["address"], {})[row["goto"]] = None
    return ((address, ",".join(owners)) for address, owners in found.items())


def _passwords(rows: Rows) -> Iterable[str]:
    """Lines of a passwd-file: user, hash, uid, gid, gecos, home, shell, further fields (Dovecot, passwd-file)."""
    served = _served(rows)
    for row in _active(rows, "mailbox"):
        if row["domain"] not in served:
            continue
        fields = (row["username"], row["password"], "", "", "", f"{MAIL_FOLDER}/{row['maildir'].rstrip('/')}", "")
        if any(letter in field for field in fields for letter in ":\n"):
            raise Trouble(
                _("The mailbox {address} cannot stand in a file of passwords.").format(address=row["username"]),
                _("There is a colon in its hash or its folder. Give it another password, or keep accounts elsewhere."),
            )
        quota = f"{row['quota']}B" if int(row["quota"]) > 0 else "0"
        yield ":".join((*fields, f"userdb_quota_storage_size={quota}"))


LOOKED_UP: Final[Mapping[str, Callable[[Rows], Entries]]] = {
    "domains": _domains,
    "mailboxes": _mailboxes,
    "aliases": _aliases,
    "senders": _senders,
}
_HEADING: Final = "# Written by postwizard from the mail accounts; its commands `mailbox` and `alias` change them."
PASSWORDS: Final = "passwords"


def table_text(table: str, rows: Rows) -> bytes:
    """The source of one of the tables LOOKED_UP, or the lines of PASSWORDS; the same bytes for the same rows."""
    if table == PASSWORDS:
        lines = sorted(_passwords(rows))
    else:
        lines = sorted(_line(key, value) for key, value in dict(LOOKED_UP[table](rows)).items())
    return "".join(f"{line}\n" for line in (_HEADING, *lines)).encode()


def _line(key: str, value: str) -> str:
    # postmap(1): a key ends at white space, quotes belong to its syntax, and # begins a comment.
    if not key or key[0] == "#" or any(letter.isspace() or letter == '"' for letter in key) or "\n" in value:
        raise Trouble(
            _("“{text}” cannot stand in a plain table.").format(text=key),
            _("Remove it, or keep the accounts elsewhere."),
        )
    return f"{key}  {value}"
