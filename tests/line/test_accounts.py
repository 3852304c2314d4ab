"""The commands `mailbox` and `alias` as people start them, on a pretended machine with virtual mail set up."""

import io
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from unittest import mock

import pexpect
import pytest
from jsonschema import Draft202012Validator

import wizard.__main__ as entry
from tests.unit.test_virtual_mail import carried_out, edited, of_fresh_machine, the_machine
from wizard import session as engine
from wizard.command_line import Exit
from wizard.line.given_files import lines_of
from wizard.line.stopping import SIGNALS
from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.places import MAIL_ARCHIVES
from wizard.secret import Secret
from wizard.syntax.mail_accounts import DATABASE, read_accounts
from wizard.syntax.password_hash import hashed_all, is_password_of

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMAS = CHECKOUT / "wizard" / "schema"
HANA = "hana@club.example"
PASSWORD = "marked-secret correct horse"


@pytest.fixture(scope="module")
def set_up() -> PretendMachine:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    return machine


@pytest.fixture
def machine(set_up: PretendMachine) -> PretendMachine:
    """A copy, so that each test has its own."""
    return PretendMachine(set_up)


@pytest.fixture(autouse=True)
def streams() -> Iterator[None]:
    kept, handlers = (sys.stdin, sys.stdout, sys.stderr), {number: signal.getsignal(number) for number in SIGNALS}
    yield
    sys.stdin, sys.stdout, sys.stderr = kept
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return f"password={path}"


def call(machine: PretendMachine, *argv: str) -> tuple[int, str]:
    """The exit code of one call, and all that it said."""
    files = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _stream in range(3)]
    sys.stdin, sys.stdout, sys.stderr = files
    with mock.patch.object(entry, "_machine", return_value=machine):
        code = entry.main(argv)
    for file in files[1:]:
        file.flush()
    texts = [file.buffer.getvalue().decode() for file in files[1:]]  # type: ignore[attr-defined]
    return code, "".join(texts) if "--json" in argv else " ".join("".join(texts).split())


def content(machine: PretendMachine) -> bytes:
    state = machine.file(DATABASE)
    assert state is not None
    return state.content


def test_a_mailbox_is_added_once_and_given_back_by_undo(machine: PretendMachine, secret: str) -> None:
    before = content(machine)
    add = ("mailbox", "add", "Hana@Club.example", "--quota", "2G", "--secret", secret)
    code, said = call(machine, *add, "--dry-run")
    assert (code, content(machine)) == (Exit.DONE, before)
    assert f"+ mailbox {HANA}" in said
    assert "password •••" in said
    assert "Reload dovecot.service" in said
    assert "Reload postfix.service" in said

    code, said = call(machine, *add)
    assert code == Exit.BAD_CALL
    assert "Nobody can be asked" in said
    assert content(machine) == before

    code, said = call(machine, *add, "--yes")
    assert code == Exit.DONE, said
    made = read_accounts(content(machine)).mailbox(HANA)
    assert made is not None
    assert made.quota == 2 * 1024**3
    assert is_password_of(Secret(PASSWORD), made.password)
    assert "marked-secret" not in said
    assert "$7$" not in said

    for again in (add, ("mailbox", "add", HANA)):
        code, said = call(machine, *again, "--yes", "--json")
        assert code == Exit.DONE, said
        assert json.loads(said.splitlines()[-1])["report"]["ending"] == "nothing-to-do"
    assert call(machine, "undo", "--yes")[0] == Exit.DONE
    assert content(machine) == before


def test_a_run_of_the_wizard_afterwards_has_nothing_to_do_and_keeps_it(machine: PretendMachine, secret: str) -> None:
    kept = engine.begin(machine).kept
    assert call(machine, "mailbox", "add", HANA, "--secret", secret, "--yes")[0] == Exit.DONE
    assert call(machine, "alias", "add", "all@club.example", HANA, "--yes")[0] == Exit.DONE
    assert engine.begin(machine).kept == kept
    assert engine.make(of_fresh_machine(machine, "virtual_mail"), machine).is_empty
    code, said = call(machine, "--yes")
    assert code == Exit.DONE, said
    assert read_accounts(content(machine)).mailbox(HANA) is not None


