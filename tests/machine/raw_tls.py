"""Offers a TLS server one version and some cipher suites, byte by byte, and says what it answers.

It runs inside a practice machine: what the OpenSSL there would not offer any more is offered all the same, so that it
is the server that refuses. Each line of the input is `port version suite,suite…` (RFC 5246, appendix A; hexadecimal),
and each line of the output `hello suite`, `alert number` or `closed` (RFC 5246, sections 7.4.1.3 and 7.2).
"""

import os
import socket
import struct
import sys

SMTP, MANAGESIEVE = (25, 587), 4190
PATIENCE = 20.0  # seconds
# RFC 8422, section 5.1: x25519, secp256r1, secp384r1, uncompressed points; RFC 8446, section 4.2.3: ECDSA, PSS, RSA.
GROUPS, FORMATS = b"\x00\x1d\x00\x17\x00\x18", b"\x00"
SIGNATURES = bytes.fromhex("0403 0503 0603 0804 0805 0806 0401 0501 0601 0203 0201".replace(" ", ""))


def sized(content: bytes, width: int) -> bytes:
    """The content with its length before it."""
    return len(content).to_bytes(width, "big") + content


def extension(number: int, content: bytes) -> bytes:
    """One extension (RFC 5246, section 7.4.1.4)."""
    return struct.pack("!H", number) + sized(content, 2)


def client_hello(version: int, suites: tuple[int, ...]) -> bytes:
    """A record with a ClientHello of this version."""
    extensions = (
        extension(10, sized(GROUPS, 2)) + extension(11, sized(FORMATS, 1)) + extension(13, sized(SIGNATURES, 2))
    )
    offered = b"".join(struct.pack("!H", suite) for suite in suites)
    body = struct.pack("!H", version) + os.urandom(32) + b"\0" + sized(offered, 2) + sized(b"\0", 1)
    message = b"\x01" + sized(body + sized(extensions, 2), 3)
    return b"\x16\x03\x01" + sized(message, 2)


def starttls(connection: socket.socket, port: int) -> None:
    """The words before TLS (RFC 3207; RFC 5804, section 2.2); on other ports there are none."""
    with connection.makefile("rb") as answers:
        if port in SMTP:
            read_reply(answers)
            for command in (b"EHLO probe.example\r\n", b"STARTTLS\r\n"):
                connection.sendall(command)
                read_reply(answers)
        elif port == MANAGESIEVE:
            read_until_ok(answers)
            connection.sendall(b"STARTTLS\r\n")
            read_until_ok(answers)


def read_until_ok(answers: object) -> None:
    """Reads one reply of ManageSieve."""
    while not (line := answers.readline()).startswith(b"OK"):  # type: ignore[attr-defined]
        assert line.startswith(b'"'), line


def read_reply(answers: object) -> None:
    """Reads one reply of SMTP, of any number of lines."""
    while (line := answers.readline())[3:4] == b"-":  # type: ignore[attr-defined]
        pass
    assert line[:1] == b"2", line


def received(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer where the server closes."""
    found = b""
    while len(found) < size and (more := connection.recv(size - len(found))):
        found += more
    return found


def answer(port: int, version: int, suites: tuple[int, ...]) -> str:
    """What the server on this machine says to the offer."""
    with socket.create_connection(("localhost", port), PATIENCE) as connection:
        starttls(connection, port)
        connection.sendall(client_hello(version, suites))
        try:
            head = received(connection, 5)
            body = received(connection, int.from_bytes(head[3:5], "big"))
        except ConnectionResetError:
            return "closed"
    if head[:1] == b"\x15":
        return f"alert {body[1]}"
    if head[:1] == b"\x16" and body[:1] == b"\x02":
        place = 4 + 2 + 32
        place += 1 + body[place]
        return f"hello {body[place : place + 2].hex()}"
    return "closed"


if __name__ == "__main__":
    for line in sys.stdin:
        port, version, suites = line.split()
        print(answer(int(port), int(version, 16), tuple(int(suite, 16) for suite in suites.split(","))))
