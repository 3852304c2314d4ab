"""The DNS records that a mail system needs: pure, from its domains, its name, its addresses and its keys."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from wizard.syntax.zone_file import Record, absolute, zone_text
from wizard.words import _

# Addresses that no one on the internet can reach: RFC 1918, RFC 6598, RFC 3927, RFC 4193, and loopback.
_PRIVATE: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
        "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip
# RFC 6186, section 3.1 and RFC 8314, sections 3.2 and 5.1.
SERVICES: Final = {"imaps": 993, "submissions": 465, "submission": 587}


@dataclass(frozen=True)
class DkimKey:
    """A key that mail of a domain is signed with; `public` is the text for its record: v=DKIM1; k=rsa; p=…"""

    selector: str
    domain: str
    public: str


@dataclass(frozen=True)
class DnsNeeds:
    """What a part of a mail system wants to be found in the DNS; `services` are keys of SERVICES."""

    domains: tuple[str, ...] = ()
    dkim_keys: tuple[DkimKey, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class MailNames:
    """All that the records are made from: the needs of the parts, the name of the machine, and its addresses."""

    domains: tuple[str, ...]
    host: str
    addresses: tuple[str, ...] = ()
    dkim_keys: tuple[DkimKey, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def public_addresses(self) -> tuple[str, ...]:
        """Those that others can reach; none behind NAT, where the address that others see cannot be told from here."""
        return tuple(address for address in self.addresses if not is_private(address))


class About(Enum):
    """What a record is for; each is judged in its own way."""

    MX = "MX"
    ADDRESS = "address"
    SPF = "SPF"
    DKIM = "DKIM"
    DMARC = "DMARC"
    PTR = "PTR"
    SERVICE = "SRV"


@dataclass(frozen=True)
class Need:
    """What has to be found at one name: `records`, empty where it cannot be told from here which.

    `zone` is the domain or address under whose heading it is shown.
    """

    about: About
    zone: str
    owner: str
    kind: str
    records: tuple[Record, ...] = ()


def is_private(address: str) -> bool:
    """Whether an address means something on its own network only."""
    number = ipaddress.ip_address(address)
    return any(number in network for network in _PRIVATE if network.version == number.version)


def mail_names(needs: Iterable[DnsNeeds], host: str, addresses: tuple[str, ...]) -> MailNames:
    """The needs of all parts together, each domain, key and service once."""
    parts = tuple(needs)
    return MailNames(
        tuple(dict.fromkeys(domain.lower() for part in parts for domain in part.domains)),
        host.lower(),
        tuple(dict.fromkeys(str(ipaddress.ip_address(address)) for address in addresses)),
        tuple(dict.fromkeys(key for part in parts for key in part.dkim_keys)),
        tuple(dict.fromkeys(service for part in parts for service in part.services)),
    )


def needs_of(names: MailNames) -> tuple[Need, ...]:
    """Everything that has to be found, domain by domain, then the machine's own name and its addresses."""
    found = [need for domain in names.domains for need in _of_domain(names, domain)]
    return (*found, *_of_host(names), *_of_addresses(names))


def _of_domain(names: MailNames, domain: str) -> Iterable[Need]:
    owner, host = absolute(domain), absolute(names.host)
    keys = [key for key in names.dkim_keys if key.domain.lower() == domain]
    # RFC 5321, section 5.1: mail for a domain goes to its MX.
    yield _need(About.MX, domain, owner, "MX", f"10 {host}")
    # RFC 7208, section 5.4: what takes the domain's mail sends it too, and nobody else does.
    yield _need(About.SPF, domain, owner, "TXT", "v=spf1 mx -all")
    for key in keys:
        yield _need(About.DKIM, domain, f"{key.selector.lower()}._domainkey.{owner}", "TXT", key.public)
    # RFC 7489, section 6.3. Without signatures a forwarded mail passes no check, so that only reports are asked for.
    policy = "quarantine" if keys else "none"
    yield _need(About.DMARC, domain, f"_dmarc.{owner}", "TXT", f"v=DMARC1; p={policy}; rua=mailto:postmaster@{domain}")
    for service in names.services:
        yield _need(About.SERVICE, domain, f"_{service}._tcp.{owner}", "SRV", f"0 1 {SERVICES[service]} {host}")


def _of_host(names: MailNames) -> Iterable[Need]:
    owner, public = absolute(names.host), names.public_addresses
    versions = {ipaddress.ip_address(address).version for address in names.addresses} or {4}
    for version, kind in ((4, "A"), (6, "AAAA")):
        values = [address for address in public if ipaddress.ip_address(address).version == version]
        if version in versions:
            yield _need(About.ADDRESS, names.host, owner, kind, *values)
    if names.host not in names.domains:
        # RFC 7208, section 2.3: notices have no sender, and are judged by the name in EHLO.
        yield _need(About.SPF, names.host, owner, "TXT", "v=spf1 a -all")


def _of_addresses(names: MailNames) -> Iterable[Need]:
    for address in names.public_addresses:
        # RFC 1912, section 2.1: every address has a PTR, and its name leads back.
        owner = ipaddress.ip_address(address).reverse_pointer + "."
        yield _need(About.PTR, address, owner, "PTR", absolute(names.host))


def _need(about: About, zone: str, owner: str, kind: str, *values: str) -> Need:
    return Need(about, zone, owner, kind, tuple(Record(owner, kind, value) for value in values))


def zone_file(names: MailNames) -> str:
    """The records, ready to copy; those for addresses belong to whom the addresses come from."""
    needs = needs_of(names)
    groups = []
    for zone in dict.fromkeys(need.zone for need in needs):
        of_zone = [need for need in needs if need.zone == zone]
        is_reverse = any(need.about is About.PTR for need in of_zone)
        heading = _("{address}: set by your provider").format(address=zone) if is_reverse else zone
        groups.append((heading, [record for need in of_zone for record in need.records]))
    return zone_text(groups)
