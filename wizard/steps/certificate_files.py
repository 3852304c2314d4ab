"""What openssl(1) says of the files of a certificate and its key."""

from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Look

_DAY: Final = 24 * 3600


def public_key_of(look: Look, certificate: PurePosixPath) -> str | None:
    """The public key in a certificate, the first of its file; None where it is no certificate in PEM form."""
    said = look.output_of("openssl", "x509", "-noout", "-pubkey", "-in", str(certificate))
    return said.text if said.ok else None


def public_part_of(look: Look, key: PurePosixPath) -> str | None:
    """The public key that belongs to a private one; None where it is no key in PEM form, or has a password."""
    # An empty password on standard input: no server could start with an encrypted key.
    said = look.output_of("openssl", "pkey", "-pubout", "-passin", "stdin", "-in", str(key), stdin=b"\n")
    return said.text if said.ok else None


def key_fits(look: Look, key: PurePosixPath, certificate: PurePosixPath) -> bool:
    """Whether the certificate was made for this key."""
    public_key, public_part = public_key_of(look, certificate), public_part_of(look, key)
    return public_key is not None and public_part is not None and public_key.split() == public_part.split()


def is_good_for(look: Look, certificate: PurePosixPath, days: int) -> bool:
    """Whether it will not be over within so many days (x509(1): -checkend)."""
    seconds = str(days * _DAY)
    return look.output_of("openssl", "x509", "-noout", "-checkend", seconds, "-in", str(certificate)).ok
