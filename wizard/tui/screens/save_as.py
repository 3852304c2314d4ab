"""SaveAs: asks for the name of a file."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from wizard.tui.plain import plain
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.line import Line
from wizard.tui.widgets.words import Words
from wizard.words import _


class SaveAs(ModalScreen[str]):
    """Its exits are a name, or the empty word for "not at all"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "keep", _("Write"), "enter", priority=True),
        key("escape", "leave", _("Not at all"), "esc"),
    ]

    def __init__(self, proposed: str) -> None:
        super().__init__()
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        """The question and a line."""
        with Vertical(classes="dialog"):
            yield Words(plain(_("Write the report to which file? It must not exist yet.")), classes="dialog-words")
            yield Line(self._proposed)
        yield KeyBar()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """This name."""
        self.dismiss(self.query_one(Input).value.strip())

    def action_leave(self) -> None:
        """No file."""
        self.dismiss("")
