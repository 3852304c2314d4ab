"""Prompts: what the conversation needs of a keyboard, whatever asks."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from wizard.ask.question import Answer, AnyQuestion, SoFar


class Move(Enum):
    """What can be answered to any question instead of an answer."""

    BACK = "<"
    EXPLAIN = "?"


class Offer(NamedTuple):
    """One of the things to pick from, and how it is called."""

    value: str
    label: str


class Prompts(Protocol):
    """Asks a person at a keyboard; every method may raise KeyboardInterrupt, or EOFError when nobody is there."""

    def answer(self, question: AnyQuestion, proposed: Answer, so_far: SoFar) -> Answer | Move:
        """The answer to a question, not judged yet, or a move; an empty line takes what is proposed."""
        ...

    def pick(self, ask: str, offers: Sequence[Offer], default: str) -> str:
        """The value of one of the offers."""
        ...

    def yes(self, ask: str) -> bool:
        """Whether the person says yes; no by itself."""
        ...

    def text(self, ask: str) -> str:
        """A line of text, without the white space around it."""
        ...


def move_in(text: str, suggestions: Sequence[str] = (), filled_in: str = "") -> Move | None:
    """The move that was typed in place of an answer, or right behind the one that was `filled_in`."""
    typed, behind = text.strip(), text.removeprefix(filled_in).strip()
    if behind == Move.EXPLAIN.value:
        return Move.EXPLAIN
    if behind == Move.BACK.value or (typed.lower() == "back" and "back" not in suggestions):
        return Move.BACK
    return None
