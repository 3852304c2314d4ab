"""Events, stages and findings as lines of text; the words carry the meaning, the style only repeats it."""

from typing import NamedTuple, assert_never

from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.check.finding import Finding, Stage, Verdict
from wizard.problem import Problem
from wizard.words import _, ngettext


class Line(NamedTuple):
    """A line and how it may be coloured."""

    text: str
    style: str = ""


STYLES = {Verdict.GOOD: "good", Verdict.DOUBTFUL: "doubtful", Verdict.BAD: "bad", Verdict.UNKNOWN: "doubtful"}


def verdict_word(verdict: Verdict) -> str:
    """The verdict as it stands before what was looked at, such as [ok]."""
    match verdict:
        case Verdict.GOOD:
            return _("[ok]")
        case Verdict.DOUBTFUL:
            return _("[warning]")
        case Verdict.BAD:
            return _("[failed]")
        case Verdict.UNKNOWN:
            return _("[not checked]")
        case _:
            assert_never(verdict)


def ending_sentence(ending: Ending) -> str:
    """How a run ended, in a sentence."""
    match ending:
        case Ending.DONE:
            return _("All steps are done.")
        case Ending.NOTHING_TO_DO:
            return _("Nothing is left to do.")
        case Ending.FAILED:
            return _("A step failed. The steps before it are done, the ones after it were not begun.")
        case Ending.STOPPED:
            return _("Stopped between two steps. The steps before are done.")
        case Ending.PUT_BACK:
            return _("Everything is as it was before.")
        case Ending.NOT_ALL_PUT_BACK:
            return _("Not everything could be put back.")
        case _:
            assert_never(ending)


def event_lines(event: Event, steps: int) -> tuple[Line, ...]:
    """An event of a run that has so many steps."""
    match event:
        case RunBegan():
            count = len(event.titles)
            if event.undoing:
                text = ngettext(
                    "Putting back run {run}: {count} step.", "Putting back run {run}: {count} steps.", count
                )
            else:
                text = ngettext("Run {run}: {count} step.", "Run {run}: {count} steps.", count)
            return (Line(text.format(run=event.run_id, count=count)),)
        case StepStarted():
            return (Line(f"[{event.number}/{steps}] {event.title}"),)
        case StepSaid():
            return tuple(Line(f"    {line}") for line in event.line.splitlines() or [""])
        case StepDone():
            seconds = f"{event.seconds:.1f}"
            return (Line("    " + _("[ok] done in {seconds} s").format(seconds=seconds), "good"),)
        case StepFailed():
            return problem_lines(verdict_word(Verdict.BAD), event.problem, "    ", "bad")
        case RunEnded():
            return (Line(ending_sentence(event.ending)),)
        case _:
            assert_never(event)


def problem_lines(word: str, problem: Problem, indent: str, style: str) -> tuple[Line, ...]:
    """A problem with a word before it, and its hint below."""
    found = [Line(f"{indent}{word} {problem.what}", style)]
    if problem.hint:
        found.append(Line(indent + _("hint: {text}").format(text=problem.hint)))
    return tuple(found)


def stage_lines(stage: Stage) -> tuple[Line, ...]:
    """A stage of a test send: its verdict, when, what; the dialogue or log lines; the hint."""
    when = _("{seconds} s").format(seconds=f"{stage.seconds:.2f}")
    head = f"{verdict_word(stage.verdict)} {when}  {stage.name}" + (f": {stage.what}" if stage.what else "")
    found = [Line(head, STYLES[stage.verdict]), *(Line(f"        {line}") for line in stage.lines)]
    if stage.hint:
        found.append(Line("    " + _("hint: {text}").format(text=stage.hint)))
    return tuple(found)


def finding_lines(finding: Finding) -> tuple[Line, ...]:
    """A finding: its verdict and what; what was seen; what to do."""
    found = [Line(f"{verdict_word(finding.verdict)} {finding.what}", STYLES[finding.verdict])]
    found.extend(Line(f"    {line}") for line in finding.evidence.splitlines())
    if finding.hint:
        found.append(Line("    " + _("hint: {text}").format(text=finding.hint)))
    return tuple(found)
