"""The five kinds of question, one closed union; every front asks these and no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.secret import Secret

Answer: TypeAlias = str | bool | Secret | tuple[str, ...]


@dataclass(frozen=True)
class SoFar:
    """All that a question or a profile may know: the answers given so far, by key, and the facts of the machine."""

    answers: Mapping[str, Answer]
    facts: Facts

    def text(self, key: str) -> str:
        """A text or choice answer; empty when it was not asked."""
        value = self.answers.get(key, "")
        return value if isinstance(value, str) else ""

    def yes(self, key: str) -> bool:
        """A yes-or-no answer; False when it was not asked."""
        return self.answers.get(key) is True

    def items(self, key: str) -> tuple[str, ...]:
        """A list answer; empty when it was not asked."""
        value = self.answers.get(key, ())
        return value if isinstance(value, tuple) else ()


def always(_so_far: SoFar) -> bool:
    """The question is always asked."""
    return True


def no_objection(_value: str, _so_far: SoFar) -> Problem | None:
    """Every text is accepted."""
    return None


def nothing(_so_far: SoFar) -> str:
    """No default."""
    return ""


def no_items(_so_far: SoFar) -> tuple[str, ...]:
    """An empty list by default."""
    return ()


def no(_so_far: SoFar) -> bool:
    """No by default."""
    return False


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked; `key` is also the widget's id, the key in answers.toml and the name in templates.

    `why` says what it is for and what happens if it is wrong; `manual` points on: "postconf(5): myhostname".
    `section` groups questions that are shown together on one screen. `seen` is what this machine says about it, in a
    sentence: "The name comes from /etc/hostname."; empty when it says nothing.
    """

    key: str
    ask: str
    why: str
    manual: str = ""
    section: str = ""
    when: Callable[[SoFar], bool] = always
    seen: Callable[[SoFar], str] = nothing


@dataclass(frozen=True, kw_only=True)
class TextQuestion(Question):
    """One line of text; `caution` says what to think of before taking a text that is not refused."""

    default: Callable[[SoFar], str] = nothing
    objection: Callable[[str, SoFar], Problem | None] = no_objection
    suggestions: Callable[[SoFar], tuple[str, ...]] = no_items
    optional: bool = False
    caution: Callable[[str, SoFar], Problem | None] = no_objection


@dataclass(frozen=True)
class Choice:
    """One of the answers to a ChoiceQuestion; `why_not` says why it cannot be taken on this machine."""

    value: str
    label: str
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """One of a few; `objection` may still refuse one, given the others."""

    choices: Callable[[SoFar], tuple[Choice, ...]]
    default: Callable[[SoFar], str]
    objection: Callable[[str, SoFar], Problem | None] = no_objection


@dataclass(frozen=True, kw_only=True)
class YesNoQuestion(Question):
    """Yes or no."""

    default: Callable[[SoFar], bool] = no


def no_list_objection(_items: tuple[str, ...], _so_far: SoFar) -> Problem | None:
    """Every list is accepted."""
    return None


@dataclass(frozen=True, kw_only=True)
class ListQuestion(Question):
    """Any number of items; `objection` looks at one item, `list_objection` at them together."""

    default: Callable[[SoFar], tuple[str, ...]] = no_items
    objection: Callable[[str, SoFar], Problem | None] = no_objection
    list_objection: Callable[[tuple[str, ...], SoFar], Problem | None] = no_list_objection
    item_name: str = ""


@dataclass(frozen=True, kw_only=True)
class SecretQuestion(Question):
    """A password or key; never kept in an answers file: `generate` makes one where the user gives none."""

    objection: Callable[[str, SoFar], Problem | None] = no_objection
    generate: Callable[[], Secret] | None = None


AnyQuestion: TypeAlias = TextQuestion | ChoiceQuestion | YesNoQuestion | ListQuestion | SecretQuestion


def caution(question: AnyQuestion, value: Answer, so_far: SoFar) -> Problem | None:
    """What to think of before taking this answer, which is not refused; None where nothing is to be said."""
    match question:
        case TextQuestion() if isinstance(value, str) and (value or not question.optional):
            return question.caution(value, so_far)
        case _:
            return None
