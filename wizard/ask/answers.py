"""Answers with their origin; reading and writing answers.toml, which never holds a secret."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from wizard.ask.question import (
    Answer,
    AnyQuestion,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    TextQuestion,
    YesNoQuestion,
)
from wizard.problem import BadInput, Problem
from wizard.secret import Secret
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from tomlkit.items import Array, Table

FORMAT = 1
LARGEST_FILE = 1_000_000
_TOP_LEVEL = ("format", "profile", "answers")
_COMMENT_WIDTH = 110


class Origin(Enum):
    """Where an answer came from; shown beside it on a re-run."""

    DEFAULT = "default"
    KEPT = "kept from last time"
    FILE = "answers file"
    GIVEN = "given now"


@dataclass(frozen=True)
class Answered:
    """An answer and where it came from."""

    value: Answer
    origin: Origin


class Asks(Protocol):
    """Whatever has questions; a profile does."""

    @property
    def questions(self) -> tuple[AnyQuestion, ...]: ...


class UnusableAnswers(BadInput):
    """An answers file that cannot be used, with every problem in it and not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        if len(problems) == 1:
            super().__init__(problems[0])
            return
        what = ngettext(
            "The answers file has {count} problem.", "The answers file has {count} problems.", len(problems)
        ).format(count=len(problems))
        lines = (f"- {problem.what}" + (f" {problem.hint}" if problem.hint else "") for problem in problems)
        super().__init__(Problem("\n".join((what, *lines)), _("Correct them all; nothing was changed.")))


def read_answers(text: str | bytes, profiles: Mapping[str, Asks]) -> tuple[str, Mapping[str, Answer]]:
    """The profile's id and the answers by key; raises UnusableAnswers, which names every problem at once.

    Whether an answer is accepted is judged later, by the objections of its question.
    """
    document = _document(text)
    problems = [_unknown_key(key, _TOP_LEVEL, "") for key in document if key not in _TOP_LEVEL]
    problems += _format_problems(document)
    profile_id = document.get("profile")
    asked: Mapping[str, AnyQuestion] | None = None
    if isinstance(profile_id, str) and profile_id in profiles:
        asked = {question.key: question for question in profiles[profile_id].questions}
    else:
        problems.append(_profile_problem(profile_id, profiles))
    table = document.get("answers", {})
    answers: dict[str, Answer] = {}
    if not isinstance(table, dict):
        problems.append(Problem(_("answers is not a table."), _("Begin it with a line of its own: [answers]")))
    elif asked is not None:
        for key, value in table.items():
            accepted = _answer(key, value, asked)
            if isinstance(accepted, Problem):
                problems.append(accepted)
            else:
                answers[key] = accepted
    if problems:
        raise UnusableAnswers(tuple(problems))
    return str(profile_id), answers


def write_answers(profile_id: str, answers: Mapping[str, Answer], questions: Iterable[AnyQuestion]) -> str:
    """The answers file: each key under the words of its question; a secret is only named, in a comment."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(_("Answers for postwizard; use them again with --answers FILE.")))
    document.add("format", tomlkit.item(FORMAT))
    document.add("profile", tomlkit.item(profile_id))
    document.add(tomlkit.nl())
    table = tomlkit.table()
    for question in questions:
        value = answers.get(question.key)
        if value is None:
            continue
        table.add(tomlkit.nl())
        _add_comment(table, question.ask)
        if isinstance(value, Secret) or isinstance(question, SecretQuestion):
            _add_comment(
                table,
                _("{key} is a secret and is not kept here. {how}").format(
                    key=question.key, how=_how_to_give(question.key)
                ),
            )
            continue
        table.add(question.key, _list(value) if isinstance(value, tuple) else tomlkit.item(value))
    document.add("answers", table)
    return document.as_string()


def _document(text: str | bytes) -> Mapping[str, object]:
    if len(text) > LARGEST_FILE:
        raise UnusableAnswers((Problem(_("The answers file is too large."), _("Is it the right file?")),))
    text = (_decoded(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
    if not text.strip():
        raise UnusableAnswers(
            (
                Problem(
                    _("The answers file is empty."), _("`postwizard --write-answers FILE` writes one to begin with.")
                ),
            )
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnusableAnswers((_toml_problem(str(error), text),))
    except RecursionError:
        raise UnusableAnswers((Problem(_("The answers file is nested too deeply."), _("Lists hold only text.")),))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(
            _("Line {line} of the answers file is not UTF-8.").format(line=content[: error.start].count(b"\n") + 1),
            _("Save it as UTF-8, which TOML asks for."),
        )
        raise UnusableAnswers((problem,))


def _toml_problem(message: str, text: str) -> Problem:
    """What the TOML reader met, with the line; the line itself is not repeated, for it might hold a secret."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else text.count("\n") + 1
    if "overwrite" in message.lower() or "twice" in message.lower():
        return Problem(
            _("Line {line} of the answers file gives something that was given before.").format(line=line),
            _("Keep one of the two."),
        )
    reason = message.partition(" (at ")[0]
    return Problem(
        _("Line {line} of the answers file is not TOML: {reason}.").format(line=line, reason=reason),
        _('A line looks like: key = "text", key = true, or key = ["one", "two"].'),
    )


