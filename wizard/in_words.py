"""Origins, verdicts, states, endings and answers in the words that a person reads; every front has the same ones."""

from typing import assert_never

from wizard.apply.events import Ending
from wizard.ask.answers import Origin
from wizard.ask.question import Answer, AnyQuestion, ChoiceQuestion, SoFar
from wizard.check.finding import Verdict
from wizard.machine.facts import Facts
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


def ending_in_words(ending: Ending) -> str:
    """How carrying out a plan ended, as a sentence."""
    match ending:
        case Ending.DONE:
            return _("All steps are done.")
        case Ending.NOTHING_TO_DO:
            return _("Nothing is left to do.")
        case Ending.FAILED:
            return _("A step failed; those after it were not begun.")
        case Ending.STOPPED:
            return _("Stopped between two steps; those after were not begun.")
        case Ending.PUT_BACK:
            return _("Everything is as it was before.")
        case Ending.NOT_ALL_PUT_BACK:
            return _("Not everything could be put back.")
    assert_never(ending)


def run_state_in_words(state: str) -> str:
    """What became of a run."""
    return {
        "applied": _("applied"),
        "unfinished": _("unfinished"),
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


def notices_in_words(facts: Facts, *, pretend: bool) -> tuple[str, ...]:
    """What is to be known of this machine and this call before anything is asked."""
    from wizard.practice.recipe import HOSTNAME

    notices: list[str] = []
    if pretend:
        notices.append(_("Pretended machine: everything works, nothing of this computer is changed."))
    elif HOSTNAME in {facts.host_name, facts.fully_qualified_name}:
        notices.append(_("Practice machine: all of it is real, and nothing of your own computer is changed."))
    if not facts.is_root and not pretend:
        notices.append(
            _(
                "This is not root, so nothing can be applied. Questions, preview and dry run work; "
                "so do `postwizard --pretend` and `postwizard practice`. Otherwise start it with sudo."
            )
        )
    if facts.over_ssh:
        notices.append(
            _("You are connected over ssh: a run goes on when the line drops; tmux or screen keeps the picture too.")
        )
    return tuple(notices)


def commands_for_later() -> tuple[tuple[str, str], ...]:
    """The commands that are useful once mail is set up, and what each is for."""
    return (
        ("mailq", _("mail that waits in the queue")),
        ("journalctl -u postfix -f", _("the mail log as it is written")),
        ("postcat -vq ID", _("one waiting mail, by its queue id")),
        ("postconf -n", _("the settings that differ from the defaults")),
        ("postfix check", _("looks for mistakes in the configuration")),
        ("postwizard", _("shows what is left to do, and changes it")),
        ("postwizard snapshots", _("all runs, and what each changed")),
    )
