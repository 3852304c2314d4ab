"""The profile of virtual mail on a fresh machine: each part done, refused where it must be, and put back."""

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.the_wizard import put_file, read_file, set_up, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

PASSWORD = "marked-secret correct horse"
ANSWERS = """\
format = 1
profile = "virtual_mail"

[answers]
mail_domains = ["example.test", "club.test"]
mailbox_address = "taro@example.test"
"""
LOCAL = """\
format = 1
profile = "local_only"

[answers]
root_mail_to = "admin"
recipient_delimiter = "none"
second_lock = false
"""
# Sends messages of a given size to the mailbox, each when the one before has arrived, and says what was answered.
SEND = """
import smtplib, subprocess, sys, time
text = ("y" * 70 + "\\r\\n") * (int(sys.argv[1]) // 72)
for number in range(int(sys.argv[2])):
    with smtplib.SMTP("localhost", 25) as server:
        try:
            server.sendmail("other@outside.example", ["taro@example.test"],
                            "Subject: one\\r\\n\\r\\n" + text)
            print("250")
            while b"is empty" not in subprocess.run(["mailq"], capture_output=True).stdout:
                time.sleep(0.1)
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = refused.recipients["taro@example.test"]
            print(code, text.decode())
"""
# Sends a user of the machine's mail to an alias of the mailbox, and waits until the queue is empty.
TO_ALIAS = """
import smtplib, subprocess, time
with smtplib.SMTP("localhost", 25) as server:
    server.sendmail("admin@box.practice.test", ["abuse@example.test"], "Subject: two\\r\\n\\r\\n" + "y\\r\\n" * 5000)
    print("250")
while b"is empty" not in subprocess.run(["mailq"], capture_output=True).stdout:
    time.sleep(0.1)
"""
# Logs in over IMAP with the certificate checked, and says how many messages there are.
READ = """
import imaplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
box = imaplib.IMAP4_SSL(sys.argv[2], 993, ssl_context=context)
box.login("taro@example.test", open("/root/password").read().strip())
print(box.select("INBOX", readonly=True)[1][0].decode())
"""


def set_up_mail(machine: PracticeMachine, *options: str, answers: str = ANSWERS) -> CommandResult:
    """Runs the wizard unattended with the password in a file."""
    put_file(machine, "/root/password", PASSWORD + "\n")
    return set_up(machine, "--secret", "mailbox_password=/root/password", *options, answers=answers)


def python(machine: PracticeMachine, program: str, *arguments: str) -> CommandResult:
    """Runs a program inside the machine."""
    put_file(machine, "/root/program.py", program)
    return machine.run("python3", "/root/program.py", *arguments, timeout=120)


def test_mail_comes_in_is_read_and_sent_and_all_is_put_back_to_the_byte(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)

    # The run itself delivers, reads, logs in, sends, and tries what must be refused; it ends with 4 where one fails.
    result = set_up_mail(machine)
    assert result.exit_code == 0, result.text + result.error_text
    for said in ("550 5.1.1", "554 5.7.1", "535 5.7.8", "553 5.7.1", "AUTHENTICATIONFAILED", "Maildir"):
        assert said in result.text, said
    assert machine.run("doveadm", "user", "taro@example.test").ok
    asked = machine.run("postmap", "-q", "abuse@club.test", "proxy:sqlite:/etc/postfix/sqlite/aliases.cf")
    assert asked.text.strip() == "taro@example.test"
    sockets = machine.run("ss", "-ltnH").text
    assert all(f":{port} " in sockets for port in (25, 465, 587, 993))
    assert not any(f":{port} " in sockets for port in (110, 143, 995))

    # Only the readers can read the accounts, and no password is where somebody could find it.
    for user, may in (("postfix", True), ("dovecot", False), ("vmail", False), ("nobody", False), ("admin", False)):
        group = machine.run("id", "-gn", user).text.strip()
        as_user = ("setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups")
        tried = machine.run(*as_user, "head", "-c1", "/var/lib/virtual_mail/accounts.sqlite")
        assert tried.ok is may, (user, tried.error_text)
    workers = machine.run("ps", "-eo", "user,supgrp,args").text
    assert any(line.startswith("dovecot ") and "postfix" in line and "auth -w" in line for line in workers.splitlines())
    found = machine.run("grep", "-rlaF", "marked-secret", "/etc", "/var", "/run/postwizard", "/tmp", timeout=120)
    assert found.text == ""
    assert "marked-secret" not in machine.run("journalctl", "--no-pager").text + result.text + result.error_text

    again = set_up_mail(machine)
    assert again.exit_code == 0, again.text + again.error_text
    assert "othing" in again.text
    without_password = set_up(machine, answers=ANSWERS)
    assert without_password.exit_code == 0, without_password.text + without_password.error_text
    assert "othing" in without_password.text

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert machine.run("ls", "/var/vmail").exit_code != 0
    assert differences(before, fingerprint(machine)) == {}


