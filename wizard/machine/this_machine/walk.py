"""The way to a path below the root, by descriptors, one name at a time, so that nobody can redirect it meanwhile."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from wizard.machine.safe_way import SAFE, Way, is_loose, refuses_link, refuses_write, unusable_path
from wizard.problem import Trouble

if TYPE_CHECKING:
    from ctypes import CDLL

MOST_LINKS: Final = 40  # path_resolution(7)


@dataclass(frozen=True)
class Folder:
    """An open folder on the way to a path: its descriptor, its real path, and how safe the way was."""

    fd: int
    path: PurePosixPath
    way: Way = SAFE


def checked(path: PurePosixPath) -> PurePosixPath:
    """The path itself; raises Trouble when it is relative, climbs with `..`, or cannot be a path at all."""
    if problem := unusable_path(path):
        raise Trouble(problem)
    return path


@contextmanager
def way_to(root: Path, path: PurePosixPath) -> Iterator[Folder | None]:
    """The folder at this path below the root, links and `..` followed as under chroot(2); None when there is none."""
    with ExitStack() as close:
        folders = [_opened(close, str(root), None, PurePosixPath("/"))]
        todo = list(path.parts[1:])
        links = 0
        strangers: set[int] = set()
        loose: PurePosixPath | None = None
        planted: PurePosixPath | None = None
        while todo:
            name = todo.pop(0)
            here = folders[-1]
            if name == "..":
                folders = folders[:-1] or folders
                continue
            found = _lstat(name, here.fd)
            if found is None:
                yield None
                return
            if stat.S_ISLNK(found.st_mode):
                links += 1
                if links > MOST_LINKS:
                    yield None
                    return
                if planted is None and (not is_trusted(found.st_uid) or strangers or loose):
                    planted = here.path / name
                target = PurePosixPath(os.readlink(name, dir_fd=here.fd))
                if target.is_absolute():
                    folders, target = folders[:1], target.relative_to("/")
                todo[:0] = target.parts
                continue
            if not stat.S_ISDIR(found.st_mode):
                yield None
                return
            folder = _opened(close, name, here.fd, here.path / name)
            found = os.fstat(folder.fd)
            if not is_trusted(found.st_uid):
                strangers.add(found.st_uid)
            if loose is None and is_loose(found.st_mode, 0 if found.st_gid == os.getegid() else found.st_gid):
                loose = folder.path
            folders.append(folder)
        yield Folder(folders[-1].fd, folders[-1].path, Way(frozenset(strangers), loose, planted))


def _lstat(name: str, fd: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=fd, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _opened(close: ExitStack, name: str, fd: int | None, path: PurePosixPath) -> Folder:
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if fd is not None else 0)
    opened = os.open(name, flags, dir_fd=fd)
    close.callback(os.close, opened)
    return Folder(opened, path)


def is_trusted(uid: int) -> bool:
    """Whether what this user makes is as good as made by root, or by ourselves."""
    return uid in {0, os.geteuid()}


def refuse_planted(folder: Folder, path: PurePosixPath) -> None:
    """Raises Trouble where somebody other than root could have made a link on the way, whatever is done at its end."""
    if os.geteuid() == 0 and (problem := refuses_link(folder.way, path)):
        raise Trouble(problem)


def rights_needed(folder: Folder, path: PurePosixPath, owner: int) -> int | None:
    """The user whose rights a write of root's must have; None for root's own. Raises Trouble for an unsafe way."""
    if os.geteuid() != 0:
        return None
    if problem := refuses_write(folder.way, path, owner):
        raise Trouble(problem)
    return owner if folder.way.strangers else None


@contextmanager
def rights_of(uid: int | None, gid: int) -> Iterator[None]:
    """File access inside has the rights of that user; None changes nothing.

    setfsuid(2) holds for this thread alone, unlike seteuid(2), and takes root's capabilities over files away with it.
    """
    if uid is None:
        yield
        return
    from ctypes import c_uint

    libc = _libc()
    group_before = libc.setfsgid(c_uint(gid))
    user_before = libc.setfsuid(c_uint(uid))
    try:
        if libc.setfsuid(c_uint(2**32 - 1)) != uid:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        yield
    finally:
        libc.setfsuid(c_uint(user_before))
        libc.setfsgid(c_uint(group_before))


@cache
def _libc() -> "CDLL":
    from ctypes import CDLL

    return CDLL(None, use_errno=True)
