"""Putting a run back: the inverses from its journal, newest first, then whatever else it left behind."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath
from time import monotonic

from wizard.apply.cut_short import changed_by_others, cut_short
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.execute import Outcome, now_text, saying
from wizard.apply.journal import Record, number_of, of_kind, strings
from wizard.apply.left_mail import take_left_mail
from wizard.apply.runs import Run, RunFolder, kept, records_of
from wizard.apply.snapshot import ACCOUNTS, Traces, changed_between, settle, snapshot_of_run, taken_again
from wizard.apply.state import keep_ledger, kept_ledger
from wizard.apply.waiting_mail import refuse_to_lose_mail, removes_postfix
from wizard.machine.machine import Kind, Machine
from wizard.plan.ledger import Ledger, read_ledger
from wizard.problem import ChangedSince, Problem, Trouble
from wizard.steps.as_data import decode
from wizard.steps.in_turn import InTurn
from wizard.steps.nothing import Nothing
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Step
from wizard.words import _

Tell = Callable[[Event], None]
Stop = Callable[[], bool]
Cut = tuple[Ending, Problem]
HALF_WAY = "half-way"
ETC = PurePosixPath("/etc")


def inverses_of(records: tuple[Record, ...], folder: RunFolder, force: bool = False) -> tuple[tuple[int, Step], ...]:
    """The steps that put a run back, newest first, but what is done or is nothing; raises Trouble on lost content.

    With `force`, files of which a person's changes were left are put back once more, as long as they are there.
    """
    undone = {number_of(record): bool(record.get("in_part")) for record in of_kind(records, "undone")}
    found: list[tuple[int, Step]] = []
    for record in reversed(of_kind(records, "doing")):
        number, inverse = number_of(record), record.get("inverse")
        if not isinstance(inverse, dict):
            continue
        if number not in undone:
            found += [(number, step) for step in (decode(inverse, folder.get),) if not isinstance(step, Nothing)]
        elif force and undone[number]:
            files = _files_in(decode(inverse, folder.get))
            found += [(number, file) for file in files if folder.machine.file(file.path) is not None]
    return tuple(found)


def _files_in(step: Step) -> tuple[RestoreFile, ...]:
    match step:
        case RestoreFile():
            return (step,)
        case InTurn():
            return tuple(file for inner in step.steps for file in _files_in(inner))
        case _:
            return ()


def afterwards(records: tuple[Record, ...], folder: RunFolder) -> tuple[Step, ...]:
    """The reloads and restarts that let units take up what was put back; none where only a look was taken."""
    inverses = [record.get("inverse") for record in of_kind(records, "doing")]
    if all(isinstance(decode(data, folder.get), Nothing) for data in inverses if isinstance(data, dict)):
        return ()
    steps = [data for record in of_kind(records, "began", "went-on") for data in _list(record.get("afterwards"))]
    return tuple(dict.fromkeys(decode(data, folder.get) for data in steps if isinstance(data, dict)))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def put_back_run(machine: Machine, run: Run, tell: Tell, stop: Stop, force: bool = False, asked: str = "") -> Outcome:
    """Puts one run back; a step that fails ends it, what a person changed since is left and noted.

    Safe to call again: what was already put back is passed over. `force` writes over what was changed since; `asked` is
    the run that was asked for, where this one has to go first. Raises Trouble, with nothing changed, when the run
    cannot be read.
    """
    folder = RunFolder(machine, run.run_id)
    records = records_of(machine, run.run_id)
    inverses = (*inverses_of(records, folder, force), *((0, step) for step in afterwards(records, folder)))
    traces = _traces(machine, run, records, force)
    copies = _copies(folder, traces) if traces else {}
    last = _("Put back folder times and what programs left behind")
    tell(RunBegan(run.run_id, (*(inverse.title for _number, inverse in inverses), last), undoing=True))
    with suppress(Trouble):  # a full disk takes no record, and is no reason to leave everything as it is
        folder.journal.write("putting-back", theirs=sorted(map(str, traces.theirs)) if traces else [])
        machine.remove(folder.path / HALF_WAY)
    left: list[str] = []
    try:
        take_left_mail(machine, records)
    except Trouble as trouble:
        left.append(_("A test mail was not taken away: {why}").format(why=trouble.problem.what))
    told: set[PurePosixPath] = set()
    cut = _carry_out(folder, inverses, force, tell, stop, left, told)
    if cut is None:
        tell(StepStarted(len(inverses) + 1, last))
        began = monotonic()
        try:
            left.extend(settle(machine, traces, told) if traces else ())
            _close(folder, run, has_left=bool(left))
            tell(StepDone(len(inverses) + 1, monotonic() - began))
        except Trouble as trouble:
            tell(StepFailed(len(inverses) + 1, trouble.problem))
            cut = (Ending.NOT_ALL_PUT_BACK, trouble.problem)
    with suppress(Trouble):
        folder.keep(HALF_WAY, taken_again(machine, traces.before).render() if traces else b"")
    asked = asked or run.run_id
    if cut is not None:
        ending, problem = cut[0], Problem(cut[1].what, cut[1].hint or _again(asked))
    elif left:
        ending, problem = Ending.NOT_ALL_PUT_BACK, _but_for_changes(asked)
    else:
        ending, problem = Ending.PUT_BACK, None
    tell(RunEnded(ending, problem))
    return Outcome(ending, run.run_id, problem, (*left, *_remarks(machine, copies)))


def _traces(machine: Machine, run: Run, records: tuple[Record, ...], force: bool) -> Traces | None:
    """What the run left, and what of it others changed since; None where there never was a snapshot."""
    before = snapshot_of_run(machine, run.run_id, "before")
    if before is None:
        return None
    now = taken_again(machine, before)
    earlier = of_kind(records, "putting-back")
    known = frozenset(map(PurePosixPath, strings(earlier[-1].get("theirs")))) if earlier else frozenset()
    half_way = snapshot_of_run(machine, run.run_id, HALF_WAY)
    cut = cut_short(records, "done", "failed")
    after = cut.with_accounts(snapshot_of_run(machine, run.run_id, "after") or now)
    if half_way is not None:
        # Accounts that a person made before putting back was cut short are not ours to remove.
        after = replace(half_way, users=after.users, groups=after.groups)
    if half_way is not None:
        fresh = changed_between(half_way, now)
    elif not earlier:
        fresh = changed_by_others(machine, run.run_id, after, now, after, cut)
    else:
        fresh = frozenset()  # putting back was cut short itself, so what changed meanwhile is its own doing
    traces = Traces(run.run_id, before, after, known | fresh)
    if not force:
        return traces
    return traces.given_up(known if run.state == "put-back" else traces.theirs)


def _copies(folder: RunFolder, traces: Traces) -> Mapping[PurePosixPath, tuple[bytes, PurePosixPath]]:
    """Keeps what a person wrote into files of ours in /etc, since it may go with them; content and copy by path."""
    copies: dict[PurePosixPath, tuple[bytes, PurePosixPath]] = {}
    for path in sorted({*traces.theirs, *traces.lost}):
        if ETC not in path.parents or path in ACCOUNTS or not traces.is_ours_too(path):
            continue
        state = folder.machine.file(path)
        if state is not None and state.kind is Kind.FILE:
            name = "changed" + str(path).replace("/", "_")
            folder.keep(name, state.content)
            copies[path] = (state.content, folder.path / name)
    return copies


def _remarks(machine: Machine, copies: Mapping[PurePosixPath, tuple[bytes, PurePosixPath]]) -> list[str]:
    remarks = []
    for path, (content, copy) in copies.items():
        state = machine.file(path)
        if state is None or state.content != content:
            remarks.append(
                _("{path} had been changed by hand; what it held is in {copy}.").format(path=path, copy=copy)
            )
    return remarks


def _carry_out(
    folder: RunFolder,
    inverses: tuple[tuple[int, Step], ...],
    force: bool,
    tell: Tell,
    stop: Stop,
    left: list[str],
    told: set[PurePosixPath],
) -> Cut | None:
    """Carries out the inverses; says what cut it short, if anything did. What stays is added to `left` and `told`."""
    machine = folder.machine
    for place, (number, inverse) in enumerate(inverses, start=1):
        if stop():
            return Ending.STOPPED, Problem(_("Stopped, as you asked."))
        tell(StepStarted(place, inverse.title))
        began = monotonic()
        whole = _forced(inverse)
        try:
            if removes_postfix(inverse):
                refuse_to_lose_mail(folder, force)
            (whole if force else inverse).apply(machine, saying(tell, place))
            is_back = whole == inverse or not whole.differs(machine)
        except ChangedSince as changed:
            is_back = False
            left.append(changed.problem.what)
            told.update(inverse.touches)
            tell(StepSaid(place, changed.problem.what))
        except Trouble as trouble:
            tell(StepFailed(place, trouble.problem))
            return Ending.NOT_ALL_PUT_BACK, trouble.problem
        with suppress(Trouble):
            folder.journal.write("undone", number=number, in_part=not is_back)
        tell(StepDone(place, monotonic() - began))
    return None


def _close(folder: RunFolder, run: Run, has_left: bool) -> None:
    """Puts the ledger back, and writes the record that the run is put back."""
    content = kept(folder.machine, run.run_id, "ledger")
    if content is not None:
        earlier = read_ledger(content)
        try:
            now = kept_ledger(folder.machine)
        except Trouble:
            now = Ledger()  # damaged, so that the one of then is the best there is
        keep_ledger(folder.machine, now.without_run(run.run_id, earlier))
    folder.journal.write("put-back", time=now_text(), has_left=has_left)


def _forced(step: Step) -> Step:
    """The step that puts files back whatever was changed since."""
    match step:
        case RestoreFile():
            return replace(step, keep_if_changed=False)
        case InTurn():
            return replace(step, steps=tuple(map(_forced, step.steps)))
        case _:
            return step


def _again(run_id: str) -> str:
    return _("`postwizard undo {run_id}` goes on with it.").format(run_id=run_id)


def _but_for_changes(run_id: str) -> Problem:
    return Problem(
        _("Put back, but for what was changed since."),
        _("`postwizard undo {run_id} --force` puts that back too.").format(run_id=run_id),
    )