def test_a_password_is_changed_and_no_run_holds_it(machine: PretendMachine, secret: str) -> None:
    code, said = call(machine, "mailbox", "password", "taro@home.example", "--secret", secret, "--yes", "--json")
    assert code == Exit.DONE, said
    made = read_accounts(content(machine)).mailbox("taro@home.example")
    assert made is not None
    assert is_password_of(Secret(PASSWORD), made.password)
    assert "marked-secret" not in said
    assert "$7$" not in said
    for path in machine.manifest((PurePosixPath("/var/lib/postwizard"),)):
        state = machine.file(path)
        assert state is not None
        assert b"marked-secret" not in state.content
        assert b"$7$" not in state.content or "blobs" in path.parts, path
    code, said = call(machine, "mailbox", "password", "taro@home.example", "--secret", secret, "--yes")
    assert code == Exit.DONE
    assert "othing" in said
    # The wizard, asked nothing, keeps the new one.
    code, said = call(machine, "--yes")
    assert code == Exit.DONE
    assert "othing" in said


def test_a_removed_mailbox_is_gone_its_mail_is_spoken_of_and_undo_gives_it_back(
    machine: PretendMachine, secret: str
) -> None:
    assert call(machine, "mailbox", "add", HANA, "--secret", secret, "--yes")[0] == Exit.DONE
    before = content(machine)
    code, said = call(machine, "mailbox", "remove", HANA, "--yes")
    assert code == Exit.DONE, said
    assert "stays in /var/vmail" in said
    assert HANA.encode() not in content(machine)
    code, said = call(machine, "mailbox", "remove", HANA, "--yes")
    assert code == Exit.DONE
    assert "othing" in said
    assert call(machine, "undo", "--yes")[0] == Exit.DONE
    assert content(machine) == before


def test_lists_have_no_hash_and_fit_their_schema(machine: PretendMachine) -> None:
    validator = Draft202012Validator(json.loads((SCHEMAS / "lists.schema.json").read_text("utf-8")))
    for command, first in (
        ("mailbox", {"address": "taro@home.example", "quota": 2 * 1024**3, "active": True}),
        ("alias", {"address": "abuse@club.example", "targets": ["taro@home.example"], "active": True}),
    ):
        code, said = call(machine, command, "list", "--json")
        assert code == Exit.DONE
        found = json.loads(said.splitlines()[0])
        validator.validate(found)
        assert found[found["kind"]][0] == first
        code, words = call(machine, command)
        assert code == Exit.DONE
        assert first["address"] in words
        assert "CRYPT" not in said + words


def test_a_catch_all_is_warned_of_and_an_alias_that_is_wanted_is_kept(machine: PretendMachine) -> None:
    code, said = call(machine, "alias", "add", "@club.example", "taro@home.example", "Other@Elsewhere.example", "--yes")
    assert code == Exit.DONE, said
    assert "attracts spam" in said
    assert "550" in said
    assert (read_accounts(content(machine)).aliases or {})[
        "@club.example"
    ] == "taro@home.example,Other@elsewhere.example"
    code, said = call(machine, "alias", "remove", "@club.example", "--yes")
    assert code == Exit.DONE, said
    assert "@club.example" not in (read_accounts(content(machine)).aliases or {})


