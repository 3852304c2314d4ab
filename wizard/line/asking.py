"""Asking: every question in order with its reason, back to an earlier one, and a summary in which any can change."""

from wizard.ask.answers import Answered, Origin
from wizard.ask.question import (
    Answer,
    AnyQuestion,
    ChoiceQuestion,
    caution,
)
from wizard.in_words import answer_in_words, origin_in_words
from wizard.line.printer import Printer
from wizard.line.prompts import Move, Prompts
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.session import Session, answer, objection, proposal, questions, refused, so_far
from wizard.words import _


def ask_all(session: Session, prompts: Prompts, printer: Printer) -> Session | None:
    """The session with every question answered and the summary agreed to; None for back to the start."""
    printer.sentence(_("Enter takes the answer that is there already. ? explains more, < goes back one question."))
    place, section = 0, ""
    while True:
        asked = questions(session)
        if place >= len(asked):
            agreed = _summary(session, prompts, printer)
            if isinstance(agreed, Session):
                return agreed
            session, place = agreed[0], len(questions(agreed[0])) - 1
            continue
        question = asked[place]
        if question.section != section:
            section = question.section
            printer.line()
            printer.line(section, "strong")
        printer.line()
        printer.line(_("Question {number} of {count}").format(number=place + 1, count=len(asked)))
        answered = ask_one(session, question, prompts, printer)
        if answered is not None:
            session, place = answered, place + 1
        elif place == 0:
            return None
        else:
            place -= 1


def ask_one(session: Session, question: AnyQuestion, prompts: Prompts, printer: Printer) -> Session | None:
    """The session with an answer that is not refused; None when the person goes back."""
    printer.sentence(question.why)
    if seen := question.seen(so_far(session)):
        printer.sentence(seen)
    while True:
        proposed = proposal(session, question)
        given = prompts.answer(question, proposed.value, so_far(session))
        if given is Move.BACK:
            return None
        if given is Move.EXPLAIN:
            _explain(session, question, proposed, printer)
            continue
        assert not isinstance(given, Move)  # noqa: S101 - both moves are handled above
        accepted = accept(session, question, given, proposed)
        if isinstance(accepted, Session):
            if (warning := caution(question, given, so_far(accepted))) is not None:
                printer.line()
                printer.sentence(_("[warning] {text}").format(text=warning.what), style="doubtful")
                printer.hint(warning)
            return accepted
        printer.line()
        printer.problem(accepted)
        printer.line()


def accept(session: Session, question: AnyQuestion, given: Answer, proposed: Answered) -> Session | Problem:
    """The session with this answer; one that only repeats the proposal keeps its origin and follows other answers."""
    if given != proposed.value:
        return answer(session, question.key, given, Origin.GIVEN)
    if (problem := objection(question, given, so_far(session))) is not None:
        return problem
    # A proposed secret is made afresh each time, so the one that was accepted is kept.
    return answer(session, question.key, given, proposed.origin) if isinstance(given, Secret) else session


def _explain(session: Session, question: AnyQuestion, proposed: Answered, printer: Printer) -> None:
    """Everything the question knows about itself."""
    printer.line()
    printer.sentence(question.why)
    if seen := question.seen(so_far(session)):
        printer.sentence(seen)
    if question.manual:
        printer.sentence(_("Manual: {page}").format(page=question.manual))
    if isinstance(question, ChoiceQuestion):
        for choice in question.choices(so_far(session)):
            printer.sentence(f"{choice.label}: {choice.explanation}" if choice.explanation else choice.label, "    ")
    origin = origin_in_words(proposed.origin)
    printer.sentence(
        _("Answer so far: {value} ({origin})").format(
            value=answer_in_words(question, proposed.value, so_far(session)), origin=origin
        )
    )
    printer.sentence(_("In an answers file this is {key}.").format(key=question.key))
    printer.line()


def _summary(session: Session, prompts: Prompts, printer: Printer) -> Session | tuple[Session, Move]:
    """Every answer with its number, until all are accepted; a number asks that question again."""
    while True:
        asked, problems, current = questions(session), refused(session), so_far(session)
        printer.line()
        printer.line(_("Your answers"), "strong")
        for number, question in enumerate(asked, start=1):
            known = proposal(session, question, current)
            value = answer_in_words(question, current.answers[question.key], current)
            printer.sentence(f"{number}. {question.ask}", "  ")
            printer.sentence(f"{value} ({origin_in_words(known.origin)})", "       ")
            if question.key in problems:
                printer.sentence(_("[refused] {why}").format(why=problems[question.key].what), "       ", "bad")
            elif (warning := caution(question, current.answers[question.key], current)) is not None:
                printer.sentence(_("[warning] {text}").format(text=warning.what), "       ", "doubtful")
        printer.line()
        typed = prompts.text(_("Enter goes on, a number changes that answer, < goes back:"))
        if typed == Move.BACK.value:
            return session, Move.BACK
        if not typed and not problems:
            return session
        if not typed:
            printer.sentence(_("An answer is refused; change it first."))
        elif typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(asked):
            session = ask_one(session, asked[int(typed) - 1], prompts, printer) or session
        else:
            printer.sentence(_("There is no answer {typed}.").format(typed=typed))
