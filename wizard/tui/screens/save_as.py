"""SaveAs: asks for the name of a file, and writes a text there."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from wizard.tui.background import in_background
from wizard.tui.plain import plain, shown
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.key_bar import KeyBar
from wizard.tui.widgets.line import Line
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.machine.machine import Machine
    from wizard.problem import Problem


class SaveAs(ModalScreen[str]):
    """Its exits are a name, or the empty word for "not at all"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "keep", _("Write"), "enter", priority=True),
        key("escape", "leave", _("Not at all"), "esc"),
    ]

    def __init__(self, proposed: str) -> None:
        super().__init__()
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        """The question and a line."""
        with Vertical(classes="dialog"):
            yield Words(plain(_("Write it to which file? It must not exist yet.")), classes="dialog-words")
            yield Line(self._proposed)
        yield KeyBar()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """This name."""
        self.dismiss(self.query_one(Input).value.strip())

    def action_leave(self) -> None:
        """No file."""
        self.dismiss("")


def save_text(app: App[int], machine: "Machine", proposed: str, text: str) -> None:
    """Asks for a name and writes the text to that new file, for its owner only; says how it went."""

    def write(name: str) -> str:
        from wizard.machine.machine import FileState
        from wizard.problem import BadInput

        path = PurePosixPath(name)
        if not path.is_absolute():
            raise BadInput(_("{name} is no full path.").format(name=name), _("Begin it with a slash."))
        if machine.file(path) is not None:
            raise BadInput(_("{name} exists already.").format(name=name), _("Give another name."))
        machine.write_file(path, FileState(content=text.encode("utf-8", "replace"), mode=0o600))
        return name

    def written(name: str) -> None:
        app.notify(_("Written to {name}").format(name=shown(name)))

    def not_written(problem: "Problem") -> None:
        app.notify(str(problem), title=_("Not written"), severity="error")

    def named(name: str | None) -> None:
        if name:
            in_background(app, lambda: write(name), written, not_written, "save")

    app.push_screen(SaveAs(proposed), named)
