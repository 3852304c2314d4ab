"""Mail accounts as plain tables: they say what the queries of a database would find, and nothing that would break."""

import sqlite3
from contextlib import closing
from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import FileState, Kind
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.sql_servers import MARIADB, POSTGRESQL, SqlServer
from wizard.problem import Trouble
from wizard.steps.take_down_database_server import others_databases
from wizard.syntax.account_tables import LOOKED_UP, PASSWORDS, table_text
from wizard.syntax.mail_accounts import SCHEMA
from wizard.syntax.mail_rows import Rows, rows_in

MADE = """
INSERT INTO domain (domain, backupmx, active) VALUES
  ('a.example', 0, 1), ('backup.example', 1, 1), ('off.example', 0, 0);
INSERT INTO mailbox (username, password, maildir, quota, local_part, domain, active) VALUES
  ('taro@a.example', '{CRYPT}one', 'a.example/taro/', 5, 'taro', 'a.example', 1),
  ('hana@a.example', '{CRYPT}two', 'a.example/hana/', 0, 'hana', 'a.example', 0),
  ('jiro@off.example', '{CRYPT}three', 'off.example/jiro/', 0, 'jiro', 'off.example', 1);
INSERT INTO alias (address, goto, domain, active) VALUES
  ('taro@a.example', 'taro@a.example', 'a.example', 1),
  ('team@a.example', 'taro@a.example,x@b.example', 'a.example', 1),
  ('old@a.example', 'taro@a.example', 'a.example', 0),
  ('all@off.example', 'taro@a.example', 'off.example', 1);
INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('b.example', 'a.example');
"""


def rows(statements: str = MADE) -> Rows:
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(";\n".join(SCHEMA) + ";\n" + statements)
        return rows_in(base.serialize())


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("domains", ["a.example  a.example"]),
        ("mailboxes", ["jiro@off.example  off.example/jiro/", "taro@a.example  a.example/taro/"]),
        (
            "aliases",
            [
                "taro@a.example  taro@a.example",
                "taro@b.example  taro@a.example",
                "team@a.example  taro@a.example,x@b.example",
                "team@b.example  taro@a.example,x@b.example",
            ],
        ),
        (
            "senders",
            [
                "jiro@off.example  jiro@off.example",
                "taro@a.example  taro@a.example",
                "team@a.example  taro@a.example,x@b.example",
            ],
        ),
        (PASSWORDS, ["taro@a.example:{CRYPT}one::::/var/vmail/a.example/taro::userdb_quota_storage_size=5B"]),
    ],
)
def test_a_table_has_what_is_active_and_nothing_else(table: str, lines: list[str]) -> None:
    heading, *found = table_text(table, rows()).decode().splitlines()
    assert heading.startswith("# Written by postwizard")
    assert found == lines


@pytest.mark.parametrize("table", [*LOOKED_UP, PASSWORDS])
def test_no_password_is_in_a_table_of_postfix(table: str) -> None:
    assert (b"{CRYPT}" in table_text(table, rows())) is (table == PASSWORDS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mailbox SET username = 'ta ro@a.example' WHERE local_part = 'taro'",
        "UPDATE mailbox SET username = '#taro@a.example' WHERE local_part = 'taro'",
        "UPDATE mailbox SET username = '\"taro\"@a.example' WHERE local_part = 'taro'",
    ],
)
def test_an_address_that_would_not_be_read_as_itself_is_refused(statement: str) -> None:
    with pytest.raises(Trouble):
        table_text("mailboxes", rows(MADE + statement + ";"))


def test_a_hash_that_would_add_fields_is_refused() -> None:
    hashed_so = MADE.replace("{CRYPT}one", "x:0:0")
    with pytest.raises(Trouble, match=r"taro@a\.example"):
        table_text(PASSWORDS, rows(hashed_so))


@pytest.mark.parametrize(
    ("server", "files", "others"),
    [
        (MARIADB, ("mysql/db.MAD", "sys/db.opt", "performance_schema/db.opt", "ibdata1"), ()),
        (MARIADB, ("mysql/db.MAD", "shop/db.opt", "virtual_mail/db.opt"), ("shop", "virtual_mail")),
        (POSTGRESQL, ("PG_VERSION", "base/1/112", "base/5/1255", "base/4/PG_VERSION", "base/5/2619_vm"), ()),
        (POSTGRESQL, ("base/1/112", "base/16390/112"), ("base/16390",)),
        (POSTGRESQL, ("base/5/16401", "base/1/112"), ("base/5/16401",)),
        (POSTGRESQL, ("base/5/112", "pg_tblspc/16402"), ("pg_tblspc/16402",)),
    ],
)
def test_what_others_made_in_a_server_is_told_by_its_files(
    server: SqlServer, files: tuple[str, ...], others: tuple[str, ...]
) -> None:
    machine = PretendMachine()
    for name in files:
        machine.lay(server.data / PurePosixPath(name), FileState(Kind.FILE, b"x"))
    assert others_databases(machine, server) == others
