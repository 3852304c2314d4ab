"""Ask: the questions of the profile, one part at a time, each explained while one is at it."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus

from wizard import session
from wizard.ask.answers import Origin
from wizard.ask.question import Answer, AnyQuestion, SecretQuestion, SoFar, caution
from wizard.secret import Secret
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.question_field import QuestionField, answer_in, field_for
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.editor import Edited
from wizard.tui.widgets.list_editor import ListEditor
from wizard.tui.widgets.words import Words
from wizard.words import _

if TYPE_CHECKING:
    from wizard.session import Session
    from wizard.tui.walk import Walk


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The questions of one part; arrow keys belong to the fields."""

    def on_resize(self) -> None:
        """Keeps the field one is at in view, in whatever room there is now."""
        for field in self.query(QuestionField):
            if field.has_class("-current"):
                self.call_after_refresh(field.show_whole)


def parts_of(conversation: "Session") -> dict[str, list[AnyQuestion]]:
    """The questions that are asked now, by the part they belong to, in order."""
    parts: dict[str, list[AnyQuestion]] = {}
    for question in session.questions(conversation):
        parts.setdefault(question.section, []).append(question)
    return parts


def first_refused(walk: "Walk") -> str:
    """The key of the first question whose answer, as typed or as kept, is refused; empty when all fit."""
    refused = session.refused(walk.present)
    asked = [question.key for question in session.questions(walk.present)]
    return next((asked_key for asked_key in asked if asked_key in walk.refused_drafts or asked_key in refused), "")


def is_untouched(walk: "Walk", key: str, value: Answer) -> bool:
    """Whether the question still waits for its first answer; leaving it empty on the way on is an answer too."""
    is_empty = not (value.reveal() if isinstance(value, Secret) else value) and value is not False
    return is_empty and key not in walk.tried


