"""Plan and make_plan: from wanted steps to the ones that are needed, each with its exact preview."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Look, Manifest
from wizard.machine.pretend_machine import PretendMachine
from wizard.plan.effective import Baseline, EffectiveChange
from wizard.plan.ledger import Conflict, Ledger, conflicts_of
from wizard.problem import NoRights
from wizard.steps.account_paths import account_names
from wizard.steps.gate import Gate
from wizard.steps.manager import UNIT_FOLDER
from wizard.steps.refresh_service import RefreshService
from wizard.steps.step import Cautious, Following, Sparing, Step


@dataclass(frozen=True)
class Foreseen:
    """What a step does in places where people work too: accounts that come and go by name, and paths among units."""

    accounts: frozenset[str] = frozenset()
    accounts_gone: frozenset[str] = frozenset()
    units: frozenset[PurePosixPath] = frozenset()


@dataclass(frozen=True)
class PlannedStep:
    """A step of a plan, and what it would show and change on the machine as the steps before it leave it."""

    step: Step
    preview: str
    changes: frozenset[str]
    conflicts: tuple[Conflict, ...] = ()
    takes_back: bool = False
    foreseen: Foreseen = Foreseen()


@dataclass(frozen=True)
class Plan:
    """The steps that are left to do, and the digest of every file they were made from.

    `notes` are sentences on what to think of, what is not taken back, or could not be taken into account. One that is
    `of_one_change` comes from a command and not from answers, so it cannot be made again from them.
    """

    profile_id: str
    steps: tuple[PlannedStep, ...]
    seen: Mapping[PurePosixPath, str] = field(default_factory=dict)
    effective: tuple[EffectiveChange, ...] = ()
    notes: tuple[str, ...] = ()
    of_one_change: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do."""
        return not self.steps

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Settings that a person changed after the wizard wrote them, and that this plan would write again."""
        return tuple(conflict for planned in self.steps for conflict in planned.conflicts)


def digest_of(state: FileState | None) -> str:
    """One word for all that a file is but its mtime; the empty word for "nothing there"."""
    if state is None:
        return ""
    parts = (state.kind.value, oct(state.mode), str(state.owner), str(state.group), repr(state.xattrs))
    return sha256("\0".join(parts).encode() + b"\0" + state.content).hexdigest()


def make_plan(
    desired: tuple[Step, ...],
    look: Look,
    *,
    profile_id: str = "",
    ledger: Ledger | None = None,
    pending: frozenset[str] = frozenset(),
) -> Plan:
    """The needed steps in order, seen on a pretended copy of the machine; raises Trouble when one cannot be previewed.

    What the ledger says we set and `desired` no longer claims is taken back. `pending` names claims that an unfinished
    run changed without coming to the reload that follows them.
    """
    ledger = ledger or Ledger()
    ahead = PretendMachine(look)
    changed = set(pending)
    base = Baseline()
    planned: list[PlannedStep] = []
    notes: list[str] = []
    for step, takes_back in _in_order(desired, ledger.steps_to_take_back(desired, look)):
        if isinstance(step, Gate):
            planned.append(PlannedStep(step, "", frozenset()))
            continue
        needed: Step | None = step
        if isinstance(step, Following):
            needed = step.needed_after(frozenset(changed), ahead)
        if needed is None or (isinstance(needed, RefreshService) and not look.service(needed.unit).running):
            continue  # a unit that this very plan starts has nothing to take up
        changes = needed.differs(ahead)
        if not changes:
            notes += needed.cautions(ahead) if isinstance(needed, Cautious) else ()
            continue
        conflicts = conflicts_of(needed, changes, ledger, ahead)
        preview = needed.preview(ahead)
        base = base.seen(ahead, needed.touches)
        foreseen = _apply(needed, ahead)
        planned.append(PlannedStep(needed, preview, changes, conflicts, takes_back, foreseen))
        changed |= changes
    steps = tuple(_with_gates(planned, look))
    if any(entry.takes_back for entry in steps):
        notes += ledger.staying(desired, ahead)
    return Plan(profile_id, steps, _seen(steps, look), base.changes(ahead), tuple(notes))


def _apply(step: Step, ahead: PretendMachine) -> Foreseen:
    """Carries the step out on the pretended machine; says what that changed where people work too."""
    accounts, units = account_names(ahead), _units(step, ahead)
    step.apply(ahead)
    accounts_later, units_later = account_names(ahead), _units(step, ahead)
    return Foreseen(
        frozenset(name for _file, name in accounts_later - accounts),
        frozenset(name for _file, name in accounts - accounts_later),
        frozenset(path for path in units.keys() | units_later.keys() if units.get(path) != units_later.get(path)),
    )


def _units(step: Step, look: Look) -> Manifest:
    return look.manifest((UNIT_FOLDER,)) if UNIT_FOLDER in step.touches else {}


def _in_order(desired: tuple[Step, ...], take_back: tuple[Step, ...]) -> Iterable[tuple[Step, bool]]:
    """The wanted steps, with those that take back after the gates that check them, or first of all."""
    gate = max((place for place, step in enumerate(desired) if isinstance(step, Gate)), default=-1)
    yield from ((step, False) for step in desired[: gate + 1])
    yield from ((step, True) for step in take_back)
    yield from ((step, False) for step in desired[gate + 1 :])


def _with_gates(planned: list[PlannedStep], look: Look) -> Iterable[PlannedStep]:
    """Fills each gate with the steps that follow it; a gate with nothing to check is dropped."""
    for place, entry in enumerate(planned):
        if not isinstance(entry.step, Gate):
            yield entry
            continue
        gate = entry.step.with_following(tuple(later.step for later in planned[place + 1 :]))
        if changes := gate.differs(look):
            yield replace(entry, step=gate, preview=gate.preview(look), changes=changes)


def steps_touch(steps: Iterable[PlannedStep]) -> tuple[PurePosixPath, ...]:
    """Every path that these steps may change, once each."""
    return tuple(dict.fromkeys(path for planned in steps for path in planned.step.touches))


def steps_spare(steps: Iterable[PlannedStep]) -> frozenset[PurePosixPath]:
    """The folders among them of which nothing that lies in them is changed."""
    return frozenset(path for planned in steps if isinstance(planned.step, Sparing) for path in planned.step.spares)


def _seen(steps: Iterable[PlannedStep], look: Look) -> Mapping[PurePosixPath, str]:
    seen = {}
    for path in steps_touch(steps):
        with suppress(NoRights):  # such a plan is only looked at: who may carry it out may read everything
            seen[path] = digest_of(look.file(path))
    return seen
