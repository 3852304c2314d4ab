"""The few characters that are drawn rather than read, in full and in reduced Unicode."""

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """What draws the journey, a bar and a pointer; words never depend on it."""

    onward: str
    bar_full: str
    bar_empty: str
    pointer: str
    hidden: str
    rule: str


FINE = Glyphs(onward="›", bar_full="█", bar_empty="░", pointer="▸", hidden="•", rule="─")
REDUCED = Glyphs(onward=">", bar_full="#", bar_empty=".", pointer=">", hidden="*", rule="-")

# Terminals whose own font has no more than 256 or 512 characters (console_codes(4)), and serial ones.
PLAIN_TERMINALS = ("linux", "vt", "ansi", "cons", "dumb")


def wants_reduced(environment: Mapping[str, str] | None = None, encoding: str | None = None) -> bool:
    """Whether this terminal or locale cannot be trusted with more than ASCII in drawings."""
    environment = os.environ if environment is None else environment
    encoding = locale.getpreferredencoding(False) if encoding is None else encoding
    if environment.get("TERM", "").startswith(PLAIN_TERMINALS):
        return True
    return encoding.lower().replace("-", "") != "utf8"
