"""WhatNow: what happened, and the few things one can do next, each with its letter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.containers import VerticalGroup
from textual.content import Content

from wizard.tui.plain import plain
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words


@dataclass(frozen=True)
class Option:
    """One thing to do: its letter, its words, and the doing."""

    letter: str
    words: str
    do: Callable[[], None]


class WhatNow(VerticalGroup):
    """Hidden until there is something to decide."""

    def __init__(self) -> None:
        self._words = Words(classes="what-now-words")
        self._rows = Rows()
        self.options: tuple[Option, ...] = ()
        super().__init__(self._words, self._rows)

    def on_mount(self) -> None:
        """Begins hidden."""
        self.display = False

    def offer(self, words: Content, options: Sequence[Option]) -> None:
        """Says what happened and offers these; the first is the present one."""
        letters = [option.letter for option in options]
        is_new = letters != [option.letter for option in self.options]
        self.options = tuple(options)
        self._words.say(words)
        self._rows.show(
            [
                Content.assemble(Content.styled(f"{option.letter}  ", "bold $accent"), plain(option.words))
                for option in options
            ]
        )
        self.display = True
        if is_new:
            self._rows.go_to(0)
            self._rows.focus()

    def withdraw(self) -> None:
        """Nothing is to be decided now."""
        self.options = ()
        self.display = False

    def press(self, letter: str) -> bool:
        """Does what goes with this letter; False when nothing does."""
        option = next((option for option in self.options if option.letter == letter), None)
        if option is not None:
            option.do()
        return option is not None

    @on(Rows.Taken)
    def _taken(self, message: Rows.Taken) -> None:
        message.stop()
        if message.place < len(self.options):
            self.options[message.place].do()
