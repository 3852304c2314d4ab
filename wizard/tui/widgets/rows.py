"""Rows: a list one moves through by arrow keys; the present row has a pointer, so that it is seen without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.message import Message

from wizard.tui.widgets.words import Words

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class Row(HorizontalGroup):
    """One row: the pointer, and what is listed."""

    def __init__(self, content: Content) -> None:
        self.pointer = Words(classes="row-pointer")
        self.words = Words(content, classes="row-words")
        self._shown = content
        super().__init__(self.pointer, self.words)

    def show(self, content: Content) -> None:
        """Shows other words, and does nothing when they are the same."""
        if not content.is_same(self._shown):
            self._shown = content
            self._draw()

    def point(self, *, at_it: bool) -> None:
        """Draws or clears the pointer."""
        app = cast("WizardApp", self.app)
        self.pointer.say(app.glyphs.pointer if at_it else "")
        self.set_class(at_it, "-current")
        self._draw()

    def _draw(self) -> None:
        app = cast("WizardApp", self.app)
        # Sixteen colours cannot be told apart on the bar of the present row.
        on_bar = self.has_class("-current") and app.current_theme.ansi
        self.words.say(Content(self._shown.plain) if on_bar else self._shown)

    def on_click(self) -> None:
        """A click goes to the row; a click on the present row takes it."""
        rows = self.parent
        if isinstance(rows, Rows):
            rows.click(self)


class Rows(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Several rows, one of them the present one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("home", "move(-9999)", show=False),
        Binding("end", "move(9999)", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The present row is another one."""

        rows: "Rows"
        place: int

        @property
        def control(self) -> "Rows":
            """The list itself, for `@on` selectors."""
            return self.rows

    @dataclass
    class Taken(Message):
        """Enter was pressed on a row."""

        rows: "Rows"
        place: int

        @property
        def control(self) -> "Rows":
            """The list itself, for `@on` selectors."""
            return self.rows

    def __init__(self, contents: Sequence[Content] = (), *, id: str | None = None, place: int = 0) -> None:  # noqa: A002
        self._rows = [Row(content) for content in contents]
        self.place = place
        super().__init__(*self._rows, id=id)

    def __len__(self) -> int:
        return len(self._rows)

    def __bool__(self) -> bool:
        return True

    def on_mount(self) -> None:
        """Points at the first present row."""
        self.point()

    def show(self, contents: Sequence[Content]) -> None:
        """Shows these rows, keeping those that are there."""
        for row, content in zip(self._rows, contents, strict=False):
            row.show(content)
        more = [Row(content) for content in contents[len(self._rows) :]]
        if more:
            self._rows.extend(more)
            self.mount_all(more)
        for row in self._rows[len(contents) :]:
            row.remove()
        del self._rows[len(contents) :]
        self.place = max(0, min(self.place, len(self._rows) - 1))
        self.call_after_refresh(self.point)

    def go_to(self, place: int, *, top: bool = False) -> None:
        """Makes this row the present one, without telling anybody; `top` shows it with as much as fits below it."""
        if self._rows:
            self.place = max(0, min(place, len(self._rows) - 1))
            self.point()
            if top:
                self.call_after_refresh(self._rows[self.place].scroll_visible, animate=False, top=True)

    def action_move(self, by: int) -> None:
        """Goes up or down by this many rows."""
        before = self.place
        self.go_to(self.place + by)
        if self.place != before:
            self.post_message(self.Moved(self, self.place))

    def on_key(self, event: Key) -> None:
        """Enter takes the present row; it is no binding, so that the screen's own words for it stay in the footer."""
        if event.key == "enter" and self._rows:
            event.stop()
            self.take()

    def take(self) -> None:
        """Takes the present row."""
        self.post_message(self.Taken(self, self.place))

    def click(self, row: Row) -> None:
        """Goes to a row that was clicked, or takes it when it was the present one already."""
        self.focus()
        place = self._rows.index(row)
        if place == self.place:
            self.take()
        else:
            self.action_move(place - self.place)

    def point(self) -> None:
        """Draws the pointer at the present row, and at no other."""
        for place, row in enumerate(self._rows):
            if row.is_mounted:
                row.point(at_it=place == self.place)
        if self._rows and self._rows[self.place].is_mounted:
            self._rows[self.place].scroll_visible(animate=False)
