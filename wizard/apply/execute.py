"""Carries out a plan, one journaled step at a time; it never decides to put back, the caller does."""

from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from time import monotonic

from wizard.apply.cut_short import CutShort, changed_by_others, cut_short
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.journal import Record, begun_without
from wizard.apply.runs import Run, RunFolder, new_run, records_of, remove_run_folder
from wizard.apply.snapshot import (
    Snapshot,
    copy_contents,
    covering,
    part_of,
    snapshot_of_run,
    stepped,
    take_snapshot,
    without,
)
from wizard.apply.state import keep_ledger, kept_ledger
from wizard.machine.machine import Machine
from wizard.plan.ledger import KEPT_KINDS, Ledger, is_told, value_now
from wizard.plan.make_plan import Plan, PlannedStep, digest_of, steps_spare, steps_touch
from wizard.problem import Problem, Trouble
from wizard.steps.as_data import encode
from wizard.steps.refresh_service import RefreshService
from wizard.steps.step import Claim, Step
from wizard.words import _

Tell = Callable[[Event], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Outcome:
    """How a run, or putting one back, ended; `notes` are sentences about what had to be left, or was kept apart."""

    ending: Ending
    run_id: str = ""
    problem: Problem | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Progress:
    """What is kept beside the journal as a run goes on: how it left the machine so far, and the ledger."""

    after: Snapshot
    ledger: Ledger


def execute(plan: Plan, machine: Machine, tell: Tell, stop: Stop, answers: str = "", run: Run | None = None) -> Outcome:
    """Executes the steps in order; stops before the first that fails, or between two when `stop` says so.

    With `run`, goes on with that unfinished run. Raises Trouble, with nothing changed but a folder of our own, when the
    machine is no longer what the plan was made from, or the run cannot be begun.
    """
    _refuse_drift(plan, machine)
    if run is None:
        before = take_snapshot(
            machine, steps_touch(plan.steps), steps_spare(plan.steps)
        )  # without the run's own folder
        folder, first = new_run(machine), 0
        try:
            progress = _begin(folder, plan, before, answers)
        except Trouble:
            with suppress(Trouble):
                remove_run_folder(machine, folder.run_id)
            raise
    else:
        folder, first = RunFolder(machine, run.run_id), run.steps_begun
        progress = _go_on(folder, plan, run)
    tell(RunBegan(folder.run_id, tuple(planned.step.title for planned in plan.steps)))
    outcome = _carry_out(folder, plan, tell, stop, first, progress)
    with suppress(Trouble):  # without the record the run counts as cut short, which asks for the same decision
        folder.journal.write(
            "ended",
            ending=outcome.ending.value,
            what=outcome.problem.what if outcome.problem else "",
            time=now_text(),
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


def _begin(folder: RunFolder, plan: Plan, before: Snapshot, answers: str) -> _Progress:
    """Keeps all that putting back will need, then writes the record that makes the run exist."""
    ledger = kept_ledger(folder.machine)
    copy_contents(folder, before)
    seen = before.render()
    folder.keep_all({"before": seen, "after": seen, "ledger": ledger.render(), "answers.toml": answers.encode()})
    folder.journal.write("began", profile=plan.profile_id, time=now_text(), **_plan_data(folder, plan))
    return _Progress(before, ledger)


def _go_on(folder: RunFolder, plan: Plan, run: Run) -> _Progress:
    """Takes up what the step that was cut short left, so that it is told from what others did since."""
    machine, records = folder.machine, records_of(folder.machine, folder.run_id)
    ledger = kept_ledger(machine)
    after = snapshot_of_run(machine, folder.run_id, "after")
    if after is None:
        after = take_snapshot(machine, steps_touch(plan.steps), steps_spare(plan.steps))
    after = _with_cut_short(after, cut_short(records, "done", "failed"), folder)
    for record in begun_without(records, "done"):
        ledger = _with_begun(ledger, record, machine, run)
    folder.keep("after", after.render())
    keep_ledger(machine, ledger)
    folder.journal.write("went-on", time=now_text(), **_plan_data(folder, plan))
    return _Progress(after, ledger)


def _with_cut_short(after: Snapshot, cut: CutShort, folder: RunFolder) -> Snapshot:
    """How the run left the machine, with what may be the work of the steps that were cut short."""
    machine = folder.machine
    earlier, later = covering(after, cut.touches), part_of(machine, after, cut.touches)
    made = cut.with_accounts(after)
    theirs = changed_by_others(machine, folder.run_id, earlier, later, made, cut)
    taken_up = stepped(after, without(earlier, theirs), without(later, theirs))
    return replace(taken_up, users=made.users, groups=made.groups)


def _with_begun(ledger: Ledger, record: Record, machine: Machine, run: Run) -> Ledger:
    """The ledger with those claims of a step that was not done which are not as they were before it.

    Of a step that took something back, the ledger without them.
    """
    claims, was = record.get("claims"), record.get("was")
    if not isinstance(claims, list) or not isinstance(was, dict):
        return ledger
    made = tuple(Claim(**claim) for claim in claims)
    changed = {claim.name: was[claim.name] for claim in made if value_now(claim, machine) != was[claim.name]}
    if record.get("takes_back"):
        return ledger.without(claim for claim in made if claim.name in changed)
    return ledger.with_claims(made, changed, run.profile_id, run.run_id)


def _plan_data(folder: RunFolder, plan: Plan) -> dict[str, object]:
    return {
        "titles": [planned.step.title for planned in plan.steps],
        "afterwards": [encode(planned.step, folder.put) for planned in plan.steps if is_refresh(planned.step)],
    }


def now_text() -> str:
    """The time as the journal has it."""
    return datetime.now(UTC).isoformat()


def is_refresh(step: Step) -> bool:
    """Whether the step only lets a unit take up what others changed; putting back does these last, not first."""
    return isinstance(step, RefreshService)


def _carry_out(folder: RunFolder, plan: Plan, tell: Tell, stop: Stop, first: int, progress: _Progress) -> Outcome:
    touched: set[PurePosixPath] = set()
    for number, planned in enumerate(plan.steps, start=1):
        if stop():
            problem = Problem(_("Stopped, as you asked, before step {number}.").format(number=number))
            return Outcome(Ending.STOPPED, folder.run_id, problem)
        tell(StepStarted(number, planned.step.title))
        began = monotonic()
        try:
            _refuse_drift_since(plan, planned.step, folder.machine, touched)
            progress = _one_step(folder, plan, planned, first + number, progress, saying(tell, number))
        except Trouble as trouble:
            tell(StepFailed(number, trouble.problem))
            return Outcome(Ending.FAILED, folder.run_id, trouble.problem)
        touched.update(planned.step.touches)
        tell(StepDone(number, monotonic() - began))
    return Outcome(Ending.DONE, folder.run_id)


def _refuse_drift_since(plan: Plan, step: Step, machine: Machine, touched: Set[PurePosixPath]) -> None:
    """Raises Trouble where a path is not as the plan saw it, and no earlier step explains that."""
    above = {parent for earlier in touched for parent in earlier.parents}
    for path in step.touches:
        explained = path in above or not touched.isdisjoint((path, *path.parents))
        if not explained and path in plan.seen and digest_of(machine.file(path)) != plan.seen[path]:
            raise _drift(path)


def saying(tell: Tell, number: int) -> Callable[[str], None]:
    """What hears the lines of a step, and tells them with its number."""
    return lambda line: tell(StepSaid(number, line))


def _one_step(
    folder: RunFolder,
    plan: Plan,
    planned: PlannedStep,
    number: int,
    progress: _Progress,
    say: Callable[[str], None],
) -> _Progress:
    """Journals the inverse, acts, verifies, and keeps how that left things."""
    machine, step = folder.machine, planned.step
    earlier = part_of(machine, progress.after, step.touches)
    try:
        # What a command sets is a person's doing: the ledger is of the answers, and a later run of theirs asks first.
        kept = () if plan.of_one_change else _kept_claims(planned)
        was = _act(folder, planned, kept, number, say)
        ledger = (
            progress.ledger.without(step.claims)
            if planned.takes_back
            else progress.ledger.with_step(step, was, plan.profile_id, folder.run_id)
        )
        after = _after_step(machine, progress.after, earlier, step)
        folder.keep("after", after.render())
        keep_ledger(machine, ledger)
        folder.journal.write("done", number=number)
    except Trouble as trouble:
        with suppress(Trouble):  # a full disk may refuse, and then the step counts as cut short
            folder.keep("after", _after_step(machine, progress.after, earlier, step).render())
            folder.journal.write("failed", number=number, what=trouble.problem.what, hint=trouble.problem.hint)
        raise
    return _Progress(after, ledger)


def _after_step(machine: Machine, after: Snapshot, earlier: Snapshot, step: Step) -> Snapshot:
    """How the run left the machine, this step included; what others did while no step ran is not part of it."""
    return stepped(after, earlier, part_of(machine, after, step.touches))


def _kept_claims(planned: PlannedStep) -> tuple[Claim, ...]:
    """What the step changes of the things that the ledger holds."""
    return tuple(claim for claim in planned.step.claims if claim.name in planned.changes and claim.kind in KEPT_KINDS)


def _act(
    folder: RunFolder, planned: PlannedStep, kept: tuple[Claim, ...], number: int, say: Callable[[str], None]
) -> Mapping[str, str | None]:
    """Journals the inverse, acts and verifies; gives the values that the `kept` claims had before."""
    machine, step = folder.machine, planned.step
    was = {claim.name: _value_before(claim, step, machine) for claim in kept}
    inverse = None if is_refresh(step) else step.inverse(machine)
    folder.journal.write(
        "doing",
        number=number,
        title=step.title,
        changes=sorted(planned.changes),
        takes_back=planned.takes_back,
        touches=[str(path) for path in step.touches],
        claims=[asdict(claim) for claim in kept],
        accounts=sorted(planned.foreseen.accounts),
        accounts_gone=sorted(planned.foreseen.accounts_gone),
        units=sorted(map(str, planned.foreseen.units)),
        was=was,
        inverse=encode(inverse, folder.put) if inverse is not None else None,
    )
    step.apply(machine, say)
    if (problem := step.verify(machine)) is not None:
        raise Trouble(problem)
    return was


def _value_before(claim: Claim, step: Step, machine: Machine) -> str | None:
    """The value that stands there; of a secret one only whether there is one."""
    value = value_now(claim, machine)
    return value if value is None or is_told(claim, step) else ""
