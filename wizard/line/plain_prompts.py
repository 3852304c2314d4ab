"""Plain prompts: numbered lists and typed lines; no cursor is moved, for screen readers, pipes and any console."""

from collections.abc import Callable, Sequence
from typing import assert_never

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
from wizard.line.printer import Printer
from wizard.line.prompts import Move, Offer, move_in
from wizard.secret import Secret
from wizard.words import _

EMPTY = "-"


class PlainPrompts:
    """Asks by printing lines and reading one."""

    def __init__(self, printer: Printer, read: Callable[[], str], read_hidden: Callable[[], str]) -> None:
        self._printer = printer
        self._read = read
        self._read_hidden = read_hidden

    def answer(self, question: AnyQuestion, proposed: Answer, so_far: SoFar) -> Answer | Move:
        """Asks once; Enter takes what is proposed."""
        self._printer.sentence(question.ask, style="strong")
        match question:
            case TextQuestion():
                suggestions = question.suggestions(so_far)
                if suggestions:
                    self._printer.sentence(_("Such as: {items}").format(items=", ".join(suggestions)))
                default = proposed if isinstance(proposed, str) else ""
                typed = self._typed(default, can_be_empty=question.optional)
                return move_in(typed, suggestions) or _text(typed, default, question.optional)
            case ChoiceQuestion():
                offers = [Offer(choice.value, choice.label) for choice in question.choices(so_far)]
                return self._one_of(question.ask, offers, proposed if isinstance(proposed, str) else "")
            case YesNoQuestion():
                picked = self._one_of(question.ask, _yes_or_no(), "yes" if proposed is True else "no")
                return picked if isinstance(picked, Move) else picked == "yes"
            case ListQuestion():
                items = proposed if isinstance(proposed, tuple) else ()
                self._printer.sentence(_("Items are separated by commas."))
                typed = self._typed(joined(items), can_be_empty=True)
                if not typed or typed == EMPTY:
                    return () if typed else items
                return move_in(typed) or split(typed)
            case SecretQuestion():
                return self._secret(proposed)
            case _:
                assert_never(question)

    def _secret(self, proposed: Answer) -> Answer | Move:
        """Typed twice, since nobody sees it; Enter takes what is proposed."""
        while True:
            self._printer.line(_("What you type is not shown."))
            typed = self._read_hidden()
            if not typed:
                return proposed
            if (move := move_in(typed)) is not None:
                return move
            self._printer.line(_("Once more, to be sure:"))
            if self._read_hidden() == typed:
                return Secret(typed)
            self._printer.line(_("The two are not the same."))

    def pick(self, ask: str, offers: Sequence[Offer], default: str) -> str:
        """Asks until one of them is named."""
        while True:
            self._printer.sentence(ask, style="strong")
            picked = self._one_of(ask, offers, default)
            if isinstance(picked, str):
                return picked

    def yes(self, ask: str) -> bool:
        """Only the whole word, its first letter, or its number is a yes."""
        return self.pick(ask, _yes_or_no(), "no") == "yes"

    def text(self, ask: str) -> str:
        """A typed line."""
        self._printer.sentence(ask)
        return self._read().strip()

    def _typed(self, default: str, *, can_be_empty: bool) -> str:
        if default:
            self._printer.line(_("Enter takes: {value}").format(value=default))
        if default and can_be_empty:
            self._printer.line(_("A single {sign} leaves it empty.").format(sign=EMPTY))
        return self._read().strip()

    def _one_of(self, ask: str, offers: Sequence[Offer], default: str) -> str | Move:
        """The value whose number, value or label was typed; asks again where that is none of them."""
        while True:
            for number, offer in enumerate(offers, start=1):
                self._printer.sentence(f"{number}. {offer.label}", "  ")
            labels = [offer.label for offer in offers if offer.value == default]
            if labels:
                self._printer.line(_("Enter takes: {value}").format(value=labels[0]))
            typed = self._read().strip()
            if not typed and labels:
                return default
            if (picked := _meant(typed, offers)) is not None:
                return picked
            self._printer.line()
            self._printer.sentence(
                _("“{typed}” is none of these. Type a number from 1 to {count}.").format(typed=typed, count=len(offers))
            )
            self._printer.line()
            self._printer.sentence(ask, style="strong")


def _meant(typed: str, offers: Sequence[Offer]) -> str | Move | None:
    """The offer that is typed by its number, value, label or first letter, or the move; None when it is neither."""
    for number, offer in enumerate(offers, start=1):
        if typed.lower() in {str(number), offer.value.lower(), offer.label.lower()}:
            return offer.value
    if (move := move_in(typed)) is not None:
        return move
    initials = [offer.value for offer in offers if typed and offer.label[:1].lower() == typed.lower()]
    return initials[0] if len(initials) == 1 else None


def _text(typed: str, default: str, optional: bool) -> str:
    if not typed:
        return default
    return "" if optional and typed == EMPTY else typed


def _yes_or_no() -> tuple[Offer, Offer]:
    return Offer("yes", _("Yes")), Offer("no", _("No"))
