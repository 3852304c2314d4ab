"""`$name` and conditional expansion in parameter values, as `postconf -x` does it (postconf(5))."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wizard.problem import BadInput
from wizard.syntax.logical_lines import encode
from wizard.words import _

Lookup = Callable[[str], str | None]

# postconf(5) says of each that it is not subject to Postfix configuration parameter $name expansion.
RAW_PARAMETERS = frozenset(
    {
        "command_execution_directory",
        "default_rbl_reply",
        "forward_path",
        "luser_relay",
        "mailbox_command",
        "postscreen_expansion_filter",
        "postscreen_reject_footer",
        "smtpd_expansion_filter",
        "smtpd_reject_footer",
    }
)

_BLANKS = " \t\r\n"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]*")
_OPERATOR = re.compile(r"([<>!=?+\-*/~&|%]*)([A-Za-z0-9]*)")
_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">=": operator.ge,
    ">": operator.gt,
}
_DOMAIN_FUNCTIONS = frozenset({"domain_to_ascii", "domain_to_utf8"})
_DEEPEST = 100


class CannotExpand(BadInput):
    """A value has a syntax error or refers to itself; every Postfix program would stop at it."""


def expand(value: str, lookup: Lookup) -> str:
    """The value with all references replaced; an undefined name becomes nothing, as in Postfix."""
    return _Expansion(lookup).text(value, 0)


def names_in(value: str) -> frozenset[str]:
    """The names a value refers to directly, in every branch of its conditions."""
    seen: set[str] = set()
    _Expansion(lambda name: seen.add(name), every_branch=True).text(value, 0)
    return frozenset(seen)


def compatibility_level(text: str) -> tuple[int, int, int]:
    """A level to compare by: 3.10 comes after 3.9 (postconf(5), `compatibility_level`)."""
    numbers = text.split(".")
    if not 1 <= len(numbers) <= 3 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise CannotExpand(_("“{text}” is not a compatibility level").format(text=text), _("A level looks like 3.10."))
    major, minor, patch = (*map(int, numbers), 0, 0)[:3]
    if minor > 1023 or patch > 1023:  # Postfix keeps ten bits for each
        raise CannotExpand(_("“{text}” is not a compatibility level").format(text=text))
    return major, minor, patch


@dataclass(frozen=True)
class _Expansion:
    lookup: Lookup
    every_branch: bool = field(default=False, kw_only=True)

    def text(self, value: str, depth: int) -> str:
        """A whole value: literal text, `$$`, and references."""
        if depth > _DEEPEST:
            raise CannotExpand(
                _("A parameter refers to itself: “{value}”").format(value=value), _("Break the circle of $names.")
            )
        result: list[str] = []
        position = 0
        while (dollar := value.find("$", position)) >= 0:
            result.append(value[position:dollar])
            after = value[dollar + 1 : dollar + 2]
            if after == "$":
                result.append("$")
                position = dollar + 2
                continue
            if after and after in "({":
                position = _closing(value, dollar + 1, after, ")" if after == "(" else "}")
                reference = value[dollar + 2 : position - 1]
            else:
                found = _PLAIN_NAME.match(value, dollar + 1)
                reference = found[0] if found else ""
                position = dollar + 1 + len(reference)
            if not reference:
                raise CannotExpand(
                    _("A “$” has no name after it: “{value}”").format(value=value), _("Write $$ for a “$”.")
                )
            result.append(self.reference(reference, depth))
        result.append(value[position:])
        return "".join(result)

    def reference(self, reference: str, depth: int) -> str:
        """What stands for `reference` in `${reference}`."""
        rest = reference.lstrip(_BLANKS)
        if rest.startswith("{"):
            return self.condition(reference, rest, depth)
        name, mark, rest = _name_and_mark(reference, rest)
        if mark == "{":
            return self.function(name, rest, depth)
        found = self.lookup(name)
        if mark:
            return self.choice(bool(found), mark, rest, depth)
        if not found:
            return ""
        return found if name in RAW_PARAMETERS else self.text(found, depth + 1)

    def condition(self, reference: str, rest: str, depth: int) -> str:
        """A comparison, alone or before `?` and `:`."""
        left, rest = _braced(rest)
        symbols, suffix = _OPERATOR.match(rest).groups()  # type: ignore[union-attr]  # matches the empty string too
        rest = rest[len(symbols) + len(suffix) :]
        if symbols not in _COMPARISONS or suffix not in {"", "level"} or not rest.lstrip(_BLANKS).startswith("{"):
            raise CannotExpand(
                _("A comparison is not understood: “{text}”").format(text=reference),
                _("It looks like {example}.").format(example="${{$a} == {b} ? {yes} : {no}}"),
            )
        right, rest = _braced(rest.lstrip(_BLANKS))
        sides = self.text(left, depth + 1), self.text(right, depth + 1)
        holds = not self.every_branch and _COMPARISONS[symbols](_order(*sides, by_level=suffix == "level"), 0)
        if not rest:
            return "true" if holds else ""
        if rest[0] not in "?:":
            raise _unexpected(rest, reference)
        return self.choice(holds, rest[0], rest[1:], depth)

    def choice(self, holds: bool, mark: str, rest: str, depth: int) -> str:
        """What `?yes`, `:no` or `?{yes}:{no}` selects."""
        result = ""
        if mark == "?":
            chosen, rest = _operand(rest)
            if holds or self.every_branch:
                result = self.text(chosen, depth + 1)
            if not rest:
                return result
            if rest[0] != ":":
                raise _unexpected(rest, chosen)
            rest = rest[1:]
        chosen, rest = _operand(rest)
        if not holds or self.every_branch:
            result += self.text(chosen, depth + 1)
        if rest:
            raise _unexpected(rest, chosen)
        return result

    def function(self, name: str, rest: str, depth: int) -> str:
        """`${domain_to_ascii{text}}`, known to Postfix 3.11; a domain that needs converting is not converted here."""
        argument, rest = _braced(rest)
        if rest:
            raise _unexpected(rest, name)
        if name not in _DOMAIN_FUNCTIONS:
            raise CannotExpand(_("Postfix has no function “{name}”").format(name=name))
        text = self.text(argument.strip(_BLANKS), depth + 1)
        if not text.isascii() or "xn--" in text.lower():
            raise CannotExpand(_("“{text}” is converted only by Postfix itself").format(text=text))
        return text


def _name_and_mark(reference: str, text: str) -> tuple[str, str, str]:
    name = _PLAIN_NAME.match(text)
    length = len(name[0]) if name else 0
    rest = text[length:].lstrip(_BLANKS)
    if rest and rest[0] not in "?:{":
        raise CannotExpand(
            _("“{text}” is not a parameter name").format(text=reference),
            _("Names have letters, digits and underscores."),
        )
    return text[:length], rest[:1], rest if rest.startswith("{") else rest[1:]


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == opening) - (text[position] == closing)
        if depth == 0:
            return position + 1
    raise CannotExpand(
        _("“{text}” has a “{mark}” that is not closed").format(text=text, mark=opening), _("Add the closing one.")
    )


def _braced(text: str) -> tuple[str, str]:
    end = _closing(text, 0, "{", "}")
    return text[1 : end - 1], text[end:].lstrip(_BLANKS)


def _operand(text: str) -> tuple[str, str]:
    return _braced(text.lstrip(_BLANKS)) if text.lstrip(_BLANKS).startswith("{") else (text, "")


def _unexpected(rest: str, near: str) -> CannotExpand:
    return CannotExpand(
        _("“{rest}” is not expected after “{near}”").format(rest=rest, near=near), _("Put both results in braces.")
    )


def _order(left: str, right: str, *, by_level: bool) -> int:
    if by_level:
        one, other = compatibility_level(left), compatibility_level(right)
        return (one > other) - (one < other)
    if left.isascii() and right.isascii() and left.isdigit() and right.isdigit():
        return int(left) - int(right)
    first, second = encode(left), encode(right)
    return (first > second) - (first < second)
