"""The terminal of this call: whether there is one, how wide, what it can show, and how to ask on it."""

import os
import sys
from getpass import getpass
from typing import TextIO

from wizard.command_line import Options, columns, prefers_plain
from wizard.line.printer import Printer
from wizard.line.prompts import Prompts


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person may be at the other end; a closed stream is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def size() -> os.terminal_size:
    """Columns and rows; those of a plain terminal where it does not say."""
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return os.terminal_size((80, 24))


def on_terminal() -> bool:
    """Whether somebody can be asked and see it."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def is_plain(options: Options) -> bool:
    """Whether prompts are numbered lists: asked for, or nothing else will do."""
    return prefers_plain(options, os.environ.get("TERM", "")) or not on_terminal()


def printer_for(options: Options, stream: TextIO | None) -> Printer:
    """A printer on the stream, as wide and as colourful as it allows."""
    if stream is None:  # closed by the caller
        stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as the program
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    colour = is_terminal(stream) and not os.environ.get("NO_COLOR") and not is_plain(options)
    ascii_only = options.ascii or not is_utf8(stream)
    return Printer(stream, columns=columns(), colour=colour, ascii_only=ascii_only)


def is_utf8(stream: TextIO | None) -> bool:
    """Whether everything we print can be shown there."""
    encoding = getattr(stream, "encoding", None) or ""
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def prompts_for(options: Options, printer: Printer) -> Prompts:
    """How to ask on this terminal."""
    if is_plain(options):
        from wizard.line.plain_prompts import PlainPrompts

        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")
        return PlainPrompts(printer, lambda: input("> "), _read_hidden)
    from wizard.line.questionary_prompts import QuestionaryPrompts

    return QuestionaryPrompts(colour=not os.environ.get("NO_COLOR"), ascii_only=printer.ascii_only)


def _read_hidden() -> str:
    """A line that is not shown while it is typed; from a pipe there is nobody to hide it from."""
    return getpass("> ") if is_terminal(sys.stdin) else input("> ")


def let_go_of_closed_streams() -> None:
    """Python flushes its streams once more when it ends, and would complain about a reader that has left."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
