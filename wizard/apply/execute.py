"""Carries out a plan, one journaled step at a time; it never decides to put back, the caller does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from time import monotonic

from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.runs import Run, RunFolder, new_run
from wizard.apply.snapshot import Snapshot, copy_contents, snapshot_of_run, take_snapshot
from wizard.apply.state import keep_ledger, kept_ledger
from wizard.machine.machine import Machine
from wizard.plan.ledger import KEPT_KINDS, value_now
from wizard.plan.make_plan import Plan, PlannedStep, digest_of, steps_touch
from wizard.problem import Problem, Trouble
from wizard.steps.as_data import encode
from wizard.steps.refresh_service import RefreshService
from wizard.steps.step import Step
from wizard.words import _

Tell = Callable[[Event], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Outcome:
    """How a run, or putting one back, ended; `notes` are sentences about what had to be left."""

    ending: Ending
    run_id: str = ""
    problem: Problem | None = None
    notes: tuple[str, ...] = ()


def execute(plan: Plan, machine: Machine, tell: Tell, stop: Stop, answers: str = "", run: Run | None = None) -> Outcome:
    """Executes the steps in order; stops before the first that fails, or between two when `stop` says so.

    With `run`, goes on with that unfinished run. Raises Trouble, with nothing changed but a folder of our own, when the
    machine is no longer what the plan was made from.
    """
    _refuse_drift(plan, machine)
    if run is None:
        before = take_snapshot(machine, steps_touch(plan.steps))
        folder, first = new_run(machine), 0
        _begin(folder, plan, before, answers)
    else:
        folder, first = RunFolder(machine, run.run_id), run.steps_begun
        _go_on(folder, plan)
    tell(RunBegan(folder.run_id, tuple(planned.step.title for planned in plan.steps)))
    outcome = _carry_out(folder, plan, tell, stop, first)
    after = take_snapshot(machine, _roots(folder, plan))
    folder.keep("after", after.render())
    folder.journal.write(
        "ended",
        ending=outcome.ending.value,
        what=outcome.problem.what if outcome.problem else "",
        time=_now(),
    )
    tell(RunEnded(outcome.ending, outcome.problem))
    return outcome


def _refuse_drift(plan: Plan, machine: Machine) -> None:
    for path, digest in plan.seen.items():
        if digest_of(machine.file(path)) != digest:
            raise _drift(path)


def _drift(path: PurePosixPath) -> Trouble:
    return Trouble(
        _("{path} has changed since you looked at the plan.").format(path=path),
        _("Nothing was written over it. Make the plan again to see the change in the preview."),
    )


def _begin(folder: RunFolder, plan: Plan, before: Snapshot, answers: str) -> None:
    """Keeps all that putting back will need, then writes the record that makes the run exist."""
    copy_contents(folder, before)
    folder.keep("before", before.render())
    folder.keep("ledger", kept_ledger(folder.machine).render())
    folder.keep("answers.toml", answers.encode())
    folder.journal.write("began", profile=plan.profile_id, time=_now(), **_plan_data(folder, plan))


def _go_on(folder: RunFolder, plan: Plan) -> None:
    folder.journal.write("went-on", time=_now(), **_plan_data(folder, plan))


def _plan_data(folder: RunFolder, plan: Plan) -> dict[str, object]:
    return {
        "titles": [planned.step.title for planned in plan.steps],
        "afterwards": [encode(planned.step, folder.put) for planned in plan.steps if is_refresh(planned.step)],
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def is_refresh(step: Step) -> bool:
    """Whether the step only lets a unit take up what others changed; putting back does these last, not first."""
    return isinstance(step, RefreshService)


def _roots(folder: RunFolder, plan: Plan) -> tuple[PurePosixPath, ...]:
    before = snapshot_of_run(folder.machine, folder.run_id, "before")
    return before.roots if before else steps_touch(plan.steps)


def _carry_out(folder: RunFolder, plan: Plan, tell: Tell, stop: Stop, first: int) -> Outcome:
    ledger = kept_ledger(folder.machine)
    touched: list[PurePosixPath] = []
    for number, planned in enumerate(plan.steps, start=1):
        if stop():
            problem = Problem(_("Stopped, as you asked, before step {number}.").format(number=number))
            return Outcome(Ending.STOPPED, folder.run_id, problem)
        tell(StepStarted(number, planned.step.title))
        began = monotonic()
        try:
            was = _one_step(folder, plan, planned, first + number, touched, saying(tell, number))
        except Trouble as trouble:
            folder.journal.write("failed", number=first + number, what=trouble.problem.what, hint=trouble.problem.hint)
            tell(StepFailed(number, trouble.problem))
            return Outcome(Ending.FAILED, folder.run_id, trouble.problem)
        ledger = ledger.with_step(planned.step, was, plan.profile_id, folder.run_id)
        if planned.takes_back:
            ledger = ledger.without(claim.name for claim in planned.step.claims)
        keep_ledger(folder.machine, ledger)
        folder.journal.write("done", number=first + number)
        touched.extend(planned.step.touches)
        tell(StepDone(number, monotonic() - began))
    return Outcome(Ending.DONE, folder.run_id)


def saying(tell: Tell, number: int) -> Callable[[str], None]:
    """What hears the lines of a step, and tells them with its number."""
    return lambda line: tell(StepSaid(number, line))


def _one_step(
    folder: RunFolder,
    plan: Plan,
    planned: PlannedStep,
    number: int,
    touched: list[PurePosixPath],
    say: Callable[[str], None],
) -> Mapping[str, str | None]:
    """Journals the inverse, acts, verifies; gives the values that were there before, by claim."""
    machine, step = folder.machine, planned.step
    for path in step.touches:
        explained = any(path == earlier or earlier in path.parents or path in earlier.parents for earlier in touched)
        if not explained and path in plan.seen and digest_of(machine.file(path)) != plan.seen[path]:
            raise _drift(path)
    was = {
        claim.name: value_now(claim, machine)
        for claim in step.claims
        if claim.name in planned.changes and claim.kind in KEPT_KINDS
    }
    inverse = None if is_refresh(step) else step.inverse(machine)
    folder.journal.write(
        "doing",
        number=number,
        title=step.title,
        changes=sorted(planned.changes),
        inverse=encode(inverse, folder.put) if inverse is not None else None,
    )
    step.apply(machine, say)
    if (problem := step.verify(machine)) is not None:
        raise Trouble(problem)
    return was
