"""FillIn: a few lines to fill in; it stays until they fit, and says what does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from wizard.problem import Problem
from wizard.tui.plain import plain
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.line import Line
from wizard.tui.widgets.words import Words
from wizard.words import _


@dataclass(frozen=True)
class Blank:
    """One line: what it is for, what it proposes, and whether it is hidden."""

    ask: str
    proposed: str = ""
    hidden: bool = False


class FillIn(ModalScreen[tuple[str, ...] | None]):
    """Its exits are what was filled in, once `judge` has nothing against it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "keep", _("Preview"), "enter", priority=True),
        key("tab", "app.focus_next", _("Next line"), "tab"),
        key("escape", "leave", _("Not at all"), "esc"),
    ]

    def __init__(
        self, headline: str, blanks: Sequence[Blank], judge: Callable[[tuple[str, ...]], Problem | None]
    ) -> None:
        super().__init__()
        self._headline = headline
        self._blanks = blanks
        self._judge = judge

    def compose(self) -> ComposeResult:
        """The headline, the lines, and what does not fit."""
        with Vertical(classes="dialog"):
            yield Words(plain(self._headline, "bold"), classes="dialog-words")
            for blank in self._blanks:
                yield Words(plain(blank.ask), classes="blank-words")
                yield Line(blank.proposed, password=blank.hidden)
            yield Words(id="refused")
        yield KeyBar()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """These; the first line that is still empty comes before that."""
        values = tuple(line.value if line.password else line.value.strip() for line in self.query(Line))
        problem = self._judge(values)
        if problem is None:
            self.dismiss(values)
            return
        hint = f"\n{problem.hint}" if problem.hint else ""
        self.query_one("#refused", Words).say(plain(problem.what + hint, "$text-error"))

    def action_leave(self) -> None:
        """Nothing."""
        self.dismiss(None)
