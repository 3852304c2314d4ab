"""The output of ss(8), as values."""

import re
from dataclasses import dataclass

# master(8) opens the sockets of Postfix and lends them to the servers that it starts; ss names the latest first.
LENDERS = frozenset({"master"})


@dataclass(frozen=True)
class Holder:
    """A process that holds a socket."""

    process: str = ""
    pid: int = 0


@dataclass(frozen=True)
class Socket:
    """One line of `ss -Hltnp`: where it listens, and the processes that hold it, where they may be seen."""

    address: str
    port: int
    holders: tuple[Holder, ...] = ()

    @property
    def owner(self) -> Holder:
        """The process that opened it, which is the one to name: one that lends it to others, else the first."""
        lenders = [holder for holder in self.holders if holder.process in LENDERS]
        return (*lenders, *self.holders, Holder())[0]


def read_sockets(text: str) -> tuple[Socket, ...]:
    """The listening sockets, in order; an IPv6 address stands without its brackets, `*` for every address."""
    sockets = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 4 or fields[0] != "LISTEN":
            continue
        address, _colon, port = fields[3].rpartition(":")
        held = re.findall(r'\("([^"]*)",pid=(\d+)', line)
        if port.isdigit():
            holders = tuple(Holder(process, int(pid)) for process, pid in held)
            sockets.append(Socket(address.strip("[]").partition("%")[0], int(port), holders))
    return tuple(sockets)
