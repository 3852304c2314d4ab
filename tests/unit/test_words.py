"""Messages: the template holds what the code says, and nothing reaches the screen past gettext."""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.line.pseudo_locale import LANGUAGE, pseudo, write_pseudo_locale

CHECKOUT = Path(__file__).resolve().parents[2]
LOCALE = CHECKOUT / "wizard" / "locale"
# Calls of the program, in one interpreter, with its catalogues elsewhere.
CALLS = """
import json
import sys
from pathlib import Path
import wizard.words
wizard.words.CATALOGUES = Path(sys.argv[1])
from wizard.__main__ import main
for argv in json.loads(sys.argv[2]):
    main(argv)
"""
# Parts of the command line, which are the same in every language.
COMMAND_LINE = re.compile(
    r"--[a-z-]+|-h|\{[a-z,-]+\}|postwizard|undo|resume|snapshots|check|test|practice|schema|JSON|ASCII|list|show|restore|"
    r"remove|plan|events|answers|report|lists|dns|mailbox|alias|add|password="
)


def messages(path: Path) -> set[object]:
    """The messages of a catalogue, without its header."""
    with path.open("rb") as file:
        return {message.id for message in read_po(file) if message.id}


def test_the_template_holds_every_message_of_the_code() -> None:
    update = runpy.run_path(str(LOCALE / "update.py"))
    in_code = {message.id for message in update["messages_in_code"]() if message.id}
    committed = messages(LOCALE / "postwizard.pot")
    assert in_code == committed, "run: python wizard/locale/update.py"


def test_no_message_is_put_together_from_an_f_string() -> None:
    """gettext sees the text before the values are in it, so `_(f"…")` could never be translated."""
    found = []
    for room in ("wizard", "profiles"):
        for path in (CHECKOUT / room).rglob("*.py"):
            if re.search(r"\b(_|ngettext)\(\s*f[\"']", path.read_text("utf-8")):
                found.append(path.name)
    assert found == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Go ahead?", "[!Ǧó áħéáđ?!]"),
        ("{count} steps", "[!{count} śţéþś!]"),
        ("Run `postwizard undo`", "[!Ŕúń `postwizard undo`!]"),
        ("no {name!r}", "[!ńó {name!r}!]"),
    ],
)
def test_a_pretended_translation_keeps_what_is_not_prose(message: str, expected: str) -> None:
    assert pseudo(message) == expected


def call(folder: Path, *argv: str, keys: str = "") -> str:
    """What a call prints with the pretended translation."""
    return calls(folder, argv, keys=keys)


def calls(folder: Path, *several: Sequence[str], keys: str = "") -> str:
    """What calls print, one after the other, with the pretended translation."""
    environment = {**os.environ, "LANGUAGE": LANGUAGE, "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", CALLS, str(folder), json.dumps(several)], cwd=CHECKOUT, env=environment, input=keys,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_every_word_of_the_help_is_translated(tmp_path: Path) -> None:
    write_pseudo_locale(tmp_path)
    commands = ("undo", "snapshots", "check", "schema", "resume", "test", "dns", "mailbox", "alias")
    said = calls(tmp_path, ["--help"], *([command, "--help"] for command in commands))
    assert said.count("--help") > len(commands)
    assert re.findall(r"[A-Za-z]{2,}", COMMAND_LINE.sub("", said)) == []


def test_every_word_about_a_bad_call_is_translated(tmp_path: Path) -> None:
    write_pseudo_locale(tmp_path)
    text = COMMAND_LINE.sub("", call(tmp_path, "--no-such-option"))
    assert re.findall(r"[A-Za-z]{2,}", text) == []
