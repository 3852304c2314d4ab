"""ProgressLine: how much of a run is done, as a bar and in figures."""

from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from wizard.words import _

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp

FIGURES = 22


class ProgressLine(Widget):
    """`#####......  2 of 7 steps`."""

    can_focus = False
    done = reactive(0)
    count = reactive(0)

    def render(self) -> Content:
        """The bar takes the room that the figures leave."""
        glyphs = cast("WizardApp", self.app).glyphs
        room = max(10, min(60, self.size.width - FIGURES))
        full = room * self.done // self.count if self.count else 0
        figures = _("{done} of {count} done").format(done=self.done, count=self.count) if self.count else ""
        return Content.assemble(
            Content.styled(glyphs.bar_full * full, "$success"),
            Content.styled(glyphs.bar_empty * (room - full), "$quiet"),
            Content(f"  {figures}"),
        )
