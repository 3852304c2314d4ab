"""Keys that sign mail (RFC 6376): the names of their files, and the record that shows the public part to everybody."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

# A folder of our own: the keys outlive a change of the program that signs, which would need new records in the DNS.
FOLDER: Final = PurePosixPath("/etc/dkim")
_NAME: Final = re.compile(r"(?P<selector>[a-z0-9.-]+)\._domainkey\.(?P<domain>[a-z0-9.-]+)\.key")
_PUBLIC: Final = re.compile(r"-----BEGIN PUBLIC KEY-----(?P<base64>[A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")


@dataclass(frozen=True, order=True)
class DkimKey:
    """A key by what it is found by in the DNS: the selector, and the domain that it signs for."""

    selector: str
    domain: str

    @property
    def name(self) -> str:
        """The owner name of its record (RFC 6376, section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def path(self) -> PurePosixPath:
        """The file of the private key."""
        return FOLDER / f"{self.name}.key"


@dataclass(frozen=True)
class PublicKey:
    """What others need to verify signatures: the key, without the private part."""

    key: DkimKey
    base64: str

    @property
    def record(self) -> str:
        """The text of its TXT record (RFC 6376, section 3.6.1), for a zone to be split into strings of 255 octets."""
        return f"v=DKIM1; k=rsa; p={self.base64}"


def key_of(file_name: str) -> DkimKey | None:
    """The key that lies in a file of that name; None for any other file."""
    found = _NAME.fullmatch(file_name)
    return DkimKey(found["selector"], found["domain"]) if found else None


def public_part(pem: str) -> str:
    """The base64 of a public key in PEM form (RFC 7468, section 13), without line breaks; empty where there is none."""
    found = _PUBLIC.search(pem)
    return "".join(found["base64"].split()) if found else ""