def _format_problems(document: Mapping[str, object]) -> list[Problem]:
    found = document.get("format")
    if found == FORMAT and not isinstance(found, bool):
        return []
    if "format" not in document:
        return [Problem(_("The answers file does not say its format."), _("Add above all else: format = 1"))]
    return [
        Problem(
            _("The format of the answers file is not known here."),
            _("This version reads: format = 1. A newer postwizard may have written it."),
        )
    ]


def _profile_problem(found: object, profiles: Mapping[str, Asks]) -> Problem:
    known = ", ".join(profiles)
    if found is None:
        return Problem(
            _("The answers file does not name a profile."),
            _('Add the line: profile = "NAME", with one of: {known}').format(known=known),
        )
    if not isinstance(found, str):
        return Problem(_("profile is not text."), _('Write it in quotes: profile = "NAME"'))
    return Problem(
        _("There is no profile named “{name}”.").format(name=_short(found)), _nearest(found, tuple(profiles))
    )


def _unknown_key(key: str, known: tuple[str, ...], where: str) -> Problem:
    name = f"{where}{_short(key)}"
    return Problem(_("“{name}” is not known in an answers file.").format(name=name), _nearest(key, known))


def _nearest(name: str, known: tuple[str, ...]) -> str:
    import difflib

    near = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.6)
    if near:
        return _("Did you mean {name}?").format(name=near[0])
    return _("Known are: {names}").format(names=", ".join(known))


def _answer(key: str, value: object, asked: Mapping[str, AnyQuestion]) -> Answer | Problem:
    question = asked.get(key)
    match question:
        case None:
            return _unknown_key(key, tuple(asked), "answers.")
        case SecretQuestion():
            return Problem(
                _("{key} is a secret, and an answers file holds none.").format(key=key),
                _("Take it out of the file, where others may have read it. {how}").format(how=_how_to_give(key)),
            )
        case TextQuestion() | ChoiceQuestion():
            if isinstance(value, str):
                return value
            return _wrong_type(key, value, _("a text in quotes"), f'{key} = "{_short(_as_text(value))}"')
        case YesNoQuestion():
            if isinstance(value, bool):
                return value
            return _wrong_type(key, value, _("true or false, without quotes"), f"{key} = true")
        case ListQuestion():
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                return tuple(value)
            return _wrong_type(key, value, _("a list of texts"), f'{key} = ["one", "two"]')


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else "text"


def _wrong_type(key: str, value: object, wanted: str, example: str) -> Problem:
    kinds = {str: _("a text"), bool: _("true or false"), int: _("a number"), float: _("a number"), list: _("a list")}
    found = kinds.get(type(value), _("something else"))
    return Problem(
        _("{key} is {found}, but {wanted} is needed.").format(key=key, found=found, wanted=wanted),
        _("Write: {example}").format(example=example),
    )


def _how_to_give(key: str) -> str:
    return _("Give it with --secret {key}=FILE, where only you can read the file.").format(key=key)


def _short(text: str) -> str:
    line = "".join(char if char.isprintable() else "?" for char in text)
    return line if len(line) <= 60 else line[:60] + "…"


def _list(items: tuple[str, ...]) -> "Array":
    import tomlkit

    found = tomlkit.array()
    for item in items:
        found.append(item)
    return found.multiline(len(items) > 1)


def _add_comment(table: "Table", text: str) -> None:
    import tomlkit

    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= _COMMENT_WIDTH:
            table.add(tomlkit.comment(line))
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        table.add(tomlkit.comment(line))
