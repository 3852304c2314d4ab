"""What postmap(1) would find by a query, as of sqlite_table(5), on a machine that exists only in memory."""

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult
from wizard.machine.pretend_files import PretendFiles
from wizard.machine.sql_servers import SQL_SERVERS

# Types of table that are looked up by a query.
ASKED: Final = ("sqlite:", "mysql:", "pgsql:")
_LINE = re.compile(r"(?m)^(\w+)\s*=\s*(.*)$")


def look_up(files: PretendFiles, place: PurePosixPath, key: str) -> CommandResult:
    """The answers to the query for this key, joined by commas; exit code 1 where there is none."""
    import sqlite3  # a pretended machine is part of every plan, a look-up on it is not

    written = files.file(files.real_path(place))
    if written is None:
        return _failed(f"open {place}: No such file or directory")
    settings = dict(_LINE.findall(written.content.decode()))
    base_file = files.file(_asked_file(settings))
    if base_file is None:
        return _failed(f"{settings.get('dbpath', settings.get('hosts'))}: unable to open the database")
    user, _at, domain = key.rpartition("@")
    parts = {"s": key, "u": user or key, "d": domain}
    query = re.sub("%([sud])", lambda found: parts[found[1]].replace("'", "''"), settings.get("query", ""))
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            base.deserialize(base_file.content)
            base.create_function("CONCAT", -1, lambda *parts: "".join(map(str, parts)))
            rows = base.execute(query).fetchall()
        except sqlite3.Error as error:
            return _failed(f"dict_sqlite_lookup: {error}")
    found = ",".join(str(row[0]) for row in rows)
    return CommandResult(0, f"{found}\n".encode()) if found else CommandResult(1)


def _asked_file(settings: Mapping[str, str]) -> PurePosixPath:
    """SQLite's file, or the one that stands for a server (pretend_sql_server)."""
    socket = settings.get("hosts", "").removeprefix("unix:")
    pretended = {server.socket: server.data / "pretended" for server in SQL_SERVERS.values()}
    return pretended.get(socket, PurePosixPath(settings.get("dbpath", "/")))


def _failed(text: str) -> CommandResult:
    return CommandResult(1, b"", f"postmap: fatal: {text}\n".encode())
