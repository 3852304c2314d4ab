"""The journey from choosing to the report, and the bar at the top that says where one is."""

from enum import Enum
from typing import TYPE_CHECKING, assert_never, cast

from textual.content import Content
from textual.widget import Widget

from wizard.tui.plain import plain
from wizard.words import _

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class Leg(Enum):
    """One leg of the journey."""

    CHOOSE = "choose"
    ASK = "ask"
    PREVIEW = "preview"
    APPLY = "apply"
    TEST = "test"
    REPORT = "report"

    @property
    def in_words(self) -> str:
        """Its name in the bar."""
        match self:
            case Leg.CHOOSE:
                return _("Choose")
            case Leg.ASK:
                return _("Ask")
            case Leg.PREVIEW:
                return _("Preview")
            case Leg.APPLY:
                return _("Apply")
            case Leg.TEST:
                return _("Test")
            case Leg.REPORT:
                return _("Report")
        assert_never(self)


class JourneyBar(Widget):
    """The top line: the journey with the present leg in brackets, or the title of a screen beside it; and the host."""

    can_focus = False

    def __init__(self, leg: Leg | None, title: str = "") -> None:
        super().__init__()
        self._leg = leg
        self._title = title

    def render(self) -> Content:
        """The journey at the left, the machine at the right; a narrow screen keeps the journey."""
        app = cast("WizardApp", self.app)
        where = self._journey(app.glyphs.onward) if self._leg is not None else plain(self._title, "bold $accent")
        left = Content.assemble(Content.styled(" postwizard  ", "bold"), where)
        if left.cell_length > self.size.width:
            left = Content.assemble(" ", where)
        tags = (_("[dry run]") if app.dry_run else "", _("[pretended]") if app.pretend else "")
        tag = "".join(f"{words} " for words in tags if words)
        host = app.host_name
        room = self.size.width - left.cell_length - 2
        right = plain(f"{tag}{host}")
        if right.cell_length > room:
            right = plain(tag.strip() or host)
        if right.cell_length > room:
            return left
        gap = Content(" " * (self.size.width - left.cell_length - right.cell_length - 1))
        return Content.assemble(left, gap, right.stylize("$quiet"))

    def _journey(self, onward: str) -> Content:
        parts: list[Content] = []
        for leg in Leg:
            if parts:
                parts.append(Content.styled(f" {onward} ", "$quiet"))
            is_here = leg is self._leg
            name = Content(f"[{leg.in_words}]" if is_here else leg.in_words)
            parts.append(name.stylize("bold $accent" if is_here else "$quiet"))
        return Content.assemble(*parts)
