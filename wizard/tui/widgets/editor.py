"""Editor: what all five ways of answering have in common: it holds an answer, and tells when the person changed it."""

from dataclasses import dataclass
from typing import Protocol

from textual.message import Message
from textual.widget import Widget

from wizard.ask.question import Answer, SoFar


@dataclass
class Edited(Message):
    """The person changed the answer in an editor."""

    editor: Widget


class Editor(Protocol):
    """The part of a field that is focused and holds the answer."""

    @property
    def answer(self) -> Answer:
        """The answer as it stands."""
        ...

    def offer(self, answer: Answer, so_far: SoFar) -> None:
        """Shows an answer that the person did not give here."""
        ...
