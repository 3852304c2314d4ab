"""All answers: every question that is asked with its answer in force; enter goes to one."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from wizard import session
from wizard.in_words import answer_in_words, origin_in_words
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.ask import is_untouched
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.ask.question import AnyQuestion


class AnswersScreen(WizardScreen):
    """The answers, to look them over and to go back to any of them."""

    LEG: ClassVar[Leg | None] = Leg.ASK
    HELP: ClassVar[str] = _(
        "Every question that is asked with these answers, and where each answer came from. Enter goes to the question; "
        "answers to the others stay as they are."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "take", _("Go to this question"), "enter"),
        key("escape", "back", _("Back"), "esc"),
        key("f4", "preview", _("Preview"), "F4"),
        key("pagedown", "page(1)", "", show=False),
        key("pageup", "page(-1)", "", show=False),
    ]

    def content(self) -> ComposeResult:
        """The list."""
        yield Words(_("All answers"), classes="headline")
        yield Rows(id="all-answers")

    def on_mount(self) -> None:
        """Begins in the list."""
        self.query_one(Rows).focus()

    def _asked(self) -> "tuple[AnyQuestion, ...]":
        return session.questions(self.walk.present)

    def show_walk(self) -> None:
        """Shows the answers in force; one that is refused says so."""
        conversation = self.walk.conversation
        if conversation is None:
            return
        so_far = session.so_far(conversation)
        refused = session.refused(conversation)
        rows: list[Content] = []
        for question in self._asked():
            answered = session.proposal(conversation, question, so_far)
            drafts = self.walk.refused_drafts
            value = drafts.get(question.key, answered.value)
            mark = Content("")
            if question.key in drafts or question.key in refused:
                waits = is_untouched(self.walk, question.key, value)
                mark = plain(
                    (_("[to be answered]") if waits else _("[refused]")) + " ",
                    "$text-warning" if waits else "$text-error",
                )
            rows.append(
                Content.assemble(
                    plain(question.ask, "$quiet"),
                    Content("\n"),
                    mark,
                    plain(answer_in_words(question, value, so_far), "bold"),
                    plain(f"   {origin_in_words(answered.origin)}", "$quiet"),
                )
            )
        self.query_one(Rows).show(rows)

    @on(Rows.Taken)
    def action_take(self) -> None:
        """To the question of the present row."""
        asked = self._asked()
        if asked:
            commands.to_questions(self.wizard, asked[self.query_one(Rows).place].key)

    def action_page(self, by: int) -> None:
        """Goes up or down by several rows."""
        self.query_one(Rows).action_move(by * 5)

    def action_preview(self) -> None:
        """The preview, with the answers as they are."""
        self.app.pop_screen()
        commands.to_preview(self.wizard)
