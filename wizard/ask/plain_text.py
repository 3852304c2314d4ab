"""What no answer may hold, whatever it is for: line breaks, control and hidden characters, `$`, outer blanks."""

import unicodedata

from wizard.problem import Problem
from wizard.words import _

_LINE_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_SHOWN = 40


def shown(value: str) -> str:
    """The value as it can be repeated in a message: short, and with every hidden character as its code."""
    short = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)


def nothing_given(example: str) -> Problem:
    """An empty answer where one is needed."""
    return Problem(_("Nothing is given."), _("Give something like: {example}").format(example=example))


def unfit(value: str, limit: int, limit_from: str = "") -> Problem | None:
    """What makes a text unfit for any answer; `limit` is in bytes of UTF-8, and `limit_from` says who sets it."""
    if len(value) > limit or len(value.encode("utf-8", "surrogatepass")) > limit:
        what = _("This is too long: at most {limit} bytes fit here.").format(limit=limit)
        return Problem(
            what, _("The limit comes from {source}.").format(source=limit_from) if limit_from else _too_long()
        )
    return _hidden_character(value) or _dollar(value) or _outer_blank(value)


def _too_long() -> str:
    return _("Make it shorter; perhaps something else was pasted along.")


def _hidden_character(value: str) -> Problem | None:
    for place, char in enumerate(value, start=1):
        category = unicodedata.category(char)
        if char in _LINE_BREAKS:
            return Problem(
                _("There is a line break at character {place}.").format(place=place),
                _("Write it on one line: a second line would become a setting of its own."),
            )
        if char == "\0":
            return Problem(
                _("There is a NUL at character {place}.").format(place=place),
                _("Type it again: everything after a NUL would be lost."),
            )
        if category == "Cc":
            return Problem(
                _("There is a control character at character {place}.").format(place=place),
                _("Type it again: a tab or something invisible was pasted along."),
            )
        if category in {"Cf", "Cs", "Co", "Cn"}:
            return Problem(
                _("There is a character that does not show, U+{code:04X}, at character {place}.").format(
                    code=ord(char), place=place
                ),
                _("Type it again instead of pasting it: what is hidden can make a text look like another one."),
            )
        if category == "Zs" and char != " ":
            return Problem(
                _("There is a blank that is not a plain space, U+{code:04X}, at character {place}.").format(
                    code=ord(char), place=place
                ),
                _("Type that blank again with the space bar."),
            )
    return None


def _dollar(value: str) -> Problem | None:
    # postconf(5): "$name" and "${name?value}" are replaced wherever a value is used.
    if "$" in value:
        return Problem(
            _("A dollar sign is not possible here: Postfix puts another setting in its place."),
            _("Write the value itself, without $."),
        )
    return None


def _outer_blank(value: str) -> Problem | None:
    if value != value.strip(" "):
        return Problem(
            _("There is a blank at the start or at the end."), _("Remove it: Postfix would drop it without a word.")
        )
    return None
