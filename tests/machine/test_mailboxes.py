"""Mailboxes by command on a machine with virtual mail: made, filled, read, given another password, removed, undone."""

import pytest

from tests.machine.test_virtual_mail import ANSWERS, python, set_up_mail
from tests.machine.the_wizard import documents, put_file, set_up, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

HANA = "hana@club.test"
FIRST, SECOND = "marked-first correct horse", "marked-second battery staple"
SEND = """
import smtplib, subprocess, sys, time
with smtplib.SMTP("localhost", 25) as server:
    try:
        server.sendmail("other@outside.example", [sys.argv[1]], "Subject: for " + sys.argv[1] + "\\r\\n\\r\\none\\r\\n")
        print("250")
    except smtplib.SMTPRecipientsRefused as refused:
        code, text = refused.recipients[sys.argv[1]]
        print(code, text.decode())
for _second in range(300):
    if b"is empty" in subprocess.run(["mailq"], capture_output=True).stdout:
        break
    time.sleep(0.1)
"""
READ = """
import imaplib, ssl, sys
context = ssl.create_default_context(cafile="/etc/ssl/postwizard/box.practice.test.crt")
box = imaplib.IMAP4_SSL("box.practice.test", 993, ssl_context=context)
try:
    box.login(sys.argv[1], open(sys.argv[2]).read().strip())
except box.error as refused:
    print("refused:", refused)
else:
    count = int(box.select("INBOX", readonly=True)[1][0])
    subjects = [box.fetch(str(number), "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode().strip()
                for number in range(1, count + 1)]
    print(count, *subjects, sep="|")
"""


def done(result: CommandResult) -> str:
    """What a call that went well said."""
    assert result.exit_code == 0, result.text + result.error_text
    return " ".join((result.text + result.error_text).split())


def refused(result: CommandResult) -> str:
    """What a call that was refused said."""
    assert result.exit_code == 2, result.text + result.error_text
    return " ".join((result.text + result.error_text).split())


