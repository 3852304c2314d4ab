"""Writing files of this machine so that a crash leaves the old or the new, and nobody can lead the write astray."""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind
from wizard.machine.meanwhile import meanwhile
from wizard.machine.safe_way import no_folder, not_ours, not_written
from wizard.machine.this_machine.reading import READ, Reading, kind_of, xattrs_of
from wizard.machine.this_machine.refusal import said_of
from wizard.machine.this_machine.walk import Folder, checked, refuse_planted, rights_needed, rights_of, way_to
from wizard.problem import Trouble
from wizard.words import _

BESIDE: Final = ".postwizard-"
# How many files are open at once while they are written together, and how many of them wait for the disk at a time.
OPEN_AT_ONCE: Final = 64
SYNCED_AT_ONCE: Final = 8
# Set by the kernel or the policy when a file is made; a state that does not mention it means "as the policy says".
SET_BY_POLICY: Final = frozenset({"security.selinux", "security.ima", "security.evm"})


class Writing(Reading):
    """Changes of files below the root."""

    def write_file(self, path: PurePosixPath, state: FileState) -> None:
        """Makes the path be exactly this state: beside, synced, renamed; a folder's own entry when state is one."""
        if state.kind is Kind.OTHER:
            raise Trouble(not_written(path))
        with self._place(path, state) as (folder, owner, group):
            standing = _kind_at(folder.fd, path.name)
            if standing is Kind.OTHER:
                raise Trouble(not_written(path))
            if standing is Kind.DIRECTORY and state.kind is Kind.DIRECTORY:
                self._describe(folder.fd, path.name, state, owner, group)
                return
            _sweep(folder.fd)
            temporary = f"{BESIDE}{os.getpid()}-{os.urandom(8).hex()}"
            try:
                match state.kind:
                    case Kind.FILE:
                        with _begun_file(folder.fd, temporary, state, owner, group) as begun:
                            os.fsync(begun.fd)
                            begun.give_name()
                    case Kind.DIRECTORY:
                        os.mkdir(temporary, 0o700, dir_fd=folder.fd)
                        self._describe(folder.fd, temporary, state, owner, group)
                    case _:
                        os.symlink(os.fsdecode(state.content), temporary, dir_fd=folder.fd)
                        self._describe(folder.fd, temporary, state, owner, group)
                if standing is Kind.DIRECTORY:
                    os.rmdir(path.name, dir_fd=folder.fd)
                elif standing is not None and state.kind is Kind.DIRECTORY:
                    os.unlink(path.name, dir_fd=folder.fd)
                os.rename(temporary, path.name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
            except BaseException:
                _discard(folder.fd, temporary)
                raise
            _sync_folder(folder.fd)

    def write_own_files(self, folder: PurePosixPath, contents: Mapping[str, bytes]) -> None:
        """Writes files of our own, mode 0600, by their names in a folder; all are on the disk when it returns."""
        names = iter(contents)
        while some := tuple(islice(names, OPEN_AT_ONCE)):
            self._write_together(folder, {name: contents[name] for name in some})

    def _write_together(self, folder: PurePosixPath, contents: Mapping[str, bytes]) -> None:
        """A name is given to a file only when all of them are on the disk."""
        states = {name: FileState(content=content, mode=0o600) for name, content in contents.items()}
        beginning = f"{BESIDE}{os.getpid()}-{os.urandom(8).hex()}-"
        with self._place(folder / next(iter(states)), FileState()) as (place, owner, group), ExitStack() as until_end:
            _sweep(place.fd)
            begun: dict[str, _Begun] = {}
            for number, (name, state) in enumerate(states.items()):
                begun[name] = until_end.enter_context(
                    _begun_file(place.fd, f"{beginning}{number}", state, owner, group)
                )
            _sync_together([file.fd for file in begun.values()])
            for name, file in begun.items():
                file.give_name()
                os.rename(file.temporary, name, src_dir_fd=place.fd, dst_dir_fd=place.fd)
            _sync_folder(place.fd)

    def set_metadata(self, path: PurePosixPath, state: FileState) -> None:
        """Gives a path mode, owner, extended attributes and mtime of this state; content and kind stay."""
        with self._place(path, state) as (folder, owner, group):
            if _kind_at(folder.fd, path.name or ".") is None:
                raise Trouble(_("{path} is not there.").format(path=path))
            self._describe(folder.fd, path.name or ".", state, owner, group)

    def remove(self, path: PurePosixPath) -> None:
        """Removes a file, link, or empty folder; does nothing when it is not there."""
        with self._parent(path) as (folder, name):
            kind = _kind_at(folder.fd, name) if folder is not None else None
            if folder is None or kind is None:
                return
            refuse_planted(folder, path)
            with suppress(FileNotFoundError):
                if kind is Kind.DIRECTORY:
                    os.rmdir(name, dir_fd=folder.fd)
                else:
                    os.unlink(name, dir_fd=folder.fd)
            _sync_folder(folder.fd)

    def append_line(self, path: PurePosixPath, line: str) -> None:
        """Adds a line to a file of our own and does not return before it is on the disk; creates it with mode 0600."""
        if "\n" in line:
            raise ValueError("a line has no end of line in it")
        with self._place(path, FileState(owner=0, group=0)) as (folder, _owner, _group):
            is_new = _kind_at(folder.fd, path.name) is None
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            opened = os.open(path.name, flags, 0o600, dir_fd=folder.fd)
            try:
                found = os.fstat(opened)
                if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or self._uid_shown(found.st_uid) != 0:
                    raise Trouble(not_ours(path))
                # A crash may have cut the last line short; the new one must not be joined to it.
                cut = found.st_size > 0 and os.pread(opened, 1, found.st_size - 1) != b"\n"
                try:
                    _write_all(opened, (b"\n" if cut else b"") + line.encode("utf-8", "surrogateescape") + b"\n")
                    os.fsync(opened)
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(opened, found.st_size)
                    raise
            finally:
                os.close(opened)
            if is_new:
                _sync_folder(folder.fd)

    @contextmanager
    def _place(self, path: PurePosixPath, state: FileState) -> Iterator[tuple[Folder, int, int]]:
        """The folder to write in, with the rights the write needs, and the numbers of owner and group."""
        owner, group = self._uid_of(state.owner), self._gid_of(state.group)
        with said_of(path), way_to(self._root, checked(path).parent) as folder:
            if folder is None:
                raise Trouble(no_folder(path))
            rights = rights_needed(folder, path, owner)
            with rights_of(rights, group):
                yield folder, owner, group

    def _uid_of(self, owner: int | str) -> int:
        if isinstance(owner, str):
            known = self.user(owner)
            if known is not None:
                owner = known.uid
            else:
                with _unknown_account(owner):
                    owner = pwd.getpwnam(owner).pw_uid if self._is_whole else _no_account()
        return os.geteuid() if self._plays_root and owner == 0 else owner

    def _gid_of(self, group: int | str) -> int:
        if isinstance(group, str):
            known = self.group(group)
            if known is not None:
                group = known.gid
            else:
                with _unknown_account(group):
                    group = grp.getgrnam(group).gr_gid if self._is_whole else _no_account()
        return os.getegid() if self._plays_root and group == 0 else group

    def _describe(self, fd: int, name: str, state: FileState, owner: int, group: int) -> None:
        kind = _kind_at(fd, name)
        if kind in {Kind.FILE, Kind.DIRECTORY}:
            opened = os.open(name, READ, dir_fd=fd)
            try:
                _describe_open(opened, state, owner, group)
                _set_times(lambda times: os.utime(opened, ns=times), state)
                os.fsync(opened)
            finally:
                os.close(opened)
            return
        found = os.stat(name, dir_fd=fd, follow_symlinks=False)
        if (found.st_uid, found.st_gid) != (owner, group):
            os.chown(name, owner, group, dir_fd=fd, follow_symlinks=False)
        _give_xattrs(f"/proc/self/fd/{fd}/{name}", state)
        _set_times(lambda times: os.utime(name, ns=times, dir_fd=fd, follow_symlinks=False), state)


@contextmanager
def _unknown_account(name: str) -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise Trouble(_("There is no user or group named {name} on this machine.").format(name=name)) from None


def _no_account() -> int:
    raise KeyError


def _kind_at(fd: int, name: str) -> Kind | None:
    try:
        return kind_of(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


class _Begun:
    """A complete file that is not on the disk yet; where that can be, it has no name at all until it is."""

    def __init__(self, folder: int, fd: int, temporary: str, *, named: bool) -> None:
        self.folder, self.fd, self.temporary, self.named = folder, fd, temporary, named

    def give_name(self) -> None:
        """Lets it be found under its temporary name."""
        if not self.named:
            os.link(f"/proc/self/fd/{self.fd}", self.temporary, dst_dir_fd=self.folder, follow_symlinks=True)
            self.named = True


@contextmanager
def _begun_file(folder: int, temporary: str, state: FileState, owner: int, group: int) -> Iterator[_Begun]:
    """The file, open for as long as this lasts; where that fails, it is gone."""
    named = False
    try:
        opened = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=folder)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
            raise
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        opened, named = os.open(temporary, flags, 0o600, dir_fd=folder), True
    try:
        # Owner and mode come first, so that a secret is never readable more widely; and once more after the content,
        # because writing takes set-user-ID bits and capabilities away (chown(2), capabilities(7)).
        _describe_open(opened, state, owner, group)
        _write_all(opened, state.content)
        _describe_open(opened, state, owner, group)
        _set_times(lambda times: os.utime(opened, ns=times), state)
        yield _Begun(folder, opened, temporary, named=named)
    except BaseException:
        _discard(folder, temporary)
        raise
    finally:
        os.close(opened)


def _sync_together(fds: list[int]) -> None:
    """Brings these files to the disk; what asks for it at the same time shares one commit of the file system's journal.

    One after the other, each would wait for a commit of its own.
    """
    shares = [fds[place::SYNCED_AT_ONCE] for place in range(min(SYNCED_AT_ONCE, len(fds)))]
    waits = [meanwhile(partial(_sync_each, share)) for share in shares]
    errors: list[OSError] = []
    for wait in waits:
        try:
            wait()
        except OSError as error:  # the others must have come to their end before a file is closed
            errors.append(error)
    if errors:
        raise errors[0]


def _sync_each(fds: Iterable[int]) -> None:
    for fd in fds:
        os.fsync(fd)


def _write_all(fd: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _describe_open(fd: int, state: FileState, owner: int, group: int) -> None:
    found = os.fstat(fd)
    if (found.st_uid, found.st_gid) != (owner, group):
        os.fchown(fd, owner, group)
    _give_xattrs(fd, state)
    if stat.S_IMODE(os.fstat(fd).st_mode) != state.mode:
        os.fchmod(fd, state.mode)


def _give_xattrs(place: int | str, state: FileState) -> None:
    follow = {} if isinstance(place, int) else {"follow_symlinks": False}
    standing, wanted = dict(xattrs_of(place)), dict(state.xattrs)
    for name in standing.keys() - wanted.keys() - SET_BY_POLICY:
        os.removexattr(place, name, **follow)
    for name, value in wanted.items():
        if standing.get(name) != value:
            os.setxattr(place, name, value, **follow)


def _set_times(utime: Callable[[tuple[int, int]], None], state: FileState) -> None:
    if state.mtime_ns is not None:
        utime((state.mtime_ns, state.mtime_ns))


def _sync_folder(fd: int) -> None:
    opened = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=fd)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sweep(fd: int) -> None:
    """Removes what a write that was killed left in the folder; the process number in the name tells whose it was."""
    opened = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=fd)
    try:
        left = [name for name in os.listdir(opened) if name.startswith(BESIDE)]
    finally:
        os.close(opened)
    for name in left:
        pid = name.removeprefix(BESIDE).partition("-")[0]
        if not pid.isdigit() or not os.path.exists(f"/proc/{pid}"):
            _discard(fd, name)


def _discard(fd: int, name: str) -> None:
    with suppress(OSError):
        if _kind_at(fd, name) is Kind.DIRECTORY:
            os.rmdir(name, dir_fd=fd)
        else:
            os.unlink(name, dir_fd=fd)
