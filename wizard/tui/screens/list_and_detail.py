"""ListAndDetailScreen: a list, and beside or below it what is to be said of its present row."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _


class ListAndDetailScreen(WizardScreen):
    """Arrow keys go through the list; page keys move the text, so that one hardly ever needs tab."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("pagedown,space", "page(1)", _("Scroll"), "PgDn"),
        key("pageup,b", "page(-1)", "", show=False),
    ]

    def columns(self) -> ComposeResult:
        """The list and the text."""
        with Horizontal(id="columns", classes="columns"):
            yield Rows(id="list")
            with VerticalScroll(id="detail"):
                yield Words(id="detail-words")

    def on_mount(self) -> None:
        """Begins in the list."""
        self.rows.focus()

    @property
    def rows(self) -> Rows:
        """The list."""
        return self.query_one("#list", Rows)

    def say_detail(self, words: Content | str) -> None:
        """Shows this text."""
        self.query_one("#detail-words", Words).say(words)

    @property
    def detail_width(self) -> int:
        """How many cells a line of the text has; 0 before that is known."""
        return self.query_one("#detail-words").content_size.width

    def on_resize(self) -> None:
        """Folds long lines anew."""
        self.call_after_refresh(self.show_walk)

    def detail_home(self) -> None:
        """Goes to the beginning of the text."""
        self.query_one("#detail").scroll_home(animate=False)

    def action_page(self, by: int) -> None:
        """Moves the text by nearly its height."""
        detail = self.query_one("#detail")
        detail.scroll_relative(y=by * max(1, detail.size.height - 2), animate=False)
