"""Files that the caller names: an answers file, secrets, and the new file that answers are written to."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from wizard.command_line import Options
from wizard.problem import BadInput
from wizard.secret import Secret
from wizard.words import _

LARGEST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything that was given beforehand: the text of an answers file, single answers, secrets."""

    answers_file: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)


def given(options: Options) -> Given:
    """All that the command line gives beforehand; raises BadInput for what cannot be read."""
    text = read_text(options.answers) if options.answers is not None else None
    secrets = {key: _secret(path) for key, path in _pairs("--secret", options.secret or ()).items()}
    return Given(answers_file=text, settings=_pairs("--set", options.set or ()), secrets=secrets)


def _pairs(option: str, texts: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise BadInput(
                _("{option} wants KEY and value with = between them, not {text}.").format(
                    option=option, text=repr(text)
                )
            )
        if key in found:
            raise BadInput(_("{option} names {key} twice.").format(option=option, key=repr(key)))
        found[key] = value
    return found


def _secret(path: str) -> Secret:
    # An editor ends the file with a line break, which is no part of the secret.
    text = read_text(path).removesuffix("\n").removesuffix("\r")
    if not text or not text.isprintable():
        raise BadInput(_("{path} holds no secret of one line.").format(path=path))
    return Secret(text)


def read_text(path: str) -> str:
    """The text of a file, - being standard input; raises BadInput when it is no UTF-8 text of a sensible size."""
    try:
        if path == "-":
            if sys.stdin is None:
                raise BadInput(_("Standard input is closed."))
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
                content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise BadInput(_("{path} cannot be read: {why}.").format(path=path, why=_reason(error)))
    if len(content) > LARGEST:
        raise BadInput(_("{path} is too large for what it should be.").format(path=path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(_("{path} is not UTF-8 text.").format(path=path))


@contextmanager
def lines_of(path: str) -> Iterator[Iterator[str]]:
    """The lines of a text file of any size, - being standard input; raises BadInput where it cannot be read.

    Line breaks stay as they are, and bytes that are not UTF-8 come as lone surrogates (PEP 383).
    """
    try:
        if path == "-" and sys.stdin is None:
            raise BadInput(_("Standard input is closed."))
        handle = sys.stdin.fileno() if path == "-" else os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
        with open(handle, encoding="utf-8-sig", errors="surrogateescape", newline="", closefd=path != "-") as file:
            yield iter(file)
    except (OSError, ValueError) as error:
        raise BadInput(_("{path} cannot be read: {why}.").format(path=path, why=_reason(error)))


def write_new(path: str, text: str) -> None:
    """Writes a new file; an old one is never written over, and no link is followed."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        raise BadInput(_("{path} cannot be written: {why}.").format(path=path, why=_reason(error)))


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
