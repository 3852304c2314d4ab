"""Signing and judging mail between three hosts: signatures verify outside, forged senders are found."""

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.test_three_hosts import mail_of_admin
from tests.machine.test_virtual_mail import set_up_mail
from tests.machine.the_wizard import put_file, wizard
from tests.machine.three_hosts import Host, ThreeHosts

pytestmark = pytest.mark.real_machine

ANSWERS = """\
format = 1
profile = "virtual_mail"

[answers]
mail_domains = ["practice.test", "club.test"]
mailbox_address = "taro@practice.test"
dkim_selector = "s1"
signing = "{program}"
unauthenticated_mail = "{unauthenticated}"
"""
# The public keys as the wizard tells them, one record a line.
KEYS = """
import sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
from wizard.machine.dkim_keys import public_keys
from wizard.machine.this_machine import ThisMachine
for found in public_keys(ThisMachine()):
    print(found.key.name, found.record)
"""
# Sends a message with a login, as a mail program does.
SUBMIT = """
import smtplib, ssl, sys
context = ssl.create_default_context(cafile="/root/server.crt")
with smtplib.SMTP("box.practice.test", 587) as server:
    server.starttls(context=context)
    server.login("taro@practice.test", open("/root/password").read().strip())
    server.sendmail("taro@practice.test", ["admin@receiver.test"], sys.stdin.read())
"""
# Delivers a message on port 25, as a mail server does, and says what was answered.
DELIVER = """
import smtplib, sys
with smtplib.SMTP("box.practice.test", 25) as server:
    try:
        server.sendmail(sys.argv[1], ["taro@practice.test"], sys.stdin.read())
        print("250")
    except smtplib.SMTPResponseException as refused:
        print(refused.smtp_code, refused.smtp_error.decode())
"""
# The outside receiver's own verifier. Not OpenDKIM: Debian's build of it has a resolver that knows no name below .test.
VERIFIER = {
    "milter_headers.conf": 'use = ["authentication-results"];\n',
    "actions.conf": "reject = null;\nadd_header = null;\ngreylist = null;\n",
    "worker-proxy.inc": 'upstream "local" {\n  self_scan = yes;\n}\n',
}
SENDERS = (
    'sender.test. TXT "v=spf1 ip4:198.51.100.25 ip6:2001:db8:1::25 -all"',
    '_dmarc.sender.test. TXT "v=DMARC1; p=reject"',
    'victim.test. TXT "v=spf1 -all"',
    '_dmarc.victim.test. TXT "v=DMARC1; p=reject"',
)


def message(subject: str, sender: str, more: str = "") -> bytes:
    """A message with these headers."""
    return f"From: {sender}\nTo: somebody\nSubject: {subject}\n{more}\nHello.\n".encode()


def records(server: Host) -> list[str]:
    """The records of the server's keys, for the zone; a string of a TXT record has 255 octets at most."""
    put_file(server.machine, "/root/keys.py", KEYS)
    said = server.run("python3", "-P", "/root/keys.py")
    assert "PRIVATE" not in said
    found = []
    for line in said.splitlines():
        name, _space, text = line.partition(" ")
        strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
        found.append(f"{name}. TXT {strings}")
    return found


def verify_outside(receiver: Host) -> None:
    """The receiver verifies what comes to it, asking the zone for keys."""
    receiver.run("pacman", "-S", "--needed", "--noconfirm", "rspamd")
    receiver.run("mkdir", "-p", "/etc/rspamd/local.d")
    for name, content in VERIFIER.items():
        put_file(receiver.machine, f"/etc/rspamd/local.d/{name}", content)
    receiver.run("systemctl", "restart", "rspamd")
    receiver.run("postconf", "-e", "smtpd_milters = inet:localhost:11332", "milter_default_action = tempfail")
    receiver.run("systemctl", "reload", "postfix")


def set_up_signing(server: Host, program: str, unauthenticated: str) -> str:
    """Runs the wizard; what it said."""
    result = set_up_mail(server.machine, answers=ANSWERS.format(program=program, unauthenticated=unauthenticated))
    assert result.exit_code == 0, result.text + result.error_text
    return result.text + result.error_text


def deliver(hosts: ThreeHosts, sender: str, text: bytes) -> str:
    """A mail from the outside sender to the mailbox; the answer of the server."""
    put_file(hosts.sender.machine, "/root/deliver.py", DELIVER)
    return hosts.sender.run("python3", "/root/deliver.py", sender, stdin=text)


