"""The database servers that can keep mail accounts: what they are on Arch, and what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult, Look
from wizard.problem import Trouble
from wizard.syntax.mail_rows import TABLES, Rows, read_text

DATABASE_NAME: Final = "virtual_mail"
# By its comment a database is known as one of ours.
MADE_BY_US: Final = "Made by postwizard"
Argv = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SqlServer:
    """One kind of server; programs log in by its socket as the user that they run as, and nobody has a password.

    `home` is the folder that its package makes, `data` the one in which its databases lie, and `mark` is there once it
    is initialised. `ask_server` and `ask_rows` only read; `write` takes statements on standard input, as `superuser`.
    """

    name: str
    label: str
    package: str
    postfix_package: str
    table_type: str
    unit: str
    superuser: str
    owner: str
    home: PurePosixPath
    data: PurePosixPath
    mark: PurePosixPath
    socket: str
    ask_server: Argv
    ask_rows: Argv
    write: Argv
    write_rows: Argv


@dataclass(frozen=True)
class ServerState:
    """The databases with their comments, and the accounts with how they log in (empty: they cannot)."""

    databases: Mapping[str, str]
    accounts: Mapping[str, str]


def _columns_in_postgresql(table: str) -> str:
    forms = {"tinyint": "{}::int", "datetime": "to_char({}, 'YYYY-MM-DD HH24:MI:SS')"}
    return ", ".join(forms.get(kind, "{}").format(name) for name, kind in TABLES[table].items())


_IN_MARIADB: Final = ("mariadb", "--batch", "--skip-column-names", "--default-character-set=utf8mb4")
_AS_POSTGRES: Final = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", "psql", "-XAtq")
_WRITE_MARIADB: Final = (*_IN_MARIADB, "--binary-mode")
_WRITE_POSTGRESQL: Final = ("psql", "-Xq", "--set=ON_ERROR_STOP=1")
_ASK_MARIADB: Final = (
    "SELECT 'database', schema_name, schema_comment FROM information_schema.schemata;"
    " SELECT 'account', concat(user, '@', host), plugin FROM mysql.user"
)
_ASK_POSTGRESQL: Final = (
    "COPY (SELECT 'database', datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
    " UNION ALL SELECT 'account', rolname, CASE WHEN rolcanlogin THEN 'login' ELSE '' END FROM pg_roles) TO STDOUT"
)
# Only names of ours are put into these statements.
MARIADB: Final = SqlServer(
    name="mariadb",
    label="MariaDB",
    package="mariadb",
    postfix_package="postfix-mysql",
    table_type="mysql",
    unit="mariadb.service",
    superuser="",
    owner="mysql",
    home=PurePosixPath("/var/lib/mysql"),
    data=PurePosixPath("/var/lib/mysql"),
    mark=PurePosixPath("/var/lib/mysql/mysql"),
    socket="/run/mysqld/mysqld.sock",
    ask_server=(
        *_IN_MARIADB,
        f"--execute={_ASK_MARIADB}",
    ),
    ask_rows=(
        *_IN_MARIADB,
        f"--database={DATABASE_NAME}",
        "--execute=" + "; ".join(f"SELECT '{table}', {', '.join(TABLES[table])} FROM {table}" for table in TABLES),  # noqa: S608
    ),
    write=_WRITE_MARIADB,
    write_rows=(*_WRITE_MARIADB, f"--database={DATABASE_NAME}"),
)
POSTGRESQL: Final = SqlServer(
    name="postgresql",
    label="PostgreSQL",
    package="postgresql",
    postfix_package="postfix-pgsql",
    table_type="pgsql",
    unit="postgresql.service",
    superuser="postgres",
    owner="postgres",
    home=PurePosixPath("/var/lib/postgres"),
    data=PurePosixPath("/var/lib/postgres/data"),
    mark=PurePosixPath("/var/lib/postgres/data/PG_VERSION"),
    socket="/run/postgresql",
    ask_server=(
        *_AS_POSTGRES,
        "--dbname=postgres",
        f"--command={_ASK_POSTGRESQL}",
    ),
    ask_rows=(
        *_AS_POSTGRES,
        f"--dbname={DATABASE_NAME}",
        *(
            f"--command=COPY (SELECT '{table}', {_columns_in_postgresql(table)} FROM {table}) TO STDOUT"  # noqa: S608
            for table in TABLES
        ),
    ),
    write=(*_WRITE_POSTGRESQL, "--dbname=postgres"),
    write_rows=(*_WRITE_POSTGRESQL, "--single-transaction", f"--dbname={DATABASE_NAME}"),
)
SQL_SERVERS: Final[Mapping[str, SqlServer]] = {server.name: server for server in (MARIADB, POSTGRESQL)}


def server_state(look: Look, server: SqlServer) -> ServerState | None:
    """What the server says of itself; None where it does not answer."""
    said = _answer(look, server.ask_server)
    if said is None:
        return None
    lines = [line.split("\t") for line in said.text.splitlines()]
    found = {kind: {line[1]: line[2] for line in lines if len(line) == 3 and line[0] == kind} for kind in _KINDS}
    return ServerState(*(found[kind] for kind in _KINDS))


_KINDS: Final = ("database", "account")


def server_rows(look: Look, server: SqlServer) -> Rows | None:
    """The rows of its database of mail accounts; None where it does not answer, or has no such database."""
    said = _answer(look, server.ask_rows)
    return read_text(said.text) if said is not None else None


def _answer(look: Look, argv: Argv) -> CommandResult | None:
    try:
        said = look.output_of(*argv)
    except Trouble:  # the client is not installed
        return None
    return said if said.ok else None
