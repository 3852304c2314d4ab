"""Events, stages and findings as lines of text; the words carry the meaning, the style only repeats it."""

from typing import NamedTuple, assert_never

from wizard.apply.events import Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.check.dns_records import Compared
from wizard.check.finding import Finding, Stage, Verdict
from wizard.in_words import ending_in_words, verdict_in_words
from wizard.problem import Problem
from wizard.words import _, ngettext


class Line(NamedTuple):
    """A line and how it may be coloured."""

    text: str
    style: str = ""


STYLES = {Verdict.GOOD: "good", Verdict.DOUBTFUL: "doubtful", Verdict.BAD: "bad", Verdict.UNKNOWN: "doubtful"}


def verdict_word(verdict: Verdict) -> str:
    """The verdict as it stands before what was looked at, such as [ok]."""
    return f"[{verdict_in_words(verdict)}]"


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
            return (Line(ending_in_words(event.ending)),)
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


def compared_lines(compared: Compared) -> tuple[Line, ...]:
    """A DNS record: its verdict, what it means, the line to copy, what was answered, what to do."""
    word = verdict_word(compared.verdict)
    found = [Line(f"{word} {compared.about} {compared.name}", STYLES[compared.verdict]), Line(f"    {compared.what}")]
    found.extend(Line("    " + _("wanted: {text}").format(text=line)) for line in compared.wanted)
    found.extend(Line("    " + _("found: {text}").format(text=line)) for line in compared.seen)
    if compared.hint:
        found.append(Line("    " + _("hint: {text}").format(text=compared.hint)))
    return tuple(found)