def mail_of_taro(server: Host, subject: str) -> str:
    """The headers of that message in the mailbox, unfolded, once it is there."""
    wait = 'i=0; while ! grep -rqs "Subject: $1" /var/vmail && [ $i -lt 100 ]; do i=$((i+1)); sleep 0.1; done'
    server.machine.run("sh", "-c", wait, "sh", subject)
    text = server.run("doveadm", "fetch", "-u", "taro@practice.test", "hdr", "subject", subject)
    return text.replace("\r\n", "\n").replace("\n\t", " ").replace("\n  ", " ")


def readers(server: Host, path: str) -> set[str]:
    """Those of some users who can read a file."""
    found = set()
    for user in ("rspamd", "opendkim", "opendmarc", "postfix", "dovecot", "vmail", "nobody", "admin"):
        if server.machine.run("id", user).ok:
            group = server.run("id", "-gn", user).strip()
            as_user = ("setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups")
            found |= {user} if server.machine.run(*as_user, "head", "-c1", path).ok else set()
    return found


@pytest.mark.parametrize("program", ["rspamd", "opendkim"])
def test_mail_that_is_sent_verifies_outside_and_a_forged_sender_is_marked_or_refused(
    three_hosts: ThreeHosts, program: str
) -> None:
    sender, server, receiver = three_hosts.all
    before = fingerprint(server.machine)
    said = set_up_signing(server, program, "mark")
    assert "PRIVATE KEY" not in said
    key = "/etc/dkim/s1._domainkey.practice.test.key"
    assert readers(server, key) == {program}
    assert server.run("openssl", "pkey", "-in", key, "-noout", "-text").startswith("Private-Key: (2048 bit")
    journals = server.machine.run("grep", "-rl", "--include=journal*", "PRIVATE KEY", "/var/lib/postwizard")
    assert journals.exit_code == 1

    keys = records(server)
    assert [line.split(".")[0] for line in keys] == ["s1", "s1"]
    three_hosts.answer(*keys, *SENDERS)
    verify_outside(receiver)
    put_file(sender.machine, "/root/server.crt", server.run("cat", "/etc/ssl/postwizard/box.practice.test.crt"))
    put_file(sender.machine, "/root/password", server.run("cat", "/root/password"))
    put_file(sender.machine, "/root/submit.py", SUBMIT)
    sender.run("python3", "/root/submit.py", stdin=message("by login", "taro@practice.test"))
    server.run("sendmail", "-f", "taro@club.test", "admin@receiver.test", stdin=message("by program", "taro@club.test"))
    for subject, domain in (("by login", "practice.test"), ("by program", "club.test")):
        mailbox = mail_of_admin(receiver, f"Subject: {subject}")
        arrived = next(part for part in mailbox.split("\nFrom ") if f"Subject: {subject}" in part)
        verdict = " ".join(arrived.partition("Authentication-Results:")[2].partition("\nReceived")[0].split())
        assert "mail.receiver.test; dkim=pass" in verdict, mailbox
        assert f"header.d={domain}" in verdict

    forged = "Authentication-Results: box.practice.test; dmarc=pass header.from=victim.test; spf=pass\n"
    assert deliver(three_hosts, "boss@victim.test", message("forged", "boss@victim.test", forged)).strip() == "250"
    headers = mail_of_taro(server, "forged")
    results = [line for line in headers.splitlines() if line.startswith("Authentication-Results: box.practice.test")]
    assert any("dmarc=fail" in line for line in results), headers
    assert any("spf=fail" in line for line in results), headers
    assert not any("=pass" in line for line in results), headers

    assert deliver(three_hosts, "admin@sender.test", message("honest", "admin@sender.test")).strip() == "250"
    headers = mail_of_taro(server, "honest")
    results = [line for line in headers.splitlines() if line.startswith("Authentication-Results: box.practice.test")]
    assert any("dmarc=pass" in line for line in results), headers

    set_up_signing(server, program, "reject")
    assert records(server) == keys
    assert "5.7.1" in deliver(three_hosts, "boss@victim.test", message("refused", "boss@victim.test"))
    assert deliver(three_hosts, "admin@sender.test", message("again", "admin@sender.test")).strip() == "250"
    assert "othing" in set_up_signing(server, program, "reject")

    for _run in range(2):
        undone = wizard(server.machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    assert server.machine.run("ls", "/etc/dkim").exit_code != 0
    after = {
        name: change
        for name, change in differences(before, fingerprint(server.machine)).items()
        if not name.startswith("paths /var/vmail")
    }
    assert after == {}
