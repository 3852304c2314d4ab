"""Sources of lookup tables: `key value` for postmap(1), `name: value` for postalias(1); the first of a key wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from wizard.problem import Problem
from wizard.syntax import logical_lines as ll
from wizard.syntax.address_words import address_words, joined, quoted_if_needed
from wizard.syntax.refusal import refuse, unwritable_ends, unwritable_text
from wizard.words import _


class Form(Enum):
    """The two ways such a file is written."""

    TABLE = "table"  # postmap(1), the form of transport, virtual, canonical, access …
    ALIASES = "aliases"  # aliases(5)


@dataclass(frozen=True)
class TableEntry:
    """One line of a table: the key in the form it is looked up, the value as written, and the lines that carry it."""

    key: str
    value: str
    line_numbers: tuple[int, ...]


@dataclass(frozen=True)
class _Parsed:
    logical: ll.LogicalLine
    key: str
    value: str
    value_start: int
    problem: Problem | None = None


@dataclass(frozen=True)
class TableFile:
    """The text of a table source, seen as entries; regexp, pcre and cidr tables have another form."""

    lines: tuple[bytes, ...]
    form: Form = Form.TABLE

    @classmethod
    def parse(cls, content: bytes, form: Form = Form.TABLE) -> "TableFile":
        """Any bytes are accepted; lines that Postfix skips with a warning are listed by `problems`."""
        return cls(ll.physical_lines(content), form)

    def render(self) -> bytes:
        """The bytes of the file."""
        return b"".join(self.lines)

    @cached_property
    def _parsed(self) -> tuple[_Parsed, ...]:
        split = _split_alias if self.form is Form.ALIASES else _split_record
        return tuple(split(logical) for logical in ll.logical_lines(self.lines) if not logical.is_orphan)

    @cached_property
    def _good(self) -> tuple[_Parsed, ...]:
        return tuple(parsed for parsed in self._parsed if parsed.problem is None)

    def entries(self) -> tuple[TableEntry, ...]:
        """Every usable line in the order of the file, also those that repeat a key."""
        return tuple(TableEntry(parsed.key, parsed.value, parsed.logical.numbers) for parsed in self._good)

    def get(self, key: str) -> str | None:
        """The value in force for a key, that of its first line; case does not matter (postmap(1), aliases(5))."""
        return next((parsed.value for parsed in self._good if parsed.key == folded_key(key)), None)

    def duplicates(self) -> Mapping[str, tuple[TableEntry, ...]]:
        """Keys that stand more than once; only the first entry of each has an effect."""
        by_key: dict[str, list[TableEntry]] = {}
        for entry in self.entries():
            by_key.setdefault(entry.key, []).append(entry)
        return {key: tuple(entries) for key, entries in by_key.items() if len(entries) > 1}

    def problems(self) -> tuple[tuple[int, Problem], ...]:
        """Lines that Postfix skips, with their numbers."""
        orphans = tuple(
            (logical.numbers[0], Problem(_("An indented line continues nothing, so Postfix ignores it")))
            for logical in ll.logical_lines(self.lines)
            if logical.is_orphan
        )
        return orphans + tuple((parsed.logical.numbers[0], parsed.problem) for parsed in self._parsed if parsed.problem)

    def set(self, key: str, value: str) -> "TableFile":
        """A file in which the key has this value: replaced where it first stands, else appended."""
        refuse(unwritable_entry(key, value, self.form))
        standing = next((parsed for parsed in self._good if parsed.key == folded_key(key)), None)
        if standing is None:
            written = (
                f"{quoted_if_needed(key)}: {value}" if self.form is Form.ALIASES else f"{key}{self._gap(key)}{value}"
            )
            return TableFile(ll.appended(self.lines, ll.encode(written)), self.form)
        if standing.value == value:
            return self
        raw = standing.logical.raw
        end = len(raw.rstrip(ll.WHITE_BYTES))
        which, _start, _end = standing.logical.pieces(standing.value_start, end)[0]
        edits = list(standing.logical.replacement(standing.value_start, end, ll.encode(value)))
        if which:  # the value began on a continuation line, where it could look like a comment
            gone = standing.logical.pieces(standing.value_start, end)
            edits = [(*piece, b"") for piece in gone]
            head = len(standing.logical.bodies[0].rstrip(ll.WHITE_BYTES))
            edits.append((0, head, head, b" " + ll.encode(value)))
        return TableFile(ll.edited(self.lines, standing.logical, edits), self.form)

    def _gap(self, key: str) -> str:
        """What stands between key and value in the last entry, so that a new line looks like its neighbours."""
        for parsed in reversed(self._good):
            head = ll.decode(parsed.logical.raw[: parsed.value_start])
            gap = head[len(head.rstrip(ll.WHITE)) :]
            if len(parsed.logical.pieces(0, parsed.value_start)) == 1 and gap:
                if len(gap) > 1 and not gap.strip(" "):
                    return " " * max(len(head) - len(key), 1)
                return gap if not gap.strip(" \t") else "\t"
        return "\t"

    def remove(self, key: str) -> "TableFile":
        """A file without any line for the key; comments among its lines stay."""
        unwanted = (line for parsed in self._good if parsed.key == folded_key(key) for line in parsed.logical.lines)
        return TableFile(ll.without(self.lines, unwanted), self.form)

    def comment_out(self, key: str) -> "TableFile":
        """A file in which every line for the key is a comment."""
        unwanted = (line for parsed in self._good if parsed.key == folded_key(key) for line in parsed.logical.lines)
        return TableFile(ll.commented_out(self.lines, unwanted), self.form)


def folded_key(key: str) -> str:
    """The form in which a key is stored and looked up (postmap(1): without -f, keys are case-folded)."""
    return key.casefold()


def stored_value(value: str, form: Form) -> str:
    """A value as `postmap -s` or `postalias -s` shows it after the table was built."""
    return joined(address_words(value), external=True) if form is Form.ALIASES else value


def destinations(value: str) -> tuple[str, ...]:
    """What an alias stands for, one by one; commas inside quotes and comments do not separate (aliases(5))."""
    commas = [word for word in address_words(value) if word.kind == ","]
    starts = (0, *(comma.end for comma in commas))
    ends = (*(comma.start for comma in commas), len(value))
    return tuple(text for start, end in zip(starts, ends, strict=True) if (text := value[start:end].strip(ll.WHITE)))


def _split_record(logical: ll.LogicalLine) -> _Parsed:
    raw = logical.raw
    position, in_quotes = 0, False
    while position < len(raw) and (in_quotes or raw[position] not in ll.WHITE_BYTES):
        if raw[position] == ord('"'):
            in_quotes = not in_quotes
        position += 2 if raw[position] == ord("\\") else 1
    position = min(position, len(raw))
    start = len(raw) - len(raw[position:].lstrip(ll.WHITE_BYTES))
    key, value = raw[:position], raw[start:].rstrip(ll.WHITE_BYTES)
    problem = _not_utf8(raw)
    if in_quotes:
        problem = problem or Problem(_("A quotation mark in a key is not closed; Postfix skips the line"))
    if not key or not value:
        problem = problem or Problem(_("A line is not of the form `key value`; Postfix skips it"))
    return _Parsed(logical, folded_key(ll.decode(key)), ll.decode(value), start, problem)


def _split_alias(logical: ll.LogicalLine) -> _Parsed:
    text = ll.decode(logical.raw)
    words = address_words(text)
    colon = next((index for index, word in enumerate(words) if word.kind == ":"), None)
    problem = _not_utf8(logical.raw)
    if colon is None or colon == 0 or colon == len(words) - 1 or any(word.kind == "," for word in words[:colon]):
        what = _("A line is not of the form `name: value`; Postfix skips it")
        return _Parsed(logical, "", "", 0, problem or Problem(what))
    if any(word.kind in "@%" for word in words[:colon]):
        problem = problem or Problem(
            _("The name of an alias has no domain; Postfix skips the line"), _("Use a virtual alias for addresses.")
        )
    start = words[colon + 1].start
    value = text[start:].rstrip(ll.WHITE)
    key = folded_key(joined(words[:colon], external=False))
    return _Parsed(logical, key, value, len(ll.encode(text[:start])), problem)


def _not_utf8(raw: bytes) -> Problem | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return Problem(_("A line is not UTF-8; Postfix skips it"), _("Save the file as UTF-8."))
    return None


def unwritable_entry(key: str, value: str, form: Form = Form.TABLE) -> Problem | None:
    """Why an entry would not be read back as it is given."""
    if not key or not value:
        return Problem(_("An entry needs a key and a value"))
    if problem := unwritable_text(key + value) or unwritable_ends(value):
        return problem
    if form is Form.ALIASES:
        if "@" in key:
            return Problem(_("The name of an alias has no domain"), _("Use a virtual alias for addresses."))
        written = f"{quoted_if_needed(key)}: {value}"
    else:
        if key.endswith(":"):
            return Problem(_("The key of a table does not end in a colon"), _("That is the form of an alias file."))
        written = f"{key} {value}"
    (parsed,) = TableFile.parse(written.encode("utf-8", "surrogateescape"), form)._parsed or (None,)
    if parsed is None or parsed.problem or (parsed.key, parsed.value) != (folded_key(key), value):
        return (parsed.problem if parsed else None) or Problem(
            _("Postfix would not read the entry for “{key}” as it is given").format(key=key),
            _("Put a key with spaces in quotation marks; it cannot begin with “#”."),
        )
    return None
