"""What steps that were cut short may have done; in places where people work too, only what their plan foresaw."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.apply.journal import Record, begun_without, strings
from wizard.apply.runs import content_of
from wizard.apply.snapshot import ACCOUNTS, Snapshot, changed_between, snapshot_of_run
from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.steps.manager import UNIT_FOLDER


@dataclass(frozen=True)
class CutShort:
    """The paths that such steps touch, and the accounts and the paths among the units that they were to change."""

    touches: frozenset[PurePosixPath] = frozenset()
    accounts: frozenset[str] = frozenset()
    accounts_gone: frozenset[str] = frozenset()
    units: frozenset[PurePosixPath] = frozenset()

    def with_accounts(self, after: Snapshot) -> Snapshot:
        """How the run left the machine, with all accounts that were to come, which pacman may make after our death."""
        return replace(
            after,
            users=tuple(sorted(self.accounts.union(after.users))),
            groups=tuple(sorted(self.accounts.union(after.groups))),
        )

    def explains(self, path: PurePosixPath, theirs: frozenset[PurePosixPath]) -> bool:
        """Whether a change there is taken for the steps' own; `theirs` are files of accounts that are not."""
        if path in ACCOUNTS:
            return path in self.touches and path not in theirs
        if UNIT_FOLDER in path.parents:
            return path in self.touches or path in self.units
        return not self.touches.isdisjoint((path, *path.parents))


def changed_by_others(
    look: Look, run_id: str, earlier: Snapshot, later: Snapshot, made: Snapshot, cut: CutShort
) -> frozenset[PurePosixPath]:
    """What differs between two looks, and the steps that were cut short do not explain.

    `made` is how the run left the machine; where no look from before it is kept, no account is taken for its own.
    """
    before = snapshot_of_run(look, run_id, "before") or made
    others = accounts_of_others(look, run_id, before, made, cut)
    return frozenset(path for path in changed_between(earlier, later) if not cut.explains(path, others))


def cut_short(records: Iterable[Record], *ends: str) -> CutShort:
    """The steps that were begun and came to none of these ends."""
    begun = begun_without(records, *ends)
    return CutShort(
        frozenset(PurePosixPath(path) for record in begun for path in strings(record.get("touches"))),
        frozenset(name for record in begun for name in strings(record.get("accounts"))),
        frozenset(name for record in begun for name in strings(record.get("accounts_gone"))),
        frozenset(PurePosixPath(path) for record in begun for path in strings(record.get("units"))),
    )


def accounts_of_others(
    look: Look, run_id: str, before: Snapshot, after: Snapshot, cut: CutShort
) -> frozenset[PurePosixPath]:
    """The files of accounts in which more differs from before than the accounts that came and went with the run.

    A file's backup holds an earlier state of it, whoever made that, so it goes with the file.
    """
    ours = ({*after.users} ^ {*before.users}) | ({*after.groups} ^ {*before.groups}) | cut.accounts | cut.accounts_gone
    found = set()
    for path in ACCOUNTS:
        if path.name.endswith("-"):
            continue
        if _lines(_content(look, path), ours) != _lines(_content_before(look, run_id, before, path), ours):
            found |= {path, path.with_name(path.name + "-")}
    return frozenset(found)


def _lines(content: bytes, without: set[str]) -> list[tuple[bytes, ...]]:
    names = {name.encode() for name in without}
    lines = (line.split(b":") for line in content.splitlines())
    return sorted((*fields[:-1], _members(fields[-1], names)) for fields in lines if fields[0] not in names)


def _members(text: bytes, without: set[bytes]) -> bytes:
    """The last field of a line without these accounts: group(5) and gshadow(5) name those in a group there."""
    return b",".join(name for name in text.split(b",") if name not in without)


def _content(look: Look, path: PurePosixPath) -> bytes:
    state = look.file(path)
    return state.content if state is not None else b""


def _content_before(look: Look, run_id: str, before: Snapshot, path: PurePosixPath) -> bytes:
    entry = before.at(path)
    if entry is None:
        return b""
    try:
        return content_of(look, run_id, entry.digest)
    except Trouble:
        return b""
