"""Name servers in memory: each has zones in zone file form, and one resolves for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import dns.rdata

from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.machine.this_machine.name_servers import _value

RESOLVER = "192.0.2.53"
FIRST, SECOND = "198.51.100.1", "198.51.100.2"
SOA = "example.test. 3600 IN SOA ns1.example.test. admin.example.test. {serial} 3600 600 86400 300\n"
DELEGATION = (
    "example.test. 3600 IN NS ns1.example.test.\nexample.test. 3600 IN NS ns2.example.test.\n"
    f"ns1.example.test. 3600 IN A {FIRST}\nns2.example.test. 3600 IN A {SECOND}\n"
)
ABOVE = "test. 3600 IN SOA a.nic.test. admin.nic.test. 1 3600 600 86400 300\n"

Known = Mapping[tuple[str, str], tuple[str, ...]]


@cache
def known_in(text: str) -> Known:
    """The records of a zone file with whole lines, as ours has them, by owner and kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(";"):
            owner, _ttl, _class, kind, value = line.split(" ", 4)
            found.setdefault((owner, kind), []).append(_value(dns.rdata.from_text("IN", kind, value)))
    return {key: tuple(sorted(values)) for key, values in found.items()}


@dataclass
class SmallInternet:
    """`texts` are the zone files by server; `fails` is what becomes of questions to a server, whatever they are."""

    texts: dict[str, str]
    fails: dict[str, DnsStatus] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, server: str, name: str, kind: str) -> DnsAnswer:
        self.asked.append((server, name, kind))
        if server in self.fails or server not in self.texts:
            return DnsAnswer(self.fails.get(server, DnsStatus.TIMED_OUT))
        known = known_in(self.texts[server])
        aliases: list[str] = []
        owner = name
        while (owner, "CNAME") in known and len(aliases) < 8:
            owner = known[owner, "CNAME"][0]
            aliases.append(owner)
        origins = [at for at, what in known if what == "SOA" and (owner == at or owner.endswith(f".{at}"))]
        zone = max(origins, key=len, default="")
        records = known.get((owner, kind), ())
        is_there = any(at == owner or at.endswith(f".{owner}") for at, _what in known)
        status = DnsStatus.FOUND if records else DnsStatus.NO_RECORD if is_there else DnsStatus.NO_NAME
        return DnsAnswer(status, records, tuple(aliases), 300, server != RESOLVER and bool(zone), zone)


def internet(published: str, *, resolver: str | None = None, second: str | None = None) -> SmallInternet:
    """The zone of example.test with these records, at two servers; the resolver and the second may have others."""
    whole = SOA.format(serial=1) + DELEGATION
    return SmallInternet(
        {
            RESOLVER: ABOVE + whole + (published if resolver is None else resolver),
            FIRST: whole + published,
            SECOND: whole + (published if second is None else second),
        }
    )
