"""A firewall that turns mail away: a notice names the commands, or its ports are opened, and undo closes them again."""

import re
from collections.abc import Mapping

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.test_virtual_mail import set_up_mail
from tests.machine.the_wizard import wizard
from tests.machine.three_hosts import Host, ThreeHosts
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

ANSWERS = """\
format = 1
profile = "virtual_mail"

[answers]
mail_domains = ["practice.test"]
mailbox_address = "taro@practice.test"
signing = "none"
sieve = false
open_firewall = "{answer}"
"""
PORTS = (25, 465, 587, 993)
START: Mapping[str, tuple[str, ...]] = {
    "nftables": ("systemctl", "enable", "--now", "nftables"),
    "ufw": ("ufw", "--force", "enable"),
    "firewalld": ("systemctl", "enable", "--now", "firewalld"),
}
STOP: Mapping[str, tuple[str, ...]] = {
    "nftables": ("nft", "flush", "ruleset"),
    "ufw": ("ufw", "disable"),
    "firewalld": ("systemctl", "stop", "firewalld"),
}
COMMANDS = {
    "nftables": "nft 'insert rule inet filter input tcp dport { 25, 465, 587, 993 } accept comment postwizard'",
    "ufw": "ufw allow 25/tcp comment postwizard",
    "firewalld": "firewall-cmd --permanent --zone=public --add-service=smtp",
}
# Says which ports of a host answer.
CONNECT = """
import socket, sys
for address in sys.argv[1:3]:
    for port in map(int, sys.argv[3:]):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as connection:
            connection.settimeout(1)
            try:
                connection.connect((address, port))
                print(port)
            except OSError:
                pass
"""


def reached(hosts: ThreeHosts) -> list[int]:
    """The ports of the server that the outside sender reaches, by IPv4 and then by IPv6."""
    server = hosts.server
    said = hosts.sender.run("python3", "-c", CONNECT, server.ipv4, server.ipv6, *map(str, PORTS))
    return [int(port) for port in said.split()]


def rules(server: Host, kind: str) -> str:
    """All rules in force, without what they counted; ufw fills chains that nothing leads to at any change."""
    shown = ("ufw", "status", "verbose") if kind == "ufw" else ("nft", "list", "ruleset")
    return re.sub(r"packets \d+ bytes \d+", "", server.run(*shown))


def run(machine: PracticeMachine, answer: str) -> str:
    """Runs the wizard with that answer; what it said, in one line."""
    result = set_up_mail(machine, answers=ANSWERS.format(answer=answer))
    assert result.exit_code == 0, result.text + result.error_text
    return " ".join(result.text.split())


@pytest.mark.parametrize("kind", ["nftables", "ufw", "firewalld"])
def test_the_outside_reaches_the_services_once_their_ports_are_open_and_not_after_undo(
    three_hosts: ThreeHosts, kind: str
) -> None:
    server = three_hosts.server
    machine = server.machine
    server.run("pacman", "-S", "--needed", "--noconfirm", "nftables", kind)
    server.run(*START[kind])
    try:
        said = run(machine, "leave")
        assert "turns away ports 25, 465, 587, 993" in said
        assert COMMANDS[kind] in said
        assert reached(three_hosts) == []
        before, rules_before = fingerprint(machine), rules(server, kind)

        said = run(machine, "open")
        assert "turns away" not in said
        assert reached(three_hosts) == [*PORTS, *PORTS]
        assert "othing is left to do" in run(machine, "open")

        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
        assert rules(server, kind) == rules_before
        assert reached(three_hosts) == []
        # Postfix runs on, so its queue is not the same at any two moments.
        changed = {name for name in differences(before, fingerprint(machine)) if not name.startswith("paths /var/")}
        assert changed == set()
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
    finally:
        machine.run(*STOP[kind])
        machine.run("pacman", "-R", "--noconfirm", *({kind} - {"nftables"}))
