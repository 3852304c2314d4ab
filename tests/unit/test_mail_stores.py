"""Mail accounts in each store, on a machine in memory: set up, looked up, changed, carried over, and put back."""

from pathlib import PurePosixPath

import pytest

from tests.unit.test_golden import the_machine, the_session
from wizard import session as engine
from wizard.apply.events import Ending
from wizard.ask.mail_accounts import AddAlias, AddMailbox, RemoveMailbox
from wizard.check.finding import Verdict
from wizard.machine.account_store import STORE_PLACES, lookup, store_in_use
from wizard.machine.machine import FileState, Kind, ServiceState
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.sql_servers import MARIADB, POSTGRESQL, SQL_SERVERS, SqlServer
from wizard.problem import BadInput, Trouble
from wizard.secret import Secret
from wizard.session import Session
from wizard.steps.drop_mail_database import DropMailDatabase
from wizard.steps.restore_server_rows import RestoreServerRows

P = PurePosixPath
PASSWORD = Secret("another long password")
HANA = "hana@home.example"


def session_on(machine: PretendMachine, store: str) -> Session:
    """The conversation with the usual answers, and the accounts kept there."""
    found = engine.answer(the_session(machine, "virtual_mail"), "account_store", store)
    assert isinstance(found, Session), found
    return found


def set_up(machine: PretendMachine, store: str) -> str:
    """Sets virtual mail up so; gives the name of the run."""
    session = session_on(machine, store)
    outcome = engine.carry_out(session, engine.make(session, machine), machine, lambda _event: None)
    assert outcome.ending is Ending.DONE, (store, outcome.problem)
    assert engine.make(session_on(machine, store), machine).is_empty
    return outcome.run_id


def change(machine: PretendMachine, *changes: AddMailbox | AddAlias | RemoveMailbox) -> None:
    """Makes these changes, each as the run of a command."""
    for wanted in changes:
        session = engine.keeping_accounts(engine.begin(machine))
        plan = engine.make_change(session, wanted, machine)
        outcome = engine.carry_out(session, plan, machine, lambda _event: None)
        assert outcome.ending is Ending.DONE, outcome.problem


def undo(machine: PretendMachine, run_id: str) -> None:
    """Puts this run back, and all after it."""
    outcome = engine.put_back(machine, run_id, lambda _event: None)
    assert outcome.ending is Ending.PUT_BACK, (outcome.problem, outcome.notes)


def looked_up(machine: PretendMachine, store: str, table: str, key: str) -> str:
    """What Postfix finds."""
    return machine.output_of("postmap", "-q", key, lookup(store, table, "/etc/postfix", "lmdb")).text.strip()


@pytest.mark.parametrize("store", STORE_PLACES)
def test_accounts_are_found_and_changed_wherever_they_are_kept_and_all_is_put_back(store: str) -> None:
    machine, before = the_machine("fresh_arch"), the_machine("fresh_arch")
    run_id = set_up(machine, store)
    finding, *_dns = engine.look_at_checks(session_on(machine, store), machine)
    assert finding.verdict is Verdict.GOOD, finding
    change(
        machine,
        AddMailbox(HANA, PASSWORD, "30M"),
        AddAlias("team@club.example", (HANA, "jiro@elsewhere.example")),
        AddMailbox("gone@home.example", PASSWORD),
        RemoveMailbox("gone@home.example"),
    )
    mailboxes, aliases = engine.accounts(machine)
    assert [(row.address, row.quota) for row in mailboxes] == [(HANA, 31457280), ("taro@home.example", 2147483648)]
    assert ("team@club.example", f"{HANA},jiro@elsewhere.example") in [(row.address, row.targets) for row in aliases]
    assert looked_up(machine, store, "mailboxes", HANA) == "home.example/hana/"
    assert looked_up(machine, store, "mailboxes", "gone@home.example") == ""
    assert looked_up(machine, store, "aliases", "team@club.example") == f"{HANA},jiro@elsewhere.example"
    assert looked_up(machine, store, "senders", "abuse@home.example") == "taro@home.example"
    undo(machine, run_id)
    elsewhere = tuple(map(P, ("/usr", "/var/lib/postwizard", "/run")))
    assert machine.differences(before, elsewhere) == ()


@pytest.mark.parametrize("first", STORE_PLACES)
@pytest.mark.parametrize("second", STORE_PLACES)
def test_another_store_gets_all_accounts_and_the_first_keeps_them(first: str, second: str) -> None:
    if first == second:
        return
    machine = the_machine("fresh_arch")
    set_up(machine, first)
    change(machine, AddMailbox(HANA, PASSWORD, "30M"), AddAlias("team@club.example", (HANA,)))
    facts, listed = engine.begin(machine).facts, engine.accounts(machine)
    run_id = set_up(machine, second)
    later = engine.begin(machine).facts
    assert (later.account_store, later.mailboxes, later.mailbox_quotas) == (
        second,
        facts.mailboxes,
        facts.mailbox_quotas,
    )
    assert engine.accounts(machine) == listed
    undo(machine, run_id)
    assert engine.begin(machine).facts.account_store == first
    assert engine.accounts(machine) == listed


