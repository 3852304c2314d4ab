"""What is seen instead of a screen that has no room."""

from textual.content import Content
from textual.widget import Widget

from wizard.words import _


class TooSmall(Widget):
    """Covers the screen while the terminal is below 60x20; the CSS class -too-small shows it."""

    can_focus = False

    def render(self) -> Content:
        """How large it is, how large it must be, and what to do otherwise."""
        size = self.app.size
        return Content(
            _(
                "This terminal has {width}x{height} characters; the wizard needs 60x20 or more.\n\n"
                "Make it larger, or leave (F10 or ctrl+q) and use line mode, which needs no room:\n\n"
                "    postwizard --line"
            ).format(width=size.width, height=size.height)
        )
