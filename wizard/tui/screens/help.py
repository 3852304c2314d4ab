"""Help: what the screen below is for, its keys, and the keys that work everywhere."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from wizard.tui.plain import plain
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.words import Words
from wizard.words import _

KEY_COLUMN = 18


def everywhere() -> tuple[tuple[str, str], ...]:
    """The keys that every screen knows."""
    return (
        (_("F1 or ?"), _("this help (in a text field: F1)")),
        (_("ctrl+p"), _("all commands, by name")),
        (_("tab, shift+tab"), _("to the next or previous part of the screen")),
        (_("arrows"), _("through a list, between fields, or through a text")),
        (_("enter"), _("go on")),
        (_("escape"), _("one step back; never out of the program")),
        (_("ctrl+t"), _("dark or light")),
        (_("F10, ctrl+q"), _("leave; refused while the machine is being changed")),
    )


class HelpScreen(ModalScreen[None]):
    """Explains the screen it lies on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("escape,f1,question_mark,enter", "leave", _("Close"), "esc"),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]

    def __init__(self, about: WizardScreen) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """The text, which scrolls where it has no room."""
        with Vertical(classes="dialog -tall"), VerticalScroll(id="help-text"):
            yield Words(Content("\n").join(self._lines()))
        yield KeyBar()

    def _lines(self) -> list[Content]:
        lines = [
            plain(_("`postwizard --line` does all of this line by line, for screen readers and serial lines."), "bold"),
            Content(""),
            plain(self._about.HELP),
            Content(""),
            plain(_("Keys here"), "bold $accent"),
        ]
        lines.extend(_key_line(keys, words) for keys, words in self._keys_here())
        lines.extend((Content(""), plain(_("Keys everywhere"), "bold $accent")))
        lines.extend(_key_line(keys, words) for keys, words in everywhere())
        lines.extend(
            (
                Content(""),
                plain(_("The journey"), "bold $accent"),
                plain(
                    _(
                        "Choose a profile, answer its questions, look at every change in the preview, apply it step "
                        "by step, send test mails, read the report. Until you apply, nothing is changed; afterwards, "
                        "Snapshots puts everything back."
                    )
                ),
            )
        )
        return lines

    def _keys_here(self) -> list[tuple[str, str]]:
        known: dict[str, str] = {}
        for _node, binding, _enabled, _tooltip in self._about.active_bindings.values():
            if binding.description and binding.show and binding.action != "help":
                known.setdefault(binding.key_display or binding.key, binding.description)
        return list(known.items())

    def action_leave(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Moves the text."""
        self.query_one("#help-text").scroll_relative(y=by, animate=False)


def _key_line(keys: str, words: str) -> Content:
    return Content.assemble(plain(f"  {keys:<{KEY_COLUMN}}", "$accent"), plain(words))
