"""The output of ss(8), as values."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Socket:
    """One line of `ss -Hltnp`: where it listens, and the first process that holds it, where that may be seen."""

    address: str
    port: int
    process: str = ""
    pid: int = 0


def read_sockets(text: str) -> tuple[Socket, ...]:
    """The listening sockets, in order; an IPv6 address stands without its brackets, `*` for every address."""
    sockets = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 4 or fields[0] != "LISTEN":
            continue
        address, _colon, port = fields[3].rpartition(":")
        held = re.search(r'users:\(\("([^"]*)",pid=(\d+)', line)
        if port.isdigit():
            process, pid = (held[1], int(held[2])) if held else ("", 0)
            sockets.append(Socket(address.strip("[]").partition("%")[0], int(port), process, pid))
    return tuple(sockets)
