"""Origins, verdicts, states and endings in the words that a person reads."""

from typing import assert_never

from wizard.apply.events import Ending
from wizard.ask.answers import Origin
from wizard.ask.question import Answer, AnyQuestion, ChoiceQuestion, SoFar
from wizard.check.finding import Verdict
from wizard.secret import Secret
from wizard.words import _


def origin_in_words(origin: Origin) -> str:
    """Where an answer came from."""
    match origin:
        case Origin.DEFAULT:
            return _("proposed")
        case Origin.KEPT:
            return _("kept from last time")
        case Origin.FILE:
            return _("from the answers file")
        case Origin.GIVEN:
            return _("given by you")
    assert_never(origin)


def verdict_in_words(verdict: Verdict) -> str:
    """What was found, in one or two words."""
    match verdict:
        case Verdict.GOOD:
            return _("ok")
        case Verdict.DOUBTFUL:
            return _("warning")
        case Verdict.BAD:
            return _("failed")
        case Verdict.UNKNOWN:
            return _("not checked")
    assert_never(verdict)


def verdict_class(verdict: Verdict) -> str:
    """The style that goes with the verdict's words, never instead of them."""
    match verdict:
        case Verdict.GOOD:
            return "$text-success"
        case Verdict.DOUBTFUL:
            return "$text-warning"
        case Verdict.BAD:
            return "$text-error"
        case Verdict.UNKNOWN:
            return "$quiet"
    assert_never(verdict)


def ending_in_words(ending: Ending) -> str:
    """How carrying out a plan ended, as a sentence."""
    match ending:
        case Ending.DONE:
            return _("All steps are done.")
        case Ending.NOTHING_TO_DO:
            return _("Nothing was left to do.")
        case Ending.FAILED:
            return _("A step failed; those after it were not begun.")
        case Ending.STOPPED:
            return _("Stopped between two steps, as you asked.")
        case Ending.PUT_BACK:
            return _("Everything is as it was before.")
        case Ending.NOT_ALL_PUT_BACK:
            return _("Not everything could be put back.")
    assert_never(ending)


def run_state_in_words(state: str) -> str:
    """What became of a run."""
    return {
        "applied": _("applied"),
        "unfinished": _("broken off"),
        "failed": _("failed"),
        "stopped": _("stopped"),
        "put-back": _("put back"),
        "unfinished-undo": _("half put back"),
    }.get(state, state)


def time_in_words(iso: str) -> str:
    """A time of ISO 8601 in UTC, short enough for a list: "2026-01-31 12:30 UTC"."""
    return f"{iso[:10]} {iso[11:16]} UTC" if len(iso) >= 16 else iso


def answer_in_words(question: AnyQuestion, value: Answer, so_far: SoFar) -> str:
    """An answer as one line of text; a secret stays hidden."""
    match value:
        case Secret():
            return _("(set)") if value.reveal() else _("(none)")
        case bool():
            return _("Yes") if value else _("No")
        case tuple():
            return ", ".join(value) or _("(none)")
        case str():
            if isinstance(question, ChoiceQuestion):
                return next((choice.label for choice in question.choices(so_far) if choice.value == value), value)
            return value or _("(none)")
    assert_never(value)
