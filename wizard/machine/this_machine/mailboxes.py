"""Taking one message out of an mbox file, under the locks that Postfix's local(8) takes."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.this_machine.reading import Reading
from wizard.machine.this_machine.refusal import said_of
from wizard.machine.this_machine.walk import Folder, checked, refuse_planted, rights_of, way_to
from wizard.problem import Trouble
from wizard.words import _

PATIENCE: Final = 10.0
PAUSE: Final = 0.1


class Mailboxes(Reading):
    """Changes a file that belongs to a user and that a mail system writes to meanwhile."""

    def cut_from_mailbox(self, path: PurePosixPath, start: int, content: bytes) -> bool:
        """Takes these bytes out of an mbox file if they stand at `start`; False, and nothing done, if they do not.

        Whatever a user puts in place of the file, no more than bytes equal to `content` can ever be lost from it.
        """
        with said_of(path), way_to(self._root, checked(path).parent) as folder:
            if folder is None or not content:
                return False
            refuse_planted(folder, path)
            try:
                owner = os.stat(path.name, dir_fd=folder.fd, follow_symlinks=False)
            except FileNotFoundError:
                return False
            uid = owner.st_uid if os.geteuid() == 0 and folder.way.strangers == {owner.st_uid} else None
            with rights_of(uid, owner.st_gid), _dot_lock(folder, path):
                flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                opened = os.open(path.name, flags, dir_fd=folder.fd)
                try:
                    found = os.fstat(opened)
                    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
                        return False
                    with _locked(opened, path):
                        return _cut(opened, start, content)
                finally:
                    os.close(opened)


def _cut(opened: int, start: int, content: bytes) -> bool:
    if os.pread(opened, len(content), start) != content:
        return False
    # In this order a crash leaves every byte of what follows somewhere in the file, at worst twice.
    position, behind = start, start + len(content)
    while moved := os.pread(opened, 1 << 20, behind):
        os.pwrite(opened, moved, position)
        position, behind = position + len(moved), behind + len(moved)
    os.ftruncate(opened, position)
    os.fsync(opened)
    return True


@contextmanager
def _locked(opened: int, path: PurePosixPath) -> Iterator[None]:
    # postconf(5): mailbox_delivery_lock is "fcntl, dotlock"; flock is one of the other choices, so it is taken too.
    deadline = time.monotonic() + PATIENCE
    for lock in (fcntl.lockf, fcntl.flock):
        while True:
            try:
                lock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > deadline:
                    raise _is_in_use(path) from None
                time.sleep(PAUSE)
    try:
        yield
    finally:
        fcntl.flock(opened, fcntl.LOCK_UN)
        fcntl.lockf(opened, fcntl.LOCK_UN)


@contextmanager
def _dot_lock(folder: Folder, path: PurePosixPath) -> Iterator[None]:
    name = path.name + ".lock"
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder.fd))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise _is_in_use(path) from None
            time.sleep(PAUSE)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder.fd)


def _is_in_use(path: PurePosixPath) -> Trouble:
    return Trouble(
        _("The mailbox {path} is held by another program.").format(path=path),
        _("Close the mail program, or see who holds it: `fuser -v {path} {path}.lock`.").format(path=path),
    )
