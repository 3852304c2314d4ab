"""Snapshots: all that a plan's steps may touch as it was before, and putting it back to the byte after the inverses.

The inverses of the steps put back what was meant. Programs that the steps ran also leave traces: folder times, backup
files, caches, user records. Three looks tell whose they are: before, after our run, and now. What is now as our run
left it is ours and is put back; what changed since is somebody else's work and stays.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath

from wizard import places
from wizard.apply.left_alone import LEFT_ALONE, NOT_COPIED, is_below
from wizard.apply.runs import RunFolder, content_of, kept
from wizard.machine.machine import Entry, FileState, Kind, Look, Machine, Manifest
from wizard.problem import Trouble
from wizard.words import _

LARGEST_COPY = 16 * 1024 * 1024  # bytes; configuration is small, and a larger file is named in the notes instead


@dataclass(frozen=True)
class Snapshot:
    """Everything at and below `roots`, the folders above them with the names in each, and the local accounts."""

    roots: tuple[PurePosixPath, ...]
    entries: Manifest
    folders: Mapping[PurePosixPath, Entry] = field(default_factory=dict)
    names: Mapping[PurePosixPath, tuple[str, ...]] = field(default_factory=dict)
    users: tuple[str, ...] = ()

    def render(self) -> bytes:
        """The snapshot as JSON; contents are named by their digests only."""
        data = {
            "roots": [str(root) for root in self.roots],
            "entries": {str(path): _entry_data(entry) for path, entry in self.entries.items()},
            "folders": {str(path): _entry_data(entry) for path, entry in self.folders.items()},
            "names": {str(path): list(names) for path, names in self.names.items()},
            "users": list(self.users),
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
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(_("A snapshot cannot be read: {error}").format(error=error)) from error


def take_snapshot(look: Look, paths: Iterable[PurePosixPath]) -> Snapshot:
    """How these paths, all below them, and the folders above them are now."""
    roots = _outermost(paths)
    entries = {path: entry for path, entry in look.manifest(roots).items() if not is_below(path, LEFT_ALONE)}
    # The folder that holds our own state changes when that is made, so it is among them whatever the roots are.
    above = sorted({parent for root in (*roots, places.STATE) for parent in root.parents if len(parent.parts) > 1})
    folders = {path: entry for path in above if (entry := _folder_entry(look, path)) is not None}
    names = {path: look.names_in(path) for path in folders}
    return Snapshot(roots, entries, folders, names, tuple(user.name for user in look.users()))


def _outermost(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    every = sorted(set(paths), key=lambda path: (len(path.parts), path))
    kept_roots: list[PurePosixPath] = []
    for path in every:
        if not any(root == path or root in path.parents for root in kept_roots):
            kept_roots.append(path)
    return tuple(kept_roots)


def _folder_entry(look: Look, path: PurePosixPath) -> Entry | None:
    state = look.file(path)
    if state is None or state.kind is not Kind.DIRECTORY:
        return None
    return Entry(state.kind, state.mode, _number(state.owner), _number(state.group), 0, state.mtime_ns or 0)


def _number(account: int | str) -> int:
    return account if isinstance(account, int) else 0


def copy_contents(folder: RunFolder, snapshot: Snapshot) -> None:
    """Copies into the run what could not be made again: files and link targets, but not those NOT_COPIED."""
    for path, entry in snapshot.entries.items():
        if entry.kind not in {Kind.FILE, Kind.LINK} or entry.size > LARGEST_COPY or is_below(path, NOT_COPIED):
            continue
        state = folder.machine.file(path)
        if state is not None:
            folder.put(state.content)


def settle(machine: Machine, run_id: str, before: Snapshot, after: Snapshot | None) -> tuple[str, ...]:
    """Puts back what the inverses leave behind; says in sentences what had to stay. Safe to run again after a crash.

    `after` is None when the run never came to its end: then all that differs was done by the run.
    """
    now = take_snapshot(machine, before.roots)
    notes = _remove_what_came(machine, before, after, now)
    for path, wanted in before.entries.items():
        found = now.entries.get(path)
        if found == wanted or wanted.kind is Kind.OTHER:
            continue
        ours = after is None or _same_content(found, after.entries.get(path)) or found is None
        if found is not None and _same_content(found, wanted):
            if wanted.kind is not Kind.DIRECTORY:
                machine.set_metadata(path, _state(wanted, b""))
        elif not ours:
            notes.append(_("{path} was changed after the run and stays as it is.").format(path=path))
        elif wanted.kind is Kind.DIRECTORY:
            machine.write_file(path, _state(wanted, b""))
        elif is_below(path, NOT_COPIED) or wanted.size > LARGEST_COPY:
            if found is None or found.digest != wanted.digest:
                notes.append(_("{path} is not as it was before; its content is not kept.").format(path=path))
        else:
            machine.write_file(path, _state(wanted, content_of(machine, run_id, wanted.digest)))
    _settle_accounts(machine, before, after)
    _settle_folders(machine, before)
    return tuple(notes)


def _remove_what_came(machine: Machine, before: Snapshot, after: Snapshot | None, now: Snapshot) -> list[str]:
    """Removes paths that were not there before, but for those that somebody else made since; says which stay."""
    new = set(now.entries) - set(before.entries)
    staying: set[PurePosixPath] = set()
    notes: list[str] = []
    for path in sorted(new, key=lambda path: len(path.parts), reverse=True):
        # Below /var, what lies in a folder that came with the run is a daemon's state; mail was looked for earlier.
        state_of_a_daemon = path.parent in new and path.parts[1] == "var"
        ours = after is None or _same_content(now.entries[path], after.entries.get(path)) or state_of_a_daemon
        if ours and path not in staying:
            machine.remove(path)
        elif path not in staying:
            notes.append(_("{path} came after the run and stays.").format(path=path))
            staying.update(path.parents)
    return notes


def _same_content(one: Entry | None, other: Entry | None) -> bool:
    """Whether two entries are the same but for times; of a folder only the kind counts."""
    if one is None or other is None:
        return one is other
    if one.kind is Kind.DIRECTORY:
        return other.kind is Kind.DIRECTORY
    return (one.kind, one.digest, one.size) == (other.kind, other.digest, other.size)


def _state(entry: Entry, content: bytes) -> FileState:
    xattrs = tuple((name, bytes.fromhex(value)) for name, value in entry.xattrs)
    return FileState(entry.kind, content, entry.mode, entry.owner, entry.group, entry.mtime_ns, xattrs)


def _settle_accounts(machine: Machine, before: Snapshot, after: Snapshot | None) -> None:
    """Removes the users that came with the run, where passwd(5) was changed since and could not be put back whole."""
    made = set(after.users if after else ()) - set(before.users)
    for user in machine.users():
        if user.name in made:
            machine.remove_user(user.name)


def _settle_folders(machine: Machine, before: Snapshot) -> None:
    """Puts back the times of folders, innermost first, where the names in them are the same as before."""
    inside: dict[PurePosixPath, set[str]] = {}
    for path in before.entries:
        inside.setdefault(path.parent, set()).add(path.name)
    folders = {path: entry for path, entry in before.entries.items() if entry.kind is Kind.DIRECTORY}
    for path, entry in sorted({**before.folders, **folders}.items(), key=lambda item: len(item[0].parts), reverse=True):
        names = before.names.get(path) or tuple(sorted(inside.get(path, ())))
        if _folder_entry(machine, path) not in (None, replace(entry, size=0, xattrs=(), digest="")) and set(
            machine.names_in(path)
        ) - _left_alone_in(path) == set(names) - _left_alone_in(path):
            machine.set_metadata(path, _state(entry, b""))


def _left_alone_in(folder: PurePosixPath) -> set[str]:
    return {path.name for path in LEFT_ALONE if path.parent == folder}


def snapshot_of_run(look: Look, run_id: str, name: str) -> Snapshot | None:
    """The `before` or `after` snapshot of a run, or None when it was not taken."""
    content = kept(look, run_id, name)
    return read_snapshot(content) if content is not None else None
