"""Records of the DNS, and the text of a zone file that has them (RFC 1035, section 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TTL: Final = 3600
# RFC 1035, section 3.3: a character-string has at most 255 octets.
LONGEST_STRING: Final = 255


@dataclass(frozen=True)
class Record:
    """One record: `owner` in small letters with a dot at its end, `value` as in a zone file; of TXT, the bare text."""

    owner: str
    kind: str
    value: str

    @property
    def line(self) -> str:
        """The record as a line of a zone file, whatever $ORIGIN and $TTL say there."""
        return f"{self.owner} {TTL} IN {self.kind} {self.text}"

    @property
    def text(self) -> str:
        """The value as a zone file has it."""
        return txt_strings(self.value) if self.kind == "TXT" else self.value


def absolute(name: str) -> str:
    """The name in small letters, with the dot at its end that keeps $ORIGIN away."""
    return name.lower().rstrip(".") + "."


def zone_text(groups: Iterable[tuple[str, Iterable[Record]]]) -> str:
    """The records under their headings, which become comments; ends with a new line unless there is nothing."""
    parts = []
    for heading, records in groups:
        lines = [record.line for record in records]
        if lines:
            parts.append("".join(f"{line}\n" for line in (*(f"; {words}" for words in heading.splitlines()), *lines)))
    return "\n".join(parts)


def txt_strings(text: str) -> str:
    r"""A text as quoted strings of no more than 255 octets; what is not printable ASCII is written as \DDD."""
    octets = text.encode("utf-8")
    pieces = [octets[start : start + LONGEST_STRING] for start in range(0, len(octets), LONGEST_STRING)] or [b""]
    return " ".join('"' + "".join(_escaped(octet) for octet in piece) + '"' for piece in pieces)


def _escaped(octet: int) -> str:
    # RFC 1035, section 5.1: \X for a character with a meaning, \DDD for an octet in decimal.
    if octet in b'"\\':
        return f"\\{octet:c}"
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
