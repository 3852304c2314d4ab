"""A database server that exists only in memory: what its client would answer, kept as one file in its data folder."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Final

from wizard.machine.machine import CommandResult, FileState, Kind
from wizard.machine.pretend_files import PretendFiles
from wizard.machine.sql_servers import SQL_SERVERS, Argv, SqlServer, server_rows, server_state
from wizard.syntax.mail_accounts import DATABASE, SCHEMA
from wizard.syntax.mail_rows import TABLES, Rows, as_text, database_of, rows_in

if TYPE_CHECKING:
    import sqlite3

# The two tables in which the pretended server keeps what is not in a database of its own.
_OWN: Final = (
    "CREATE TABLE pretended_databases (name PRIMARY KEY, comment)",
    "CREATE TABLE pretended_accounts (name PRIMARY KEY, login)",
)
# Each kind of statement that means something here, and what it is in SQLite; all others of a server's are passed over.
_MEANT: Final = (
    (r"CREATE DATABASE (?:IF NOT EXISTS )?(\w+)(?:.*COMMENT '([^']*)')?", "INSERT OR IGNORE INTO pretended_databases"),
    (r"COMMENT ON DATABASE (\w+) IS '([^']*)'", "INSERT OR REPLACE INTO pretended_databases"),
    (r"CREATE USER (?:IF NOT EXISTS )?(\S+) IDENTIFIED VIA (\w+)", "INSERT OR IGNORE INTO pretended_accounts"),
    (r"CREATE ROLE (\w+) (LOGIN)", "INSERT OR IGNORE INTO pretended_accounts"),
)
_LOGINS: Final = {"LOGIN": "login"}
_ROWS: Final = re.compile(rf"(?:INSERT INTO|UPDATE|DELETE FROM) (?:{'|'.join(TABLES)}) ")


def pretended(argv: Argv, stdin: bytes, files: PretendFiles, runs: Callable[[str], bool]) -> CommandResult | None:
    """How a call of a server's programs ends; None for any other, and where the server is one of the machine below."""
    for server in SQL_SERVERS.values():
        if argv[0] in {"mariadb-install-db", "initdb"} and argv[0] == _MAKERS[server.name]:
            return _initialised(server, files)
        if argv not in {server.ask_server, server.ask_rows, server.write, server.write_rows}:
            continue
        if not runs(server.unit):
            return _SILENT
        content = _content(server, files)
        if argv in {server.ask_server, server.ask_rows}:
            return _asked(server, argv, content) if content is not None else None
        content = content if content is not None else _from_below(server, files)
        return _written(server, files, content, stdin.decode()) if content is not None else _SILENT
    return None


_SILENT: Final = CommandResult(1, b"", b"ERROR: cannot connect through the socket\n")
_MAKERS: Final = {"mariadb": "mariadb-install-db", "postgresql": "initdb"}


def _initialised(server: SqlServer, files: PretendFiles) -> CommandResult:
    kind = Kind.DIRECTORY if server.name == "mariadb" else Kind.FILE
    user = files.user(server.owner)
    owner, group = (user.uid, user.gid) if user is not None else (0, 0)
    files.put(server.mark, FileState(kind, b"", 0o700, owner, group, files.now()))
    _keep(server, files, _server_of({}, {}, None))
    return CommandResult(0)


def _keep(server: SqlServer, files: PretendFiles, content: bytes) -> None:
    """The same state is the same file, so that two machines can be compared."""
    files.put(server.data / "pretended", FileState(Kind.FILE, content, 0o600, 0, 0, 0))


def _server_of(databases: Mapping[str, str], accounts: Mapping[str, str], rows: Rows | None) -> bytes:
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        if rows is not None:
            base.deserialize(database_of(rows))
        for statement in _OWN:
            base.execute(statement)
        base.executemany("INSERT INTO pretended_databases VALUES (?, ?)", sorted(databases.items()))
        base.executemany("INSERT INTO pretended_accounts VALUES (?, ?)", sorted(accounts.items()))
        base.commit()
        return base.serialize()


def _content(server: SqlServer, files: PretendFiles) -> bytes | None:
    state = files.file(server.data / "pretended")
    return state.content if state is not None else None


def _from_below(server: SqlServer, files: PretendFiles) -> bytes | None:
    """The server of the machine below as a pretended one; None where it does not answer."""
    if files.below is None or (said := server_state(files.below, server)) is None:
        return None
    return _server_of(said.databases, said.accounts, server_rows(files.below, server))


def _asked(server: SqlServer, argv: Argv, content: bytes) -> CommandResult:
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        databases, accounts = _own_of(base)
        if argv == server.ask_server:
            found = [("database", *pair) for pair in databases.items()]
            found += [("account", *pair) for pair in accounts.items()]
            return CommandResult(0, "".join("\t".join(line) + "\n" for line in found).encode())
        if not _has_tables(base):
            return CommandResult(1, b"", b"ERROR: there is no such database\n")
    return CommandResult(0, as_text(rows_in(content)).encode())


def _own_of(base: "sqlite3.Connection") -> tuple[dict[str, str], dict[str, str]]:
    databases = dict(base.execute("SELECT * FROM pretended_databases ORDER BY 1"))
    return databases, dict(base.execute("SELECT * FROM pretended_accounts ORDER BY 1"))


def _has_tables(base: "sqlite3.Connection") -> bool:
    return base.execute("SELECT 1 FROM sqlite_master WHERE name = 'mailbox'").fetchone() is not None


def _written(server: SqlServer, files: PretendFiles, content: bytes, text: str) -> CommandResult:
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        try:
            for statement in _statements(text):
                _do(base, statement)
        except sqlite3.Error as error:
            return CommandResult(1, b"", f"ERROR: {error}\n".encode())
        base.commit()
        rows = rows_in(base.serialize()) if _has_tables(base) else None
        _keep(server, files, _server_of(*_own_of(base), rows))
    return CommandResult(0)


def _statements(text: str) -> Iterator[str]:
    """The statements of a script, one after the other; a line that begins with a backslash is psql's own."""
    import sqlite3

    gathered = ""
    for line in text.splitlines(keepends=True):
        if not gathered and line.startswith("\\"):
            continue
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""


def _do(base: "sqlite3.Connection", statement: str) -> None:
    for pattern, meaning in _MEANT:
        if found := re.match(pattern, statement):
            base.execute(f"{meaning} VALUES (?, ?)", (found[1], _LOGINS.get(found[2], found[2] or "")))
            return
    if _ROWS.match(statement):
        base.execute(statement)
    elif statement.startswith("CREATE TABLE"):
        table = statement.split("(")[0].split()[-1]
        base.execute(next(own for own in SCHEMA if f" {table} (" in own))
    elif found := re.match(r"DROP DATABASE (?:IF EXISTS )?(\w+)", statement):
        base.execute("DELETE FROM pretended_databases WHERE name = ?", (found[1],))
        for table in TABLES:
            base.execute(f"DROP TABLE IF EXISTS {table}")
    elif found := re.match(r"DROP (?:USER|ROLE) (?:IF EXISTS )?([^\s;]+)", statement):
        base.execute("DELETE FROM pretended_accounts WHERE name = ?", (found[1],))


def content_of_pretended(mailbox_maps: str, files: PretendFiles) -> bytes | None:
    """The accounts in the server that virtual_mailbox_maps names, or in SQLite's file; None where neither is here."""
    for server in SQL_SERVERS.values():
        if f":{server.table_type}:" in f":{mailbox_maps}":
            return _content(server, files)
    state = files.file(DATABASE)
    return state.content if state is not None else None
