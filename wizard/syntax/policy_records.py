"""The texts of SPF, DKIM and DMARC records: read into terms and tags, without a judgement (RFC 7208, 6376, 7489)."""

import re
from dataclasses import dataclass
from typing import Final

_TERM: Final = re.compile(r"(?P<qualifier>[-+?~]?)(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?P<rest>[:/=].*)?")
MECHANISMS: Final = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_WITHOUT_VALUE: Final = frozenset({"all"})
_WITH_VALUE: Final = frozenset({"include", "ip4", "ip6", "exists"})


@dataclass(frozen=True)
class Term:
    """One mechanism or modifier of an SPF record (RFC 7208, section 4.6.1)."""

    name: str
    qualifier: str = "+"
    value: str = ""
    prefix: str = ""
    is_modifier: bool = False


def is_spf(text: str) -> bool:
    """Whether the text says of itself that it is an SPF record (RFC 7208, section 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def spf_terms(text: str) -> tuple[Term, ...] | str:
    """The terms of an SPF record, or the first of its words that is none (RFC 7208, section 12)."""
    terms = []
    for word in text.split(" ")[1:]:
        if not word:
            continue
        term = _term(word)
        if term is None:
            return word
        terms.append(term)
    names = [term.name for term in terms if term.is_modifier]
    for name in ("redirect", "exp"):
        if names.count(name) > 1:  # RFC 7208, section 6
            return f"{name}="
    return tuple(terms)


def _term(word: str) -> Term | None:
    found = _TERM.fullmatch(word)
    if found is None:
        return None
    name, rest = found["name"].lower(), found["rest"] or ""
    if rest.startswith("="):
        is_empty = name in {"redirect", "exp"} and rest == "="
        return None if found["qualifier"] or is_empty else Term(name, "", rest[1:], is_modifier=True)
    if name not in MECHANISMS:
        return None
    # The prefix length of a and mx comes after the name; that of ip4 and ip6 is part of the network.
    value, prefix = rest.removeprefix(":"), ""
    if name in {"a", "mx"} and (cut := re.search(r"(/\d{1,3})?(//\d{1,3})?$", rest)):
        value, prefix = rest[: cut.start()].removeprefix(":"), cut[0]
    wrong = (name in _WITHOUT_VALUE and rest) or (name in _WITH_VALUE and not value) or rest == ":"
    return None if wrong else Term(name, found["qualifier"] or "+", value, prefix)


def tags(text: str) -> dict[str, str] | None:
    """The tags of a DKIM or DMARC record, None where it is no list of tags (RFC 6376, section 3.2)."""
    found: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    for part in parts:
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in found:
            return None
        found[name] = value.strip()
    return found


def is_dmarc(text: str) -> bool:
    """Whether the text says of itself that it is a DMARC record: the version comes first (RFC 7489, section 6.4)."""
    return re.match(r"v\s*=\s*DMARC1\s*(;|$)", text) is not None
