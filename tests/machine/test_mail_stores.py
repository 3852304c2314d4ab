"""Virtual mail whose accounts are kept by a database server: set up, closed, only read, and put back to the byte."""

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.test_virtual_mail import ANSWERS, PASSWORD, set_up_mail
from tests.machine.the_wizard import put_file, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

TABLE_TYPES = {"mariadb": "mysql", "postgresql": "pgsql"}
STORES = tuple(TABLE_TYPES)
# What a person does to have a server, and at last a database in it.
_AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--")
_THINGS = "CREATE TABLE things (name varchar(20)); INSERT INTO things VALUES ('a thing')"
MADE_BY_HAND = {
    "mariadb": (
        ("mariadb-install-db", "--user=mysql", "--basedir=/usr", "--datadir=/var/lib/mysql"),
        ("sed", "-i", "$a skip-networking", "/etc/my.cnf.d/server.cnf"),
        ("systemctl", "start", "mariadb"),
        ("mariadb", "-e", f"CREATE DATABASE shop; USE shop; {_THINGS}"),
    ),
    "postgresql": (
        (*_AS_POSTGRES, "initdb", "--auth-local=peer", "--auth-host=scram-sha-256", "-D", "/var/lib/postgres/data"),
        ("sed", "-i", "1i listen_addresses=''", "/var/lib/postgres/data/postgresql.conf"),
        ("systemctl", "start", "postgresql"),
        (*_AS_POSTGRES, "psql", "-c", "CREATE DATABASE shop", "-c", "\\connect shop", "-c", _THINGS),
    ),
}
# Listens at the ports of both servers.
LISTEN = """
import socket, time
listening = [socket.create_server(("127.0.0.1", port)) for port in (3306, 5432)]
while True:
    time.sleep(60)
"""
FILE = "/var/lib/virtual_mail/accounts.sqlite"


def answers(store: str) -> str:
    """The answers of the other tests, with the accounts kept there."""
    return ANSWERS + f'account_store = "{store}"\n'


def ask(
    machine: PracticeMachine, store: str, statement: str, user: str = "", database: str = "virtual_mail"
) -> CommandResult:
    """Asks a database, that of accounts if not said otherwise, as the server's superuser or as this user."""
    if store == "mariadb":
        asked = ("mariadb", "-BN", f"-u{user or 'root'}", database, "-e", statement)
    else:
        asked = ("psql", "-XAtq", "-d", database, "-c", statement)
    name = user or ("root" if store == "mariadb" else "postgres")
    return machine.run("setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups", "--", *asked)


@pytest.mark.parametrize("store", STORES)
def test_a_server_keeps_the_accounts_for_readers_alone_and_all_is_put_back_to_the_byte(
    fresh_machine: PracticeMachine, store: str
) -> None:
    machine = fresh_machine
    before = fingerprint(machine)

    # The run itself delivers, reads, logs in, sends, and tries what must be refused; it ends with 4 where one fails.
    result = set_up_mail(machine, answers=answers(store))
    assert result.exit_code == 0, result.text + result.error_text
    place = f"proxy:{TABLE_TYPES[store]}:/etc/postfix/{TABLE_TYPES[store]}/aliases.cf"
    assert machine.run("postmap", "-q", "abuse@club.test", place).text.strip() == "taro@example.test"
    assert machine.run("doveadm", "user", "*").text.split() == ["taro@example.test"]
    assert machine.run("doveadm", "auth", "test", "taro@example.test", PASSWORD).ok
    assert not machine.run("doveadm", "auth", "test", "taro@example.test", "another password").ok

    # Nobody reaches the server but by its socket.
    sockets = machine.run("ss", "-ltnH").text
    assert not any(f":{port} " in sockets for port in (3306, 5432)), sockets
    # Postfix can look addresses up, but not passwords; neither program can write.
    assert ask(machine, store, "SELECT username FROM mailbox", "postfix").text.strip() == "taro@example.test"
    for user, statement in (
        ("postfix", "SELECT password FROM mailbox"),
        ("postfix", "SELECT * FROM mailbox"),
        ("dovecot", "SELECT goto FROM alias"),
        *((user, "DELETE FROM mailbox") for user in ("postfix", "dovecot")),
        *((user, "UPDATE mailbox SET active = '0'") for user in ("postfix", "dovecot")),
        *((user, "CREATE TABLE more (one int)") for user in ("postfix", "dovecot")),
        ("nobody", "SELECT username FROM mailbox"),
    ):
        refused = ask(machine, store, statement, user)
        assert "denied" in refused.error_text or "does not exist" in refused.error_text, (user, statement, refused)

    again = set_up_mail(machine, answers=answers(store))
    assert again.exit_code == 0, again.text + again.error_text
    assert "othing" in again.text

    for change in (
        ("mailbox", "add", "hana@example.test", "--secret", "password=/root/password", "--yes"),
        ("alias", "add", "team@example.test", "hana@example.test", "--yes"),
    ):
        done = wizard(machine, *change)
        assert done.exit_code == 0, done.text + done.error_text
    assert machine.run("doveadm", "auth", "test", "hana@example.test", PASSWORD).ok
    assert machine.run("postmap", "-q", "team@example.test", place).text.strip() == "hana@example.test"
    assert "hana@example.test" in wizard(machine, "mailbox", "list").text

    for _run in range(3):
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}


