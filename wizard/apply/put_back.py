"""Putting a run back: the inverses from its journal, newest first, then whatever else it left behind."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.execute import Outcome, saying
from wizard.apply.journal import Record, number_of, of_kind
from wizard.apply.left_mail import take_left_mail
from wizard.apply.runs import Run, RunFolder, kept, records_of
from wizard.apply.snapshot import settle, snapshot_of_run
from wizard.apply.state import keep_ledger
from wizard.machine.machine import Machine
from wizard.plan.ledger import read_ledger
from wizard.problem import ChangedSince, Problem, Trouble
from wizard.steps.as_data import decode
from wizard.steps.in_turn import InTurn
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Step
from wizard.words import _

Tell = Callable[[Event], None]
Stop = Callable[[], bool]


def inverses_of(records: tuple[Record, ...], folder: RunFolder) -> tuple[tuple[int, Step], ...]:
    """The steps that put a run back, newest first, without those carried out; raises Trouble on lost content."""
    undone = {number_of(record) for record in of_kind(records, "undone")}
    found: list[tuple[int, Step]] = []
    for record in reversed(of_kind(records, "doing")):
        inverse = record.get("inverse")
        if isinstance(inverse, dict) and number_of(record) not in undone:
            found.append((number_of(record), decode(inverse, folder.get)))
    return tuple(found)


def afterwards(records: tuple[Record, ...], folder: RunFolder) -> tuple[Step, ...]:
    """The reloads and restarts that let units take up what was put back."""
    steps = [data for record in of_kind(records, "began", "went-on") for data in _list(record.get("afterwards"))]
    return tuple(dict.fromkeys(decode(data, folder.get) for data in steps if isinstance(data, dict)))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def put_back_run(machine: Machine, run: Run, tell: Tell, stop: Stop, force: bool = False) -> Outcome:
    """Puts one run back; a step that fails ends it, what a person changed since is left and noted.

    Safe to call again: what was already put back is passed over. `force` writes over what was changed since.
    """
    folder = RunFolder(machine, run.run_id)
    records = records_of(machine, run.run_id)
    inverses = (*inverses_of(records, folder), *((0, step) for step in afterwards(records, folder)))
    last = _("Put back folder times and what programs left behind")
    tell(RunBegan(run.run_id, (*(inverse.title for _number, inverse in inverses), last), undoing=True))
    folder.journal.write("putting-back")
    notes: list[str] = []
    place = 0
    try:
        take_left_mail(machine, records)
    except Trouble as trouble:
        notes.append(_("A test mail was not taken away: {why}").format(why=trouble.problem.what))
    for place, (number, inverse) in enumerate(inverses, start=1):
        if stop():
            return _ended(run, tell, Ending.STOPPED, Problem(_("Stopped, as you asked."), _again(run)), notes)
        tell(StepStarted(place, inverse.title))
        began = monotonic()
        try:
            _forced(inverse, force).apply(machine, saying(tell, place))
        except ChangedSince as changed:
            notes.append(changed.problem.what)
            tell(StepSaid(place, changed.problem.what))
        except Trouble as trouble:
            tell(StepFailed(place, trouble.problem))
            return _ended(run, tell, Ending.NOT_ALL_PUT_BACK, trouble.problem, notes)
        else:
            folder.journal.write("undone", number=number)
        tell(StepDone(place, monotonic() - began))
    tell(StepStarted(place + 1, last))
    began = monotonic()
    try:
        notes.extend(_settle(machine, run))
    except Trouble as trouble:
        tell(StepFailed(place + 1, trouble.problem))
        return _ended(run, tell, Ending.NOT_ALL_PUT_BACK, trouble.problem, notes)
    tell(StepDone(place + 1, monotonic() - began))
    ledger = kept(machine, run.run_id, "ledger")
    if ledger is not None:
        keep_ledger(machine, read_ledger(ledger))
    folder.journal.write("put-back")
    if notes:
        problem = Problem(
            _("Put back, but for what was changed since."),
            _("`postwizard undo {run_id} --force` puts that back too.").format(run_id=run.run_id),
        )
        return _ended(run, tell, Ending.NOT_ALL_PUT_BACK, problem, notes)
    return _ended(run, tell, Ending.PUT_BACK, None, notes)


def _settle(machine: Machine, run: Run) -> tuple[str, ...]:
    before = snapshot_of_run(machine, run.run_id, "before")
    if before is None:
        return ()
    return settle(machine, run.run_id, before, snapshot_of_run(machine, run.run_id, "after"))


def _forced(step: Step, force: bool) -> Step:
    match step:
        case RestoreFile() if force:
            return replace(step, keep_if_changed=False)
        case InTurn() if force:
            return replace(step, steps=tuple(_forced(inner, force) for inner in step.steps))
        case _:
            return step


def _again(run: Run) -> str:
    return _("`postwizard undo {run_id}` goes on with it.").format(run_id=run.run_id)


def _ended(run: Run, tell: Tell, ending: Ending, problem: Problem | None, notes: list[str]) -> Outcome:
    tell(RunEnded(ending, problem))
    return Outcome(ending, run.run_id, problem, tuple(notes))
