"""Mail with a login as others see it: what its headers tell, and what happens to who guesses passwords."""

import pytest

from tests.machine.test_virtual_mail import ANSWERS, PASSWORD, python, set_up_mail
from tests.machine.the_wizard import put_file
from tests.machine.three_hosts import Host, ThreeHosts

pytestmark = pytest.mark.real_machine

OPEN = ANSWERS + "hide_sender_details = false\n"
# Hands one mail to the server: with a login on 587, or as another mail server does on 25.
HAND_IN = """
import smtplib, ssl, sys
host, port, sender, recipient, subject = sys.argv[1:]
message = open("/root/message", "rb").read().replace(b"SUBJECT", subject.encode()).replace(b"\\n", b"\\r\\n")
with smtplib.SMTP(host, int(port)) as server:
    if port == "587":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        server.starttls(context=context)
        server.login("taro@example.test", open("/root/password").read().strip())
    server.sendmail(sender, [recipient], message)
"""
MESSAGE = """\
Received: from elsewhere.test (elsewhere.test [192.0.2.99]) by relay.test (Postfix) with ESMTPSA id 4XYZ;
 Tue, 24 Nov 2026 10:00:00 +0000
From: taro@example.test
To: admin@receiver.test
Subject: SUBJECT
User-Agent: Tell-Tale/1.0
X-Mailer: Tell-Tale
X-Originating-IP: [198.51.100.77]
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

User-Agent: Inner/2.0
Subject: inside

text
--b--
"""
# Asks for a login over and over, in several connections, and says the last answer.
GUESS = """
import smtplib, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
answer = None
for _connection in range(5):
    with smtplib.SMTP_SSL(sys.argv[1], 465, context=context) as server:
        server.ehlo()
        for _time in range(8):
            answer = server.docmd("AUTH", "NO-SUCH-WAY")
            print(answer[0], answer[1].decode())
"""


def arrived(host: Host, subject: str, mailbox: str) -> str:
    """The mail with this subject, with its headers unfolded, once the queues are empty."""
    wait = "until mailq | grep -q 'is empty'; do sleep 0.1; done"
    host.run("sh", "-c", wait)
    text = host.run("sh", "-c", f"cat {mailbox}")
    mails = [mail for mail in f"\n{text}".split("\nReturn-Path: ") if f"\nSubject: {subject}\n" in mail]
    assert len(mails) == 1, text
    return mails[0].replace("\n\t", " ").replace("\n ", " ")


def send(hosts: ThreeHosts, port: int, sender: str, recipient: str, subject: str) -> None:
    """Hands one mail in from outside, and waits until the server has passed it on."""
    outside = hosts.sender.machine
    put_file(outside, "/root/message", MESSAGE)
    put_file(outside, "/root/password", PASSWORD)
    handed = python(outside, HAND_IN, hosts.server.ipv4, str(port), sender, recipient, subject)
    assert handed.ok, handed.error_text
    hosts.server.run("sh", "-c", "until mailq | grep -q 'is empty'; do sleep 0.1; done")


def test_mail_with_a_login_hides_its_sender_and_all_other_mail_keeps_every_header(three_hosts: ThreeHosts) -> None:
    hosts, server = three_hosts, three_hosts.server
    result = set_up_mail(server.machine)
    assert result.exit_code == 0, result.text + result.error_text
    there, here = "/var/mail/admin", "/var/vmail/example.test/taro/Maildir/*/*.box.practice.test*"
    own, by_server = hosts.sender.ipv4, "by box.practice.test (Postfix)"

    send(hosts, 587, "taro@example.test", "admin@receiver.test", "hidden")
    mail = arrived(hosts.receiver, "hidden", there)
    head, _line, inside = mail.partition("Content-Type: message/rfc822")
    for telling in (own, hosts.sender.ipv6, hosts.sender.name, "User-Agent", "X-Mailer", "198.51.100.77"):
        assert telling not in head, head
    # The trace of others and of this machine is whole, and so is what lies in the message (RFC 5321, section 4.4).
    assert "Received: from elsewhere.test (elsewhere.test [192.0.2.99]) by relay.test (Postfix) with ESMTPSA" in head
    assert f"Received: {by_server} id " in head
    assert "User-Agent: Inner/2.0" in inside

    send(hosts, 25, "other@sender.test", "taro@example.test", "whole")
    mail = arrived(server, "whole", here)
    for kept in (f"[{own}]) {by_server} with ESMTP", "User-Agent: Tell-Tale/1.0", "X-Mailer", "198.51.100.77"):
        assert kept in mail, mail

    # An older Postfix cannot hide the session itself; then the checks rewrite the one trace header that is ours.
    for name in ("submission", "submissions"):
        server.run("postconf", "-PX", f"{name}/inet/smtpd_hide_client_session")
    server.run("postfix", "reload")
    send(hosts, 587, "taro@example.test", "admin@receiver.test", "older")
    head = arrived(hosts.receiver, "older", there).partition("Content-Type: message/rfc822")[0]
    assert own not in head, head
    assert hosts.sender.name not in head, head
    assert f"Received: {by_server} id " in head
    assert "Received: from elsewhere.test (elsewhere.test [192.0.2.99]) by relay.test (Postfix) with ESMTPSA" in head

    # Who guesses is sent away before the password is looked at (postconf(5): smtpd_client_auth_rate_limit).
    guessed = python(hosts.sender.machine, GUESS, server.ipv4)
    assert guessed.ok, guessed.error_text
    answers = guessed.text.splitlines()
    assert answers[0].startswith("535 5.7.8"), answers
    assert answers[-1].startswith("450 4.7.1"), answers

    result = set_up_mail(server.machine, "--on-conflict", "overwrite", answers=OPEN)
    assert result.exit_code == 0, result.text + result.error_text
    send(hosts, 587, "taro@example.test", "admin@receiver.test", "open")
    head = arrived(hosts.receiver, "open", there).partition("Content-Type: message/rfc822")[0]
    assert f"[{own}])" in head, head
    assert "User-Agent: Tell-Tale/1.0" in head
