"""Snapshots: all that a plan's steps may touch, and putting it back to the byte after the inverses.

The inverses of the steps put back what was meant. Programs that the steps ran also leave traces: folder times, backup
files, caches, user records. Three looks tell whose they are: before the run, as it left the machine, and when putting
back began. What somebody changed between the last two is theirs and stays; all the rest is as it was before again.
"""

import json
from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath

from wizard import places
from wizard.apply.left_alone import LEFT_ALONE, NOT_COPIED, is_below
from wizard.apply.runs import RunFolder, content_of, kept
from wizard.machine.account_files import read_groups
from wizard.machine.machine import Entry, FileState, Kind, Look, Machine, Manifest
from wizard.problem import Trouble
from wizard.steps.account_paths import ACCOUNT_FILES
from wizard.words import _

LARGEST_COPY = 16 * 1024 * 1024  # bytes; configuration is small, and a larger file is named in the notes instead
MOST_HELD = 2 * LARGEST_COPY  # bytes that are in memory while they wait to be written together
GROUP = PurePosixPath("/etc/group")
ACCOUNTS = frozenset(ACCOUNT_FILES)
VAR = PurePosixPath("/var")


@dataclass(frozen=True)
class Snapshot:
    """Everything at and below `roots`, single `folders` with the names in each, and the local accounts.

    The single folders are those above the roots, and those of which a step touches nothing that lies in them.
    """

    roots: tuple[PurePosixPath, ...]
    entries: Manifest
    folders: Manifest = field(default_factory=dict)
    names: Mapping[PurePosixPath, tuple[str, ...]] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def at(self, path: PurePosixPath) -> Entry | None:
        """What was seen at this path."""
        return self.entries.get(path) or self.folders.get(path)

    def render(self) -> bytes:
        """The snapshot as JSON; contents are named by their digests only."""
        data = {
            "roots": [str(root) for root in self.roots],
            "entries": {str(path): _entry_data(entry) for path, entry in self.entries.items()},
            "folders": {str(path): _entry_data(entry) for path, entry in self.folders.items()},
            "names": {str(path): list(names) for path, names in self.names.items()},
            "users": list(self.users),
            "groups": list(self.groups),
        }
        return json.dumps(data, ensure_ascii=True).encode()


def _entry_data(entry: Entry) -> dict[str, object]:
    return {**asdict(entry), "kind": entry.kind.value}


def _entry_from(data: Mapping[str, object]) -> Entry:
    fields = dict(data)
    fields["kind"] = Kind(fields["kind"])
    fields["xattrs"] = tuple((name, value) for name, value in fields.get("xattrs", ()))  # type: ignore[attr-defined]
    return Entry(**fields)  # type: ignore[arg-type]


