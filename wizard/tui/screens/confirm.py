"""Confirm: one question with two answers; the careful one is the present one."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from wizard.tui.plain import plain
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _


class Confirm(ModalScreen[bool]):
    """Asks before something is changed; its only exits are yes and no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("y", "yes", _("Yes")),
        key("n,escape", "no", _("No")),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._question = question
        self._answers = (yes, no)

    def compose(self) -> ComposeResult:
        """The question, and the answers below it."""
        with Vertical(classes="dialog"):
            yield Words(plain(self._question), classes="dialog-words")
            rows = [
                Content.assemble(Content.styled(f"{letter}  ", "bold $accent"), plain(words))
                for letter, words in zip("yn", self._answers, strict=True)
            ]
            yield Rows(rows, id="answers", place=1)
        yield KeyBar()

    def on_mount(self) -> None:
        """Begins at the careful answer."""
        self.query_one(Rows).focus()

    @on(Rows.Taken)
    def _taken(self, message: Rows.Taken) -> None:
        self.dismiss(message.place == 0)

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_no(self) -> None:
        """No."""
        self.dismiss(False)
