"""A field for each kind of question: its text, the way to answer it, where the answer came from, and any objection."""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from textual.app import ComposeResult
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widget import Widget

from wizard.ask.answers import Answered
from wizard.ask.question import (
    Answer,
    AnyQuestion,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    SoFar,
    TextQuestion,
    YesNoQuestion,
)
from wizard.in_words import origin_in_words
from wizard.problem import Problem
from wizard.tui.plain import plain
from wizard.tui.widgets.choice_editor import ChoiceEditor, YesNoEditor
from wizard.tui.widgets.list_editor import ListEditor
from wizard.tui.widgets.text_editor import SecretEditor, TextEditor
from wizard.tui.widgets.words import Words
from wizard.words import _

AnyEditor: TypeAlias = TextEditor | SecretEditor | ChoiceEditor | YesNoEditor | ListEditor


class QuestionField(VerticalGroup):
    """One question with its answer."""

    def __init__(self, question: AnyQuestion, editor: AnyEditor, answered: Answered) -> None:
        super().__init__(id=question.key)
        self.question = question
        self.editor = editor
        self._answered = answered
        self._origin = Words(classes="origin")
        self._objection = Words(classes="objection")
        self._suggestions = Words(classes="suggestions")
        self._warning = Words(classes="warning")

    def compose(self) -> ComposeResult:
        """The question and the origin of its answer, the editor, and what is said against the answer."""
        with HorizontalGroup():
            yield Words(plain(self.question.ask), classes="ask")
            yield self._origin
        yield self.editor
        yield self._suggestions
        yield self._warning
        yield self._objection

    def on_mount(self) -> None:
        """Shows where the answer came from."""
        self._objection.display = self._warning.display = False
        self._show_origin()
        suggestions = self.editor.suggestions if isinstance(self.editor, TextEditor) else ()
        self._suggestions.display = bool(suggestions)
        if suggestions:
            words = _("known here: {names}   (right arrow completes)").format(names=", ".join(suggestions[:6]))
            self._suggestions.say(plain(words))
        if isinstance(self.editor, SecretEditor):
            words = _("ctrl+r shows or hides it")
            if self.editor.can_be_generated:
                words = _("one was made for you; type to use your own   ") + words
            self._suggestions.display = True
            self._suggestions.say(plain(words))

    def go_to(self) -> None:
        """Puts the cursor into this field; the screen brings it into view, once it knows how much room there is."""
        if isinstance(self.editor, ListEditor):
            self.editor.focus_items()
        else:
            self.editor.focus(scroll_visible=False)

    def on_resize(self) -> None:
        """Keeps all of it in view when what is said against the answer makes it higher."""
        if self.has_class("-current"):
            self.call_after_refresh(self.show_whole)

    def show_whole(self) -> None:
        """Brings all of it into view, or its beginning where there is room for no more."""
        if self.is_mounted and isinstance(self.parent, Widget):
            self.scroll_visible(animate=False, top=self.region.height > self.parent.size.height)

    def offer(self, answered: Answered, so_far: SoFar) -> None:
        """Shows the answer in force, where the person did not just give it here."""
        self.editor.offer(answered.value, so_far)
        self.take_origin(answered)

    def take_origin(self, answered: Answered) -> None:
        """Shows where the answer came from."""
        if answered.origin is not self._answered.origin:
            self._answered = answered
            self._show_origin()

    def warn_of(self, warning: Problem | None) -> None:
        """Shows what speaks against the answer, which is not refused, or nothing."""
        self._warning.display = warning is not None
        if warning is not None:
            self._warning.say(plain(_("[warning]") + f" {warning.what} {warning.hint}".rstrip()))

    def object_to(self, problem: Problem | None) -> None:
        """Shows why the answer is refused, or nothing."""
        self._objection.display = problem is not None
        self.set_class(problem is not None, "-refused")
        if problem is not None:
            hint = f"\nhint: {problem.hint}" if problem.hint else ""
            self._objection.say(plain(_("[refused]") + f" {problem.what}{hint}"))

    def _show_origin(self) -> None:
        self._origin.say(plain(origin_in_words(self._answered.origin)))


def field_for(question: AnyQuestion, answered: Answered, so_far: Callable[[], SoFar]) -> QuestionField:
    """The field in which this question is answered; `so_far` gives the answers in force at any later time."""
    value = answered.value
    editor: AnyEditor
    match question:
        case TextQuestion():
            editor = TextEditor(question, value, so_far())
        case ChoiceQuestion():
            editor = ChoiceEditor(question, value, so_far())
        case YesNoQuestion():
            editor = YesNoEditor(value)
        case ListQuestion():
            editor = ListEditor(value, lambda item: question.objection(item, so_far()), question.item_name)
        case SecretQuestion():
            editor = SecretEditor(question, value)
        case _:
            assert_never(question)
    return QuestionField(question, editor, answered)


def answer_in(field: QuestionField) -> Answer:
    """The answer that stands in a field."""
    editor = field.editor
    match editor:
        case TextEditor() | SecretEditor() | ChoiceEditor() | YesNoEditor() | ListEditor():
            return editor.answer
        case _:
            assert_never(editor)