def test_a_full_mailbox_is_refused_at_once_and_mail_outlives_undo(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    small = ANSWERS + 'message_size_limit = "20k"\nmailbox_quota = "30k"\n'
    result = set_up_mail(machine, answers=small)
    assert result.exit_code == 0, result.text + result.error_text
    sent = python(machine, SEND, "15000", "4").text.splitlines()
    assert sent[0] == "250", sent
    assert any(line.startswith("552 5.2.2") for line in sent), sent

    # Through an alias it is only found full at delivery; then the sender hears of it (RFC 5321, section 6.1).
    assert python(machine, TO_ALIAS).text.split() == ["250"]
    notice = machine.run("cat", "/var/spool/mail/admin").text
    assert "5.2.2 <taro@example.test> Quota exceeded" in " ".join(notice.split()), notice
    assert "Original-Recipient: rfc822;abuse@example.test" in notice

    certificate = "/etc/ssl/postwizard/box.practice.test.crt"
    read = python(machine, READ, certificate, "box.practice.test")
    assert read.ok, read.error_text
    assert int(read.text) >= 1

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert machine.run("grep", "-rl", "Subject: one", "/var/vmail").text.strip()
    assert machine.run("stat", "-c", "%a %u:%g", "/var/vmail").text.strip() == "700 0:0"


def test_a_certificate_of_ones_own_is_checked_and_then_used(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    for name in ("box.practice.test", "other.practice.test"):
        made = machine.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "30",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-keyout", f"/root/{name}.key", "-out", f"/root/{name}.crt",
        )  # fmt: skip
        assert made.ok, made.error_text
    own = ANSWERS + 'certificate = "own"\ncertificate_file = "/root/{crt}.crt"\nkey_file = "/root/{key}.key"\n'
    for crt, key, said in (
        ("other.practice.test", "other.practice.test", "is not for box.practice.test"),
        ("box.practice.test", "other.practice.test", "is not that of"),
        ("missing", "box.practice.test", "There is no file"),
    ):
        refused = set_up_mail(machine, answers=own.format(crt=crt, key=key))
        assert refused.exit_code == 2, refused.text + refused.error_text
        assert said in " ".join((refused.text + refused.error_text).split())
    assert machine.run("pacman", "-Q", "postfix").exit_code != 0

    result = set_up_mail(machine, answers=own.format(crt="box.practice.test", key="box.practice.test"))
    assert result.exit_code == 0, result.text + result.error_text
    read = python(machine, READ, "/root/box.practice.test.crt", "box.practice.test")
    assert read.ok, read.error_text


def test_from_local_only_and_back_ends_as_set_up_so_at_once_and_keeps_the_mail(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    assert set_up(machine, answers=LOCAL).exit_code == 0
    at_once = machine.run("postconf", "-n").text, machine.run("postconf", "-M").text

    result = set_up_mail(machine)
    assert result.exit_code == 0, result.text + result.error_text
    assert python(machine, SEND, "100", "1").text.strip() == "250"

    back = set_up(machine, answers=LOCAL + 'mailbox_size_limit = "51200000"\n')
    assert back.exit_code == 0, back.text + back.error_text
    assert (machine.run("postconf", "-n").text, machine.run("postconf", "-M").text) == at_once
    sockets = machine.run("ss", "-ltnH").text
    assert not any(f":{port} " in sockets for port in (465, 587, 993))
    assert machine.run("pacman", "-Q", "dovecot").exit_code != 0
    mail = machine.run("grep", "-rl", "--exclude=dovecot*", "Subject: one", "/var/vmail")
    assert mail.text.count("\n") == 1
    assert machine.run("grep", "-qaF", "taro@example.test", "/var/lib/virtual_mail/accounts.sqlite").ok

    for _run in range(3):
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}
    assert read_file(machine, mail.text.strip())
