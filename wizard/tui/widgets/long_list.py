"""LongList: rows of a table of any length, of which only those on the screen are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Key
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wizard.tui.plain import in_ascii, plain

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp

Item = TypeVar("Item")


class LongList(ScrollView, Generic[Item], can_focus=True, inherit_bindings=False):
    """One line for each item; `drawn` gives the cells of a line, and the first column is as wide as half of it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"long-list--current"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "go_to(0)", show=False),
        Binding("end", "go_to(-1)", show=False),
    ]

    @dataclass
    class Taken(Message):
        """Enter was pressed on an item."""

        place: int

    def __init__(self, drawn: Callable[[Item], tuple[str, ...]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawn = drawn
        self._items: Sequence[Item] = ()
        self.place = 0

    @property
    def present(self) -> Item | None:
        """The item at the pointer, or None in an empty list."""
        return self._items[self.place] if self._items else None

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return True

    def show(self, items: Sequence[Item]) -> None:
        """Shows these items; the pointer stays on its item where that is still there."""
        kept = self.present
        self._items = items
        try:
            self.place = items.index(kept) if kept is not None else 0
        except ValueError:
            self.place = 0
        self.virtual_size = Size(self.size.width, len(items))
        self.refresh()
        self.call_after_refresh(self._see)

    def action_move(self, by: int) -> None:
        """Goes up or down by this many items."""
        self.action_go_to(max(0, self.place + by))

    def action_page(self, by: int) -> None:
        """Goes up or down by as many items as are seen."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_go_to(self, place: int) -> None:
        """Goes to an item; -1 is the last."""
        if not self._items:
            return
        last = len(self._items) - 1
        self.place = last if place < 0 else min(place, last)
        self.refresh()
        self._see()

    def _see(self) -> None:
        self.scroll_to_region(Region(0, self.place, 1, 1), animate=False, force=True)

    def on_key(self, event: Key) -> None:
        """Enter takes the item; it is no binding, so that the screen's own words for it stay in the footer."""
        if event.key == "enter" and self._items:
            event.stop()
            self.post_message(self.Taken(self.place))

    def on_click(self, event: Click) -> None:
        """A click goes to the item."""
        self.focus()
        self.action_go_to(min(len(self._items) - 1, event.y + self.scroll_offset.y))

    def render_line(self, y: int) -> Strip:
        """One line of what is seen; the present item has a pointer, so that it is told without colour."""
        place, width = y + self.scroll_offset.y, self.size.width
        if place >= len(self._items):
            return Strip.blank(width, self.rich_style)
        app = cast("WizardApp", self.app)
        is_present = place == self.place
        pointer = app.glyphs.pointer if is_present else ""
        first, *others = (plain(cell).plain for cell in self._drawn(self._items[place]))
        half = max(20, (width - 2) // 2)
        text = f"{pointer:<2}{_fitted(first, half - 1):<{half}}{'  '.join(others)}"
        if app.reduced:
            text = in_ascii(plain(text)).plain
        style: Style = self.get_component_rich_style("long-list--current") if is_present else self.rich_style
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