def read_snapshot(content: bytes) -> Snapshot:
    """The snapshot from its JSON; raises Trouble when it is damaged."""
    try:
        data = json.loads(content)
        return Snapshot(
            tuple(PurePosixPath(root) for root in data["roots"]),
            {PurePosixPath(path): _entry_from(entry) for path, entry in data["entries"].items()},
            {PurePosixPath(path): _entry_from(entry) for path, entry in data["folders"].items()},
            {PurePosixPath(path): tuple(names) for path, names in data["names"].items()},
            tuple(data["users"]),
            tuple(data["groups"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(_("A snapshot cannot be read: {error}").format(error=error)) from error


def take_snapshot(look: Look, paths: Iterable[PurePosixPath], spared: Iterable[PurePosixPath] = ()) -> Snapshot:
    """How these paths and all below them are now; of the folders that are `spared`, only they themselves."""
    alone = frozenset(spared)
    roots = _outermost(path for path in paths if path not in alone)
    # The folder that holds our own state changes when that is made, so it is among them whatever the roots are.
    above = {parent for path in (*roots, *alone, places.STATE) for parent in path.parents if len(parent.parts) > 1}
    return _looked_at(look, roots, above | alone)


def taken_again(look: Look, earlier: Snapshot) -> Snapshot:
    """How all that the earlier snapshot looked at is now."""
    return _looked_at(look, earlier.roots, earlier.folders)


def part_of(look: Look, whole: Snapshot, paths: Iterable[PurePosixPath]) -> Snapshot:
    """How these paths, and all below them, are now, with the single folders that the whole snapshot looked at."""
    return _looked_at(look, _outermost(path for path in paths if path not in whole.folders), whole.folders)


def stepped(whole: Snapshot, earlier: Snapshot, later: Snapshot) -> Snapshot:
    """The whole snapshot with what changed between two looks at a part of it.

    What others had changed before the first of the two stays as it was left, so that it is still told to be theirs.
    """
    return replace(
        whole,
        entries=_stepped(whole.entries, earlier.entries, later.entries),
        folders=_stepped(whole.folders, earlier.folders, later.folders),
        users=_stepped_names(whole.users, earlier.users, later.users),
        groups=_stepped_names(whole.groups, earlier.groups, later.groups),
    )


def _stepped_names(whole: Iterable[str], earlier: Iterable[str], later: Iterable[str]) -> tuple[str, ...]:
    came, went = {*later} - {*earlier}, {*earlier} - {*later}
    return tuple(sorted(({*whole} | came) - went))


def _stepped(whole: Manifest, earlier: Manifest, later: Manifest) -> Manifest:
    gone = earlier.keys() - later.keys()
    fresh = {
        path: entry
        for path, entry in later.items()
        if earlier.get(path) != entry and _same_but_time(whole.get(path), earlier.get(path))
    }
    return {path: entry for path, entry in (*whole.items(), *fresh.items()) if path not in gone}


def without(whole: Snapshot, paths: Container[PurePosixPath]) -> Snapshot:
    """The snapshot without what lies at these paths."""
    return replace(
        whole,
        entries={path: entry for path, entry in whole.entries.items() if path not in paths},
        folders={path: entry for path, entry in whole.folders.items() if path not in paths},
    )


def covering(whole: Snapshot, paths: Iterable[PurePosixPath]) -> Snapshot:
    """The part of a snapshot that these paths cover."""
    tops = frozenset(paths)
    return replace(whole, entries={path: entry for path, entry in whole.entries.items() if _is_covered(path, tops)})


def _looked_at(look: Look, roots: tuple[PurePosixPath, ...], alone: Iterable[PurePosixPath]) -> Snapshot:
    entries = {path: entry for path, entry in look.manifest(roots).items() if not is_below(path, LEFT_ALONE)}
    folders = {path: entry for path in sorted(alone) if (entry := _folder_entry(look, path)) is not None}
    names = {path: look.names_in(path) for path in folders}
    group = look.file(GROUP)
    groups = read_groups(group.content.decode("utf-8", "replace")) if group is not None else ()
    users = tuple(user.name for user in look.users())
    return Snapshot(roots, entries, folders, names, users, tuple(known.name for known in groups))


def _outermost(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    every = sorted(set(paths), key=lambda path: (len(path.parts), path))
    tops: dict[PurePosixPath, None] = {}
    for path in every:
        if not _is_covered(path, tops):
            tops[path] = None
    return tuple(tops)


def _is_covered(path: PurePosixPath, tops: Container[PurePosixPath]) -> bool:
    return path in tops or any(parent in tops for parent in path.parents)


def _folder_entry(look: Look, path: PurePosixPath) -> Entry | None:
    state = look.file(path)
    if state is None or state.kind is not Kind.DIRECTORY:
        return None
    xattrs = tuple((name, value.hex()) for name, value in state.xattrs)
    owner, group = (account if isinstance(account, int) else 0 for account in (state.owner, state.group))
    return Entry(state.kind, state.mode, owner, group, 0, state.mtime_ns or 0, "", xattrs)


def copy_contents(folder: RunFolder, snapshot: Snapshot) -> None:
    """Copies into the run what could not be made again: files and link targets, but not those NOT_COPIED."""
    contents: list[bytes] = []
    held = 0
    for path, entry in snapshot.entries.items():
        if entry.kind not in {Kind.FILE, Kind.LINK} or entry.size > LARGEST_COPY or is_below(path, NOT_COPIED):
            continue
        if held + entry.size > MOST_HELD:
            folder.put_all(contents)
            contents, held = [], 0
        state = folder.machine.file(path)
        if state is not None:
            contents.append(state.content)
            held += len(state.content)
    folder.put_all(contents)


def changed_between(left: Snapshot, now: Snapshot) -> frozenset[PurePosixPath]:
    """The paths that are not as they were left, but for their times."""
    paths = {*left.entries, *left.folders, *now.entries, *now.folders}
    return frozenset(path for path in paths if not _same_but_time(left.at(path), now.at(path)))


@dataclass(frozen=True)
class Traces:
    """What a run left on the machine: `before` it and `after` it, and `theirs`, the paths others changed since.

    `lost` are paths that others changed as well, but whose changes are not to be kept.
    """

    run_id: str
    before: Snapshot
    after: Snapshot
    theirs: Set[PurePosixPath] = frozenset()
    lost: Set[PurePosixPath] = frozenset()

    def is_ours_too(self, path: PurePosixPath) -> bool:
        """Whether the run changed what lies there, or made a folder that it lies in."""
        return not _same_but_time(self.before.at(path), self.after.at(path)) or self._is_in_folder_of_ours(path)

    def _is_in_folder_of_ours(self, path: PurePosixPath) -> bool:
        return any(self.before.at(parent) is None and self.after.at(parent) is not None for parent in path.parents)

    def given_up(self, paths: Set[PurePosixPath]) -> "Traces":
        """The same where others' changes to these paths do not count, if the run changed them too (`--force`).

        Accounts are not given up: those that came with the run go all the same, and those of others must stay.
        """
        lost = {path for path in self.theirs & paths if self.is_ours_too(path) and path not in ACCOUNTS}
        return replace(self, theirs=self.theirs - lost, lost=lost)

    def is_state_of_a_daemon(self, path: PurePosixPath) -> bool:
        """Whether it lies below /var in a folder that came with the run; mail in the queue was looked for earlier."""
        return VAR in path.parents and self._is_in_folder_of_ours(path)


def settle(machine: Machine, traces: Traces, told: Set[PurePosixPath] = frozenset()) -> tuple[str, ...]:
    """Puts back what the inverses leave behind; says in sentences what of ours had to stay, but for what is `told`.

    Safe to run again after a crash.
    """
    before = traces.before
    now = taken_again(machine, before)
    notes = _remove_what_came(machine, traces, now, told)
    for path, wanted in before.entries.items():
        found = now.entries.get(path)
        if found == wanted or wanted.kind is Kind.OTHER:
            continue
        if path in traces.theirs:
            if not _same_content(found, wanted) and traces.is_ours_too(path) and path not in told | ACCOUNTS:
                notes.append(_("{path} was changed after the run and stays as it is.").format(path=path))
        elif found is not None and _same_content(found, wanted):
            if wanted.kind is not Kind.DIRECTORY:
                machine.set_metadata(path, _state(wanted, b""))
        elif wanted.kind is Kind.DIRECTORY:
            machine.write_file(path, _state(wanted, b""))
        elif is_below(path, NOT_COPIED) or wanted.size > LARGEST_COPY:
            notes.append(_("{path} is not as it was before; its content is not kept.").format(path=path))
        else:
            machine.write_file(path, _state(wanted, content_of(machine, traces.run_id, wanted.digest)))
    notes += _settle_accounts(machine, traces)
    _settle_folders(machine, traces)
    return tuple(notes)


def _remove_what_came(machine: Machine, traces: Traces, now: Snapshot, told: Set[PurePosixPath]) -> list[str]:
    """Removes paths that were not there before, but for those that somebody else made since; says which stay."""
    new = set(now.entries) - set(traces.before.entries)
    staying: set[PurePosixPath] = set()
    notes: list[str] = []
    for path in sorted(new, key=lambda path: len(path.parts), reverse=True):
        if path in staying:
            continue
        if path not in traces.theirs or traces.is_state_of_a_daemon(path):
            machine.remove(path)
            continue
        staying.update(path.parents)
        if path in told | ACCOUNTS:
            continue
        if traces.after.at(path) is not None:
            notes.append(_("{path} was changed after the run and stays as it is.").format(path=path))
        elif traces.is_ours_too(path):
            notes.append(_("{path} came after the run and stays.").format(path=path))
    return notes


def _same_content(one: Entry | None, other: Entry | None) -> bool:
    """Whether two entries have the same kind and content; of a folder only the kind counts."""
    if one is None or other is None:
        return one is other
    if one.kind is Kind.DIRECTORY:
        return other.kind is Kind.DIRECTORY
    return (one.kind, one.digest, one.size) == (other.kind, other.digest, other.size)


def _same_but_time(one: Entry | None, other: Entry | None) -> bool:
    if one is None or other is None:
        return one is other
    return replace(one, mtime_ns=0) == replace(other, mtime_ns=0)


def _state(entry: Entry, content: bytes) -> FileState:
    xattrs = tuple((name, bytes.fromhex(value)) for name, value in entry.xattrs)
    return FileState(entry.kind, content, entry.mode, entry.owner, entry.group, entry.mtime_ns, xattrs)


def _settle_accounts(machine: Machine, traces: Traces) -> list[str]:
    """Removes the accounts that came with the run, where their files were changed since and are not put back whole."""
    notes: list[str] = []
    users = set(traces.after.users) - set(traces.before.users)
    groups = set(traces.after.groups) - set(traces.before.groups)
    try:
        for user in sorted(users):
            machine.remove_user(user)
        for group in sorted(groups):
            machine.remove_group(group)
    except Trouble as trouble:
        notes.append(trouble.problem.what)
    return notes


def _settle_folders(machine: Machine, traces: Traces) -> None:
    """Puts back rights of folders, innermost first, and times where the names in them are the same as before."""
    before = traces.before
    inside: dict[PurePosixPath, set[str]] = {}
    for path in before.entries:
        inside.setdefault(path.parent, set()).add(path.name)
    folders = {path: entry for path, entry in before.entries.items() if entry.kind is Kind.DIRECTORY}
    for path, entry in sorted({**before.folders, **folders}.items(), key=lambda item: len(item[0].parts), reverse=True):
        found = _folder_entry(machine, path)
        if found is None or found == entry or path in traces.theirs:
            continue
        names = set(before.names.get(path, inside.get(path, ())))
        if set(machine.names_in(path)) - _left_alone_in(path) == names - _left_alone_in(path):
            machine.set_metadata(path, _state(entry, b""))
        elif not _same_but_time(found, entry):
            machine.set_metadata(path, replace(_state(entry, b""), mtime_ns=None))


def _left_alone_in(folder: PurePosixPath) -> set[str]:
    return {path.name for path in LEFT_ALONE if path.parent == folder}


def snapshot_of_run(look: Look, run_id: str, name: str) -> Snapshot | None:
    """The `before` or `after` snapshot of a run, or None when it was not taken."""
    content = kept(look, run_id, name)
    return read_snapshot(content) if content is not None else None
