"""Users' filters on a whole machine: brought over ManageSieve in TLS, and at work when mail is delivered."""

import pytest

from tests.machine.test_virtual_mail import ANSWERS, PASSWORD, python, set_up_mail
from tests.machine.the_wizard import put_file, read_file, wizard
from tests.machine.three_hosts import ThreeHosts

pytestmark = pytest.mark.real_machine

WITHOUT = ANSWERS + "sieve = false\n"
# Files mail about a club into a folder, and answers all other mail with a notice.
FILTER = """\
require ["fileinto", "mailbox", "vacation"];
if header :contains "Subject" "club" {
  fileinto :create "Club";
} else {
  vacation :days 1 :addresses ["taro@example.test"] "I am away.";
}
"""
# Speaks ManageSieve (RFC 5804): what is offered and answered in clear, then a filter is brought in TLS and made active.
BRING = """
import base64, socket, ssl, sys
plain = base64.b64encode(b"\\0taro@example.test\\0" + open("/root/password", "rb").read().strip()).decode()
script = open("/root/filter.sieve", "rb").read()

def hear(stream):
    lines = []
    while not lines or not lines[-1].upper().startswith(("OK", "NO", "BYE")):
        lines.append(stream.readline().decode().strip())
    if lines[-1].endswith("}"):
        stream.read(int(lines[-1].rpartition("{")[2][:-1]) + 2)
    return lines

def open_it():
    link = socket.create_connection(("box.practice.test", 4190), timeout=20)
    stream = link.makefile("rwb")
    return link, stream, hear(stream)

link, stream, offered = open_it()
print("clear:", *[line for line in offered if "SASL" in line or "STARTTLS" in line])
stream.write(b'AUTHENTICATE "PLAIN" "%s"\\r\\n' % plain.encode())
stream.flush()
print("login in clear:", hear(stream)[-1])
link, stream, offered = open_it()
stream.write(b"STARTTLS\\r\\n")
stream.flush()
hear(stream)
context = ssl.create_default_context(cafile="/root/box.crt")
stream = context.wrap_socket(link, server_hostname="box.practice.test").makefile("rwb")
hear(stream)
for command in (b'AUTHENTICATE "PLAIN" "%s"' % plain.encode(), b'PUTSCRIPT "mine" {%d+}\\r\\n' % len(script) + script,
                b'SETACTIVE "mine"', b'PUTSCRIPT "broken" {6+}\\r\\nfoobar', b"LISTSCRIPTS"):
    stream.write(command + b"\\r\\n")
    stream.flush()
    print(*hear(stream))
"""
# Hands in one mail on port 25 in the name of a user of the machine, and waits until the queue is empty.
HAND_IN = """
import smtplib, subprocess, sys, time
with smtplib.SMTP("localhost", 25) as server:
    message = f"From: admin@box.practice.test\\r\\nTo: taro@example.test\\r\\nSubject: {sys.argv[1]}\\r\\n\\r\\n"
    server.sendmail("admin@box.practice.test", ["taro@example.test"], message)
while b"is empty" not in subprocess.run(["mailq"], capture_output=True).stdout:
    time.sleep(0.1)
"""
# What lies in each folder of the mailbox, by subject, read over IMAP.
FOLDERS = """
import imaplib, re, ssl
context = ssl.create_default_context(cafile="/etc/ssl/postwizard/box.practice.test.crt")
box = imaplib.IMAP4_SSL("box.practice.test", 993, ssl_context=context)
box.login("taro@example.test", open("/root/password").read().strip())
for folder in ("INBOX", "Club"):
    if box.select(folder, readonly=True)[0] == "OK":
        numbers = box.search(None, "ALL")[1][0].split()
        headers = [box.fetch(number, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0][1] for number in numbers]
        print(folder + ":", *sorted(re.sub(r"\\s+", " ", header.decode()).strip() for header in headers), sep=" | ")
"""


def bring_filter(hosts: ThreeHosts) -> list[str]:
    """Makes the filter active over ManageSieve from outside, and says what was answered.

    From the machine itself Dovecot would take a login in clear (auth_allow_cleartext).
    """
    outside = hosts.sender.machine
    put_file(outside, "/root/filter.sieve", FILTER)
    put_file(outside, "/root/password", PASSWORD)
    put_file(outside, "/root/box.crt", read_file(hosts.server.machine, "/etc/ssl/postwizard/box.practice.test.crt"))
    brought = python(outside, BRING)
    assert brought.ok, brought.error_text
    return brought.text.splitlines()


def test_a_filter_brought_over_manage_sieve_files_and_answers_mail(three_hosts: ThreeHosts) -> None:
    machine = three_hosts.server.machine
    result = set_up_mail(machine)
    assert result.exit_code == 0, result.text + result.error_text
    assert "on port 4190" in result.text

    clear, refused, *answers = bring_filter(three_hosts)
    assert '"SASL" ""' in clear
    assert "STARTTLS" in clear
    assert refused.startswith("login in clear: NO")
    log_in, put, active, broken, listed = answers
    assert all(answer.rpartition("OK")[1] for answer in (log_in, put, active, listed)), answers
    assert broken.startswith("NO"), broken
    assert '"mine" ACTIVE' in listed
    assert "broken" not in listed

    assert python(machine, HAND_IN, "the club meets").ok
    assert python(machine, HAND_IN, "something else").ok
    folders = python(machine, FOLDERS)
    assert folders.ok, folders.error_text
    inbox, club = folders.text.splitlines()
    assert "something else" in inbox
    assert "club" not in inbox.removeprefix("INBOX")
    assert "the club meets" in club
    notice = machine.run("cat", "/var/spool/mail/admin").text
    assert "I am away." in notice
    assert "Auto-Submitted: auto-replied" in notice  # RFC 5230, section 5.8

    # Without filters the port is shut; the filter itself is the user's, and stays.
    result = set_up_mail(machine, answers=WITHOUT)
    assert result.exit_code == 0, result.text + result.error_text
    assert ":4190 " not in machine.run("ss", "-ltnH").text
    assert machine.run("pacman", "-Q", "pigeonhole").exit_code != 0
    assert python(machine, HAND_IN, "the club again").ok
    inbox, _club = python(machine, FOLDERS).text.splitlines()
    assert "the club again" in inbox
    assert machine.run("grep", "-rl", "I am away", "/var/vmail").text.strip()

    for _run in range(2):
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    assert machine.run("grep", "-rl", "I am away", "/var/vmail").text.strip()
    assert PASSWORD not in machine.run("journalctl", "--no-pager").text
