"""main.cf: parameters, each `name = value` on one logical line, the last one of a name in force (postconf(5))."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wizard.problem import Problem
from wizard.syntax import logical_lines as ll
from wizard.syntax.refusal import refuse, unwritable_ends, unwritable_text
from wizard.words import _

_NAME = re.compile(rb"([^\s=]+)\s*=")
_HEAD = re.compile(rb"[^\s=]+([ \t]*)=([ \t]*)")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Entry:
    """One parameter as it stands in the file: its value as `postconf -nj` prints it, and the lines that carry it."""

    name: str
    value: str
    line_numbers: tuple[int, ...]


@dataclass(frozen=True)
class MainCf:
    """The text of a main.cf, seen as parameters."""

    lines: tuple[bytes, ...]

    @classmethod
    def parse(cls, content: bytes) -> "MainCf":
        """Any bytes are accepted; what Postfix would not accept is listed by `problems`."""
        return cls(ll.physical_lines(content))

    def render(self) -> bytes:
        """The bytes of the file."""
        return b"".join(self.lines)

    @cached_property
    def _parsed(self) -> tuple[tuple[ll.LogicalLine, str, str], ...]:
        return tuple(
            (logical, ll.decode(found[1]), ll.decode(logical.raw[found.end() :].strip(ll.WHITE_BYTES)))
            for logical in ll.logical_lines(self.lines)
            if not logical.is_orphan and (found := _NAME.match(logical.raw))
        )

    def entries(self) -> tuple[Entry, ...]:
        """Every parameter line in the order of the file, with those that a later one overrides."""
        return tuple(Entry(name, value, logical.numbers) for logical, name, value in self._parsed)

    @cached_property
    def _values(self) -> Mapping[str, str]:
        return {name: value for _logical, name, value in self._parsed}

    def value(self, name: str) -> str | None:
        """What the file says last about a name, or None; `$name` in it is not expanded (postconf(1), `-nj`)."""
        return self._values.get(name)

    def names(self) -> tuple[str, ...]:
        """The names the file sets, in the order of their first line."""
        return tuple(self._values)

    def duplicates(self) -> Mapping[str, tuple[Entry, ...]]:
        """Names set more than once; only the last entry of each has an effect."""
        by_name: dict[str, list[Entry]] = {}
        for entry in self.entries():
            by_name.setdefault(entry.name, []).append(entry)
        return {name: tuple(entries) for name, entries in by_name.items() if len(entries) > 1}

    def problems(self) -> tuple[tuple[int, Problem], ...]:
        """Lines that stop Postfix or that it reads differently than they look, with their line numbers."""
        found: list[tuple[int, Problem]] = []
        for logical in ll.logical_lines(self.lines):
            number = logical.numbers[0]
            if logical.is_orphan:
                what, hint = (
                    _("An indented line continues nothing, so Postfix ignores it"),
                    _("Remove the indentation."),
                )
                found.append((number, Problem(what, hint)))
            elif not _NAME.match(logical.raw):
                what, hint = _("A line is not of the form `name = value`; Postfix will not start"), _("Complete it.")
                found.append((number, Problem(what, hint)))
            if any(b"\0" in body for body in logical.bodies):
                found.append((number, Problem(_("Postfix ignores what follows a NUL byte"), _("Remove the byte."))))
            if logical.raw.startswith(ll.encode(_BYTE_ORDER_MARK)):
                what = _("The file begins with a byte order mark, which becomes a part of the first name")
                found.append((number, Problem(what, _("Save it as UTF-8 without byte order mark."))))
        return tuple(found)

    def set(self, name: str, value: str, *, fold: bool = False) -> "MainCf":
        """A file in which the name has this value: replaced where it stands (every time it does), else appended.

        With `fold`, each element of a list gets a line of its own.
        """
        refuse(unwritable(name, value))
        standing = [logical for logical, found, _value in self._parsed if found == name]
        if not standing:
            return MainCf(
                ll.appended(self.lines, _rendered(f"{name} = ".encode(), value, fold, ll.usual_ending(self.lines)))
            )
        changed = self
        for which in range(len(standing)):
            again = [parsed for parsed in changed._parsed if parsed[1] == name]
            logical, _name, present = again[which]
            if present != value and not (fold and present.split() == value.split()):
                changed = changed._replaced(logical, name, value, fold)
        return changed

    def _replaced(self, logical: ll.LogicalLine, name: str, value: str, fold: bool) -> "MainCf":
        body = logical.bodies[0].rstrip(ll.WHITE_BYTES)
        found = _HEAD.match(body)
        if not found:  # the equals sign stands on a continuation line
            head = ll.encode(name) + b" = "
        elif found.end() < len(body):
            head = found[0]
        else:
            head = found[0] + (found[1] and b" ")
        text = _rendered(head, value, fold, ll.usual_ending(self.lines))
        first, *others = logical.lines
        replaced = (*self.lines[:first], text + ll.ending_of(self.lines[first]), *self.lines[first + 1 :])
        return MainCf.parse(b"".join(ll.without(replaced, others)))

    def set_many(self, values: Mapping[str, str], *, fold: bool = False) -> "MainCf":
        """A file in which each name has its value; those that it lacks are appended together, in their order."""
        changed = self
        lacking = {name: value for name, value in values.items() if name not in self._values}
        for name, value in values.items():
            refuse(unwritable(name, value))
            if name not in lacking:
                changed = changed.set(name, value, fold=fold)
        if not lacking:
            return changed
        ending = ll.usual_ending(changed.lines)
        texts = (_rendered(f"{name} = ".encode(), value, fold, ending) for name, value in lacking.items())
        return MainCf(ll.appended(changed.lines, ending.join(texts)))

    def _lines_of(self, name: str) -> tuple[int, ...]:
        return tuple(line for logical, found, _value in self._parsed if found == name for line in logical.lines)

    def remove(self, name: str) -> "MainCf":
        """A file that does not set the name; comments among its lines stay (postconf(1), `-X`)."""
        return MainCf(ll.without(self.lines, self._lines_of(name)))

    def comment_out(self, name: str) -> "MainCf":
        """A file in which every line that sets the name is a comment (postconf(1), `-#`)."""
        return MainCf(ll.commented_out(self.lines, self._lines_of(name)))


def _rendered(head: bytes, value: str, fold: bool, ending: bytes) -> bytes:
    elements = folded(value) if fold else ()
    if len(elements) > 1:
        return (ending + b"    ").join((head.rstrip(), *(ll.encode(element) for element in elements)))
    return (head + ll.encode(value)) if value else head.rstrip()


def folded(value: str) -> tuple[str, ...]:
    """The value cut where a list may be: after commas or, when it has none, at white space; never inside `{ }`."""
    words: list[str] = []
    depth = 0
    for part in re.split(r"([ \t]+)", value):
        if depth == 0 and not part.strip() and part:
            words.append("")
        elif not words:
            words.append(part)
        else:
            words[-1] += part
        depth = max(depth + part.count("{") - part.count("}"), 0)
    has_commas = any(word.endswith(",") for word in words[:-1])
    elements: list[str] = []
    for word in words:
        # A continuation line that begins with # would be a comment.
        if elements and (word.startswith("#") or (has_commas and not elements[-1].endswith(","))):
            elements[-1] += " " + word
        else:
            elements.append(word)
    return tuple(elements)


def unwritable(name: str, value: str) -> Problem | None:
    """Why `name = value` would not be read back as it is given."""
    if not name:
        return Problem(_("A parameter needs a name"))
    if not re.fullmatch(r"[^\s=\x00-\x20\x7f]+", name) or unwritable_text(name):
        return Problem(_("A parameter name has no spaces, equals signs or control characters"))
    if name.startswith(("#", _BYTE_ORDER_MARK)):
        return Problem(
            _("A parameter name cannot begin with “{mark}”").format(mark=name[0]), _("It would be a comment.")
        )
    return unwritable_text(value) or unwritable_ends(value)


def as_shown(value: str) -> str:
    """The value as `postconf -n` prints it without `-j`: each run of white space as one space."""
    return " ".join(word for word in re.split("[ \t\r\n]+", value) if word)


def literal(text: str) -> str:
    """A value that expands to exactly this text: each `$` doubled (postconf(5))."""
    return text.replace("$", "$$")
