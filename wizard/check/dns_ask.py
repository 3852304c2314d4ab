"""Asking the DNS: the machine's resolver, and each server of a zone itself, with every answer kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Final

from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.machine.machine import Look
from wizard.syntax.zone_file import absolute

# How the names look from one place: name and kind, to the answer.
View = Callable[[str, str], DnsAnswer]
MOST_SERVERS: Final = 8
_SILENT: Final = frozenset({DnsStatus.TIMED_OUT, DnsStatus.UNREACHABLE})


class Serves(Enum):
    """Whether a name server that a zone is delegated to does its work."""

    YES = "yes"
    LAME = "lame"  # it does not know the zone as its own (RFC 1912, section 2.8)
    SILENT = "silent"
    NO_ADDRESS = "no address"


@dataclass(frozen=True)
class NameServer:
    """One server of a zone; `serial` is that of the zone as this server has it (RFC 1035, section 3.3.13)."""

    name: str
    address: str
    serves: Serves
    serial: str = ""


@dataclass(frozen=True)
class Zone:
    """The zone that a name lies in, with its servers; no `name` where the resolver could not tell, and `status` why."""

    name: str
    status: DnsStatus
    servers: tuple[NameServer, ...] = ()


class Names:
    """The DNS as this machine can see it, now; a server that was silent once is not asked again."""

    def __init__(self, look: Look, resolvers: tuple[str, ...]) -> None:
        self._look = look
        self._resolvers = resolvers
        self._answers: dict[tuple[str, str, str], DnsAnswer] = {}
        self._silent: dict[str, DnsAnswer] = {}
        self._zones: dict[str, Zone] = {}

    def resolve(self, name: str, kind: str) -> DnsAnswer:
        """What the first of the machine's resolvers that answers says (resolv.conf(5))."""
        answer = DnsAnswer(DnsStatus.UNREACHABLE)
        for resolver in self._resolvers:
            answer = self._ask(resolver, name, kind, recursive=True)
            if answer.status not in _SILENT:
                break
        return answer

    def zone_of(self, name: str) -> Zone:
        """The zone in which the name lies, and how each of its servers does."""
        owner = absolute(name)
        if owner not in self._zones:
            zone, status = self._zone_name(owner)
            self._zones[owner] = self._zone(zone, status) if zone else self._as_delegated(owner, status)
        return self._zones[owner]

    def at_servers(self, name: str) -> tuple[tuple[NameServer, View], ...]:
        """How the names look at each server that serves the zone of this name."""
        zone = self.zone_of(name)
        serving = (server for server in zone.servers if server.serves is Serves.YES)
        return tuple((server, partial(self._ask_at, server.address, zone.name)) for server in serving)

    def _ask(self, server: str, name: str, kind: str, *, recursive: bool = False) -> DnsAnswer:
        if server in self._silent:
            return self._silent[server]
        key = (server, name, kind)
        if key not in self._answers:
            self._answers[key] = answer = self._look.ask_name_server(server, name, kind, recursive=recursive)
            if answer.status in _SILENT:
                self._silent[server] = answer
        return self._answers[key]

    def _ask_at(self, server: str, zone: str, name: str, kind: str) -> DnsAnswer:
        """The server's own answer about its zone; the resolver's about what lies elsewhere."""
        if not _is_in(name, zone):
            return self.resolve(name, kind)
        answer = self._ask(server, name, kind)
        if answer.aliases and answer.status is not DnsStatus.FOUND and not _is_in(answer.aliases[-1], zone):
            beyond = self.resolve(answer.aliases[-1], kind)
            return replace(beyond, aliases=(*answer.aliases, *beyond.aliases))
        is_sent_on = answer.status is DnsStatus.NO_RECORD and not answer.is_authoritative
        return self.resolve(name, kind) if is_sent_on else answer

    def _zone_name(self, owner: str) -> tuple[str, DnsStatus]:
        """The zone by its SOA record, which comes with the answer that there is none too (RFC 2308, section 3)."""
        first: DnsStatus | None = None
        for name in _upwards(owner):
            answer = self.resolve(name, "SOA")
            first = first or answer.status
            if not answer.is_answer:
                return "", answer.status
            if answer.status is DnsStatus.FOUND and not answer.aliases:
                return name, first
            if answer.zone and not answer.aliases and _is_in(name, answer.zone):
                return answer.zone, first
        return "", first or DnsStatus.FAILED

    def _zone(self, zone: str, status: DnsStatus) -> Zone:
        # The servers of a top-level domain know no more of a domain below than the resolver does.
        if zone.count(".") < 2:
            return Zone(zone, status)
        named = self.resolve(zone, "NS")
        return Zone(zone, status, self._servers(zone, named.records, {}))

    def _as_delegated(self, owner: str, status: DnsStatus) -> Zone:
        """Where the resolver fails on the zone itself: the servers to which the zone above sends on."""
        above = owner.partition(".")[2]
        if status not in {DnsStatus.FAILED, DnsStatus.REFUSED} or above.count(".") < 1:
            return Zone("", status)
        for parent in self.resolve(above, "NS").records:
            for address in self._addresses(parent):
                answer = self._ask(address, owner, "NS")
                if answer.status is DnsStatus.NO_NAME:
                    return Zone("", DnsStatus.NO_NAME)
                if answer.is_answer:
                    glue: dict[str, list[str]] = {}
                    for name, number in answer.glue:
                        glue.setdefault(name, []).append(number)
                    return Zone(owner, status, self._servers(owner, answer.referral or answer.records, glue))
        return Zone("", status)

    def _servers(self, zone: str, names: tuple[str, ...], glue: dict[str, list[str]]) -> tuple[NameServer, ...]:
        return tuple(
            self._server(zone, name, (*glue.get(name, ()), *self._addresses(name))) for name in names[:MOST_SERVERS]
        )

    def _server(self, zone: str, name: str, addresses: tuple[str, ...]) -> NameServer:
        """The server, by the first of its addresses at which something answers."""
        for address in addresses:
            answer = self._ask(address, zone, "SOA")
            if answer.status in _SILENT:
                continue
            if answer.status is DnsStatus.FOUND and answer.is_authoritative:
                return NameServer(name, address, Serves.YES, answer.records[0].split(" ")[2])
            return NameServer(name, address, Serves.LAME)
        return NameServer(name, next(iter(addresses), ""), Serves.SILENT if addresses else Serves.NO_ADDRESS)

    def _addresses(self, name: str) -> tuple[str, ...]:
        return (*self.resolve(name, "A").records, *self.resolve(name, "AAAA").records)


def _is_in(name: str, zone: str) -> bool:
    return zone == "." or name == zone or name.endswith(f".{zone}")


def _upwards(name: str) -> Iterator[str]:
    """The name, and each above it but the root."""
    while name and name != ".":
        yield name
        name = name.partition(".")[2]
