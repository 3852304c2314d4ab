"""Report: how a call of the program ended, with everything a front says about it last."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.apply.events import Ending
from wizard.apply.execute import Outcome
from wizard.check.finding import Finding, Verdict
from wizard.command_line import Exit
from wizard.problem import BadInput, Problem, Trouble


@dataclass(frozen=True, kw_only=True)
class Report:
    """The end of a call; `ending` is the value of an Ending, or one of planned, looked, written, refused, cancelled."""

    exit: Exit
    ending: str
    profile_id: str = ""
    run_id: str = ""
    problem: Problem | None = None
    refused: Mapping[str, Problem] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    pretended: bool = False

    @property
    def can_undo(self) -> bool:
        """Whether there is a run whose changes are in place."""
        has_changed = self.ending not in {Ending.PUT_BACK.value, Ending.NOTHING_TO_DO.value, "looked"}
        return bool(self.run_id) and has_changed and not self.pretended


def report_of(
    outcome: Outcome, profile_id: str, findings: tuple[Finding, ...] = (), *, when_put_back: Exit = Exit.DONE
) -> Report:
    """The report of a run that ended so; `when_put_back` is the code where all was put back."""
    match outcome.ending:
        case Ending.DONE:
            exit_code = Exit.NOT_VERIFIED if any_failed(findings) else Exit.DONE
        case Ending.NOTHING_TO_DO:
            exit_code = Exit.DONE
        case Ending.PUT_BACK:
            exit_code = when_put_back
        case Ending.FAILED | Ending.STOPPED | Ending.NOT_ALL_PUT_BACK:
            exit_code = Exit.NOT_PUT_BACK
    return Report(
        exit=exit_code,
        ending=outcome.ending.value,
        profile_id=profile_id,
        run_id=outcome.run_id,
        problem=outcome.problem,
        notes=outcome.notes,
        findings=findings,
    )


def report_of_trouble(trouble: Trouble) -> Report:
    """The report of what was refused before anything was changed: the call, or what it was to do has failed."""
    if isinstance(trouble, BadInput):
        return Report(exit=Exit.BAD_CALL, ending="refused", problem=trouble.problem)
    return Report(exit=Exit.FAILED, ending="failed", problem=trouble.problem)


def any_failed(findings: tuple[Finding, ...]) -> bool:
    """Whether something was seen to be wrong; what could not be told is not a failure, and not a success either."""
    return any(finding.verdict is Verdict.BAD for finding in findings)
