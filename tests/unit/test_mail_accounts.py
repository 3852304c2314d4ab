"""The database of mail accounts: PostfixAdmin's columns, rows of others kept, nothing left of an old password."""

import sqlite3
from contextlib import closing

import pytest

from wizard.problem import Trouble
from wizard.render import render
from wizard.secret import Secret
from wizard.syntax.mail_accounts import (
    Accounts,
    ListedAlias,
    ListedMailbox,
    Mailbox,
    listed,
    read_accounts,
    with_accounts,
)

TARO = Mailbox("taro@a.example", Secret("{CRYPT}one"), 5)
WANTED = Accounts(("a.example", "b.example"), (TARO,), {"abuse@a.example": "taro@a.example"})


def asked(content: bytes, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        return base.execute(statement).fetchall()


def changed(content: bytes, statement: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        base.execute(statement)
        base.commit()
        return base.serialize()


def test_what_is_written_is_read_back() -> None:
    assert read_accounts(with_accounts(b"", WANTED)) == Accounts(
        ("a.example", "b.example"), (TARO,), {"abuse@a.example": "taro@a.example"}
    )
    assert read_accounts(b"") == Accounts((), (), {})


def test_the_tables_have_the_columns_of_postfixadmin() -> None:
    content = with_accounts(b"", WANTED)
    assert asked(content, "SELECT username, local_part, domain, maildir, quota, active FROM mailbox") == [
        ("taro@a.example", "taro", "a.example", "a.example/taro/", 5, 1)
    ]
    assert ("taro@a.example", "taro@a.example", "a.example", 1) in asked(
        content, "SELECT address, goto, domain, active FROM alias"
    )
    assert asked(content, "SELECT alias_domain, target_domain, created, modified, active FROM alias_domain") == []
    assert asked(content, "SELECT domain, description, backupmx, transport, maxquota FROM domain ORDER BY 1") == [
        ("a.example", "", 0, "virtual", 0),
        ("b.example", "", 0, "virtual", 0),
    ]


def test_the_same_accounts_give_the_same_bytes() -> None:
    assert with_accounts(b"", WANTED) == with_accounts(b"", WANTED)


def test_rows_of_others_stay_and_a_domain_left_out_is_only_switched_off() -> None:
    content = with_accounts(b"", WANTED)
    insert = "INSERT INTO mailbox (username, password, maildir, local_part, domain) VALUES "
    content = changed(content, insert + "('hana@b.example', 'x', 'elsewhere/', 'hana', 'b.example')")
    after = with_accounts(content, Accounts(("a.example",), (TARO,), {}))
    assert read_accounts(after).domains == ("a.example",)
    assert asked(after, "SELECT maildir FROM mailbox WHERE username = 'hana@b.example'") == [("elsewhere/",)]
    assert read_accounts(with_accounts(after, WANTED)).domains == ("a.example", "b.example")


def test_nothing_is_left_of_a_password_that_is_replaced() -> None:
    before = with_accounts(b"", Accounts(("a.example",), (Mailbox("taro@a.example", Secret("{CRYPT}old-hash"), 0),)))
    assert b"old-hash" in before
    assert b"old-hash" not in with_accounts(before, WANTED)


def test_a_quote_in_an_address_is_no_sql() -> None:
    name = "x'; DROP TABLE mailbox; --@a.example"
    content = with_accounts(b"", Accounts(("a.example",), (Mailbox(name, Secret("h"), 0),), {name: "y'z"}))
    assert read_accounts(content).mailbox(name) is not None


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\xff" * 600])
def test_what_is_no_database_is_named(content: bytes) -> None:
    with pytest.raises(Trouble):
        read_accounts(content)


def test_a_database_with_a_write_ahead_log_is_refused_for_what_it_may_hold_more() -> None:
    content = bytearray(with_accounts(b"", WANTED))
    content[18:20] = b"\x02\x02"
    with pytest.raises(Trouble, match="write-ahead"):
        read_accounts(bytes(content))


def test_a_mailbox_that_is_there_goes_on_forwarding_its_mail() -> None:
    forwards = "UPDATE alias SET goto = 'taro@a.example,hana@c.example' WHERE address = 'taro@a.example'"
    larger = Accounts(WANTED.domains, (Mailbox(TARO.address, TARO.password, 9),), WANTED.aliases)
    content = with_accounts(changed(with_accounts(b"", WANTED), forwards), larger)
    assert asked(content, "SELECT goto FROM alias WHERE address = 'taro@a.example'") == [
        ("taro@a.example,hana@c.example",)
    ]


def test_a_new_mailbox_takes_the_mail_of_an_alias_of_its_name() -> None:
    before = with_accounts(b"", Accounts(WANTED.domains, (), {"taro@a.example": "hana@c.example"}))
    content = with_accounts(before, WANTED)
    assert asked(content, "SELECT goto FROM alias WHERE address = 'taro@a.example'") == [("taro@a.example",)]


@pytest.mark.parametrize("table", ["aliases", "senders"])
def test_an_alias_of_a_domain_that_is_no_longer_served_leads_nowhere(table: str) -> None:
    # ADDRESS_REWRITING_README: virtual aliases hold for every recipient, so mail to the new host would stay here.
    served = with_accounts(b"", WANTED)
    given_up = with_accounts(served, Accounts(("b.example",), (), {}))
    query = render(f"etc/postfix/sqlite/{table}.cf", database="/x").decode().partition("query = ")[2]
    query = query.replace("%s", "abuse@a.example")
    assert asked(served, query) == [("taro@a.example",)]
    assert asked(given_up, query) == []


def test_what_is_removed_leaves_no_row_and_no_hash_and_the_rest_stays() -> None:
    hana = Mailbox("hana@b.example", Secret("{CRYPT}two"), 0)
    content = with_accounts(with_accounts(b"", WANTED), Accounts(WANTED.domains, (hana,), {}))
    after = with_accounts(content, Accounts(WANTED.domains), ("hana@b.example", "abuse@a.example"))
    assert read_accounts(after) == Accounts(WANTED.domains, (TARO,), {})
    assert asked(after, "SELECT count(*) FROM alias WHERE address = 'hana@b.example'") == [(0,)]
    assert b"two" not in after


def test_what_is_switched_off_is_listed_as_such() -> None:
    content = changed(with_accounts(b"", WANTED), "UPDATE mailbox SET active = 0")
    assert listed(content) == (
        (ListedMailbox("taro@a.example", 5, False),),
        (ListedAlias("abuse@a.example", "taro@a.example", True),),
    )
    assert listed(b"") == ((), ())


def test_a_mailbox_that_was_switched_off_stays_so_and_is_still_known() -> None:
    off = changed(with_accounts(b"", WANTED), "UPDATE mailbox SET active = 0")
    off = changed(off, "UPDATE alias SET active = 0 WHERE address = goto")
    after = with_accounts(off, WANTED)
    assert asked(after, "SELECT active FROM mailbox") == [(0,)]
    assert asked(after, "SELECT active FROM alias WHERE address = goto") == [(0,)]
    found = read_accounts(after).mailbox(TARO.address)
    assert found == TARO
    assert not found.active
