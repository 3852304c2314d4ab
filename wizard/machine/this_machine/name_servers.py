"""Questions to name servers, by dnspython: over UDP, and over TCP where the answer is cut off (RFC 7766)."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from wizard.machine.dns_answer import DnsAnswer, DnsStatus

# Only the DNS assistant asks, so what it needs is loaded by it.
if TYPE_CHECKING:
    from dns.message import Message
    from dns.rdata import Rdata

PORT: Final = 53
# DNS Flag Day 2020: no fragments on the usual networks.
PAYLOAD: Final = 1232
TRIES: Final = 2


class NameServers:
    """The one place that speaks DNS."""

    def ask_name_server(
        self, server: str, name: str, kind: str, *, recursive: bool = False, timeout: float = 3
    ) -> DnsAnswer:
        """What the server at this address says of the name; a UDP packet may get lost, so it is asked twice."""
        import dns.exception
        import dns.flags
        import dns.message
        import dns.query

        try:
            question = dns.message.make_query(name, kind, use_edns=0, payload=PAYLOAD)
        except dns.exception.DNSException:
            return DnsAnswer(DnsStatus.FAILED)  # a name that cannot be, such as one with an empty label
        if not recursive:
            question.flags &= ~dns.flags.RD
        status = DnsStatus.TIMED_OUT
        for _try in range(TRIES):
            try:
                message, _over_tcp = dns.query.udp_with_fallback(question, server, timeout, PORT)
            except dns.exception.Timeout:
                continue
            except OSError:
                return DnsAnswer(DnsStatus.UNREACHABLE)
            except dns.exception.DNSException:
                status = DnsStatus.FAILED  # what came is no answer to this question
                continue
            return read_message(message, name, kind)
        return DnsAnswer(status)


def read_message(message: "Message", name: str, kind: str) -> DnsAnswer:
    """The answer in a message."""
    import dns.flags
    import dns.name
    import dns.rcode
    import dns.rdatatype

    status = {dns.rcode.NOERROR: DnsStatus.NO_RECORD, dns.rcode.NXDOMAIN: DnsStatus.NO_NAME}.get(
        message.rcode(), DnsStatus.REFUSED if message.rcode() == dns.rcode.REFUSED else DnsStatus.FAILED
    )
    owner, wanted = dns.name.from_text(name), dns.rdatatype.from_text(kind)
    aliases: list[str] = []
    records: tuple[str, ...] = ()
    ttls: list[int] = []
    while status in {DnsStatus.NO_RECORD, DnsStatus.NO_NAME}:
        sets = {found.rdtype: found for found in message.answer if found.name == owner}
        if wanted in sets:
            status, ttls = DnsStatus.FOUND, [*ttls, sets[wanted].ttl]
            records = tuple(sorted(_value(record) for record in sets[wanted]))
        elif dns.rdatatype.CNAME in sets and len(aliases) < len(message.answer):
            alias = sets[dns.rdatatype.CNAME]
            owner, ttls = alias[0].target, [*ttls, alias.ttl]
            aliases.append(_name(owner))
            continue
        break
    soa = next((found for found in (*message.answer, *message.authority) if found.rdtype == dns.rdatatype.SOA), None)
    if soa is not None and not records:
        ttls.append(min(soa.ttl, soa[0].minimum))
    sent_on = [found for found in message.authority if found.rdtype == dns.rdatatype.NS]
    return DnsAnswer(
        status,
        records,
        tuple(aliases),
        min(ttls, default=0),
        bool(message.flags & dns.flags.AA),
        _name(soa.name) if soa is not None else "",
        tuple(sorted(_name(record.target) for found in sent_on for record in found)),
        tuple(
            (_name(found.name), record.address)
            for found in message.additional
            if found.rdtype in {dns.rdatatype.A, dns.rdatatype.AAAA}
            for record in found
        ),
    )


def _name(name: object) -> str:
    return str(name).lower()


def _value(record: "Rdata") -> str:
    """The value as a zone file has it; the strings of a TXT record are one text (RFC 7208, section 3.3)."""
    import dns.rdatatype

    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "backslashreplace")
    text = record.to_text().lower()
    return str(ip_address(text)) if record.rdtype == dns.rdatatype.AAAA else text