def test_a_mailbox_that_was_removed_meanwhile_does_not_come_back_with_the_old_store() -> None:
    machine = the_machine("fresh_arch")
    set_up(machine, "sqlite")
    change(machine, AddMailbox(HANA, PASSWORD))
    set_up(machine, "postgresql")
    change(machine, RemoveMailbox(HANA))
    set_up(machine, "sqlite")
    assert [row.address for row in engine.accounts(machine)[0]] == ["taro@home.example"]


def test_no_source_and_no_hash_is_left_behind_where_plain_tables_are_given_up() -> None:
    machine = the_machine("fresh_arch")
    set_up(machine, "files")
    change(machine, AddMailbox(HANA, PASSWORD))
    assert machine.file(P("/etc/dovecot/accounts")) is not None
    notes = engine.make(session_on(machine, "sqlite"), machine).notes
    assert not any("may have been changed" in note for note in notes), notes
    set_up(machine, "sqlite")
    for path in ("/etc/dovecot/accounts", "/etc/postfix/accounts/mailboxes"):
        assert machine.file(P(path)) is None, path


@pytest.mark.parametrize("server", SQL_SERVERS.values(), ids=SQL_SERVERS)
def test_a_server_that_does_not_answer_is_named_and_nothing_is_planned(server: SqlServer) -> None:
    machine = the_machine("fresh_arch")
    set_up(machine, server.name)
    machine.set_service(server.unit, ServiceState(running=False))
    session = the_session(machine, "virtual_mail")
    with pytest.raises(BadInput, match=f"{server.label} keeps the mail accounts, and does not answer") as refused:
        engine.make(session, machine)
    assert f"systemctl start {server.unit}" in refused.value.problem.hint
    with pytest.raises(Trouble, match="does not answer"):
        engine.accounts(machine)


@pytest.mark.parametrize("server", SQL_SERVERS.values(), ids=SQL_SERVERS)
def test_putting_back_waits_for_a_server_that_does_not_answer(server: SqlServer) -> None:
    machine, before = the_machine("fresh_arch"), the_machine("fresh_arch")
    run_id = set_up(machine, server.name)
    for step in (
        DropMailDatabase(server=server.name, database=True, accounts=("postfix", "dovecot"), why="test"),
        RestoreServerRows(server=server.name, before=b"", ours=b"", why="test"),
    ):
        machine.set_service(server.unit, ServiceState(running=False))
        with pytest.raises(Trouble, match="does not answer"):
            step.apply(machine)
    outcome = engine.put_back(machine, run_id, lambda _event: None)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert outcome.problem is not None
    assert "does not answer" in outcome.problem.what
    machine.set_service(server.unit, ServiceState(running=True))
    undo(machine, run_id)
    elsewhere = tuple(map(P, ("/usr", "/var/lib/postwizard", "/run")))
    assert machine.differences(before, elsewhere) == ()


@pytest.mark.parametrize(
    ("server", "made", "said"),
    [
        (MARIADB, "CREATE DATABASE virtual_mail COMMENT 'mine';", "that the wizard did not make"),
        (MARIADB, "CREATE USER postfix@localhost IDENTIFIED VIA ed25519;", "not log in by the socket"),
        (POSTGRESQL, "COMMENT ON DATABASE virtual_mail IS 'mine';", "that the wizard did not make"),
    ],
)  # fmt: skip
def test_what_a_person_has_in_a_server_already_is_not_touched(server: SqlServer, made: str, said: str) -> None:
    machine = the_machine("fresh_arch")
    machine.install((server.package,))
    machine.lay(server.data, FileState(Kind.DIRECTORY, mode=0o700))
    machine.run("mariadb-install-db" if server is MARIADB else "initdb")
    machine.set_service(server.unit, ServiceState(running=True))
    machine.run(*server.write, stdin=f"{made}\n".encode())
    before = machine.file(server.data / "pretended")
    with pytest.raises(BadInput, match=said):
        engine.make(session_on(machine, server.name), machine)
    assert machine.file(server.data / "pretended") == before


def test_a_store_is_told_by_what_postfix_looks_into() -> None:
    machine = PretendMachine()
    for store in STORE_PLACES:
        assert store_in_use(lookup(store, "mailboxes", "/etc/postfix", "lmdb"), machine) == store
    for other in ("", "lmdb:/etc/postfix/vmailbox", "proxy:mysql:/etc/postfix/sql/mailboxes.cf"):
        assert store_in_use(other, machine) == ""
