"""Logical lines, the layer all Postfix files share: a line that begins with white space continues the one before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

# What isspace(3) accepts in the C locale; str.strip() would also take Unicode spaces, which Postfix keeps.
WHITE = " \t\n\v\f\r"
WHITE_BYTES = WHITE.encode()
NEWLINE = b"\n"

Edit = tuple[int, int, int, bytes]
"""Which line of a logical line, from which column to which, and the bytes that come there."""


def decode(content: bytes) -> str:
    """The text of any bytes, so that `encode` gives the same bytes back."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text from `decode`."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class LogicalLine:
    """What Postfix reads as one line: its text, and the indexes of the physical lines that carry it (postconf(5))."""

    lines: tuple[int, ...]
    bodies: tuple[bytes, ...]

    @property
    def raw(self) -> bytes:
        """The joined text as Postfix sees it, which ends at a NUL byte, as a C string does."""
        return b"".join(self.bodies).split(b"\0", 1)[0]

    @property
    def is_orphan(self) -> bool:
        """Indented text before any other text, which Postfix ignores with a warning."""
        return self.bodies[0][:1] in _WHITE_SINGLES

    @property
    def numbers(self) -> tuple[int, ...]:
        """Line numbers as an editor counts them."""
        return tuple(line + 1 for line in self.lines)

    def pieces(self, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
        """Where the joined text from start to end lies: which line, from which column to which."""
        offsets = accumulate((len(body) for body in self.bodies), initial=0)
        return tuple(
            (which, max(start - offset, 0), min(end - offset, len(body)))
            for which, (offset, body) in enumerate(zip(offsets, self.bodies, strict=False))
            if start < offset + len(body) and end > offset
        )

    def replacement(self, start: int, end: int, new: bytes) -> tuple[Edit, ...]:
        """Edits that put new text where the joined text from start to end was."""
        first, *others = self.pieces(start, end)
        return ((*first, new), *((*piece, b"") for piece in others))


_WHITE_SINGLES = tuple(bytes([byte]) for byte in WHITE_BYTES)


def physical_lines(content: bytes) -> tuple[bytes, ...]:
    """The lines with their line feeds; the last one may lack it."""
    lines = content.split(NEWLINE)
    return (*(line + NEWLINE for line in lines[:-1]), *((lines[-1],) if lines[-1] else ()))


def body_of(line: bytes) -> bytes:
    """A physical line without its line feed."""
    return line.removesuffix(NEWLINE)


def ending_of(line: bytes) -> bytes:
    """How a physical line ends: with carriage return and line feed, with a line feed, or not at all."""
    return b"\r\n" if line.endswith(b"\r\n") else NEWLINE if line.endswith(NEWLINE) else b""


def usual_ending(lines: tuple[bytes, ...]) -> bytes:
    """How lines of this file end, judged by the last one that does."""
    return next((ending for line in reversed(lines) if (ending := ending_of(line))), NEWLINE)


def is_comment_or_blank(line: bytes) -> bool:
    """Whether Postfix skips this line wherever it stands, even in the middle of a continued value."""
    text = line.lstrip(WHITE_BYTES)
    return not text or text.startswith(b"#")


def logical_lines(lines: tuple[bytes, ...]) -> tuple[LogicalLine, ...]:
    """The logical lines in order; comments and blank lines neither belong to one nor end one."""
    groups: list[list[int]] = []
    for index, line in enumerate(lines):
        if is_comment_or_blank(line):
            continue
        if groups and line[:1] in _WHITE_SINGLES:
            groups[-1].append(index)
        else:
            groups.append([index])
    return tuple(LogicalLine(tuple(group), tuple(body_of(lines[index]) for index in group)) for group in groups)


def without(lines: tuple[bytes, ...], unwanted: Iterable[int]) -> tuple[bytes, ...]:
    """The file without these physical lines."""
    gone = frozenset(unwanted)
    return tuple(line for index, line in enumerate(lines) if index not in gone)


def commented_out(lines: tuple[bytes, ...], unwanted: Iterable[int]) -> tuple[bytes, ...]:
    """The file with a `#` before these physical lines, as `postconf -#` writes it."""
    gone = frozenset(unwanted)
    return tuple(b"#" + line if index in gone else line for index, line in enumerate(lines))


def appended(lines: tuple[bytes, ...], text: bytes) -> tuple[bytes, ...]:
    """The file with a text after its last line, which gets the line ending it may have lacked."""
    ending = usual_ending(lines)
    if lines and not ending_of(lines[-1]):
        lines = (*lines[:-1], lines[-1] + ending)
    return physical_lines(b"".join(lines) + text + ending)


def edited(lines: tuple[bytes, ...], logical: LogicalLine, edits: Iterable[Edit]) -> tuple[bytes, ...]:
    """The file with these edits made inside one logical line; a continuation line left blank by them goes."""
    bodies = dict(enumerate(logical.bodies))
    for which, start, end, new in sorted(edits, reverse=True):
        bodies[which] = bodies[which][:start] + new + bodies[which][end:]
    changed = {logical.lines[which]: body for which, body in bodies.items() if body != logical.bodies[which]}
    result = [
        line if index not in changed else changed[index] + (NEWLINE if line.endswith(NEWLINE) else b"")
        for index, line in enumerate(lines)
        if index not in changed or changed[index].strip(WHITE_BYTES)
    ]
    return physical_lines(b"".join(result))
