"""ChoiceEditor and YesNoEditor: one of a few, by arrow keys; the chosen one is marked by a character."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Resize
from textual.widget import Widget

from wizard.ask.question import Answer, Choice, ChoiceQuestion, SoFar
from wizard.preview_text import folded
from wizard.problem import Problem
from wizard.tui.plain import plain
from wizard.tui.widgets.editor import Edited
from wizard.tui.widgets.words import Words
from wizard.words import _

CHOSEN, NOT_CHOSEN = "(*) ", "( ) "
INDENT = " " * len(CHOSEN)


class ChoiceEditor(Words, can_focus=True):
    """One of a few choices, each on lines of its own; one that is refused says why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
    ]

    def __init__(self, question: ChoiceQuestion, answer: Answer, so_far: SoFar) -> None:
        super().__init__()
        self._question = question
        self._value = answer if isinstance(answer, str) else ""
        self._so_far = so_far
        self._choices: tuple[Choice, ...] = question.choices(so_far)

    def on_mount(self) -> None:
        """Draws the choices."""
        self._draw()

    @property
    def answer(self) -> Answer:
        """The chosen value."""
        return self._value

    def offer(self, answer: Answer, so_far: SoFar) -> None:
        """Shows another choice, or other choices."""
        self._so_far = so_far
        self._choices = self._question.choices(so_far)
        if isinstance(answer, str):
            self._value = answer
        self._draw()

    def action_step(self, by: int) -> None:
        """Chooses the one above or below; beyond the ends, the field above or below."""
        values = [choice.value for choice in self._choices]
        place = values.index(self._value) + by if self._value in values else 0
        if not 0 <= place < len(values):
            self.screen.focus_next() if by > 0 else self.screen.focus_previous()
            return
        self._value = values[place]
        self._draw()
        self.post_message(Edited(self))

    def _refusal(self, choice: Choice) -> Problem | None:
        return self._question.objection(choice.value, self._so_far)

    def _draw(self) -> None:
        lines: list[Content] = []
        for choice in self._choices:
            chosen = choice.value == self._value
            sign = Content.styled(CHOSEN if chosen else NOT_CHOSEN, "bold $accent" if chosen else "$quiet")
            lines.append(Content.assemble(sign, self._below_sign(choice.label, "bold" if chosen else "")))
            if not chosen and (refusal := self._refusal(choice)) is not None:
                words = _("[not possible]") + f" {refusal.what}"
                lines.append(Content.assemble(INDENT, self._below_sign(words, "$quiet")))
            if chosen and choice.explanation:
                lines.append(Content.assemble(INDENT, self._below_sign(choice.explanation, "$quiet")))
        self.say(Content("\n").join(lines))

    def _below_sign(self, text: str, style: str) -> Content:
        """The text in lines that begin where the first one does, right of the sign."""
        pieces = folded(INDENT + text, self.content_size.width, len(INDENT))
        return plain("\n".join(pieces).removeprefix(INDENT), style)

    def on_resize(self, _event: Resize) -> None:
        """Folds the choices and explanations anew."""
        self._draw()


class YesNoEditor(Widget, can_focus=True):
    """Yes or no, side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right,space", "turn", show=False),
        Binding("y", "say(True)", show=False),
        Binding("n", "say(False)", show=False),
    ]

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._yes = answer is True

    @property
    def answer(self) -> Answer:
        """Whether yes."""
        return self._yes

    def offer(self, answer: Answer, _so_far: SoFar) -> None:
        """Shows another answer."""
        self._yes = answer is True
        self.refresh()

    def render(self) -> Content:
        """Both words, the answer marked."""
        parts: list[Content] = []
        for words, is_it in ((_("Yes"), self._yes), (_("No"), not self._yes)):
            parts.append(Content.styled(CHOSEN if is_it else NOT_CHOSEN, "bold $accent" if is_it else "$quiet"))
            parts.append(plain(words + "     ", "bold" if is_it else ""))
        return Content.assemble(*parts)

    def action_turn(self) -> None:
        """The other answer."""
        self.action_say(not self._yes)

    def action_say(self, yes: bool) -> None:
        """This answer."""
        if yes != self._yes:
            self._yes = yes
            self.refresh()
            self.post_message(Edited(self))

    def on_click(self, event: Click) -> None:
        """The word that was clicked."""
        self.action_say(event.x < len(CHOSEN + _("Yes")) + 3)
