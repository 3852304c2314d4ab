"""The questionary prompt for each kind of question: arrow keys, and lines that can be edited."""

from collections.abc import Sequence
from typing import assert_never

import questionary
from prompt_toolkit.styles import Style

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
from wizard.line.lists import joined, split
from wizard.line.printer import only_ascii, visible
from wizard.line.prompts import Move, Offer, move_in
from wizard.secret import Secret
from wizard.words import _


def prompt_for(
    question: AnyQuestion, proposed: Answer, so_far: SoFar, style: Style | None = None, *, ascii_only: bool = False
) -> questionary.Question:
    """The prompt for a question, with what is proposed filled in; nothing is judged while a key is pressed."""
    ask = _shown(question.ask, ascii_only)
    match question:
        case TextQuestion():
            default = proposed if isinstance(proposed, str) else ""
            suggestions = [item for item in question.suggestions(so_far) if item]
            if suggestions:
                return questionary.autocomplete(ask, suggestions, default=default, qmark="?", style=style)
            return questionary.text(ask, default=default, qmark="?", style=style)
        case ChoiceQuestion():
            offers = question.choices(so_far)
            values = [offer.value for offer in offers]
            choices = [questionary.Choice(_shown(offer.label, ascii_only), value=offer.value) for offer in offers]
            picked = proposed if isinstance(proposed, str) and proposed in values else None
            return _select(ask, choices, picked, style, ascii_only)
        case YesNoQuestion():
            yes_or_no = ((_("Yes"), "yes"), (_("No"), "no"))
            choices = [questionary.Choice(_shown(label, ascii_only), value=value) for label, value in yes_or_no]
            return _select(ask, choices, "yes" if proposed is True else "no", style, ascii_only)
        case ListQuestion():
            items = proposed if isinstance(proposed, tuple) else ()
            instruction = _shown(_("(with commas)"), ascii_only)
            return questionary.text(ask, default=joined(items), instruction=instruction, qmark="?", style=style)
        case SecretQuestion():
            return questionary.password(ask, qmark="?", style=style)
        case _:
            assert_never(question)


def _select(
    ask: str,
    choices: Sequence[questionary.Choice | questionary.Separator],
    default: str | None,
    style: Style | None,
    ascii_only: bool,
) -> questionary.Question:
    moves = [
        questionary.Separator(" "),
        questionary.Choice(_shown(_("Explain more"), ascii_only), value=Move.EXPLAIN),
        questionary.Choice(_shown(_("Back to the earlier question"), ascii_only), value=Move.BACK),
    ]
    return _list(ask, [*choices, *moves], default, style, ascii_only)


def _list(
    ask: str,
    choices: Sequence[questionary.Choice | questionary.Separator],
    default: str | None,
    style: Style | None,
    ascii_only: bool,
) -> questionary.Question:
    return questionary.select(
        ask, choices=choices, default=default, instruction=_shown(_("(arrow keys)"), ascii_only),
        pointer=">" if ascii_only else "»", qmark="?", style=style,
    )  # fmt: skip


def answer_in(question: AnyQuestion, raw: object, proposed: Answer, so_far: SoFar) -> Answer | Move:
    """What the prompt gave, in the type of the question's answer."""
    if isinstance(raw, Move):
        return raw
    text = raw if isinstance(raw, str) else ""
    match question:
        case TextQuestion():
            filled_in = proposed if isinstance(proposed, str) else ""
            return move_in(text, question.suggestions(so_far), filled_in) or text.strip()
        case ChoiceQuestion():
            return text
        case YesNoQuestion():
            return text == "yes"
        case ListQuestion():
            filled_in = joined(proposed) if isinstance(proposed, tuple) else ""
            return move_in(text, filled_in=filled_in) or split(text)
        case SecretQuestion():
            if not text:
                return proposed
            return move_in(text) or Secret(text)
        case _:
            assert_never(question)


def _shown(text: str, ascii_only: bool) -> str:
    return only_ascii(visible(text)) if ascii_only else visible(text)


class QuestionaryPrompts:
    """The Prompts of a terminal that can move its cursor."""

    def __init__(self, *, colour: bool, ascii_only: bool) -> None:
        self._style = None if colour else Style([])
        self._ascii_only = ascii_only

    def answer(self, question: AnyQuestion, proposed: Answer, so_far: SoFar) -> Answer | Move:
        """Asks once; a secret is typed twice, since nobody sees it."""
        prompt = prompt_for(question, proposed, so_far, self._style, ascii_only=self._ascii_only)
        answer = answer_in(question, prompt.unsafe_ask(), proposed, so_far)
        if isinstance(answer, Secret) and answer != proposed:
            once_more = _shown(_("Once more, to be sure:"), self._ascii_only)
            again = questionary.password(once_more, qmark="?", style=self._style).unsafe_ask()
            return answer if Secret(str(again)) == answer else self.answer(question, proposed, so_far)
        return answer

    def pick(self, ask: str, offers: Sequence[Offer], default: str) -> str:
        """A list to move in."""
        choices = [questionary.Choice(_shown(offer.label, self._ascii_only), value=offer.value) for offer in offers]
        prompt = _list(_shown(ask, self._ascii_only), choices, default or None, self._style, self._ascii_only)
        return str(prompt.unsafe_ask())

    def yes(self, ask: str) -> bool:
        """Yes needs its own choice; Enter alone is no."""
        return self.pick(ask, (Offer("no", _("No")), Offer("yes", _("Yes"))), "no") == "yes"

    def text(self, ask: str) -> str:
        """A line to edit."""
        return str(questionary.text(_shown(ask, self._ascii_only), qmark="?", style=self._style).unsafe_ask()).strip()
