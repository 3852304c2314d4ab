"""Read what openssl(1) prints about certificates."""

import re
from collections.abc import Iterable
from typing import Final

_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----\n.+?\n-----END CERTIFICATE-----", re.DOTALL)


def certificates_in(content: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM file, in their order."""
    return tuple(_CERTIFICATE.findall(content.replace(b"\r\n", b"\n")))


def read_names(said: str) -> tuple[str, ...]:
    """The DNS names that `x509 -ext subjectAltName` prints, in lower case."""
    return tuple(name.lower() for name in re.findall(r"\bDNS:([^\s,]+)", said))


def read_subject_and_issuer(said: str) -> tuple[str, str]:
    """What `x509 -subject -issuer` prints; empty where it prints none."""
    found = dict(re.findall(r"^(subject|issuer)=[ \t]*(.*?)[ \t]*$", said, re.MULTILINE))
    return found.get("subject", ""), found.get("issuer", "")


def is_named(host_name: str, names: Iterable[str]) -> bool:
    """Whether one of these names stands for the host: the same, or a wildcard for its first label.

    RFC 9525, section 6.3: a wildcard is a whole label, the leftmost, and stands for one label; a common name counts
    for nothing (section 2).
    """
    host = host_name.lower().rstrip(".")
    first, _dot, rest = host.partition(".")
    return host in (wanted := tuple(names)) or (bool(first) and "." in rest and f"*.{rest}" in wanted)
