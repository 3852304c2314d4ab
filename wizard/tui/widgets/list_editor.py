"""ListEditor: any number of items; keys add, change, remove and move them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Input

from wizard.ask.question import Answer, SoFar
from wizard.problem import Problem
from wizard.tui.plain import plain
from wizard.tui.widgets.editor import Edited
from wizard.tui.widgets.line import Line
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class Items(Words, can_focus=True):
    """The items, one of them the present one while this is focused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", show=False),
        Binding("down", "go(1)", show=False),
        Binding("a,insert", "add", show=False),
        Binding("e", "change", show=False),
        Binding("x,delete", "remove", show=False),
        Binding("u", "move(-1)", show=False),
        Binding("d", "move(1)", show=False),
    ]

    def __init__(self, editor: "ListEditor") -> None:
        super().__init__()
        self._editor = editor
        self.place = 0

    def draw(self) -> None:
        """Shows the items, or that there are none."""
        items = self._editor.items
        self.place = max(0, min(self.place, len(items) - 1))
        if not items:
            self.say(plain(_("(none)"), "$quiet"))
            return
        pointer = cast("WizardApp", self.app).glyphs.pointer
        lines = [
            plain(f"{pointer} {item}", "bold $accent") if place == self.place and self.has_focus else plain(f"  {item}")
            for place, item in enumerate(items)
        ]
        self.say(Content("\n").join(lines))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Points at the present item, or at none."""
        super().watch_has_focus(_has_focus)
        self.draw()

    def action_go(self, by: int) -> None:
        """The item above or below; beyond the ends, the field above or below."""
        if not 0 <= self.place + by < len(self._editor.items):
            self.screen.focus_next() if by > 0 else self.screen.focus_previous()
            return
        self.place += by
        self.draw()

    def action_add(self) -> None:
        """Asks for one more item."""
        self._editor.ask_for("", None)

    def action_change(self) -> None:
        """Asks for the present item again."""
        if self._editor.items:
            self._editor.ask_for(self._editor.items[self.place], self.place)

    def action_remove(self) -> None:
        """Drops the present item."""
        items = self._editor.items
        if items:
            self._editor.now(items[: self.place] + items[self.place + 1 :])

    def action_move(self, by: int) -> None:
        """Swaps the present item with the one above or below."""
        items = list(self._editor.items)
        other = self.place + by
        if 0 <= other < len(items):
            items[self.place], items[other] = items[other], items[self.place]
            self.place = other
            self._editor.now(tuple(items))


class ListEditor(VerticalGroup):
    """The items, and a line to type one in while it is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_line", _("No more items"), key_display="esc"),
    ]

    def __init__(
        self,
        answer: Answer,
        objection_to_item: Callable[[str], Problem | None],
        item_name: str = "",
    ) -> None:
        super().__init__()
        self._objection = objection_to_item
        self.items: tuple[str, ...] = answer if isinstance(answer, tuple) else ()
        self._list = Items(self)
        self._line = Line(classes="item-line", placeholder=item_name)
        self._words = Words(classes="item-words")
        self._changing: int | None = None

    def compose(self) -> ComposeResult:
        """The items above the line."""
        yield self._list
        yield self._line
        yield self._words

    def on_mount(self) -> None:
        """Begins with the line hidden."""
        self._line.display = False
        self._list.draw()
        self._say_keys()

    @property
    def answer(self) -> Answer:
        """The items in their order."""
        return self.items

    @property
    def is_asking(self) -> bool:
        """Whether an item is being typed."""
        return bool(self._line.display)

    def offer(self, answer: Answer, _so_far: SoFar) -> None:
        """Shows other items."""
        if isinstance(answer, tuple) and answer != self.items:
            self.items = answer
            self._list.draw()

    def focus_items(self) -> None:
        """Goes to the items; whoever calls it brings them into view."""
        self._list.focus(scroll_visible=False)

    def now(self, items: tuple[str, ...]) -> None:
        """The person made it these items."""
        self.items = items
        self._list.draw()
        self.post_message(Edited(self))

    def ask_for(self, text: str, changing: int | None) -> None:
        """Opens the line, for a new item or the one at this place."""
        self._changing = changing
        self._line.display = True
        with self.prevent(Input.Changed):
            self._line.value = text
        self._line.cursor_position = len(text)
        self._line.focus()
        self._say_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves escape to the screen while no item is asked for."""
        return self.is_asking if action == "leave_line" else super().check_action(action, parameters)

    def action_leave_line(self) -> None:
        """Closes the line; what was typed is dropped."""
        self._list.focus()
        self._line.display = False
        self._say_keys()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        problem = self._objection(message.value) if message.value else None
        if problem is None:
            self._say_keys()
        else:
            self._words.say(plain(_("[refused]") + f" {problem.what}", "$text-error"))

    def keep_line(self) -> None:
        """Takes in what was typed, where it fits; an empty line closes the line."""
        text = self._line.value
        if not text:
            self.action_leave_line()
            return
        if (problem := self._objection(text)) is not None:
            hint = f"\nhint: {problem.hint}" if problem.hint else ""
            self._words.say(plain(_("[refused]") + f" {problem.what}{hint}", "$text-error"))
            return
        place = self._changing
        if place is None:
            self._list.place = len(self.items)
            self.now((*self.items, text))
            self._line.value = ""
        else:
            self.now((*self.items[:place], text, *self.items[place + 1 :]))
            self.action_leave_line()

    def _say_keys(self) -> None:
        if self.is_asking:
            words = _("enter: keep this one   empty line or escape: no more")
        elif self.items:
            words = _("a add   e change   x remove   u up   d down   enter go on")
        else:
            words = _("a add   enter go on")
        self._words.say(plain(words, "$quiet"))
