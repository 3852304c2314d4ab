"""What a name server answers to one question, as values (RFC 1035, RFC 2308)."""

from dataclasses import dataclass
from enum import Enum


class DnsStatus(Enum):
    """How a question ended; only the first three are answers, the others tell nothing about the name."""

    FOUND = "found"
    NO_RECORD = "no such record"  # the name is there, but has nothing of this kind (RFC 2308, section 2.2)
    NO_NAME = "no such name"  # NXDOMAIN (RFC 2308, section 2.1)
    FAILED = "server failure"
    REFUSED = "refused"
    TIMED_OUT = "no answer in time"
    UNREACHABLE = "not reachable"


@dataclass(frozen=True)
class DnsAnswer:
    """One answer; every name in it is in small letters, with its dot at the end.

    `records` are values in the form of a zone file, but the text of a TXT record is its strings joined to one.
    `aliases` are the names that CNAME records lead over to the records. `ttl` is how many seconds a resolver may keep
    the answer, a negative one too (RFC 2308, section 5). `zone` is the owner of the SOA record that came along, and
    `referral` the name servers that one was sent on to, with those of their addresses in `glue` that were given.
    """

    status: DnsStatus
    records: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ttl: int = 0
    is_authoritative: bool = False
    zone: str = ""
    referral: tuple[str, ...] = ()
    glue: tuple[tuple[str, str], ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether it says what is so, be it that there is nothing."""
        return self.status in {DnsStatus.FOUND, DnsStatus.NO_RECORD, DnsStatus.NO_NAME}
