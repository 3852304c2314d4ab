"""The open-relay self test on a real Postfix: as the wizard sets it up, misconfigured, and seen from outside."""

import json

import pytest

from tests.machine.test_virtual_mail import set_up_mail
from tests.machine.the_wizard import put_file, wizard
from tests.machine.three_hosts import Host, ThreeHosts

pytestmark = pytest.mark.real_machine

# Every form, from another machine: each line is the answer to the recipient.
ASK = """
import sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
import smtplib
from wizard.check.open_relay import ELSEWHERE, forms
for form in forms(("box.practice.test", "example.test"), sys.argv[1]):
    with smtplib.SMTP(sys.argv[1], 25, local_hostname=ELSEWHERE, timeout=20) as server:
        server.ehlo()
        server.docmd("MAIL", f"FROM:<{form.sender}>")
        code, text = server.docmd("RCPT", f"TO:<{form.recipient}>")
    print(code, "ours" if form.is_ours else "others", form.name, text.decode())
"""

# What an administrator may have set, and a form that is taken then.
MISTAKES = [
    (
        ("mynetworks = 0.0.0.0/0 [::]/0", "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
         "smtpd_recipient_restrictions = "),
        "plain address",
    ),
    # For routed addresses Postfix takes no OK from an access table, only this (postconf(5): allow_untrusted_routing).
    (("relay_domains = outside.example", "allow_untrusted_routing = yes"), "percent hack, box.practice.test"),
    (
        ("smtpd_relay_restrictions = check_sender_access inline:{{<>=OK}}, reject_unauth_destination",
         "smtpd_recipient_restrictions = "),
        "null sender",
    ),
    (("relay_domains = outside.example",), "bang path"),
]  # fmt: skip


def self_test(hosts: ThreeHosts) -> dict[str, str]:
    """What the wizard's own test finds on the server."""
    result = wizard(hosts.server.machine, "test", "--json")
    findings = json.loads(result.text.splitlines()[-1])["report"]["findings"]
    return next(found for found in findings if "trangers can" in found["what"] or "open relay" in found["what"])


def from_outside(host: Host, address: str) -> list[str]:
    """What the server answers another machine."""
    put_file(host.machine, "/root/ask.py", ASK)
    return host.run("python3", "-P", "/root/ask.py", address).splitlines()


def test_strangers_are_refused_in_every_form_and_each_mistake_is_seen(three_hosts: ThreeHosts) -> None:
    server = three_hosts.server
    made = set_up_mail(server.machine)
    assert made.exit_code == 0, made.text + made.error_text
    assert "Strangers cannot send to others through this machine" in made.text
    for place in ("198.18.0.1: percent hack", "2001:2::1: percent hack", "198.18.0.1:587: foreign sender with a login"):
        assert place in made.text
    assert "198.18" not in server.run("ip", "address")

    for address in (server.ipv4, server.ipv6):
        lines = from_outside(three_hosts.sender, address)
        assert len(lines) > 20
        for line in lines:
            assert line.startswith("250 ours" if line.split(" ")[1] == "ours" else "5"), line

    before = server.run("cat", "/etc/postfix/main.cf")
    for settings, form in MISTAKES:
        server.run("postconf", "-e", *settings)
        server.run("systemctl", "restart", "postfix")
        found = self_test(three_hosts)
        assert (found["verdict"], form in found["what"]) == ("failed", True), (settings, found)
        put_file(server.machine, "/etc/postfix/main.cf", before)
        server.run("systemctl", "restart", "postfix")
    assert self_test(three_hosts)["verdict"] == "ok"
