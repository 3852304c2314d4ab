"""The way to a path below the root, by descriptors, one name at a time, so that nobody can redirect it meanwhile."""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from wizard.problem import Trouble
from wizard.words import _

MOST_LINKS: Final = 40  # path_resolution(7)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Folder:
    """An open folder on the way to a path: its descriptor, its real path, and who else could change the way to it.

    `strangers` own a folder on the way and are not root; `loose` is the first folder that others may write to and that
    has no sticky bit; `planted` is the first link that could have been made by a stranger.
    """

    fd: int
    path: PurePosixPath
    strangers: frozenset[int] = frozenset()
    loose: PurePosixPath | None = None
    planted: PurePosixPath | None = None


def checked(path: PurePosixPath) -> PurePosixPath:
    """The path itself; raises Trouble when it is relative, climbs with `..`, or cannot be a path at all."""
    if not path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise Trouble(_("{path!r} is not an absolute path.").format(path=str(path)))
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
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
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
            if is_loose(found) and loose is None:
                loose = folder.path
            folders.append(folder)
        yield Folder(folders[-1].fd, folders[-1].path, frozenset(strangers), loose, planted)


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


def is_loose(found: os.stat_result) -> bool:
    """Whether others may rename and remove what lies in the folder: writable, and no sticky bit."""
    writable = found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid not in {0, os.getegid()})
    return bool(writable) and not found.st_mode & stat.S_ISVTX


def refuse_planted(folder: Folder, path: PurePosixPath) -> None:
    """Raises Trouble where somebody other than root could have made a link on the way, whatever is done at its end."""
    if folder.planted is not None:
        raise Trouble(
            _("{path} is reached through {link}, a link that somebody other than root could have made.").format(
                path=path, link=folder.planted
            ),
            _("Replace the link, or make it and its folder belong to root."),
        )


def rights_needed(folder: Folder, path: PurePosixPath, owner: int) -> int | None:
    """The user whose rights a write of root's must have; None for root's own. Raises Trouble for an unsafe way.

    A folder that a user owns may at any moment hold a link or a hard link that the user made, so nothing of root's is
    written there; what belongs to that very user is written with that user's rights.
    """
    if os.geteuid() != 0:
        return None
    refuse_planted(folder, path)
    if folder.strangers == {owner}:
        return owner
    if folder.strangers:
        raise Trouble(
            _(
                "{path} lies in a folder that belongs to another user (number {uid}), so root does not write there."
            ).format(path=path, uid=min(folder.strangers)),
            _("Look who owns each folder on the way: `namei -l {path}`.").format(path=path),
        )
    if folder.loose is not None:
        raise Trouble(
            _("{path} lies in {folder}, where other users may write, so root does not write there.").format(
                path=path, folder=folder.loose
            ),
            _("Take the right away: `chmod go-w {folder}`.").format(folder=folder.loose),
        )
    return None


@contextmanager
def rights_of(uid: int | None, gid: int) -> Iterator[None]:
    """File access inside has the rights of that user; None changes nothing.

    setfsuid(2) holds for this thread alone, unlike seteuid(2), and takes root's capabilities over files away with it.
    """
    if uid is None:
        yield
        return
    group_before = _libc.setfsgid(ctypes.c_uint(gid))
    user_before = _libc.setfsuid(ctypes.c_uint(uid))
    try:
        if _libc.setfsuid(ctypes.c_uint(2**32 - 1)) != uid:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        yield
    finally:
        _libc.setfsuid(ctypes.c_uint(user_before))
        _libc.setfsgid(ctypes.c_uint(group_before))
