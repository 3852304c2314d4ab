"""Mail accounts as rows: the same through SQLite, text and SQL, and put back without touching what others changed."""

import sqlite3
from contextlib import closing

import pytest

from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.read_only import can_change_something
from wizard.machine.sql_servers import SQL_SERVERS
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.syntax.mail_accounts import SCHEMA, Accounts, Mailbox, read_accounts, with_accounts
from wizard.syntax.mail_rows import (
    NO_ROWS,
    TABLES,
    Rows,
    as_text,
    database_of,
    literal,
    merged_back,
    read_text,
    rows_in,
    schema_in_postgresql,
    statements_between,
    with_rows,
)

TARO = Mailbox("taro@a.example", Secret("{CRYPT}it's\\a\thash"), 5)
HANA = Mailbox("hana@a.example", Secret("{CRYPT}2"), 0)
ONE = with_accounts(b"", Accounts(("a.example",), (TARO,), {"abuse@a.example": "taro@a.example"}))
TWO = with_accounts(ONE, Accounts(("a.example", "b.example"), (HANA,), {"abuse@a.example": "hana@a.example"}))


def carried_out(before: Rows, statements: tuple[str, ...]) -> Rows:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(database_of(before))
        base.executescript("\n".join(statements))
        return rows_in(base.serialize())


def test_all_that_a_database_holds_comes_back_from_its_rows() -> None:
    rows = rows_in(TWO)
    assert read_accounts(database_of(rows)) == read_accounts(TWO)
    assert rows_in(database_of(rows)) == rows
    assert database_of(rows) == database_of(rows_in(database_of(rows)))
    assert rows_in(b"") == NO_ROWS
    with pytest.raises(Trouble):
        rows_in(b"no database")


def test_rows_are_read_from_the_text_that_is_written_for_them() -> None:
    rows = rows_in(TWO)
    assert read_text(as_text(rows)) == rows
    assert read_text("something else\n") == NO_ROWS
    with pytest.raises(Trouble):
        read_text("domain\ta.example\n")


@pytest.mark.parametrize(("before", "after"), [(b"", ONE), (ONE, TWO), (TWO, ONE), (TWO, b"")])
def test_the_statements_between_two_states_make_the_one_of_the_other(before: bytes, after: bytes) -> None:
    statements = statements_between(rows_in(before), rows_in(after))
    assert carried_out(rows_in(before), statements) == rows_in(after)
    assert statements_between(rows_in(after), rows_in(after)) == ()


def test_only_what_changed_is_in_a_statement() -> None:
    changed = with_accounts(ONE, Accounts(("a.example",), (Mailbox(TARO.address, TARO.password, 9),), {}))
    assert statements_between(rows_in(ONE), rows_in(changed)) == (
        "UPDATE mailbox SET quota = '9' WHERE username = 'taro@a.example';",
    )


def test_putting_back_leaves_rows_that_others_made_or_changed() -> None:
    before, ours = rows_in(ONE), rows_in(TWO)
    others = with_accounts(
        TWO, Accounts(("a.example", "b.example"), (), {"abuse@a.example": "x@b.example", "new@b.example": "y"})
    )
    merged, left = merged_back(before, ours, rows_in(others))
    assert left == ("abuse@a.example",)
    assert HANA.address not in merged["mailbox"]
    assert {"abuse@a.example", "new@b.example"} <= merged["alias"].keys()
    assert merged_back(before, ours, ours) == (before, ())
    assert merged_back(before, ours, before) == (before, ())


def test_a_database_gets_the_rows_of_another_and_keeps_its_other_tables() -> None:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(ONE)
        base.executescript("CREATE TABLE admin (username); INSERT INTO admin VALUES ('boss');")
        here = base.serialize()
    after = with_rows(here, rows_in(with_accounts(b"", Accounts(("b.example",), (HANA,), {}))))
    assert read_accounts(after).domains == ("b.example",)
    assert [mailbox.address for mailbox in read_accounts(after).mailboxes] == [HANA.address]
    assert b"boss" in after
    assert TARO.password.reveal().encode() not in after


def test_the_three_schemas_have_the_same_columns() -> None:
    assert set(TABLES) == {"domain", "mailbox", "alias", "alias_domain"}
    for ours, theirs in zip(SCHEMA, schema_in_postgresql(), strict=True):
        assert [line.split()[:1] for line in ours.splitlines()] == [line.split()[:1] for line in theirs.splitlines()]
        assert not any(word in theirs for word in ("tinyint", "(10)", "(20)", "datetime"))


def test_a_text_cannot_end_its_literal() -> None:
    assert literal("a'; DROP TABLE mailbox; --\\") == "'a''; DROP TABLE mailbox; --\\'"
    with pytest.raises(Trouble):
        literal("a\0b")


@pytest.mark.parametrize("server", SQL_SERVERS.values(), ids=SQL_SERVERS)
def test_only_the_fixed_questions_to_a_server_count_as_looking(server: object) -> None:
    server = SQL_SERVERS[getattr(server, "name", "")]
    for asked in (server.ask_server, server.ask_rows):
        assert can_change_something(asked) is None
        assert can_change_something((*asked[:-1], asked[-1] + "; DROP TABLE mailbox")) is not None
        assert can_change_something((*asked, "--execute=DELETE FROM mailbox")) is not None
    for written in (server.write, server.write_rows):
        with pytest.raises(Trouble):
            PretendMachine().output_of(*written, stdin=b"SELECT 1;")
