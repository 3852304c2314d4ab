"""Reading files of this machine: their states, their ends, folders and manifests."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from wizard.machine.account_files import read_groups, read_users
from wizard.machine.machine import Entry, FileState, GroupState, Kind, Manifest, UserState
from wizard.machine.safe_way import is_planted
from wizard.machine.this_machine.refusal import said_of
from wizard.machine.this_machine.walk import MOST_LINKS, Folder, checked, is_trusted, way_to
from wizard.problem import Trouble
from wizard.words import _

PASSWD = PurePosixPath("/etc/passwd")
GROUP = PurePosixPath("/etc/group")
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def kind_of(mode: int) -> Kind:
    """The kind that st_mode tells (inode(7))."""
    if stat.S_ISREG(mode):
        return Kind.FILE
    if stat.S_ISDIR(mode):
        return Kind.DIRECTORY
    return Kind.LINK if stat.S_ISLNK(mode) else Kind.OTHER


def xattrs_of(place: int | str) -> tuple[tuple[str, bytes], ...]:
    """The extended attributes of an open file, or of what lies at a path; none where there are none to be had."""
    follow = {} if isinstance(place, int) else {"follow_symlinks": False}
    try:
        names = sorted(os.listxattr(place, **follow))
        return tuple((name, os.getxattr(place, name, **follow)) for name in names)
    except OSError:
        return ()


class Reading:
    """The files below a root; with another root than `/`, and without being root, our own user stands for root."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root.absolute()
        self._is_whole = self._root == Path("/")
        self._plays_root = not self._is_whole and os.geteuid() != 0

    def is_root(self) -> bool:
        """Whether changes can be made at all."""
        return self._plays_root or os.geteuid() == 0

    def _uid_shown(self, uid: int) -> int:
        return 0 if self._plays_root and uid == os.geteuid() else uid

    def _gid_shown(self, gid: int) -> int:
        return 0 if self._plays_root and gid in {os.getegid(), *os.getgroups()} else gid

    @contextmanager
    def _parent(self, path: PurePosixPath) -> Iterator[tuple[Folder | None, str]]:
        with said_of(path), way_to(self._root, checked(path).parent) as folder:
            yield folder, path.name or "."

    def file(self, path: PurePosixPath) -> FileState | None:
        """What lies at this path (a link is not followed); None when nothing does, or a parent is missing."""
        with self._parent(path) as (folder, name):
            return None if folder is None else self._state(folder.fd, name)

    def _state(self, fd: int, name: str) -> FileState | None:
        try:
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            match kind_of(found.st_mode):
                case Kind.FILE | Kind.DIRECTORY as kind:
                    # What is told of a folder does not take the right to list it.
                    opened = os.open(name, READ if kind is Kind.FILE else READ | os.O_PATH, dir_fd=fd)
                    try:
                        found = os.fstat(opened)
                        if kind_of(found.st_mode) is not kind:
                            return self._state(fd, name)
                        content = _all_of(opened) if kind is Kind.FILE else b""
                        xattrs = xattrs_of(opened if kind is Kind.FILE else f"/proc/self/fd/{opened}/.")
                    finally:
                        os.close(opened)
                case Kind.LINK as kind:
                    content = os.fsencode(os.readlink(name, dir_fd=fd))
                    xattrs = xattrs_of(f"/proc/self/fd/{fd}/{name}")
                case kind:
                    content, xattrs = b"", ()
        except FileNotFoundError:
            return None
        owner, group = self._uid_shown(found.st_uid), self._gid_shown(found.st_gid)
        return FileState(kind, content, stat.S_IMODE(found.st_mode), owner, group, found.st_mtime_ns, xattrs)

    def real_path(self, path: PurePosixPath) -> PurePosixPath:
        """The path behind any symbolic links; a missing last part is taken as it stands."""
        checked(path)
        for _times in range(MOST_LINKS):
            climbs = path.name in {"", ".."}
            with said_of(path), way_to(self._root, path if climbs else path.parent) as folder:
                if folder is None:
                    return path
                if folder.way.planted is not None:
                    raise Trouble(is_planted(folder.way.planted))
                if climbs:
                    return folder.path
                real = folder.path / path.name
                try:
                    found = os.stat(path.name, dir_fd=folder.fd, follow_symlinks=False)
                except FileNotFoundError:
                    return real
                if not stat.S_ISLNK(found.st_mode):
                    return real
                if not is_trusted(found.st_uid) or folder.way.strangers or folder.way.loose:
                    raise Trouble(is_planted(real))
                path = folder.path / os.readlink(path.name, dir_fd=folder.fd)
        raise Trouble(_("{path}: links lead round in a circle.").format(path=path))

    def tail(self, path: PurePosixPath, size: int) -> tuple[int, bytes] | None:
        """Where the last `size` bytes of a regular file begin, and these bytes; None when no such file lies there."""
        with self._parent(path) as (folder, name):
            if folder is None:
                return None
            try:
                if not stat.S_ISREG(os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode):
                    return None
                opened = os.open(name, READ, dir_fd=folder.fd)
            except FileNotFoundError:
                return None
            with os.fdopen(opened, "rb") as stream:
                begins = max(os.fstat(opened).st_size - size, 0)
                stream.seek(begins)
                return begins, stream.read(size)

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        """The sorted names in a folder; empty when it is not there."""
        with said_of(folder), way_to(self._root, checked(folder)) as opened:
            if opened is None:
                return ()
            listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=opened.fd)
            try:
                return tuple(sorted(os.listdir(listed)))
            finally:
                os.close(listed)

    def free_space(self, path: PurePosixPath) -> int | None:
        """Bytes that an unprivileged program may still write below this path; None when it cannot be told."""
        for place in (path, *path.parents):
            with suppress(OSError, Trouble), way_to(self._root, place) as folder:
                if folder is not None:
                    space = os.fstatvfs(folder.fd)
                    return space.f_bavail * space.f_frsize
        return None

    def manifest(self, roots: Iterable[PurePosixPath]) -> Manifest:
        """Every path at and below these roots, with digests; what is mounted below a root is not entered."""
        entries: dict[PurePosixPath, Entry] = {}
        for root in roots:
            with self._parent(root) as (folder, name):
                if folder is not None:
                    self._note(entries, folder.fd, name, root, None)
        return entries

    def _note(
        self, entries: dict[PurePosixPath, Entry], fd: int, name: str, path: PurePosixPath, device: int | None
    ) -> None:
        try:
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            kind = kind_of(found.st_mode)
            opened = os.open(name, READ, dir_fd=fd) if kind in {Kind.FILE, Kind.DIRECTORY} else -1
        except FileNotFoundError:
            return
        except PermissionError:
            opened = -1
        digest, size = "", 0
        try:
            if kind is Kind.FILE:
                digest, size = (_digest_of(opened), found.st_size) if opened >= 0 else ("unreadable", found.st_size)
            elif kind is Kind.LINK:
                target = os.fsencode(os.readlink(name, dir_fd=fd))
                digest, size = hashlib.sha256(target).hexdigest(), len(target)
            xattrs = xattrs_of(opened if opened >= 0 else f"/proc/self/fd/{fd}/{name}")
            entries[path] = Entry(
                kind,
                stat.S_IMODE(found.st_mode),
                self._uid_shown(found.st_uid),
                self._gid_shown(found.st_gid),
                size,
                found.st_mtime_ns,
                digest,
                tuple((key, value.hex()) for key, value in xattrs),
            )
            if kind is Kind.DIRECTORY and opened >= 0 and device in {None, found.st_dev}:
                for below in sorted(os.listdir(opened)):
                    self._note(entries, opened, below, path / below, found.st_dev)
        except FileNotFoundError:
            return
        finally:
            if opened >= 0:
                os.close(opened)

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


def _all_of(fd: int) -> bytes:
    with os.fdopen(os.dup(fd), "rb") as stream:
        return stream.read()


def _digest_of(fd: int) -> str:
    with os.fdopen(os.dup(fd), "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
