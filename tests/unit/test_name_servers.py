"""Questions to a real name server, over UDP and TCP, and what comes of one that is silent or talks nonsense."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.machine.this_machine import ThisMachine, name_servers

Answer = Callable[[dns.message.Message], dns.message.Message | bytes | None]


@contextmanager
def serving(answer: Answer, port: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server at 127.0.0.1 that answers so, the same over UDP and TCP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(tcp.getsockname())
        port.setattr(name_servers, "PORT", tcp.getsockname()[1])

        def by_udp() -> None:
            while True:
                query, client = udp.recvfrom(4096)
                if not query:
                    return
                wire = _wire(answer(dns.message.from_wire(query)), 1232)
                if wire is not None:
                    udp.sendto(wire, client)

        def by_tcp() -> None:
            while True:
                connection, _client = tcp.accept()
                with connection:
                    length = connection.recv(2)
                    if not length:
                        return
                    wire = _wire(answer(dns.message.from_wire(connection.recv(4096))), 65535) or b""
                    connection.sendall(len(wire).to_bytes(2, "big") + wire)

        threads = [Thread(target=by_udp), Thread(target=by_tcp)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", udp.getsockname())
            socket.create_connection(tcp.getsockname()).close()
            for thread in threads:
                thread.join()


def _wire(message: dns.message.Message | bytes | None, limit: int) -> bytes | None:
    if not isinstance(message, dns.message.Message):
        return message
    if len(message.to_wire(max_size=65535)) > limit:
        message.flags |= dns.flags.TC
        message.answer = []
    return message.to_wire(max_size=65535)


def respond(
    *answer: str, authority: tuple[str, ...] = (), additional: tuple[str, ...] = (), rcode: int = 0, flags: int = 0
) -> Answer:
    """A server that always says this; each line is `owner ttl kind value`."""

    def sets(lines: tuple[str, ...]) -> list[dns.rrset.RRset]:
        split = (line.split(" ", 3) for line in lines)
        return [dns.rrset.from_text(owner, int(ttl), "IN", kind, value) for owner, ttl, kind, value in split]

    def say(query: dns.message.Message) -> dns.message.Message:
        message = dns.message.make_response(query)
        message.set_rcode(dns.rcode.Rcode(rcode))
        message.flags |= flags
        message.answer, message.authority = sets(answer), sets(authority)
        message.additional = sets(additional)
        return message

    return say


SOA = "example.test. 900 SOA ns.example.test. admin.example.test. 7 3600 600 86400 300"

ANSWERS = [
    (
        "TXT",
        respond('example.test. 60 TXT "v=spf1 " "-all"', flags=dns.flags.AA),
        DnsAnswer(DnsStatus.FOUND, ("v=spf1 -all",), ttl=60, is_authoritative=True),
    ),
    (
        "A",
        respond("example.test. 60 CNAME Box.example.test.", "box.example.test. 30 A 192.0.2.1"),
        DnsAnswer(DnsStatus.FOUND, ("192.0.2.1",), ("box.example.test.",), 30),
    ),
    ("A", respond("example.test. 60 CNAME example.test."), DnsAnswer(DnsStatus.NO_RECORD, (), ("example.test.",), 60)),
    ("MX", respond(authority=(SOA,)), DnsAnswer(DnsStatus.NO_RECORD, ttl=300, zone="example.test.")),
    ("MX", respond(authority=(SOA,), rcode=3), DnsAnswer(DnsStatus.NO_NAME, ttl=300, zone="example.test.")),
    (
        "MX",
        respond(authority=("example.test. 60 NS ns.example.test.",), additional=("ns.example.test. 60 A 192.0.2.53",)),
        DnsAnswer(DnsStatus.NO_RECORD, referral=("ns.example.test.",), glue=(("ns.example.test.", "192.0.2.53"),)),
    ),
    ("MX", respond(rcode=2), DnsAnswer(DnsStatus.FAILED)),
    ("MX", respond(rcode=5), DnsAnswer(DnsStatus.REFUSED)),
    ("MX", lambda _query: None, DnsAnswer(DnsStatus.TIMED_OUT)),
]


@pytest.mark.parametrize(("kind", "answer", "expected"), ANSWERS)
def test_what_a_server_says_becomes_an_answer(
    kind: str, answer: Answer, expected: DnsAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer, monkeypatch):
        assert ThisMachine(tmp_path).ask_name_server("127.0.0.1", "example.test.", kind, timeout=0.2) == expected


def test_an_answer_that_is_cut_off_is_asked_for_over_tcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strings = " ".join(f'"{"x" * 250}"' for _number in range(8))
    with serving(respond(f"example.test. 60 TXT {strings}"), monkeypatch):
        answer = ThisMachine(tmp_path).ask_name_server("127.0.0.1", "example.test.", "TXT", timeout=5)
    assert answer.records == ("x" * 2000,)


@pytest.mark.parametrize("recursive", [True, False])
def test_a_resolver_is_asked_to_ask_others_and_a_server_of_a_zone_is_not(
    recursive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def answer(query: dns.message.Message) -> dns.message.Message:
        asked.append(bool(query.flags & dns.flags.RD))
        return dns.message.make_response(query)

    with serving(answer, monkeypatch):
        ThisMachine(tmp_path).ask_name_server("127.0.0.1", "example.test.", "MX", recursive=recursive)
    assert asked == [recursive]


@pytest.mark.parametrize("name", ["a..example.test.", "x" * 64 + ".test."])
def test_a_name_that_cannot_be_is_no_answer(name: str, tmp_path: Path) -> None:
    assert ThisMachine(tmp_path).ask_name_server("127.0.0.1", name, "A") == DnsAnswer(DnsStatus.FAILED)
