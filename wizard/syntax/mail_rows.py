"""Mail accounts as rows: read out of a database, merged, told in SQL, and as the text in which servers give them."""

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Final

from wizard.problem import Trouble
from wizard.syntax.mail_accounts import SCHEMA
from wizard.words import _

if TYPE_CHECKING:
    import sqlite3

# By table, then by the value of its first column, which is its key; all values as text, truths as 0 and 1.
Rows = Mapping[str, Mapping[str, tuple[str, ...]]]
_COLUMN: Final = re.compile(r"(?m)^  (\w+) ([a-z]+)")
_TABLE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")
# Each table with its columns and their types, as SCHEMA has them.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    found[1]: dict(_COLUMN.findall(statement)) for statement in SCHEMA if (found := _TABLE.match(statement)) is not None
}
NO_ROWS: Final[Rows] = {table: {} for table in TABLES}
# PostfixAdmin, public/upgrade.php: the types that it has in PostgreSQL for those of SQLite and MariaDB.
_IN_POSTGRESQL: Final = (
    ("tinyint(1) NOT NULL DEFAULT 0", "boolean NOT NULL DEFAULT false"),
    ("tinyint(1) NOT NULL DEFAULT 1", "boolean NOT NULL DEFAULT true"),
    ("int(10)", "integer"),
    ("bigint(20)", "bigint"),
    ("datetime", "timestamp with time zone"),
)
# PostgreSQL's COPY and the mariadb client's --batch write these characters alike.
_ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_UNESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}


def schema_in_postgresql() -> tuple[str, ...]:
    """The statements of SCHEMA with PostgreSQL's types."""
    statements = []
    for statement in SCHEMA:
        for ours, theirs in _IN_POSTGRESQL:
            statement = statement.replace(ours, theirs)
        statements.append(statement)
    return tuple(statements)


def rows_in(content: bytes) -> Rows:
    """All rows of a database in SQLite's format; raises Trouble for one that cannot be read."""
    if not content:
        return NO_ROWS
    import sqlite3  # only where there are accounts

    with closing(sqlite3.connect(":memory:")) as base:
        try:
            base.deserialize(content)
            return {table: _rows_of_table(base, table) for table in TABLES}
        except sqlite3.Error as error:
            raise Trouble(_("The database of mail accounts cannot be read: {error}").format(error=error)) from error


def _rows_of_table(base: "sqlite3.Connection", table: str) -> Mapping[str, tuple[str, ...]]:
    # Table and columns are names of ours.
    found = base.execute(f"SELECT {', '.join(TABLES[table])} FROM {table} ORDER BY 1")  # noqa: S608
    return {str(row[0]): tuple(map(str, row)) for row in found}


def database_of(rows: Rows) -> bytes:
    """The rows as a database in SQLite's format; the same bytes for the same rows."""
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        for statement in SCHEMA:
            base.execute(statement)
        for table, columns in TABLES.items():
            marks = ", ".join("?" * len(columns))
            values = [rows[table][key] for key in sorted(rows[table])]
            base.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)  # noqa: S608
        base.commit()
        return base.serialize()


def with_rows(content: bytes, rows: Rows) -> bytes:
    """The database with exactly these rows in the tables of accounts; what else it holds stays."""
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        if content:
            base.deserialize(content)
        base.execute("PRAGMA secure_delete = ON")  # a password that goes leaves no trace in free pages
        for statement in (*SCHEMA, *statements_between(rows_in(content), rows)):
            base.execute(statement)
        base.commit()
        return base.serialize()


def merged_back(before: Rows, ours: Rows, now: Rows) -> tuple[Rows, tuple[str, ...]]:
    """The rows of `now`, with what was changed from `before` to `ours` as it was before.

    A row that is neither is somebody else's work: it stays, and its key is in the second value.
    """
    left = []
    merged: dict[str, dict[str, tuple[str, ...]]] = {}
    for table in TABLES:
        merged[table] = dict(now[table])
        for key in {**before[table], **ours[table]}:
            was, made, found = (rows[table].get(key) for rows in (before, ours, now))
            if was == made or found == was:
                continue
            if found != made:
                left.append(key)
            elif was is None:
                del merged[table][key]
            else:
                merged[table][key] = was
    return merged, tuple(dict.fromkeys(left))


def statements_between(before: Rows, after: Rows) -> tuple[str, ...]:
    """SQL that makes the rows of `after` of those of `before`; the same for each of the three databases."""
    return tuple(chain.from_iterable(_of_table(table, before[table], after[table]) for table in TABLES))


def _of_table(table: str, before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    columns = tuple(TABLES[table])
    for key in before.keys() - after.keys():
        yield f"DELETE FROM {table} WHERE {columns[0]} = {literal(key)};"  # noqa: S608 - each value is a literal
    for key, row in after.items():
        if key not in before:
            yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(map(literal, row))});"  # noqa: S608
        elif row != before[key]:
            pairs = zip(columns, row, before[key], strict=True)
            changes = ", ".join(f"{name} = {literal(value)}" for name, value, earlier in pairs if value != earlier)
            yield f"UPDATE {table} SET {changes} WHERE {columns[0]} = {literal(key)};"  # noqa: S608


def literal(value: str) -> str:
    """A text in SQL, where a backslash stands for itself; each database makes a number of it where it wants one."""
    if "\0" in value:
        raise Trouble(_("A NUL byte cannot be part of a mail account."))
    return "'" + value.replace("'", "''") + "'"


def as_text(rows: Rows) -> str:
    """One line for each row: its table and its values, with tabs between them."""
    lines = ("\t".join((table, *map(_escaped, rows[table][key]))) for table in TABLES for key in sorted(rows[table]))
    return "".join(f"{line}\n" for line in lines)


def read_text(text: str) -> Rows:
    """The rows from such lines; others are passed over, and raises Trouble for a row that is not whole."""
    rows: dict[str, dict[str, tuple[str, ...]]] = {table: {} for table in TABLES}
    for line in text.split("\n"):
        table, *values = line.split("\t")
        if table not in rows:
            continue
        if len(values) != len(TABLES[table]):
            raise Trouble(_("A row of the table {table} has another number of columns.").format(table=table))
        row = tuple(map(_unescaped, values))
        rows[table][row[0]] = row
    return rows


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in value)


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _UNESCAPED.get(found[1], found[1]), value)
