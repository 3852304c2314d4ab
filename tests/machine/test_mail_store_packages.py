"""What a mail store is made of comes from pacman in Arch's shape, and runs: Dovecot, its Sieve, the databases."""

import pytest

from tests.machine.the_wizard import put_file
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

USERS = 'g vmail 5000 -\nu vmail 5000:vmail "Virtual mail" /var/mail/vhosts\n'
FOLDERS = "d /var/mail/vhosts 0750 vmail vmail -\n"
CERTIFICATE = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-subj", "/CN=box.practice.test", "-addext", "subjectAltName=DNS:box.practice.test",
               "-keyout", "/etc/dovecot/key.pem", "-out", "/etc/dovecot/certificate.pem")  # fmt: skip
CONFIGURATION = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols {
  imap = yes
  lmtp = yes
  sieve = yes
}
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 5000
last_valid_uid = 5000
mail_home = /var/mail/vhosts/%{user | domain}/%{user | username}
mail_driver = maildir
mail_path = ~/Maildir
ssl = required
ssl_server_cert_file = /etc/dovecot/certificate.pem
ssl_server_key_file = /etc/dovecot/key.pem
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = 0
  }
}
protocol lmtp {
  postmaster_address = postmaster@practice.test
  mail_plugins {
    sieve = yes
  }
}
sieve_script personal {
  type = personal
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}
"""
IN_A_FILE = """\
passdb passwd-file {
  passwd_file_path = /etc/dovecot/users
}
userdb static {
}
"""
IN_SQLITE = """\
sql_driver = sqlite
sqlite_path = /etc/dovecot/users.sqlite
"""
IN_MARIADB = """\
sql_driver = mysql
mysql /run/mysqld/mysqld.sock {
  user = reader
  password = a secret
  dbname = mail
}
"""
IN_POSTGRESQL = """\
sql_driver = pgsql
pgsql /run/postgresql {
  parameters {
    user = reader
    password = a secret
    dbname = mail
  }
}
"""
QUERIES = """\
passdb sql {
  query = SELECT email AS user, password FROM mailbox WHERE email = '%{user}'
}
userdb sql {
  query = SELECT email AS user FROM mailbox WHERE email = '%{user}'
  iterate_query = SELECT email AS user FROM mailbox
}
"""
TABLE = """\
CREATE TABLE mailbox (email VARCHAR(255) PRIMARY KEY, password VARCHAR(255) NOT NULL);
INSERT INTO mailbox VALUES ('bea@practice.test', '{hashed}');
"""
# Postfix asks the same databases: mysql_table(5), pgsql_table(5).
LOOK_UP = """\
hosts = {host}
user = reader
password = a secret
dbname = mail
query = SELECT 1 FROM mailbox WHERE email = '%s'
"""
# Hands a message to the LMTP socket, then logs in by IMAPS with a wrong password and with the right one.
SEND_AND_READ = """\
import imaplib, smtplib, ssl, sys
user, password = sys.argv[1:]
lmtp = smtplib.LMTP('/run/dovecot/lmtp')
lmtp.sendmail('sender@outside.test', [user], b'Subject: kept\\r\\n\\r\\nA message.\\r\\n')
lmtp.quit()
trust = ssl.create_default_context(cafile='/etc/dovecot/certificate.pem')
with imaplib.IMAP4_SSL('box.practice.test', 993, ssl_context=trust) as box:
    try:
        box.login(user, password + 'x')
    except imaplib.IMAP4.error as refused:
        print('refused:', refused)
    box.login(user, password)
    box.select('INBOX')
    print(box.search(None, 'SUBJECT', 'kept'))
    print(box.uid('fetch', '1:*', '(BODY[TEXT])'))