REFUSED = [
    (("mailbox", "remove", "taro@home.example"), "first mailbox in the answers"),
    (("mailbox", "remove", "abuse@home.example"), "is an alias, not a mailbox"),
    (("mailbox", "remove", "hana@elsewhere.example"), "none of the domains"),
    (("mailbox", "password", HANA), "no mailbox hana@club.example"),
    (("mailbox", "add", "abuse@home.example"), "is an alias already"),
    (("mailbox", "add", "hana@elsewhere.example"), "none of the domains"),
    (("mailbox", "add", "../../x@club.example"), "cannot stand before the @"),
    (("mailbox", "add", "a'; DROP TABLE mailbox; --@club.example"), ""),
    (("mailbox", "add", "x\ny@club.example"), "line break"),
    (("mailbox", "add", "x\udcff@club.example"), ""),
    (("mailbox", "add", "$(id)@club.example"), ""),
    (("mailbox", "add", "a+b@club.example"), "cannot be the name of a mailbox"),
    (("mailbox", "add", "hana"), "no @"),
    (("mailbox", "add", "taro@home.example", "--quota", "3G"), "already"),
    (("mailbox", "add", HANA, "--quota", "lots"), "is not a size"),
    (("mailbox", "add", HANA, "--quota", "10"), "Not even one message"),
    (("mailbox", "add", HANA), "Nobody can be asked for the password"),
    (("alias", "add", "postmaster@club.example", "taro@home.example"), "the wizard sets to whom"),
    (("alias", "remove", "postmaster@club.example"), "the wizard sets to whom"),
    (("alias", "remove", "taro@home.example"), "is a mailbox, not an alias"),
    (("alias", "add", "taro@home.example", "a@elsewhere.example"), "is a mailbox; mail for it lies there"),
    (("alias", "add", "x@club.example", "nobody@club.example"), "There is no mailbox nobody@club.example"),
    (("alias", "add", "x@club.example", "x@club.example"), "again"),
    (("alias", "add", "x@club.example", '"a,b"@elsewhere.example'), "cannot be told apart"),
    (("alias", "add", "x@club.example", "|/bin/sh"), ""),
    (("alias", "add", "x@club.example", "taro@home.example", "TARO@home.example"), "twice"),
    (("alias", "add", "@elsewhere.example", "taro@home.example"), "none of the domains"),
    (("alias", "add", "@", "taro@home.example"), ""),
]


