"""postscreen on a whole machine: who does not wait is refused, who waits gets through, and it goes as it came."""

import pytest

from tests.machine.test_submission import arrived
from tests.machine.test_virtual_mail import ANSWERS, LOCAL, python, set_up_mail
from tests.machine.the_wizard import set_up, wizard
from tests.machine.three_hosts import ThreeHosts

pytestmark = pytest.mark.real_machine

WITH = ANSWERS + "postscreen = true\n"
SMTPD = "smtp inet n - n - - smtpd"
# Speaks before the greeting, or waits for it, and says what is answered to the recipient.
SPEAK = """
import socket, sys
link = socket.create_connection((sys.argv[1], 25), timeout=60)
stream = link.makefile("rwb")
def hear():
    while True:
        line = stream.readline().decode().strip()
        if line[3:4] != "-":
            return line
def say(*lines):
    stream.write("".join(f"{line}\\r\\n" for line in lines).encode())
    stream.flush()
if sys.argv[2] != "early":
    hear()
say("EHLO mail.sender.test")
hear()
for line in ("MAIL FROM:<other@sender.test>", "RCPT TO:<taro@example.test>"):
    say(line)
    answer = hear()
print(answer)
if answer.startswith("250"):
    for line in ("DATA", "Subject: waited\\r\\n\\r\\ntext\\r\\n."):
        say(line)
        print(hear())
say("QUIT")
"""


def port_25(hosts: ThreeHosts) -> str:
    """The line of master.cf for port 25."""
    return " ".join(hosts.server.run("postconf", "-M", "smtp/inet").split())


def test_who_does_not_wait_is_refused_and_who_waits_gets_through(three_hosts: ThreeHosts) -> None:
    hosts, server = three_hosts, three_hosts.server
    result = set_up_mail(server.machine, answers=WITH)
    assert result.exit_code == 0, result.text + result.error_text
    assert port_25(hosts) == "smtp inet n - n - 1 postscreen"

    early = python(hosts.sender.machine, SPEAK, server.ipv4, "early")
    assert early.text.startswith("550 5.5.1"), early.text + early.error_text
    waited = python(hosts.sender.machine, SPEAK, server.ipv6, "in turn")
    assert waited.text.startswith("250 2.1.5"), waited.text + waited.error_text
    assert "\n250 2.0.0" in waited.text, waited.text
    mail = arrived(server, "waited", "/var/vmail/example.test/taro/Maildir/*/*.box.practice.test*")
    assert hosts.sender.ipv6 in mail

    # Whom the administrator names is let through without a look.
    exempt = WITH + f'postscreen_exempt = ["{hosts.sender.ipv4}"]\n'
    named = set_up_mail(server.machine, answers=exempt)
    assert named.exit_code == 0, named.text + named.error_text
    at_once = python(hosts.sender.machine, SPEAK, server.ipv4, "in turn")
    assert at_once.text.startswith("250 2.1.5"), at_once.text + at_once.error_text
    assert f"ALLOWLISTED [{hosts.sender.ipv4}]" in server.run("journalctl", "--no-pager", "-u", "postfix")
    undone = wizard(server.machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text

    again = set_up_mail(server.machine, answers=WITH)
    assert "othing" in again.text, again.text

    # Without it, by undo and by change of profile, smtpd has port 25 as before.
    for change in (ANSWERS + "postscreen = false\n", WITH, LOCAL):
        changed = (
            set_up(server.machine, "--secret", "mailbox_password=/root/password", answers=change)
            if (change is not LOCAL)
            else set_up(server.machine, answers=change)
        )
        assert changed.exit_code == 0, changed.text + changed.error_text
        services = server.run("postconf", "-M")
        assert ("postscreen" in services) is (change is WITH), services
        assert ("smtpd      pass" in services) is (change is WITH), services
        assert change is WITH or port_25(hosts) == SMTPD
    assert "postscreen" not in server.run("postconf", "-n")
    undone = wizard(server.machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert port_25(hosts) == "smtp inet n - n - 1 postscreen"
    undone = wizard(server.machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert port_25(hosts) == SMTPD
