"""Files that exist only in memory, alone or laid over those of another machine, which are never written to."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.account_files import read_groups, read_users
from wizard.machine.machine import Entry, FileState, GroupState, Kind, Look, Manifest, UserState
from wizard.machine.safe_way import (
    Way,
    is_loose,
    is_planted,
    no_folder,
    not_empty,
    not_ours,
    not_written,
    refuses_link,
    refuses_write,
    unusable_path,
)
from wizard.problem import NoRights, Trouble
from wizard.words import _

ROOT: Final = PurePosixPath("/")
PASSWD: Final = PurePosixPath("/etc/passwd")
GROUP: Final = PurePosixPath("/etc/group")
BEGINNING: Final = 1_700_000_000 * 10**9  # the mtime of what was there from the start
FAR_FUTURE: Final = 4_000_000_000 * 10**9
MOST_LINKS: Final = 40


class PretendFiles:
    """Behaves as the file system of a machine whose root we are."""

    def __init__(self, below: Look | None = None) -> None:
        self.below = below
        self.over: dict[PurePosixPath, FileState | None] = {}
        self._names: dict[PurePosixPath, set[str]] = {}
        self._real: dict[PurePosixPath, PurePosixPath | None] = {}
        # What is pretended over a real machine is younger than anything on it, as a write would be: an index is stale
        # when its source is younger, so the order of times matters and their values do not.
        self._clock = BEGINNING if below is None else FAR_FUTURE
        if below is None:
            self.over[ROOT] = FileState(Kind.DIRECTORY, mode=0o755, mtime_ns=BEGINNING)

    def copy_files(self) -> "PretendFiles":
        """The same files, free to change."""
        other = PretendFiles(self.below)
        other.over = dict(self.over)
        other._names = {path: set(names) for path, names in self._names.items()}
        other._clock = self._clock
        return other

    def now(self) -> int:
        """A second later than any change before."""
        self._clock += 10**9
        return self._clock

    # Reading

    def at(self, real: PurePosixPath) -> FileState | None:
        """What lies at a path that has no link on its way."""
        if real in self.over:
            return self.over[real]
        try:
            return self.below.file(real) if self.below is not None else None
        except NoRights:  # who pretends without root sees what is root's alone as an empty file that nobody may read
            return FileState(mode=0) if self._names_below(real.parent) else None

    def _names_below(self, real: PurePosixPath) -> tuple[str, ...]:
        """The names in a folder of the machine below; none in a folder that is root's alone."""
        with suppress(NoRights):
            return self.below.names_in(real) if self.below is not None else ()
        return ()

    def _folder(self, path: PurePosixPath, links: int = 0) -> PurePosixPath | None:
        """The real path of a folder, or None when there is none."""
        if path == ROOT:
            return ROOT
        if path not in self._real:
            self._real[path] = self._find_folder(path, links)
        return self._real[path]

    def _find_folder(self, path: PurePosixPath, links: int) -> PurePosixPath | None:
        parent = self._folder(path.parent, links)
        if parent is None or links > MOST_LINKS:
            return None
        if path.name == "..":
            return parent.parent
        here = parent / path.name
        state = self.at(here)
        if state is not None and state.kind is Kind.LINK:
            return self._folder(here.parent / _target(state), links + 1)
        return here if state is not None and state.kind is Kind.DIRECTORY else None

    def _place(self, path: PurePosixPath) -> PurePosixPath | None:
        if problem := unusable_path(path):
            raise Trouble(problem)
        folder = self._folder(path.parent)
        return None if folder is None else folder / path.name if path != ROOT else ROOT

    def file(self, path: PurePosixPath) -> FileState | None:
        """What lies at this path (a link is not followed); None when nothing does, or a parent is missing."""
        place = self._place(path)
        return self.at(place) if place is not None else None

    def real_path(self, path: PurePosixPath) -> PurePosixPath:
        """The path behind any symbolic links; a missing last part is taken as it stands."""
        if problem := unusable_path(path):
            raise Trouble(problem)
        for _times in range(MOST_LINKS):
            way = self._way_to(path.parent)
            if way.planted is not None:
                raise Trouble(is_planted(way.planted))
            folder = self._folder(path if path.name == ".." else path.parent)
            if folder is None or path == ROOT:
                return path
            if path.name == "..":
                return folder
            real = folder / path.name
            state = self.at(real)
            if state is None or state.kind is not Kind.LINK:
                return real
            if state.owner != 0 or way.strangers or way.loose:
                raise Trouble(is_planted(real))
            path = real.parent / _target(state)
        raise Trouble(_("{path}: links lead round in a circle.").format(path=path))

    def _way_to(self, folder: PurePosixPath) -> Way:
        """Who could change the way to this folder; links on it are followed."""
        strangers: set[int] = set()
        loose = planted = None
        todo, here, links = list(folder.parts[1:]), ROOT, 0
        while todo:
            name = todo.pop(0)
            if name == "..":
                here = here.parent
                continue
            state = self.at(here / name)
            if state is None:
                break
            if state.kind is Kind.LINK:
                links += 1
                if links > MOST_LINKS:
                    break
                if planted is None and (state.owner != 0 or strangers or loose):
                    planted = here / name
                target = _target(state)
                here = ROOT if target.is_absolute() else here
                todo[:0] = target.parts[1:] if target.is_absolute() else target.parts
                continue
            here = here / name
            if state.owner != 0:
                strangers.add(int(state.owner))
            if loose is None and is_loose(state.mode, int(state.group)):
                loose = here
        return Way(frozenset(strangers), loose, planted)

    def tail(self, path: PurePosixPath, size: int) -> tuple[int, bytes] | None:
        """Where the last `size` bytes of a regular file begin, and these bytes; None when no such file lies there."""
        place = self._place(path)
        if place is not None and place not in self.over and self.below is not None:
            return self.below.tail(place, size)
        state = self.at(place) if place is not None else None
        if state is None or state.kind is not Kind.FILE:
            return None
        begins = max(len(state.content) - size, 0)
        return begins, state.content[begins:]

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        """The sorted names in a folder; empty when it is not there."""
        real = self._folder(folder)
        if real is None:
            return ()
        names = set(self._names_below(real))
        for name in self._names.get(real, ()):
            if self.over[real / name] is None:
                names.discard(name)
            else:
                names.add(name)
        return tuple(sorted(names))

    def manifest(self, roots: Iterable[PurePosixPath]) -> Manifest:
        """Every path at and below these roots, with digests; a root that is missing adds nothing."""
        entries: dict[PurePosixPath, Entry] = {}
        for root in roots:
            place = self._place(root)
            if place is None or self.at(place) is None:
                continue
            found: dict[PurePosixPath, Entry] = {}
            with suppress(NoRights):
                found = dict(self.below.manifest((place,))) if self.below is not None else {}
            for path, state in self.over.items():
                if path == place or place in path.parents:
                    if state is None:
                        found.pop(path, None)
                    else:
                        found[path] = entry_of(state)
            entries.update((root / path.relative_to(place), found[path]) for path in sorted(found))
        return entries

    def _text(self, path: PurePosixPath) -> str:
        state = self.file(path)
        return state.content.decode("utf-8", "replace") if state is not None else ""

    def user(self, name: str) -> UserState | None:
        """The user of that name, or None."""
        return next((user for user in self.users() if user.name == name), None)

    def users(self) -> tuple[UserState, ...]:
        """All local users, in the order of passwd(5)."""
        return read_users(self._text(PASSWD), read_groups(self._text(GROUP)))

    def group(self, name: str) -> GroupState | None:
        """The group of that name, or None."""
        return next((group for group in read_groups(self._text(GROUP)) if group.name == name), None)

    # Changing

    def put(self, path: PurePosixPath, state: FileState | None) -> None:
        """Lays a state, or its absence, over a path; the folder's own mtime moves as it would."""
        self.over[path] = state
        if path != ROOT:
            self._names.setdefault(path.parent, set()).add(path.name)
            folder = self.at(path.parent)
            if folder is not None:
                self.over[path.parent] = replace(folder, mtime_ns=self.now())
                self._names.setdefault(path.parent.parent, set()).add(path.parent.name)
        self._real.clear()

    def lay(self, path: PurePosixPath, state: FileState) -> None:
        """Writes without asking about the way, with the folders above it; for what packages and fixtures bring."""
        if path != ROOT and self._folder(path.parent) is None:
            self.lay(path.parent, FileState(Kind.DIRECTORY, mode=0o755, mtime_ns=BEGINNING))
        place = self._place(path)
        if place is not None:
            self.put(place, self._finished(state))

    def settle_times(self, times: Mapping[PurePosixPath, int]) -> None:
        """Gives all that is there these times of change, or that of the beginning; what comes later is younger."""
        for path, state in self.over.items():
            if state is not None:
                self.over[path] = replace(state, mtime_ns=times.get(path, BEGINNING))
        self._clock = max((BEGINNING, *times.values()))

    def _finished(self, state: FileState) -> FileState:
        return replace(
            state,
            content=b"" if state.kind is Kind.DIRECTORY else state.content,
            mode=0o777 if state.kind is Kind.LINK else state.mode,
            owner=self._number(state.owner, self.user),
            group=self._number(state.group, self.group),
            mtime_ns=self.now() if state.mtime_ns is None else state.mtime_ns,
            xattrs=tuple(sorted(state.xattrs)),
        )

    def _number(self, account: int | str, known: object) -> int:
        if isinstance(account, int):
            return account
        found = known(account) if callable(known) else None
        if isinstance(found, UserState):
            return found.uid
        if isinstance(found, GroupState):
            return found.gid
        raise Trouble(_("There is no user or group named {name} on this machine.").format(name=account))

    def _writable(self, path: PurePosixPath, owner: int) -> PurePosixPath:
        place = self._place(path)
        if place is None:
            raise Trouble(no_folder(path))
        if problem := refuses_write(self._way_to(path.parent), path, owner):
            raise Trouble(problem)
        return place

    def do_write(self, path: PurePosixPath, state: FileState) -> None:
        """Makes the path be exactly this state."""
        if state.kind is Kind.OTHER:
            raise Trouble(not_written(path))
        finished = self._finished(state)
        place = self._writable(path, int(finished.owner))
        standing = self.at(place)
        if standing is not None and standing.kind is Kind.OTHER:
            raise Trouble(not_written(path))
        if standing is not None and standing.kind is Kind.DIRECTORY:
            if state.kind is Kind.DIRECTORY:
                self.do_describe(path, state)
                return
            if self.names_in(place):
                raise Trouble(not_empty(path))
        self.put(place, finished)

    def do_describe(self, path: PurePosixPath, state: FileState) -> None:
        """Gives a path mode, owner, extended attributes and mtime of this state."""
        finished = self._finished(state)
        place = self._writable(path, int(finished.owner))
        standing = self.at(place)
        if standing is None:
            raise Trouble(_("{path} is not there.").format(path=path))
        self.over[place] = replace(
            finished,
            kind=standing.kind,
            content=standing.content,
            mode=0o777 if standing.kind is Kind.LINK else state.mode,
            mtime_ns=standing.mtime_ns if state.mtime_ns is None else state.mtime_ns,
        )
        if place != ROOT:
            self._names.setdefault(place.parent, set()).add(place.name)

    def do_remove(self, path: PurePosixPath) -> None:
        """Removes a file, link, or empty folder."""
        place = self._place(path)
        if place is None or self.at(place) is None:
            return
        if problem := refuses_link(self._way_to(path.parent), path):
            raise Trouble(problem)
        if self.names_in(place):
            raise Trouble(not_empty(path))
        self.put(place, None)

    def do_append(self, path: PurePosixPath, line: str) -> None:
        """Adds a line to a file of root's."""
        if "\n" in line:
            raise ValueError("a line has no end of line in it")
        place = self._writable(path, 0)
        standing = self.at(place)
        if standing is not None and (standing.kind is not Kind.FILE or standing.owner != 0):
            raise Trouble(not_ours(path))
        before = standing.content if standing is not None else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        state = replace(
            standing or FileState(mode=0o600),
            content=before + line.encode("utf-8", "surrogateescape") + b"\n",
            mtime_ns=self.now(),
        )
        if standing is None:
            self.put(place, state)
        else:
            self.over[place] = state
            self._names.setdefault(place.parent, set()).add(place.name)


def _target(link: FileState) -> PurePosixPath:
    return PurePosixPath(link.content.decode("utf-8", "surrogateescape"))


def entry_of(state: FileState) -> Entry:
    """The line of a manifest for a state."""
    has_content = state.kind in {Kind.FILE, Kind.LINK}
    return Entry(
        state.kind,
        state.mode,
        int(state.owner),
        int(state.group),
        len(state.content) if has_content else 0,
        state.mtime_ns or 0,
        hashlib.sha256(state.content).hexdigest() if has_content else "",
        tuple((name, value.hex()) for name, value in state.xattrs),
    )