"""


def must(machine: PracticeMachine, *argv: str, stdin: bytes = b"", user: str | None = None) -> str:
    """The output of a command that succeeds."""
    ended = machine.run(*argv, stdin=stdin, user=user)
    assert ended.ok, f"{argv}: {ended.text}{ended.error_text}"
    return ended.text


def start(machine: PracticeMachine, unit: str) -> None:
    """Starts a unit, or shows why it does not start."""
    started = machine.run("systemctl", "restart", unit)
    assert started.ok, machine.run("journalctl", "--no-pager", "-u", unit).text


def start_dovecot(machine: PracticeMachine, users: str) -> None:
    """Starts it with a configuration that it finds nothing wrong with."""
    must(machine, *CERTIFICATE)
    put_file(machine, "/etc/dovecot/dovecot.conf", CONFIGURATION + users)
    settings = machine.run("doveconf", "-n")
    assert (settings.exit_code, settings.error_text) == (0, "")
    assert "warning" not in settings.text.lower()
    start(machine, "dovecot")


def table(machine: PracticeMachine) -> str:
    """SQL that makes a table of mailboxes with one in it."""
    hashed = must(machine, "doveadm", "pw", "-s", "BLF-CRYPT", "-p", "open sesame").strip()
    return TABLE.format(hashed=hashed)


def both_look_up(machine: PracticeMachine, kind: str, host: str) -> None:
    """Dovecot and Postfix find the mailbox, and Dovecot its password."""
    assert must(machine, "doveadm", "user", "*").split() == ["bea@practice.test"]
    assert "auth succeeded" in must(machine, "doveadm", "auth", "test", "bea@practice.test", "open sesame")
    refused = machine.run("doveadm", "auth", "test", "bea@practice.test", "open barley")
    assert refused.exit_code == 77, refused.text + refused.error_text  # EX_NOPERM
    put_file(machine, "/etc/postfix/mailboxes.cf", LOOK_UP.format(host=host))
    asked = ("postmap", "-q", "bea@practice.test", f"{kind}:/etc/postfix/mailboxes.cf")
    assert must(machine, *asked) == "1\n"


def test_dovecot_comes_from_pacman_in_the_shape_of_arch_and_keeps_mail(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    must(machine, "pacman", "-S", "--noconfirm", "dovecot", "pigeonhole")
    assert must(machine, "id", "dovecot").startswith("uid=76(dovecot) gid=76(dovecot)")
    assert must(machine, "id", "dovenull").startswith("uid=74(dovenull) gid=74(dovenull)")
    assert machine.run("systemctl", "is-enabled", "dovecot").text.strip() == "disabled"
    assert machine.run("systemctl", "is-active", "dovecot").text.strip() == "inactive"
    assert "ExecStart=/usr/bin/dovecot -F" in must(machine, "systemctl", "cat", "dovecot")
    assert must(machine, "pacman", "-Qqo", "/etc/dovecot/dovecot.conf") == "dovecot\n"
    assert must(machine, "ls", "/etc/dovecot") == "dovecot.conf\n"
    assert {"mariadb-libs", "postgresql-libs", "sqlite"} <= set(must(machine, "pacman", "-Qq").split())
    schemes = must(machine, "doveadm", "pw", "-l").split()
    assert {"ARGON2ID", "BLF-CRYPT", "SHA512-CRYPT"} <= set(schemes)

    # Neither systemd nor Dovecot brings this folder.
    must(machine, "mkdir", "-p", "/etc/sysusers.d")
    put_file(machine, "/etc/sysusers.d/vmail.conf", USERS)
    put_file(machine, "/etc/tmpfiles.d/vmail.conf", FOLDERS)
    must(machine, "systemd-sysusers", "/etc/sysusers.d/vmail.conf")
    must(machine, "systemd-tmpfiles", "--create", "/etc/tmpfiles.d/vmail.conf")
    hashed = must(machine, "doveadm", "pw", "-s", "ARGON2ID", "-p", "open sesame").strip()
    put_file(machine, "/etc/dovecot/users", f"ada@practice.test:{hashed}\n")
    start_dovecot(machine, IN_A_FILE)
    listening = must(machine, "ss", "-Hltn")
    assert ":993 " in listening
    assert ":4190 " in listening
    assert ":143 " not in listening
    said = must(machine, "python3", "-c", SEND_AND_READ, "ada@practice.test", "open sesame")
    assert "refused: [AUTHENTICATIONFAILED]" in said
    assert "A message." in said

    must(machine, "sqlite3", "/etc/dovecot/users.sqlite", table(machine))
    start_dovecot(machine, IN_SQLITE + QUERIES)
    said = must(machine, "python3", "-c", SEND_AND_READ, "bea@practice.test", "open sesame")
    assert "A message." in said
    assert must(machine, "doveadm", "user", "*").split() == ["bea@practice.test"]


def test_mariadb_starts_after_its_initialisation_and_answers_over_its_socket(
    fresh_machine: PracticeMachine,
) -> None:
    machine = fresh_machine
    must(machine, "pacman", "-S", "--noconfirm", "mariadb", "dovecot", "pigeonhole", "postfix", "postfix-mysql")
    assert machine.run("systemctl", "is-enabled", "mariadb").text.strip() == "disabled"
    assert not machine.run("systemctl", "start", "mariadb").ok
    must(machine, "systemctl", "reset-failed", "mariadb")
    must(machine, "mariadb-install-db", "--user=mysql", "--basedir=/usr", "--datadir=/var/lib/mysql")
    start(machine, "mariadb")
    assert must(machine, "test", "-S", "/run/mysqld/mysqld.sock") == ""
    asked = must(machine, "mariadb", "-BN", "-e", "SELECT CURRENT_USER(), @@socket, @@datadir").split()
    assert asked == ["root@localhost", "/run/mysqld/mysqld.sock", "/var/lib/mysql/"]
    assert must(machine, "mariadb-admin", "ping") == "mysqld is alive\n"
    refused = machine.run("mariadb", "-uroot", "-e", "SELECT 1", user="admin")
    assert "Access denied" in refused.error_text
    grant = "CREATE USER reader@localhost IDENTIFIED BY 'a secret'; GRANT SELECT ON mail.* TO reader@localhost;"
    must(machine, "mariadb", stdin=f"CREATE DATABASE mail; USE mail; {table(machine)} {grant}".encode())
    start_dovecot(machine, IN_MARIADB + QUERIES)
    both_look_up(machine, "mysql", "unix:/run/mysqld/mysqld.sock")


def test_postgresql_starts_after_its_initialisation_and_answers_over_its_socket(
    fresh_machine: PracticeMachine,
) -> None:
    machine = fresh_machine
    must(machine, "pacman", "-S", "--noconfirm", "postgresql", "dovecot", "pigeonhole", "postfix", "postfix-pgsql")
    assert machine.run("systemctl", "is-enabled", "postgresql").text.strip() == "disabled"
    assert not machine.run("systemctl", "start", "postgresql").ok
    assert "initdb" in must(machine, "journalctl", "--no-pager", "-u", "postgresql")
    # Without these two, initdb lets every user of the machine in as anybody.
    make_cluster = "initdb --auth-local=peer --auth-host=scram-sha-256 --locale=C.UTF-8 --encoding=UTF8"
    make_cluster += " -D /var/lib/postgres/data"
    must(machine, "su", "-l", "postgres", "-c", make_cluster)
    start(machine, "postgresql")
    assert must(machine, "su", "-l", "postgres", "-c", "psql -Atc 'SELECT current_user'") == "postgres\n"
    assert must(machine, "ls", "-A", "/run/postgresql").split() == [".s.PGSQL.5432", ".s.PGSQL.5432.lock"]
    refused = machine.run("psql", "-U", "postgres", "-c", "SELECT 1", user="admin")
    assert "Peer authentication failed" in refused.error_text
    rule = "local mail reader scram-sha-256"
    must(machine, "sed", "-i", f"1i {rule}", "/var/lib/postgres/data/pg_hba.conf")
    must(machine, "systemctl", "reload", "postgresql")
    make = "CREATE ROLE reader LOGIN PASSWORD 'a secret'; CREATE DATABASE mail;"
    must(machine, "su", "-l", "postgres", "-c", "psql", stdin=make.replace("; ", ";\n").encode())
    grant = "GRANT SELECT ON mailbox TO reader;"
    must(machine, "su", "-l", "postgres", "-c", "psql mail", stdin=f"{table(machine)}\n{grant}".encode())
    start_dovecot(machine, IN_POSTGRESQL + QUERIES)
    both_look_up(machine, "pgsql", "unix:/run/postgresql")
