"""WizardApp: themes, keys and screens of the full-screen front; what is said and done is kept in its Walk."""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.scrollbar import ScrollBar

from wizard.tui import commands
from wizard.tui.background import Finished, problem_of
from wizard.tui.exit_code import exit_code
from wizard.tui.glyphs import FINE, REDUCED, Glyphs, wants_reduced
from wizard.tui.lasting_driver import LastingDriver, TerminalLost
from wizard.tui.plain import in_ascii, plain
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.wizard_screen import WizardScreen
from wizard.tui.scroll_bar import PlainScrollBar
from wizard.tui.stop_request import Signals, let_go_of_terminal
from wizard.tui.themes import THEMES, theme_after, theme_to_begin_with
from wizard.tui.walk import StageTold, Told, Walk
from wizard.tui.widgets.rows import Rows
from wizard.words import _

if TYPE_CHECKING:
    from wizard.machine.machine import Machine

Start = Literal["choose", "snapshots"]

MIN_WIDTH, MIN_HEIGHT = 60, 20
LEAVE_KEYS = {"ctrl+q", "ctrl+c", "f10"}


class WizardApp(App[int]):
    """The wizard, full screen."""

    CSS_PATH = "wizard.tcss"
    TITLE = "postwizard"
    # The toolkit declares these as instance variables, which a ClassVar may not override.
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (60, "-narrow"), (100, "-wide"), (140, "-very-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (20, "-low"), (28, "-high")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", _("Commands"), show=False, key_display="^p", priority=True),
        Binding("f10,ctrl+q", "quit", _("Quit"), show=False, key_display="F10", priority=True),
        Binding("ctrl+c", "quit", _("Quit"), show=False, key_display="^c", priority=True),
        Binding("ctrl+t", "toggle_theme", _("Dark or light"), show=False, key_display="^t", priority=True),
    ]

    def __init__(
        self,
        machine: "Machine",
        *,
        pretend: bool = False,
        dry_run: bool = False,
        profile: str = "",
        start: Start = "choose",
        reduced: bool | None = None,
    ) -> None:
        super().__init__(driver_class=LastingDriver)
        self.pretend = pretend
        self.dry_run = dry_run
        self.profile = profile
        self.start = start
        self.reduced = wants_reduced() if reduced is None else reduced
        self.walk = Walk(self, machine, self.show_changes, pretend=pretend)
        self.walk.only_looks = start == "snapshots" or dry_run
        self._signals = Signals(self._asked_to_stop, self._lost_terminal)
        self._has_lost_terminal = False
        ScrollBar.renderer = PlainScrollBar

    @property
    def glyphs(self) -> Glyphs:
        """What drawings are made of on this terminal."""
        return REDUCED if self.reduced else FINE

    @property
    def host_name(self) -> str:
        """The name of the machine, once it is known."""
        beginning = self.walk.beginning
        return (beginning.facts.fully_qualified_name or beginning.facts.host_name) if beginning is not None else ""

    @property
    def few_colours(self) -> bool:
        """Whether the terminal has no more than sixteen colours."""
        return self.console.color_system in {None, "standard"}

    @property
    def is_too_small(self) -> bool:
        """Whether the terminal has no room for the screens."""
        return self.size.width < MIN_WIDTH or self.size.height < MIN_HEIGHT

    def on_mount(self) -> None:
        """Shows the first screen at once, and looks at the machine meanwhile."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_to_begin_with(self.few_colours and not self.no_color).name
        self.set_class(self.reduced, "-reduced")
        self._signals.take()
        self.push_screen(ChooseProfileScreen())
        self.walk.look_around(self._beginning_known)

    def _beginning_known(self) -> None:
        beginning = self.walk.beginning
        if self.start == "snapshots":
            commands.show_snapshots(self)
        elif beginning is not None and beginning.unfinished is not None:
            commands.show_unfinished(self)
        elif beginning is not None and self.profile in beginning.profiles:
            self.walk.choose(self.profile)
            commands.to_questions(self)

    def on_unmount(self) -> None:
        """Leaves the signals as they were."""
        self._signals.give_back()

    def show_changes(self) -> None:
        """Lets every open screen show what has changed in the walk."""
        if not self.is_running:
            return
        for screen in self.screen_stack:
            if isinstance(screen, WizardScreen) and screen.is_mounted and screen.is_running:
                screen.show_walk()
        if self._has_lost_terminal and not self.walk.is_changing:
            self.exit(exit_code(self.walk))

    @on(Finished)
    def _finished(self, message: Finished) -> None:
        message.then()

    @on(Told)
    def _told(self, message: Told) -> None:
        self.walk.story.hear(message.event)
        self.show_changes()

    @on(StageTold)
    def _stage_told(self, message: StageTold) -> None:
        self.walk.stages.append((message.probe, message.stage))
        self.show_changes()

    def say_testing(self) -> None:
        """Says why the test sends are not left now."""
        words = _("The mails are still on their way; one that does not arrive is waited for half a minute.")
        self.notify(words, title=_("Not now"), markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Keeps keys from acting on a screen that cannot be seen."""
        if isinstance(event, events.Key) and self.is_too_small and event.key not in LEAVE_KEYS:
            return
        await super().on_event(event)

    # --- leaving -----------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leaves; while the machine is being changed it says why not, and in mid-conversation it asks first."""
        if self.walk.is_changing:
            self.say_busy()
        elif self.walk.is_testing:
            self.say_testing()
        elif isinstance(self.screen, Confirm):
            self.screen.dismiss(False)
        elif self.walk.conversation is not None and self.walk.outcome is None and self.walk.broke_off is None:
            question = _("Leave without changing anything? The answers you gave are not kept.")
            self.push_screen(Confirm(question, _("Leave"), _("Stay")), self._leave_if)
        else:
            self.exit(exit_code(self.walk))

    def _leave_if(self, wanted: bool | None) -> None:
        if wanted:
            self.exit(exit_code(self.walk))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Shows a notice; nothing in it is markup, whoever wrote it, and our punctuation is drawn as everywhere."""
        said, headed = (in_ascii(plain(text)).plain if self.reduced else text for text in (message, title))
        super().notify(said, title=headed, severity=severity, timeout=timeout, markup=markup)

    def say_busy(self) -> None:
        """Says why the program is not left now."""
        text = _("The machine is being changed. Press s to stop after this step; then you can leave or put back.")
        self.notify(text, title=_("Not now"), severity="warning", markup=False)

    def _asked_to_stop(self) -> None:
        if self.walk.is_changing:
            self.walk.stop.ask()
            self.show_changes()
        else:
            self.exit(exit_code(self.walk))

    @on(TerminalLost)
    def _lost_terminal(self) -> None:
        if self._has_lost_terminal:
            return
        self._has_lost_terminal = True
        if isinstance(self._driver, LastingDriver):
            self._driver.let_go()
        let_go_of_terminal()
        if not self.walk.is_changing:
            self.exit(exit_code(self.walk))

    def _fatal_error(self) -> None:
        """Says what went wrong without the values of variables, which the toolkit would print with its traceback."""
        self.bell()
        error = self._exception
        problem = problem_of(error) if error is not None else None
        self._exit_renderables.append(str(problem))
        self._close_messages_no_wait()

    # --- looks -------------------------------------------------------------------------------------------------------

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Names of our own colours, for themes that do not know them."""
        return {"quiet": "#888888"}

    def action_toggle_theme(self) -> None:
        """Goes from dark to light and back."""
        self.theme = theme_after(self.theme, self.few_colours).name

    def action_toggle_reduced(self) -> None:
        """Draws with ASCII only, or with the full set again."""
        self.reduced = not self.reduced
        self.set_class(self.reduced, "-reduced")
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.query("*"):
                widget.refresh()
            for rows in screen.query(Rows):
                rows.point()
        self.show_changes()

    def get_key_display(self, binding: Binding) -> str:
        """Keys in the footer, in letters that every console has."""
        return binding.key_display or binding.key

    def action_command_palette(self) -> None:
        """Opens the list of commands."""
        if not isinstance(self.screen, CommandPalette | Confirm):
            self.push_screen(CommandPalette(placeholder=_("Type a part of a command")))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Our own commands, those that make sense now, and none of the toolkit's."""
        return commands.commands_for(self, screen)


def run_app(
    machine: "Machine",
    *,
    pretend: bool = False,
    dry_run: bool = False,
    profile: str = "",
    start: Start = "choose",
    reduced: bool | None = None,
    prepare: Callable[[WizardApp], None] | None = None,
) -> int:
    """Runs the full-screen wizard on this machine and gives the exit code; `profile` skips the choice of one."""
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    app = WizardApp(machine, pretend=pretend, dry_run=dry_run, profile=profile, start=start, reduced=reduced)
    if prepare is not None:
        prepare(app)
    code = app.run()
    return code if code is not None else (app.return_code or exit_code(app.walk))