def test_a_mailbox_is_added_filled_read_changed_removed_and_given_back(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    put_file(machine, "/root/first", FIRST + "\n")
    put_file(machine, "/root/second", SECOND + "\n")
    add = ("mailbox", "add", HANA, "--quota", "200M", "--secret", "password=/root/first")
    assert "is set up here" in refused(wizard(machine, *add, "--yes"))
    done(set_up_mail(machine, "--no-test-sends"))
    assert python(machine, SEND, HANA).text.startswith("550 5.1.1")

    # Shown, made, and nothing left to do the second time.
    assert "mailbox hana@club.test" in done(wizard(machine, *add, "--dry-run"))
    assert HANA not in done(wizard(machine, "mailbox", "list"))
    assert "elsewhere.test is none of the domains" in refused(
        wizard(machine, "mailbox", "add", "hana@elsewhere.test", "--secret", "password=/root/first", "--yes")
    )
    said = done(wizard(machine, *add, "--yes"))
    assert "othing" in done(wizard(machine, *add, "--yes"))
    (listing, _report) = documents(wizard(machine, "mailbox", "list", "--json"))
    assert listing["mailboxes"] == [
        {"address": HANA, "quota": 200 * 1024**2, "active": True},
        {"address": "taro@example.test", "quota": 1024**3, "active": True},
    ]

    assert python(machine, SEND, HANA).text.strip() == "250"
    assert python(machine, READ, HANA, "/root/first").text.strip() == f"1|Subject: for {HANA}"

    # The wizard itself finds nothing to do, and leaves the mailbox.
    assert "othing" in done(set_up(machine, answers=ANSWERS))
    assert python(machine, READ, HANA, "/root/first").text.startswith("1|")

    # An alias and a catch-all, which is warned of.
    done(wizard(machine, "alias", "add", "all@club.test", HANA, "taro@example.test", "--yes"))
    assert python(machine, SEND, "all@club.test").text.strip() == "250"
    assert python(machine, READ, HANA, "/root/first").text.startswith("2|")
    assert python(machine, READ, "taro@example.test", "/root/password").text.startswith("1|")
    assert "These aliases lead to hana@club.test: all@club.test" in refused(wizard(machine, "mailbox", "remove", HANA))
    assert "attracts spam" in done(wizard(machine, "alias", "add", "@club.test", "taro@example.test", "--yes"))
    assert python(machine, SEND, "mistyped@club.test").text.strip() == "250"
    assert python(machine, READ, "taro@example.test", "/root/password").text.startswith("2|")
    assert python(machine, SEND, HANA).text.strip() == "250"
    assert python(machine, READ, HANA, "/root/first").text.startswith("3|")
    done(wizard(machine, "alias", "remove", "@club.test", "--yes"))
    assert python(machine, SEND, "mistyped@club.test").text.startswith("550 5.1.1")
    done(wizard(machine, "alias", "remove", "all@club.test", "--yes"))

    # Another password: the old one is refused at once.
    said += done(wizard(machine, "mailbox", "password", HANA, "--secret", "password=/root/second", "--yes"))
    assert "AUTHENTICATIONFAILED" in python(machine, READ, HANA, "/root/first").text
    assert python(machine, READ, HANA, "/root/second").text.startswith("3|")

    # Removed: no mail, no login, and the mail stays; undo gives all of it back.
    assert "first mailbox" in refused(wizard(machine, "mailbox", "remove", "taro@example.test", "--yes"))
    said += done(wizard(machine, "mailbox", "remove", HANA, "--yes"))
    assert "stays in /var/vmail" in said
    assert python(machine, SEND, HANA).text.startswith("550 5.1.1")
    assert "AUTHENTICATIONFAILED" in python(machine, READ, HANA, "/root/second").text
    assert machine.run("grep", "-rl", f"Subject: for {HANA}", "/var/vmail/club.test/hana").text.strip()
    assert "othing" in done(wizard(machine, "mailbox", "remove", HANA, "--yes"))
    assert "othing" in done(set_up(machine, answers=ANSWERS))

    done(wizard(machine, "undo", "--yes"))
    assert python(machine, READ, HANA, "/root/second").text.startswith("3|")
    assert python(machine, SEND, HANA).text.strip() == "250"
    done(wizard(machine, "undo", "--yes"))
    assert python(machine, READ, HANA, "/root/first").text.startswith("4|")

    # No password anywhere, and no hash but in the database and the private copies of it.
    found = machine.run("grep", "-rlaF", "marked-", "/etc", "/var", "/run/postwizard", "/tmp", timeout=120)
    assert found.text == ""
    assert "marked-" not in said + machine.run("journalctl", "--no-pager").text
    assert "$7$" not in said + machine.run("journalctl", "--no-pager").text
    hashes = machine.run("grep", "-rlaF", "{CRYPT}$7$", "/etc", "/var", "/tmp", timeout=120).text.split()
    assert all("/blobs/" in path or path == "/var/lib/virtual_mail/accounts.sqlite" for path in hashes), hashes


IMPORTED = 50
SCHEMES = ("SHA512-CRYPT", "BLF-CRYPT", "ARGON2ID", "PBKDF2")


def test_imported_users_log_in_and_mail_is_archived_brought_back_and_deleted(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    done(set_up_mail(machine, "--no-test-sends"))
    put_file(machine, "/root/first", FIRST + "\n")
    # Hashes as Dovecot makes them, a clear password, and many more.
    lines = ["address,password,quota,name"]
    for number, scheme in enumerate(SCHEMES):
        made = machine.run("doveadm", "pw", "-s", scheme, stdin=f"{FIRST}\n{FIRST}\n".encode(), timeout=60)
        stored = next(word for word in (made.text + made.error_text).split() if word.startswith("{"))
        lines.append(f'user{number}@club.test,"{stored}",1G,User {number}')
    lines.append(f"{HANA},{FIRST},,Hana")
    lines += [f"many{number}@example.test,{{SHA512-CRYPT}}$6$salt${'x' * 86},," for number in range(IMPORTED)]
    put_file(machine, "/root/list.csv", "\n".join(lines) + "\n")
    put_file(machine, "/root/wrong.csv", "\n".join([*lines, "taro@example.test,short"]) + "\n")

    said = refused(wizard(machine, "mailbox", "import", "/root/wrong.csv", "--yes"))
    assert "taro@example.test already" in said
    assert HANA not in done(wizard(machine, "mailbox", "list"))
    said += done(wizard(machine, "mailbox", "import", "/root/list.csv", "--yes"))
    for address in (*(f"user{number}@club.test" for number in range(len(SCHEMES))), HANA):
        assert python(machine, READ, address, "/root/first").text.strip() == "0", address
    assert python(machine, SEND, HANA).text.strip() == "250"
    assert python(machine, READ, HANA, "/root/first").text.startswith("1|")
    assert "othing" in done(set_up(machine, answers=ANSWERS))

    # Archived: gone from the mail store, in a file for root alone; undo brings the mail back as it was.
    store = ("find", "/var/vmail/club.test/hana", "-printf", "%P %M %U %G %s %T@\\n")
    before = sorted(machine.run(*store).text.splitlines())
    done(wizard(machine, "mailbox", "remove", HANA, "--mail", "archive", "--yes"))
    assert machine.run("ls", "/var/vmail/club.test/hana").exit_code != 0
    archive = f"/var/lib/postwizard/archived-mail/{HANA}.tar.gz"
    assert machine.run("stat", "-c", "%a %U", archive).text.strip() == "600 root"
    assert "hana/" in machine.run("tar", "-tzf", archive).text
    assert python(machine, SEND, HANA).text.startswith("550 5.1.1")
    done(wizard(machine, "undo", "--yes"))
    assert sorted(machine.run(*store).text.splitlines()) == before
    assert python(machine, READ, HANA, "/root/first").text.strip() == f"1|Subject: for {HANA}"

    # A user who plants a link in the mail store leads root nowhere.
    machine.run("mkdir", "-p", "/etc/elsewhere/hana")
    put_file(machine, "/etc/elsewhere/hana/kept", "kept\n")
    machine.run("sh", "-c", "mv /var/vmail/club.test /var/vmail/moved && ln -s /etc/elsewhere /var/vmail/club.test")
    for mail in (("archive",), ("delete", "--confirm", HANA)):
        assert wizard(machine, "mailbox", "remove", HANA, "--mail", *mail, "--yes").exit_code == 1
        assert machine.run("cat", "/etc/elsewhere/hana/kept").text == "kept\n"
        assert HANA in done(wizard(machine, "mailbox", "list"))
    machine.run("sh", "-c", "rm /var/vmail/club.test && mv /var/vmail/moved /var/vmail/club.test")
    assert python(machine, READ, HANA, "/root/first").text.startswith("1|")

    assert "--confirm" in refused(wizard(machine, "mailbox", "remove", HANA, "--mail", "delete", "--yes"))
    done(wizard(machine, "mailbox", "remove", HANA, "--mail", "delete", "--confirm", HANA, "--yes"))
    assert machine.run("ls", "/var/vmail/club.test/hana").exit_code != 0

    found = machine.run("grep", "-rlaF", "marked-", "/etc", "/var", "/run/postwizard", "/tmp", timeout=120)
    assert found.text == ""
    assert "marked-" not in said + machine.run("journalctl", "--no-pager").text
