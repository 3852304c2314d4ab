"""A list of mailboxes as CSV: what is taken, and that every cell that is wrong is named, with what to do."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.answers.machines import FRESH
from tests.unit.test_virtual_mail import answered
from wizard.ask.mailbox_import import MailboxImport, read_import
from wizard.ask.question import SoFar
from wizard.secret import Secret
from wizard.syntax.mail_accounts import Accounts, has_mailboxes, read_accounts, with_accounts, with_new_mailboxes
from wizard.syntax.mailbox_rows import NewMailbox, packed, unpacked
from wizard.syntax.password_hash import as_stored, hashed_all, is_password_of

HASH = "{SHA512-CRYPT}$6$salt$" + "x" * 86
OF_CRYPT = "$2y$10$" + "y" * 53
FACTS = replace(
    FRESH,
    mail_domains=("a.example", "b.example"),
    mailboxes={"there@a.example": Secret("h")},
    mail_aliases={"info@a.example": "there@a.example"},
)


def so_far() -> SoFar:
    return answered(FACTS, mail_domains=("a.example", "b.example"), mailbox_address="there@a.example")


def read(*lines: str) -> MailboxImport:
    return read_import((f"{line}\r\n" for line in lines), so_far())


def rows(found: MailboxImport) -> list[tuple[str, str, int, str]]:
    return [(row.address, row.password.reveal(), row.quota, row.name) for row in unpacked(found.rows)]


def wrong(found: MailboxImport) -> list[tuple[int, str, str]]:
    return [(cell.line, cell.column, cell.problem.what) for cell in found.wrong]


def test_columns_come_in_their_order_or_as_the_first_line_names_them() -> None:
    expected = [
        ("taro@a.example", HASH, 2 * 1024**3, "Taro, the first"),
        ("hana@b.example", f"{{CRYPT}}{OF_CRYPT}", 0, ""),
    ]
    assert rows(read(f'Taro@A.example,{HASH},2G,"Taro, the first"', "", f"hana@b.example,{OF_CRYPT},0,")) == expected
    named = read(
        "Name,address,quota,PASSWORD", f'"Taro, the first",taro@a.example,2G,{HASH}', f",hana@b.example,0,{OF_CRYPT}"
    )
    assert rows(named) == expected
    (usual,) = rows(read(f"taro@a.example,{HASH}"))
    assert usual[2] == 1024**3  # what the answers say


def test_a_clear_password_is_kept_apart_until_it_is_hashed() -> None:
    found = read(
        f"taro@a.example,{HASH}", "hana@a.example,correct horse battery", "jiro@a.example,correct horse battery"
    )
    assert found.clear == {1: Secret("correct horse battery"), 2: Secret("correct horse battery")}
    assert b"correct horse" not in found.rows
    assert "correct horse" not in repr(found)
    assert HASH not in repr(found)
    hashed = found.with_hashes(hashed_all(found.clear.values()))
    assert not hashed.clear
    (taro, hana, jiro) = (row.password for row in unpacked(hashed.rows))
    assert taro == Secret(HASH)
    assert all(is_password_of(Secret("correct horse battery"), stored) for stored in (hana, jiro))
    assert hana != jiro  # each with a salt of its own


@pytest.mark.parametrize(
    ("line", "column", "what"),
    [
        ("taro,PASSWORD", "address", "no @ in it"),
        (",PASSWORD", "address", "Nothing is given"),
        ("taro@c.example,PASSWORD", "address", "none of the domains"),
        ("ta ro@a.example,PASSWORD", "address", "cannot"),
        ("../x@a.example,PASSWORD", "address", "cannot"),
        ("there@a.example,PASSWORD", "address", "There is a mailbox there@a.example already"),
        ("info@a.example,PASSWORD", "address", "is an alias already"),
        ("taro@a.example,", "password", "Without a password"),
        ("taro@a.example,short", "password", "fewer than 8"),
        ("taro@a.example,{PLAIN}correct horse", "password", "scheme PLAIN is not taken"),
        ("taro@a.example,{MD5}X03MO1qnZdYdgyfeuILPmQ==", "password", "scheme MD5 is not taken"),
        ("taro@a.example,{SHA512-CRYPT}$5$salt$abcdefghijkl", "password", "does not look like"),
        ("taro@a.example,PASSWORD,2GB", "quota", "1000 or 1024"),
        ("taro@a.example,PASSWORD,-1", "quota", "negative"),
        ("taro@a.example,PASSWORD,1k", "quota", "one message"),
        ("taro@a.example,PASSWORD,,a\tb", "name", "no letter"),
        ("taro@a.example,PASSWORD,,\udce9", "name", "no letter"),
        (f"taro@a.example,PASSWORD,,{'x' * 256}", "name", "longer than 255"),
        ("taro@a.example", "", "1 cells"),
        ("taro@a.example,PASSWORD,1G,Taro,more", "", "5 cells"),
        ('taro@a.example,"PASS"WORD', "", "cannot be cut"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column_with_what_to_do(line: str, column: str, what: str) -> None:
    found = read(f"first@a.example,{HASH}", line.replace("PASSWORD", HASH), f"last@a.example,{HASH}")
    ((number, place, said),) = wrong(found)
    assert (number, place) == (2, column)
    assert what in said
    assert found.wrong[0].problem.hint
    assert (found.rows, found.count) == (b"", 0)


def test_everything_that_is_wrong_is_found_in_one_go() -> None:
    found = read(f"taro@a.example,{HASH}", f"TARO@a.example,{HASH},5", "x@c.example,short")
    assert [cell[:2] for cell in wrong(found)] == [(2, "address"), (2, "quota"), (3, "address"), (3, "password")]
    assert "in line 1 already" in wrong(found)[0][2]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((), "no mailbox in the file"),
        (("address,password",), "no mailbox in the file"),
        (("address,pass",), "no column named “pass”"),
        (("address,name",), "column password is missing"),
        (("address,password,address",), "twice"),
    ],
)
def test_a_file_that_holds_no_mailboxes_is_refused(lines: Iterable[str], what: str) -> None:
    ((line, column, said),) = wrong(read(*lines))
    assert (line, column) == (1, "")
    assert what in said


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (HASH, HASH),
        ("{sha512-crypt}$6$salt$0123456789", "{SHA512-CRYPT}$6$salt$0123456789"),
        (OF_CRYPT, "{CRYPT}" + OF_CRYPT),
        ("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$abc$def", "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$abc$def"),
        ("$1$weak$0123456789012345678901", None),
        ("{SHA512-CRYPT}$6$salt$ 0123456789", None),
        ("{CRYPT}" + OF_CRYPT + "x" * 250, None),
        ("a clear password", None),
    ],
)
def test_a_hash_is_taken_when_its_scheme_is_strong(given: str, stored: str | None) -> None:
    assert as_stored(given) == (Secret(stored) if stored is not None else None)


def test_new_mailboxes_go_beside_those_that_are_there_and_are_found_again() -> None:
    before = with_accounts(b"", Accounts(("a.example",), (), {"abuse@a.example": "x@c.example"}))
    new = b"".join(packed(NewMailbox(f"u{n}@a.example", Secret(HASH), n, "かな")) for n in range(3))
    after = with_new_mailboxes(before, new)
    assert not has_mailboxes(before, new)
    assert not has_mailboxes(b"", new)
    assert has_mailboxes(after, new)
    assert not has_mailboxes(after, new.replace(b"\t2\t", b"\t9\t"))
    found = read_accounts(after)
    assert [row.address for row in found.mailboxes] == ["u0@a.example", "u1@a.example", "u2@a.example"]
    assert found.aliases == {"abuse@a.example": "x@c.example"}


@pytest.mark.parametrize("name", ["a\tb", "a\nb"])
def test_no_field_can_break_a_packed_row(name: str) -> None:
    with pytest.raises(ValueError, match="tab or a line break"):
        packed(NewMailbox("a@b.example", Secret("h"), 0, name))
