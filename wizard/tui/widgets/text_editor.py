"""TextEditor and SecretEditor: one line of text, seen or hidden."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.suggester import SuggestFromList
from textual.widgets import Input

from wizard.ask.question import Answer, SecretQuestion, SoFar, TextQuestion
from wizard.secret import Secret
from wizard.tui.widgets.editor import Edited
from wizard.tui.widgets.line import Line

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class TextEditor(Line):
    """One line of text."""

    def __init__(self, question: TextQuestion, answer: Answer, so_far: SoFar) -> None:
        suggestions = question.suggestions(so_far)
        super().__init__(
            value=answer if isinstance(answer, str) else "",
            suggester=SuggestFromList(suggestions, case_sensitive=False) if suggestions else None,
        )
        self.suggestions = suggestions

    @property
    def answer(self) -> Answer:
        """The text as it stands."""
        return self.value

    def offer(self, answer: Answer, _so_far: SoFar) -> None:
        """Shows another text."""
        if isinstance(answer, str) and answer != self.value:
            with self.prevent(Input.Changed):
                self.value = answer

    @on(Input.Changed)
    def _edited(self, message: Input.Changed) -> None:
        message.stop()
        if self.has_focus:
            self.post_message(Edited(self))


class SecretEditor(Line):
    """One line that is not shown; what was generated stays until something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "show_or_hide", show=False)]

    def __init__(self, question: SecretQuestion, answer: Answer) -> None:
        super().__init__(
            value=answer.reveal() if isinstance(answer, Secret) else "",
            password=True,
        )
        self.can_be_generated = question.generate is not None

    @property
    def answer(self) -> Answer:
        """The secret as it stands."""
        return Secret(self.value)

    def offer(self, answer: Answer, _so_far: SoFar) -> None:
        """Takes another secret."""
        if isinstance(answer, Secret) and answer.reveal() != self.value:
            with self.prevent(Input.Changed):
                self.value = answer.reveal()

    @property
    def _value(self) -> Text:
        """The hidden text, in a character that this terminal has."""
        if not self.password:
            return super()._value
        mark = cast("WizardApp", self.app).glyphs.hidden
        return Text(mark * len(self.value), no_wrap=True, overflow="ignore", end="")

    @on(Input.Changed)
    def _edited(self, message: Input.Changed) -> None:
        message.stop()
        if self.has_focus:
            self.post_message(Edited(self))

    def action_show_or_hide(self) -> None:
        """Shows the secret, or hides it again."""
        self.password = not self.password
