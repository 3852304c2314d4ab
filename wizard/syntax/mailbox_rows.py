"""New mailboxes packed into bytes, a line each, so that a hundred thousand take no more room than their letters."""

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from wizard.secret import Secret


class NewMailbox(NamedTuple):
    """A mailbox that is to be made; `password` is its hash with the scheme, `quota` bytes, 0 being without limit."""

    address: str
    password: Secret
    quota: int
    name: str = ""


def packed(mailbox: NewMailbox) -> bytes:
    """The line of one mailbox; raises ValueError for a field that would break it."""
    line = f"{mailbox.address}\t{mailbox.password.reveal()}\t{mailbox.quota}\t{mailbox.name}"
    if line.count("\t") != 3 or "\n" in line:
        raise ValueError("a field of a mailbox has a tab or a line break in it")
    return line.encode() + b"\n"


def fields_of(rows: bytes) -> Iterator[tuple[str, str, str, str]]:
    """The fields of each mailbox as they are packed, for those who go through all of them."""
    for line in BytesIO(rows):
        address, password, quota, name = line[:-1].decode().split("\t")
        yield address, password, quota, name


def unpacked(rows: bytes) -> Iterator[NewMailbox]:
    """The mailboxes one after the other."""
    for address, password, quota, name in fields_of(rows):
        yield NewMailbox(address, Secret(password), int(quota), name)


def count_of(rows: bytes) -> int:
    """How many mailboxes there are."""
    return rows.count(b"\n")
