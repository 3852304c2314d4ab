"""What an SPF record says of an address: check_host() of RFC 7208, section 4, without macros."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from wizard.check.dns_ask import View
from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.syntax.policy_records import Term, is_spf, spf_terms
from wizard.syntax.zone_file import absolute

# RFC 7208, section 4.6.4: terms that ask the DNS, and names of one MX set.
MOST_LOOKUPS: Final = 10
_ASKING: Final = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
# Nobody has these addresses (RFC 1112, section 4; RFC 6666), so what passes for one of them passes for everybody.
STRANGERS: Final = ("240.0.0.1", "100::1")


class Spf(Enum):
    """The results of RFC 7208, section 2.6; UNKNOWN where a macro would be needed to tell."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"
    UNKNOWN = "unknown"


_BY_QUALIFIER: Final = {"+": Spf.PASS, "-": Spf.FAIL, "~": Spf.SOFTFAIL, "?": Spf.NEUTRAL}


class _Ended(Exception):  # noqa: N818
    """The record cannot be evaluated to its end."""

    def __init__(self, result: Spf, why: str) -> None:
        super().__init__(why)
        self.result = result


@dataclass
class Evaluation:
    """One evaluation for one address, with what it cost; `why` is the word of a record at which it ended."""

    view: View
    address: str
    lookups: int = 0
    why: str = ""
    has_macros: bool = field(default=False)

    def result(self, domain: str) -> Spf:
        """What the domain says of the address."""
        try:
            found = self._check(absolute(domain))
        except _Ended as ended:
            self.why = str(ended)
            return ended.result
        return Spf.UNKNOWN if self.has_macros and found is not Spf.PASS else found

    def _check(self, domain: str) -> Spf:
        answer = self._asked(domain, "TXT")
        records = [text for text in answer.records if is_spf(text)]
        if not records:
            return Spf.NONE
        if len(records) > 1:  # RFC 7208, section 4.5
            raise _Ended(Spf.PERMERROR, domain)
        terms = spf_terms(records[0])
        if isinstance(terms, str):
            raise _Ended(Spf.PERMERROR, terms)
        for term in terms:
            if not term.is_modifier and self._matches(term, domain):
                self.why = self.why or f"{term.qualifier}{term.name}"
                return _BY_QUALIFIER[term.qualifier]
        redirect = next((term for term in terms if term.is_modifier and term.name == "redirect"), None)
        if redirect is None:
            return Spf.NEUTRAL  # RFC 7208, section 4.7
        self._count(redirect)
        if "%" in redirect.value:
            self.has_macros = True
            return Spf.NEUTRAL
        found = self._check(absolute(redirect.value))
        if found is Spf.NONE:  # RFC 7208, section 6.1
            raise _Ended(Spf.PERMERROR, redirect.value)
        return found

    def _count(self, term: Term) -> None:
        if term.name in _ASKING:
            self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Ended(Spf.PERMERROR, f"{term.name}:{term.value}" if term.value else term.name)

    def _matches(self, term: Term, domain: str) -> bool:
        self._count(term)
        if "%" in term.value:
            self.has_macros = True
            return False
        target = absolute(term.value) if term.value else domain
        match term.name:
            case "all":
                return True
            case "ip4" | "ip6":
                return self._in_network(term)
            case "a":
                return self._is_among(self._numbers(target), term.prefix)
            case "mx":
                hosts = [record.split(" ")[-1] for record in self._asked(target, "MX").records]
                if len(hosts) > MOST_LOOKUPS:
                    raise _Ended(Spf.PERMERROR, "mx")
                return any(self._is_among(self._numbers(host), term.prefix) for host in hosts if host != ".")
            case "include":
                return self._includes(term)
            case "exists":
                return bool(self._asked(target, "A").records)
            case _:  # ptr, which nobody should use (RFC 7208, section 5.5)
                self.has_macros = True
                return False

    def _includes(self, term: Term) -> bool:
        found = self._check(absolute(term.value))
        if found is Spf.NONE:  # RFC 7208, section 5.2
            raise _Ended(Spf.PERMERROR, f"include:{term.value}")
        return found is Spf.PASS

    def _in_network(self, term: Term) -> bool:
        try:
            network = ipaddress.ip_network(term.value, strict=False)
        except ValueError:
            raise _Ended(Spf.PERMERROR, f"{term.name}:{term.value}") from None
        number = ipaddress.ip_address(self.address)
        return network.version == number.version and number in network

    def _numbers(self, name: str) -> tuple[str, ...]:
        return self._asked(name, "A" if ipaddress.ip_address(self.address).version == 4 else "AAAA").records

    def _is_among(self, numbers: Iterable[str], prefix: str) -> bool:
        address = ipaddress.ip_address(self.address)
        short, _slashes, long = prefix.partition("//")
        bits = int((short if address.version == 4 else long).strip("/") or address.max_prefixlen)
        if bits > address.max_prefixlen:
            raise _Ended(Spf.PERMERROR, prefix)
        return any(address in ipaddress.ip_network(f"{number}/{bits}", strict=False) for number in numbers)

    def _asked(self, name: str, kind: str) -> DnsAnswer:
        answer = self.view(name, kind)
        if not answer.is_answer and answer.status is not DnsStatus.NO_NAME:
            raise _Ended(Spf.TEMPERROR, name)
        return answer