class AskScreen(WizardScreen):
    """One part of the questions; what is typed is judged at once, and kept when one goes back."""

    LEG: ClassVar[Leg | None] = Leg.ASK
    # Textual's own first focus would scroll to where the field was before the layout for a narrow terminal.
    AUTO_FOCUS: ClassVar[str | None] = ""
    HELP: ClassVar[str] = _(
        "Each question has an answer already: proposed from what was found on this machine, kept from last time, or "
        "given by you; the words beside it say which. Below, or at the right, stands what the question is for and "
        "what happens if the answer is wrong. You can go back at any time: later answers stay as you gave "
        "them.\n\n"
        "In a text: ctrl+u clears it, the right arrow completes a proposal. In a choice: up and down. Yes or no: y, "
        "n or space. In a list: a adds an item, e changes it, x removes it, u and d move it up and down."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "go_on", _("Go on"), "enter", priority=True),
        key("escape", "back", _("Back"), "esc"),
        key("f2", "answers", _("All answers"), "F2"),
        key("f4", "preview", _("Preview"), "F4"),
        key("up", "previous_field", "", show=False),
        key("down", "next_field", "", show=False),
    ]

    def __init__(self, at_key: str = "") -> None:
        super().__init__()
        self._at_key = at_key
        self._part = ""
        self._fields: list[QuestionField] = []

    def content(self) -> ComposeResult:
        """The parts, the fields of one of them, and the explanation."""
        yield Words(id="part-line", classes="headline")
        with Horizontal(id="ask-columns"):
            yield Words(id="parts")
            yield Fields(id="fields")
            with VerticalScroll(id="why", can_focus=False):
                yield Words(id="why-words")

    @property
    def conversation(self) -> "Session":
        """The conversation under way."""
        return self.walk.present

    async def on_mount(self) -> None:  # type: ignore[override]
        """Begins at the question that was asked for, or at the first."""
        self._keep_generated_secrets()
        parts = parts_of(self.conversation)
        wanted = [part for part, asked in parts.items() if any(question.key == self._at_key for question in asked)]
        await self._open_part(wanted[0] if wanted else next(iter(parts), ""), self._at_key)

    def show_walk(self) -> None:
        """Nothing changes here but by what the person does."""

    def on_screen_resume(self) -> None:
        """Takes in answers that were changed meanwhile."""
        if self._fields and self.walk.conversation is not None:
            self._bring_up_to_date(None)

    def _keep_generated_secrets(self) -> None:
        """A secret is generated once; asking the proposal again would make another one."""
        for question in session.questions(self.conversation):
            if isinstance(question, SecretQuestion) and question.key not in self.conversation.answers:
                value = session.proposal(self.conversation, question).value
                changed = session.answer(self.conversation, question.key, value, Origin.DEFAULT)
                if isinstance(changed, session.Session):
                    self.walk.say(changed)

    # --- one part ----------------------------------------------------------------------------------------------------

    async def _open_part(self, part: str, at_key: str = "", *, at_end: bool = False) -> None:
        self._part = part
        place = self.query_one(Fields)
        await place.remove_children()
        questions = parts_of(self.conversation).get(part, [])
        self._fields = [self._field(question) for question in questions]
        await place.mount_all(self._fields)
        self._judge()
        self._show_parts()
        if self._fields:
            by_key = {field.question.key: field for field in self._fields}
            field = by_key.get(at_key, self._fields[-1 if at_end else 0])
            field.go_to()
            self._explain(field)
            self.call_after_refresh(field.show_whole)

    def _field(self, question: AnyQuestion) -> QuestionField:
        answered = session.proposal(self.conversation, question)
        if question.key in self.walk.refused_drafts:
            answered = type(answered)(self.walk.refused_drafts[question.key], Origin.GIVEN)
        return field_for(question, answered, self._so_far)

    def _so_far(self) -> SoFar:
        return session.so_far(self.conversation)

    def _bring_up_to_date(self, edited: QuestionField | None) -> None:
        """Adds and removes fields as the answers ask for them, and shows changed proposals in the others."""
        so_far = self._so_far()
        asked = parts_of(self.conversation).get(self._part, [])
        by_key = {field.question.key: field for field in self._fields}
        place = self.query_one(Fields)
        for gone in by_key.keys() - {question.key for question in asked}:
            by_key[gone].remove()
        self._fields = []
        for question in asked:
            field = by_key.get(question.key)
            if field is None:
                field = self._field(question)
                place.mount(field, after=self._fields[-1] if self._fields else None, before=None if self._fields else 0)
            elif field is not edited and question.key not in self.walk.refused_drafts:
                field.offer(session.proposal(self.conversation, question, so_far), so_far)
            self._fields.append(field)
        self._judge()
        self._show_parts()

    def _judge(self) -> None:
        """Shows for each field whether its answer is refused."""
        so_far = self._so_far()
        for field in self._fields:
            value = self._value(field, so_far)
            refused = session.objection(field.question, value, so_far)
            field.object_to(None if is_untouched(self.walk, field.question.key, value) else refused)
            field.warn_of(caution(field.question, value, so_far) if refused is None else None)

    def _try(self, *fields: QuestionField) -> None:
        """From now on these say whether what stands there is refused, be it nothing at all."""
        tried = {field.question.key for field in fields}
        if not tried <= self.walk.tried:
            self.walk.tried |= tried
            self._judge()

    def _value(self, field: QuestionField, so_far: SoFar) -> Answer:
        drafts = self.walk.refused_drafts
        asked_key = field.question.key
        return drafts[asked_key] if asked_key in drafts else so_far.answers.get(asked_key, answer_in(field))

    @on(Edited)
    def _edited(self, message: Edited) -> None:
        field = self._field_of(message.editor)
        if field is None:
            return
        value = answer_in(field)
        self.walk.tried.add(field.question.key)
        changed = session.answer(self.conversation, field.question.key, value)
        if isinstance(changed, session.Session):
            self.walk.refused_drafts.pop(field.question.key, None)
            self.walk.say(changed)
        else:
            self.walk.refused_drafts[field.question.key] = value
        field.take_origin(type(session.proposal(self.conversation, field.question))(value, Origin.GIVEN))
        self._bring_up_to_date(field)

    def _field_of(self, widget: object) -> QuestionField | None:
        return next((field for field in self._fields if field.editor is widget), None)

    # --- what is seen beside the fields ------------------------------------------------------------------------------

    @on(DescendantFocus)
    def _at_field(self, event: DescendantFocus) -> None:
        for field in self._fields:
            is_here = field in event.widget.ancestors_with_self
            if field.has_class("-current") and not is_here:
                self._try(field)
            field.set_class(is_here, "-current")
            if is_here:
                self._explain(field)
                field.show_whole()

    def _explain(self, field: QuestionField) -> None:
        question = field.question
        lines = [plain(question.why)]
        if seen := question.seen(self._so_far()):
            lines.append(Content.assemble(Content.styled(_("here") + "    ", "$quiet"), plain(seen)))
        if question.manual:
            lines.append(Content.assemble(Content.styled(_("manual") + "  ", "$quiet"), plain(question.manual)))
        self.query_one("#why-words", Words).say(Content("\n").join((lines[0], *lines[1:])))
        self.query_one("#why").scroll_home(animate=False)

    def _show_parts(self) -> None:
        parts = list(parts_of(self.conversation))
        number = parts.index(self._part) + 1 if self._part in parts else 1
        line = _("Part {number} of {count}").format(number=number, count=len(parts))
        title = self._part or self.conversation.profile.title
        words = Content.assemble(plain(title), Content.styled(f"   {line}", "not bold $quiet"))
        self.query_one("#part-line", Words).say(words)
        pointer = self.wizard.glyphs.pointer
        lines = [
            plain(f"{pointer} {part}", "bold $accent") if part == self._part else plain(f"  {part}", "$quiet")
            for part in parts
        ]
        self.query_one("#parts", Words).say(Content("\n").join(lines))

    # --- moves -------------------------------------------------------------------------------------------------------

    def _here(self) -> int:
        focused = self.focused
        chain = focused.ancestors_with_self if focused is not None else []
        return next((place for place, field in enumerate(self._fields) if field in chain), -1)

    async def action_go_on(self) -> None:
        """The next field, the next part, or the preview; an answer that is refused keeps one at it."""
        here = self._here()
        editor = self._fields[here].editor if here >= 0 else None
        if isinstance(editor, ListEditor) and editor.is_asking:
            editor.keep_line()
            return
        last = here + 1 >= len(self._fields)
        self._try(*(self._fields if last else self._fields[here : here + 1]))
        if here >= 0 and self._fields[here].has_class("-refused"):
            self.app.bell()
            self._fields[here].go_to()
            return
        if not last:
            self._fields[here + 1].go_to()
            return
        refused = next((field for field in self._fields if field.has_class("-refused")), None)
        if refused is not None:
            refused.go_to()
            return
        parts = list(parts_of(self.conversation))
        number = parts.index(self._part) if self._part in parts else len(parts)
        if number + 1 < len(parts):
            await self._open_part(parts[number + 1])
        else:
            commands.to_preview(self.wizard)

    async def action_back(self) -> None:  # type: ignore[override]
        """The part before, or the choice of the profile."""
        parts = list(parts_of(self.conversation))
        number = parts.index(self._part) if self._part in parts else 0
        if number > 0:
            await self._open_part(parts[number - 1])
        else:
            self.app.pop_screen()

    def action_next_field(self) -> None:
        """The field below."""
        here = self._here()
        if here + 1 < len(self._fields):
            self._fields[here + 1].go_to()

    def action_previous_field(self) -> None:
        """The field above."""
        here = self._here()
        if here > 0:
            self._fields[here - 1].go_to()

    def action_answers(self) -> None:
        """All answers in a list."""
        commands.to_answers(self.wizard)

    def action_preview(self) -> None:
        """The preview, with the answers as they are."""
        commands.to_preview(self.wizard)
