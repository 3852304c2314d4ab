"""Sizes: people write 10M, Postfix wants plain bytes."""

import re

from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.problem import Problem
from wizard.words import _

LARGEST = 2**63 - 1  # postconf(5) keeps sizes in a C long
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SIZE = re.compile(r"([0-9]+) ?(?:([kKmMgGtT])(iB)?)?")
_DECIMAL = re.compile(r"([0-9]+) ?([kKmMgGtT])([bB])")
_LONGEST = 30


def bytes_of(value: str) -> int:
    """The size in bytes of a text that `size` accepts; 0 for any other."""
    found = _SIZE.fullmatch(value)
    return int(found[1]) * 1024 ** _POWERS[(found[2] or "").lower()] if found else 0


def in_words(size: int) -> str:
    """A size as it is read most easily, and as `size` takes it: 10M where that is exact, else bytes."""
    for unit, power in (("T", 4), ("G", 3), ("M", 2), ("k", 1)):
        if size and size % 1024**power == 0:
            return f"{size // 1024**power}{unit}"
    return str(size)


def size(value: str) -> Problem | None:
    """A number of bytes, or of k, M, G or T of 1024 each; 0 means without limit."""
    if not value:
        return nothing_given("10M")
    if (problem := unfit(value, _LONGEST)) is not None:
        return problem
    if found := _DECIMAL.fullmatch(value):
        number, unit, bits = found.groups()
        if bits == "b":
            return Problem(_("A small b means bits."), _how(number, unit))
        return Problem(_("It is not certain whether {unit}B means 1000 or 1024.").format(unit=unit), _how(number, unit))
    if value.startswith("-"):
        return Problem(_("A size cannot be negative."), _("0 means without limit."))
    if not _SIZE.fullmatch(value):
        return Problem(
            _("“{text}” is not a size.").format(text=shown(value)),
            _("Write whole bytes such as 10240000, or 10M, 500k, 2G; 0 means without limit."),
        )
    if value.startswith("0") and value != "0":
        return Problem(_("A size does not begin with 0."), _("Write it without; 0 alone means without limit."))
    if bytes_of(value) > LARGEST:
        return Problem(
            _("This is more than Postfix can count."), _("At most {largest} bytes fit.").format(largest=LARGEST)
        )
    return None


def _how(number: str, unit: str) -> str:
    return _("Write {number}{unit} for units of 1024, or the bytes as a number.").format(number=number, unit=unit)
