"""The printer: what a terminal would obey is written out, and a lost terminal breaks nothing."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.line.lists import joined, split
from wizard.line.printer import Printer, visible
from wizard.problem import Problem

ORDERS = [
    ("\x1b[2J", "\\x1b[2J"),
    ("a\x07", "a\\x07"),
    ("\x9b31m", "\\x9b31m"),
    ("\x00", "\\x00"),
    ("\u202eexe", "\\u202eexe"),
    ("\u200b", "\\u200b"),
    ("\ud800", "\\ud800"),
    ("a\rb", "a\\rb"),
    ("かな 📮", "かな 📮"),
    ("\ttab", "\ttab"),
]


@pytest.mark.parametrize(("text", "shown"), ORDERS)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_a_line_is_always_one_line_without_control_characters(text: str) -> None:
    stream = io.StringIO()
    Printer(stream).line(text)
    printed = stream.getvalue()
    assert printed.endswith("\n")
    assert all(
        character == "\t" or character.isprintable() or character in " \u3000\xa0" or ord(character) > 0x9F
        for character in printed[:-1]
    )
    assert "\x1b" not in printed


@given(st.text())
def test_ascii_only_is_ascii_only(text: str) -> None:
    stream = io.StringIO()
    Printer(stream, ascii_only=True).sentence(text)
    assert stream.getvalue().isascii()


class Gone(io.StringIO):
    """A terminal that has been closed."""

    def write(self, _text: str) -> int:
        """Fails as a closed terminal does."""
        raise OSError(5, "Input/output error")


def test_a_lost_terminal_raises_nothing() -> None:
    printer = Printer(Gone())
    printer.line("first")
    printer.sentence("second")
    assert printer.gone


def test_colour_is_put_around_whole_lines_and_only_where_it_is_allowed() -> None:
    stream = io.StringIO()
    Printer(stream, colour=True).line("+added", "added")
    assert stream.getvalue() == "\x1b[32m+added\x1b[0m\n"
    stream = io.StringIO()
    Printer(stream).line("+added", "added")
    assert stream.getvalue() == "+added\n"


def test_a_problem_is_what_then_a_blank_line_then_the_hint() -> None:
    stream = io.StringIO()
    Printer(stream).problem(Problem("Port 25 is taken by exim.", "systemctl disable --now exim"))
    assert stream.getvalue() == "Port 25 is taken by exim.\n\nhint: systemctl disable --now exim\n"


def test_long_prose_is_folded_and_long_words_stay_whole() -> None:
    stream = io.StringIO()
    Printer(stream, columns=40).sentence("word " * 30 + "x" * 60)
    lines = stream.getvalue().splitlines()
    assert all(len(line) < 40 for line in lines[:-1])
    assert lines[-1] == "x" * 60


@given(st.lists(st.text(min_size=1).map(str.strip).filter(bool)).map(tuple))
def test_a_list_on_one_line_reads_back_the_same(items: tuple[str, ...]) -> None:
    assert split(joined(items)) == items
