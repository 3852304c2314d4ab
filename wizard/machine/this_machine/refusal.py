"""What the operating system refuses, said in words: OSError becomes Trouble here and nowhere else."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from wizard.machine.safe_way import not_empty
from wizard.problem import NoRights, Problem, Trouble
from wizard.words import _


@contextmanager
def said_of(path: PurePosixPath) -> Iterator[None]:
    """An OSError inside is raised as Trouble that names the path, and as NoRights where another user could."""
    try:
        yield
    except OSError as error:
        kind = NoRights if error.errno in {errno.EACCES, errno.EPERM} else Trouble
        raise kind(problem_with(path, error)) from error


def problem_with(path: PurePosixPath, error: OSError) -> Problem:
    """The sentence for an error at this path, and what to do about it (errno(3))."""
    match error.errno:
        case errno.ENOSPC:
            return Problem(
                _("{path}: the disk is full.").format(path=path),
                _("Make room (`df -h {folder}` and `df -i {folder}` show how much there is), then try again.").format(
                    folder=path.parent
                ),
            )
        case errno.EDQUOT:
            return Problem(
                _("{path}: the disk quota is used up.").format(path=path),
                _("Raise the quota, or remove files of the same owner, then try again."),
            )
        case errno.EFBIG:
            return Problem(
                _("{path}: the file would be larger than is allowed here.").format(path=path),
                _("See `ulimit -f`, and the limits of the file system."),
            )
        case errno.EROFS:
            return Problem(
                _("{path}: the file system is mounted read-only.").format(path=path),
                _(
                    "See `findmnt -T {folder}`; `mount -o remount,rw` makes it writable, unless the disk is damaged."
                ).format(folder=path.parent),
            )
        case errno.EIO:
            return Problem(
                _("{path}: the disk reports an error.").format(path=path),
                _("Look at `journalctl -k -p err`, and save what you can from this disk."),
            )
        case errno.EACCES | errno.EPERM:
            return Problem(
                _("{path}: permission denied.").format(path=path),
                _("The file may be immutable: see `lsattr {path}`.").format(path=path)
                if os.geteuid() == 0
                else _("Run this as root."),
            )
        case errno.ENOENT | errno.ENOTDIR:
            return Problem(_("{path}: the folder that should hold it is missing.").format(path=path))
        case errno.ENOTEMPTY | errno.EEXIST | errno.EISDIR:
            return not_empty(path)
        case errno.EOPNOTSUPP:
            return Problem(
                _("{path}: this file system does not keep extended attributes or access control lists.").format(
                    path=path
                )
            )
        case _:
            return Problem(f"{path}: {error.strerror or error}")
