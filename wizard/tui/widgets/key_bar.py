"""KeyBar: the few keys that matter here, in the order of their weight; what has no room is in the help."""

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.widget import Widget

from wizard.tui.plain import plain

FIRST = ("enter", "y", "n", "escape")
LAST = ("f1", "ctrl+p")


def _weight(binding: Binding) -> int:
    if binding.key in FIRST:
        return FIRST.index(binding.key)
    return 100 + LAST.index(binding.key) if binding.key in LAST else 50


class KeyBar(Widget):
    """The bottom line; a click on a key presses it."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[range, str]] = []

    def on_mount(self) -> None:
        """Follows the keys as they come and go."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def shown(self) -> list[Binding]:
        """The keys with words, each action once."""
        found: dict[str, Binding] = {}
        for _node, binding, enabled, _tooltip in self.screen.active_bindings.values():
            if enabled and binding.description and (binding.show or binding.key in LAST):
                found.setdefault(binding.action, binding)
        return sorted(found.values(), key=_weight)

    def render(self) -> Content:
        """As many keys as there is room for; help and commands always."""
        bindings = self.shown()
        widths = {
            binding: len(self._words_for(binding)) + 1 + Content(binding.description).cell_length + 2
            for binding in bindings
        }
        room = self.size.width - 1
        kept = [binding for binding in bindings if binding.key in LAST]
        room -= sum(widths[binding] for binding in kept)
        for binding in bindings:
            if binding.key not in LAST and widths[binding] <= room:
                kept.append(binding)
                room -= widths[binding]
        parts = [Content(" ")]
        self._places = []
        at = 1
        for binding in sorted(kept, key=bindings.index):
            parts.extend(
                (plain(self._words_for(binding), "bold $footer-key-foreground"), plain(f" {binding.description}  "))
            )
            self._places.append((range(at, at + widths[binding]), binding.key))
            at += widths[binding]
        return Content.assemble(*parts)

    def _words_for(self, binding: Binding) -> str:
        return self.app.get_key_display(binding)

    def on_click(self, event: Click) -> None:
        """Presses the key that was clicked."""
        for place, key in self._places:
            if event.x in place:
                self.app.simulate_key(key)
