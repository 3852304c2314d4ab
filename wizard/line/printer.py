"""Printer: lines of text on a terminal, a pipe or a serial console; no line can fail, or give the terminal orders."""

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Protocol

from wizard.problem import Problem
from wizard.words import IN_ASCII, _

WIDEST = 100
COLOURS = {"added": "32", "removed": "31", "place": "36", "good": "32", "bad": "31", "doubtful": "33", "strong": "1"}


class Stream(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object:
        """Takes the text."""
        ...

    def flush(self) -> object:
        """Sends it on."""
        ...


def visible(text: str) -> str:
    r"""The text with what a terminal would obey, or show in another order, written out (\x1b, ‮)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def only_ascii(text: str) -> str:
    r"""The text in ASCII: our own symbols by what stands for them, every other character as in `\u3042`."""
    return text.translate(IN_ASCII).encode("ascii", "backslashreplace").decode()


def _visible(character: str) -> str:
    # Cc are control characters, Cf direction marks and the like, Cs what was not text at all.
    if character == "\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode()


class Printer:
    """Prints line by line; falls silent once the reader is gone, so that a lost terminal never breaks a run off."""

    def __init__(self, stream: Stream, *, columns: int = 80, colour: bool = False, ascii_only: bool = False) -> None:
        self._stream = stream
        self.width = min(max(columns, 20), WIDEST) - 1
        self._colour = colour
        self.ascii_only = ascii_only
        self.gone = False

    def line(self, text: str = "", style: str = "") -> None:
        """One line, as it is but for control characters."""
        shown = visible(text)
        if self.ascii_only:
            shown = only_ascii(shown)
        if self._colour and style in COLOURS:
            shown = f"\x1b[{COLOURS[style]}m{shown}\x1b[0m"
        if self.gone:
            return
        try:
            self._stream.write(shown + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # the terminal or the pipe is closed
            self.gone = True

    def lines(self, texts: Iterable[str], style: str = "") -> None:
        """Several lines."""
        for text in texts:
            self.line(text, style)

    def sentence(self, text: str, indent: str = "", style: str = "") -> None:
        """Prose, folded to the width of the terminal; line breaks in it stay."""
        for part in text.splitlines() or [""]:
            folded = textwrap.wrap(
                part, self.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False,
                break_long_words=False,
            )  # fmt: skip
            self.lines(folded or [""], style)

    def problem(self, problem: Problem) -> None:
        """What is wrong, a blank line, and the hint."""
        self.sentence(problem.what)
        if problem.hint:
            self.line()
            self.hint(problem)

    def hint(self, problem: Problem, indent: str = "") -> None:
        """What to do about it, where that is known."""
        if problem.hint:
            self.sentence(_("hint: {text}").format(text=problem.hint), indent)

    def problems(self, problems: Mapping[str, Problem]) -> None:
        """Several, each with the name of what it is about."""
        for name, problem in problems.items():
            self.sentence(f"{name}: {problem.what}")
            self.hint(problem, "    ")
