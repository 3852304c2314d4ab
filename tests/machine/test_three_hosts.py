"""Between an outside sender, a server and an outside receiver: names lead mail to the right port 25."""

import pytest

from tests.machine.three_hosts import Host, ThreeHosts

pytestmark = pytest.mark.real_machine

LOOK_UP = """\
import socket, sys
print(sorted({entry[4][0] for entry in socket.getaddrinfo(sys.argv[1], 25)}))
print(socket.gethostbyaddr(sys.argv[2])[0], socket.gethostbyaddr(sys.argv[3])[0])
"""


def send(host: Host, subject: str, to: str) -> None:
    """admin of that host sends a mail."""
    host.run("sendmail", "-f", f"admin@{host.domain}", to, stdin=f"Subject: {subject}\n\nHello.\n".encode())


def mail_of_admin(host: Host, word: str) -> str:
    """The mailbox of admin there, once a word is in it."""
    wait = 'i=0; while ! grep -q "$1" /var/mail/admin && [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1; done'
    host.machine.run("sh", "-c", f"{{ {wait}; }} 2>/dev/null", "sh", word)
    return host.machine.run("cat", "/var/mail/admin").text


def test_names_and_addresses_of_every_host_are_known_to_every_host(three_hosts: ThreeHosts) -> None:
    for asking in three_hosts.all:
        for asked in three_hosts.all:
            if asked is asking:
                continue  # Its own name is in its /etc/hosts.
            said = asking.run("python3", "-c", LOOK_UP, asked.name, asked.ipv4, asked.ipv6)
            assert said == f"{sorted([asked.ipv4, asked.ipv6])}\n{asked.name} {asked.name}\n"
    unknown = three_hosts.server.machine.run("getent", "hosts", "nobody.sender.test")
    assert unknown.exit_code == 2


def test_mail_finds_the_server_by_its_mx_and_the_server_finds_the_receiver(three_hosts: ThreeHosts) -> None:
    sender, server, receiver = three_hosts.all
    server.run("pacman", "-S", "--noconfirm", "postfix")
    server.run("postconf", "-e", f"mydestination = {server.domain}, localhost")
    server.run("newaliases")
    server.run("systemctl", "start", "postfix")
    send(sender, "from outside", f"admin@{server.domain}")
    mailbox = mail_of_admin(server, "from outside")
    assert f"from {sender.name} ({sender.name} [" in mailbox, sender.run("postqueue", "-p")
    send(server, "to outside", f"admin@{receiver.domain}")
    mailbox = mail_of_admin(receiver, "to outside")
    assert f"from {server.name} ({server.name} [" in mailbox, server.run("postqueue", "-p")


def test_mail_comes_back_from_where_names_lead_nowhere(three_hosts: ThreeHosts) -> None:
    three_hosts.answer("empty.test. MX 10 mail.empty.test.")
    for domain in ("absent.test", "empty.test"):
        send(three_hosts.sender, "lost", f"ada@{domain}")
        assert "not found" in mail_of_admin(three_hosts.sender, f"<ada@{domain}>")
