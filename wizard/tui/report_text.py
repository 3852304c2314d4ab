"""The report as lines of text; the screen colours them, a file takes them as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.command_line import Exit
from wizard.in_words import commands_for_later, ending_in_words, verdict_in_words
from wizard.tui.story import StepState
from wizard.tui.verdict_colours import verdict_class
from wizard.words import _

if TYPE_CHECKING:
    from wizard.check.finding import Finding
    from wizard.problem import Problem
    from wizard.tui.walk import Walk

HEADING = "bold $accent"


@dataclass(frozen=True)
class Line:
    """One line, and the style that goes with it."""

    text: str
    style: str = ""


def report_lines(walk: "Walk", host: str) -> list[Line]:
    """What was done, what was found, how to undo it, commands for later."""
    is_undo = walk.story.undoing or walk.conversation is None
    title = _("Putting back") if is_undo or walk.conversation is None else walk.conversation.profile.title
    lines = [Line(_("{title} on {host}").format(title=title, host=host), "bold"), Line("")]
    lines.extend(_done(walk))
    if not is_undo:
        lines.extend(_found(walk))
    lines.extend(_undo(walk))
    lines.extend(_later())
    return lines


def _done(walk: "Walk") -> Iterator[Line]:
    outcome = walk.outcome
    yield Line(_("What was done"), HEADING)
    if outcome is None and walk.broke_off is Exit.NOT_PUT_BACK:
        yield Line("  " + _("Broken off, and not everything is put back."))
        yield from _steps(walk)
    elif outcome is None:
        yield Line("  " + _("Nothing was changed."))
    else:
        yield Line("  " + ending_in_words(outcome.ending))
        yield from _steps(walk)
        if outcome.problem is not None:
            yield from _problem(outcome.problem)
        for note in outcome.notes:
            yield Line(f"  {_('note')}  {note}", "$text-warning")
    if walk.broke_off is not None and walk.problem is not None:
        yield from _problem(walk.problem)
    yield Line("")


def _steps(walk: "Walk") -> Iterator[Line]:
    for step in walk.story.steps:
        style = "$text-error" if step.state is StepState.FAILED else ""
        yield Line(f"  [{step.state.in_words}] {step.title}", style)


def _problem(problem: "Problem") -> Iterator[Line]:
    yield Line(f"  [{_('failed')}] {problem.what}", "$text-error")
    if problem.hint:
        yield Line(f"  hint: {problem.hint}")


def _found(walk: "Walk") -> Iterator[Line]:
    yield Line(_("What was found"), HEADING)
    if walk.findings is None:
        yield Line("  " + _("No test mail was sent."), "$quiet")
    for finding in walk.findings or ():
        yield from _finding(finding)
    yield Line("")


def _finding(finding: "Finding") -> Iterator[Line]:
    yield Line(f"  [{verdict_in_words(finding.verdict)}] {finding.what}", verdict_class(finding.verdict))
    for line in finding.evidence.splitlines():
        yield Line(f"      {line}", "$quiet")
    if finding.hint:
        yield Line(f"      hint: {finding.hint}")


def _undo(walk: "Walk") -> Iterator[Line]:
    from wizard.apply.events import Ending

    outcome = walk.outcome
    if outcome is None or not outcome.run_id or outcome.ending is Ending.PUT_BACK:
        return
    yield Line(_("To put everything back"), HEADING)
    yield Line(f"  postwizard undo {outcome.run_id}")
    yield Line("  " + _("or choose it under Snapshots (F6), today or any later day."), "$quiet")
    yield Line("")


def _later() -> Iterator[Line]:
    yield Line(_("For later"), HEADING)
    for command, words in commands_for_later():
        yield Line(f"  {command:<26}{words}")
