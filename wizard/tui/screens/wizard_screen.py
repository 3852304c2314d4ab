"""WizardScreen: what all full screens share: the journey above, the keys below, help, and the way back."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen

from wizard.tui.journey import JourneyBar, Leg
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.too_small import TooSmall
from wizard.words import _

if TYPE_CHECKING:
    from wizard.problem import Problem
    from wizard.tui.app import WizardApp
    from wizard.tui.walk import Walk


def key(
    keys: str, action: str, words: str, shown_as: str = "", *, show: bool = True, priority: bool = False
) -> Binding:
    """A key with its words in the footer."""
    return Binding(keys, action, words, show=show, key_display=shown_as or keys.split(",")[0], priority=priority)


class WizardScreen(Screen[None]):
    """One full screen; it shows the walk, and calls it, and keeps nothing of its own that would be missed."""

    LEG: ClassVar[Leg | None] = None
    NAME: ClassVar[str] = ""
    HELP: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f1,question_mark", "help", _("Help"), "F1"),
    ]
    # Why what the screen is about could not be had; empty while nothing is known against it.
    problem = ""

    @property
    def wizard(self) -> "WizardApp":
        """The app, by its own type."""
        return cast("WizardApp", self.app)

    @property
    def walk(self) -> "Walk":
        """What was said and done so far."""
        return self.wizard.walk

    def compose(self) -> ComposeResult:
        """The journey, the content, the keys."""
        yield JourneyBar(self.LEG, self.NAME)
        with Vertical(id="body"):
            yield from self.content()
        yield KeyBar()
        yield TooSmall()

    def content(self) -> ComposeResult:
        """What is between the journey and the keys."""
        yield from ()

    def on_mount(self) -> None:
        """Shows the walk as it is now."""
        self.show_walk()

    def on_screen_resume(self) -> None:
        """Shows what changed while another screen lay above."""
        if self.is_mounted:
            self.show_walk()

    def show_walk(self) -> None:
        """Brings the screen up to date; called whenever the walk has changed."""

    def could_not(self, problem: "Problem") -> None:
        """Shows why what was asked for in a thread could not be had; the screen may have been left meanwhile."""
        self.problem = str(problem)
        if self.is_running:
            self.show_walk()

    def action_help(self) -> None:
        """Explains this screen and its keys."""
        from wizard.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    def action_back(self) -> None:
        """One screen back."""
        self.app.pop_screen()