@pytest.mark.parametrize(("argv", "why"), REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_is_changed(
    set_up: PretendMachine, argv: tuple[str, ...], why: str
) -> None:
    before = content(set_up)
    code, said = call(set_up, *argv, "--yes")
    assert code == Exit.BAD_CALL, said
    assert why in said
    assert "hint:" in said
    assert content(set_up) == before


def test_an_alias_of_an_alias_that_leads_back_is_refused_and_one_that_is_read_stays(machine: PretendMachine) -> None:
    assert call(machine, "alias", "add", "a@club.example", "taro@home.example", "--yes")[0] == Exit.DONE
    assert call(machine, "alias", "add", "b@club.example", "a@club.example", "--yes")[0] == Exit.DONE
    code, said = call(machine, "alias", "add", "a@club.example", "b@club.example", "--yes")
    assert code == Exit.BAD_CALL
    assert "leads to a@club.example again" in said
    code, said = call(machine, "alias", "remove", "a@club.example", "--yes")
    assert code == Exit.BAD_CALL
    assert "b@club.example" in said


@pytest.mark.parametrize("password", ["short", "x" * 300])
def test_a_password_that_serves_badly_is_refused_without_being_repeated(
    set_up: PretendMachine, tmp_path: Path, password: str
) -> None:
    (tmp_path / "p").write_text(password)
    code, said = call(set_up, "mailbox", "add", HANA, "--secret", f"password={tmp_path / 'p'}", "--yes")
    assert code == Exit.BAD_CALL
    assert password not in said


def test_another_password_for_a_mailbox_that_is_there_is_refused(set_up: PretendMachine, secret: str) -> None:
    code, said = call(set_up, "mailbox", "add", "taro@home.example", "--secret", secret, "--yes")
    assert code == Exit.BAD_CALL
    assert "mailbox password taro@home.example" in said
    code, said = call(set_up, "mailbox", "add", HANA, "--secret", secret.replace("password=", "other="), "--yes")
    assert code == Exit.BAD_CALL
    assert "--secret password=FILE" in said


def test_where_no_mailboxes_are_kept_that_is_said() -> None:
    for answers in ("", "local_only"):
        machine = the_machine("fresh_arch")
        if answers:
            carried_out(machine, answers)
        for argv in (("mailbox",), ("alias", "list"), ("mailbox", "remove", HANA, "--yes")):
            code, said = call(machine, *argv)
            assert code == Exit.BAD_CALL
            assert "is set up here" in said
            assert "--profile virtual_mail" in said


HASHED = "{SHA512-CRYPT}$6$marked-salt$" + "x" * 86


def a_list(folder: Path, *lines: str) -> str:
    path = folder / "mailboxes.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def test_a_list_of_mailboxes_is_shown_imported_and_put_back(machine: PretendMachine, tmp_path: Path) -> None:
    before = content(machine)
    path = a_list(
        tmp_path,
        "address,password,quota,name",
        *(f"user{number}@club.example,{HASHED},2G,User {number}" for number in range(7)),
        f"hana@home.example,{PASSWORD},,",
    )
    code, said = call(machine, "mailbox", "import", path, "--dry-run")
    assert (code, content(machine)) == (Exit.DONE, before)
    assert "+ 7 mailboxes in club.example" in said
    assert "+ 1 mailbox in home.example" in said
    assert "user4@club.example: password •••, 2147483648 bytes, User 4" in said
    assert "… and 3 more" in said
    assert "1 password is clear and is hashed first" in said
    code, text = call(machine, "mailbox", "import", path, "--yes", "--json")
    assert code == Exit.DONE, text
    documents = [json.loads(line) for line in text.splitlines()]
    assert {"what": "1 of 1 passwords are hashed", "done": 1, "total": 1} in [
        item.get("progress") for item in documents
    ]
    schema = json.loads((SCHEMAS / "events.schema.json").read_text())
    for item in documents:
        if item["kind"] in {"event", "progress"}:
            Draft202012Validator(schema).validate(item)
    made = read_accounts(content(machine))
    assert len(made.mailboxes) == 9
    hana = made.mailbox("hana@home.example")
    assert hana is not None
    assert is_password_of(Secret(PASSWORD), hana.password)
    assert "marked" not in said + text
    assert engine.make(of_fresh_machine(machine, "virtual_mail"), machine).is_empty
    code, said = call(machine, "mailbox", "import", path, "--yes")
    assert code == Exit.BAD_CALL
    assert "line 2, address: There is a mailbox user0@club.example already" in said
    assert call(machine, "undo", "--yes")[0] == Exit.DONE
    assert content(machine) == before


def test_one_wrong_line_keeps_all_of_a_list_out(machine: PretendMachine, tmp_path: Path) -> None:
    before = content(machine)
    lines = [f"user{number}@elsewhere.example,{HASHED}" for number in range(30)]
    path, report = a_list(tmp_path, f"hana@club.example,{HASHED}", *lines), tmp_path / "report.csv"
    code, said = call(machine, "mailbox", "import", path, "--yes", "--report", str(report))
    assert code == Exit.BAD_CALL
    assert "line 2, address: elsewhere.example is none of the domains" in said
    assert "… and 10 more" in said
    assert "30 lines cannot be imported. Nothing was changed." in said
    assert len(report.read_text().splitlines()) == 31
    assert "marked" not in said + report.read_text()
    code, text = call(machine, "mailbox", "import", path, "--yes", "--json")
    (listing, ended) = (json.loads(line) for line in text.splitlines())
    Draft202012Validator(json.loads((SCHEMAS / "lists.schema.json").read_text())).validate(listing)
    assert len(listing["wrong_cells"]) == 30
    assert ended["report"]["exit_code"] == Exit.BAD_CALL
    assert content(machine) == before


def test_who_breaks_off_while_passwords_are_hashed_has_changed_nothing(machine: PretendMachine, tmp_path: Path) -> None:
    before = content(machine)
    path = a_list(tmp_path, *(f"user{number}@club.example,{PASSWORD}{number}" for number in range(3)))

    def broken_off(passwords: Iterable[Secret]) -> Iterator[Secret]:
        yield from hashed_all(list(passwords)[:1])
        raise KeyboardInterrupt

    with mock.patch.object(engine, "hashed_all", broken_off):
        code, said = call(machine, "mailbox", "import", path, "--yes")
    assert code == Exit.CANCELLED
    assert "Nothing was changed" in said
    assert "marked" not in said
    assert content(machine) == before
    assert engine.begin(machine).unfinished is None


def test_a_list_comes_from_standard_input_too(tmp_path: Path) -> None:
    path = a_list(tmp_path, "one", "two")
    with open(path) as file, mock.patch.object(sys, "stdin", file):
        with lines_of("-") as lines:
            assert list(lines) == ["one\n", "two\n"]
        assert not file.closed


def test_a_list_that_cannot_be_read_is_refused(set_up: PretendMachine, tmp_path: Path) -> None:
    for path in (str(tmp_path / "nothing"), str(tmp_path)):
        code, said = call(set_up, "mailbox", "import", path, "--yes")
        assert code == Exit.BAD_CALL
        assert "cannot be read" in said


def test_how_much_a_mailbox_may_hold_is_changed_and_given_back(machine: PretendMachine) -> None:
    before = content(machine)
    taro = "taro@home.example"
    stored = read_accounts(before).mailbox(taro)
    code, said = call(machine, "mailbox", "quota", "Taro@home.example", "3G", "--yes")
    assert code == Exit.DONE, said
    assert f"{taro}: 3221225472 bytes" in said
    assert "password" not in said.partition("For later")[0]
    made = read_accounts(content(machine)).mailbox(taro)
    assert stored is not None
    assert made is not None
    assert (made.quota, made.password) == (3 * 1024**3, stored.password)
    # What a command set is a person's doing, which the wizard asks about before it goes back to its answers.
    (conflict,) = engine.make(of_fresh_machine(machine, "virtual_mail"), machine).conflicts
    assert (conflict.now, conflict.wanted) == (str(3 * 1024**3), str(2 * 1024**3))
    for address, size, why in (
        (taro, "2GB", "1000 or 1024"),
        (HANA, "1G", "There is no mailbox"),
        (taro, "5", "one mess"),
    ):
        code, said = call(machine, "mailbox", "quota", address, size, "--yes")
        assert code == Exit.BAD_CALL
        assert why in said
    assert call(machine, "undo", "--yes")[0] == Exit.DONE
    assert content(machine) == before


def with_mail(machine: PretendMachine, secret: str) -> PurePosixPath:
    """The folder of a mailbox that has been added and got a mail."""
    assert call(machine, "mailbox", "add", HANA, "--secret", secret, "--yes")[0] == Exit.DONE
    folder = PurePosixPath("/var/vmail/club.example/hana")
    machine.lay(folder / "Maildir" / "new" / "1.mail", FileState(content=b"Subject: one\n\n", mode=0o600))
    return folder


def test_mail_is_archived_with_its_mailbox_and_brought_back_by_undo(machine: PretendMachine, secret: str) -> None:
    folder = with_mail(machine, secret)
    mail = folder / "Maildir" / "new" / "1.mail"
    remove = ("mailbox", "remove", HANA, "--mail", "archive")
    said = call(machine, *remove, "--dry-run")[1]
    assert f"All mail in {folder} goes into /var/lib/postwizard/archived-mail/{HANA}.tar.gz" in said
    assert machine.file(mail) is not None
    code, said = call(machine, *remove, "--yes")
    assert code == Exit.DONE, said
    assert machine.file(folder) is None
    archive = machine.file(MAIL_ARCHIVES / f"{HANA}.tar.gz")
    above = machine.file(MAIL_ARCHIVES)
    assert archive is not None
    assert above is not None
    assert (archive.mode, above.mode) == (0o600, 0o700)
    code, said = call(machine, "undo", "--yes")
    assert code == Exit.DONE, said
    assert machine.file(mail) is not None
    assert machine.names_in(MAIL_ARCHIVES) == ()
    assert read_accounts(content(machine)).mailbox(HANA) is not None


def test_an_archive_never_takes_the_place_of_an_earlier_one(machine: PretendMachine, secret: str) -> None:
    for _turn in range(2):
        with_mail(machine, secret)
        assert call(machine, "mailbox", "remove", HANA, "--mail", "archive", "--yes")[0] == Exit.DONE
    assert machine.names_in(MAIL_ARCHIVES) == (f"{HANA}.2.tar.gz", f"{HANA}.tar.gz")


def test_mail_is_deleted_only_where_the_address_is_given_twice(machine: PretendMachine, secret: str) -> None:
    folder = with_mail(machine, secret)
    remove = ("mailbox", "remove", HANA, "--mail", "delete", "--yes")
    for confirm in ((), ("--confirm", "hanna@club.example")):
        code, said = call(machine, *remove, *confirm)
        assert code == Exit.BAD_CALL
        assert f"--confirm {HANA}" in said
        assert machine.file(folder) is not None
    code, said = call(machine, *remove, "--confirm", HANA)
    assert code == Exit.DONE, said
    assert "deleted for good" in said
    assert machine.file(folder) is None
    code, said = call(machine, "undo", "--yes")
    assert code == Exit.DONE, said
    assert read_accounts(content(machine)).mailbox(HANA) is not None


@pytest.mark.parametrize("maildir", ["../../etc/", "/etc/", "club.example/", "club.example/../home.example/taro/"])
def test_mail_that_may_lie_with_that_of_others_is_not_touched(
    machine: PretendMachine, secret: str, maildir: str
) -> None:
    folder = with_mail(machine, secret)
    edited(machine, f"UPDATE mailbox SET maildir = '{maildir}' WHERE local_part = 'hana'")  # noqa: S608 - one of the above
    for mail in (("archive",), ("delete", "--confirm", HANA)):
        code, said = call(machine, "mailbox", "remove", HANA, "--mail", *mail, "--yes")
        assert code == Exit.BAD_CALL
        assert "may hold that of others" in said
    assert machine.file(folder) is not None


def test_lists_are_searched_by_words(machine: PretendMachine) -> None:
    assert "taro@home.example" in call(machine, "mailbox", "list", "TARO home")[1]
    assert "There is no mailbox" in call(machine, "mailbox", "list", "taro club")[1]
    said = call(machine, "alias", "list", "abuse", "club")[1]
    assert "abuse@club.example" in said
    assert "abuse@home.example" not in said


class Died(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize("dies_in", ["write_file", pytest.param("refresh_service", marks=pytest.mark.thorough)])
def test_a_change_that_was_cut_short_is_put_back_before_the_next(
    machine: PretendMachine, secret: str, dies_in: str
) -> None:
    before = content(machine)
    add = ("mailbox", "add", HANA, "--secret", secret, "--yes")
    real = getattr(machine, dies_in)

    def dies(what: object, *rest: object) -> object:
        if what in (DATABASE, "postfix.service"):
            raise Died
        return real(what, *rest)

    with mock.patch.object(machine, dies_in, side_effect=dies), pytest.raises(Died):
        call(machine, *add)
    machine.unlock()
    code, said = call(machine, *add)
    assert code == Exit.BAD_CALL
    assert "did not come to its end" in said
    assert "postwizard undo" in said
    code, said = call(machine, "resume", "--yes", "--pretend")
    assert code == Exit.BAD_CALL, said
    assert "was a single change" in said
    assert call(machine, "undo", "--yes")[0] == Exit.DONE
    assert content(machine) == before
    assert call(machine, *add)[0] == Exit.DONE
    assert read_accounts(content(machine)).mailbox(HANA) is not None


# Asks on a terminal for the password of a mailbox on a machine in memory.
ON_A_TERMINAL = """
import sys
from unittest import mock
import wizard.__main__ as entry
from tests.unit.test_virtual_mail import carried_out, the_machine
machine = the_machine("fresh_arch")
carried_out(machine, "virtual_mail")
with mock.patch.object(entry, "_machine", return_value=machine):
    sys.exit(entry.main(sys.argv[1:]))
"""


@pytest.mark.thorough
def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown() -> None:
    child = pexpect.spawn(
        sys.executable, ["-c", ON_A_TERMINAL, "mailbox", "add", HANA], cwd=str(CHECKOUT),
        env={**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8"}, encoding="utf-8", timeout=60,
    )  # fmt: skip
    heard = io.StringIO()
    child.logfile_read = heard
    child.expect("Which password shall the mailbox have")
    for typed, answer in (
        (PASSWORD, "Once more"),
        ("another", "not the same"),
        (PASSWORD, "Once more"),
        (PASSWORD, "Go ahead"),
    ):
        child.expect("> ")
        child.sendline(typed)
        child.expect(answer)
    child.expect("> ")
    child.sendline("yes")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == Exit.DONE
    assert "marked-secret" not in heard.getvalue()