@pytest.mark.parametrize("store", STORES)
def test_a_server_that_is_somebodys_is_only_started_and_undo_leaves_it_to_him(
    fresh_machine: PracticeMachine, store: str
) -> None:
    machine = fresh_machine
    put_file(machine, "/root/listen.py", LISTEN)
    assert machine.run("systemd-run", "--unit=others", "python3", "/root/listen.py").ok
    assert machine.run("pacman", "-S", "--noconfirm", store).ok
    for command in MADE_BY_HAND[store]:
        made = machine.run(*command)
        assert made.ok, made.error_text
    before = fingerprint(machine)

    # Another program has the port of the server: it is none of ours, since nothing is asked over the network.
    result = set_up_mail(machine, answers=answers(store))
    assert result.exit_code == 0, result.text + result.error_text
    assert "its settings stay as they are" in result.text
    assert not machine.run("test", "-e", "/etc/my.cnf.d/virtual_mail.cnf").ok
    assert machine.run("systemctl", "is-active", "others").ok

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert ask(machine, store, "SELECT name FROM things", database="shop").text.strip() == "a thing"
    assert not ask(machine, store, "SELECT 1").ok
    assert machine.run("systemctl", "is-active", store).ok
    # What it writes in its folder is the server's own business.
    changed = differences(before, fingerprint(machine))
    assert [name for name in changed if not name.startswith(("paths /var/lib/mysql", "paths /var/lib/postgres"))] == []


@pytest.mark.parametrize("store", STORES)
def test_a_server_in_which_somebody_made_a_database_since_is_not_taken_away(
    fresh_machine: PracticeMachine, store: str
) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    assert set_up_mail(machine, answers=answers(store)).exit_code == 0

    # While it does not answer, nothing is planned that would not know of the accounts that there are.
    assert machine.run("systemctl", "stop", store).ok
    for tried in (set_up_mail(machine, answers=answers("sqlite")), wizard(machine, "mailbox", "list")):
        assert tried.exit_code != 0
        assert f"systemctl start {store}" in " ".join((tried.text + tried.error_text).split())
    assert machine.run("systemctl", "start", store).ok

    assert machine.run(*MADE_BY_HAND[store][-1]).ok
    refused = wizard(machine, "undo", "--yes")
    assert refused.exit_code == 3, refused.text + refused.error_text
    assert "what others made" in refused.text + refused.error_text
    assert ask(machine, store, "SELECT name FROM things", database="shop").text.strip() == "a thing"

    assert ask(machine, store, "DROP DATABASE shop", database="mysql" if store == "mariadb" else "postgres").ok
    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}


def test_the_accounts_move_from_store_to_store_and_back_and_nothing_is_lost(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    assert set_up_mail(machine, answers=answers("sqlite")).exit_code == 0
    for change in (
        ("mailbox", "add", "hana@example.test", "--secret", "password=/root/password", "--quota", "70M", "--yes"),
        ("mailbox", "add", "gone@club.test", "--secret", "password=/root/password", "--yes"),
        ("alias", "add", "team@club.test", "hana@example.test", "jiro@outside.example", "--yes"),
    ):
        assert wizard(machine, *change).exit_code == 0, change
    assert machine.run("cp", "-a", FILE, "/root/accounts").ok
    switched_off = "UPDATE mailbox SET active = 0 WHERE username = 'gone@club.test'"
    assert machine.run("sqlite3", FILE, switched_off).ok
    listed = wizard(machine, "mailbox", "list").text, wizard(machine, "alias", "list").text

    moves = ("files", "mariadb", "postgresql", "sqlite")
    for store in moves:
        moved = set_up_mail(machine, answers=answers(store))
        assert moved.exit_code == 0, store + moved.text + moved.error_text
        assert (wizard(machine, "mailbox", "list").text, wizard(machine, "alias", "list").text) == listed, store
        assert machine.run("doveadm", "auth", "test", "hana@example.test", PASSWORD).ok
        assert not machine.run("doveadm", "auth", "test", "gone@club.test", PASSWORD).ok
        quota = machine.run("doveadm", "user", "-f", "quota_storage_size", "hana@example.test").text
        assert quota.strip() == "73400320B", quota
        if store == "files":
            for user, path, may in (
                ("postfix", "/etc/postfix/accounts/aliases.lmdb", False),
                ("postfix", "/etc/dovecot/accounts", False),
                ("postfix", FILE, False),
                ("dovecot", "/etc/dovecot/accounts", True),
                ("nobody", "/etc/postfix/accounts/aliases", False),
            ):
                as_user = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups")
                assert machine.run(*as_user, "head", "-c1", path).ok is may, (user, path)
            added = ("mailbox", "add", "new@club.test", "--secret", "password=/root/password", "--yes")
            assert wizard(machine, *added).exit_code == 0
            assert machine.run("doveadm", "auth", "test", "new@club.test", PASSWORD).ok
            new = machine.run("postmap", "-q", "new@club.test", "lmdb:/etc/postfix/accounts/mailboxes")
            assert new.text.strip() == "club.test/new/"
            assert wizard(machine, "undo", "--yes").exit_code == 0
            assert not machine.run("doveadm", "user", "new@club.test").ok
        # What was carried over stays where it was, too, until somebody removes it.
        assert machine.run("test", "-s", FILE).ok
    # A server that holds accounts still, or something else of somebody's, is not taken away.
    assert machine.run("systemctl", "is-active", "mariadb").text.strip() == "active"

    for number in range(len(moves) + 4):
        if number == len(moves):
            assert machine.run("cp", "-a", "/root/accounts", FILE).ok
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}
