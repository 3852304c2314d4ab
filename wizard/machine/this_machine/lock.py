"""One wizard at a time: flock(2) on one file, given back by the kernel when its holder dies."""

import fcntl
import os
from contextlib import suppress
from datetime import UTC, datetime

from wizard import places
from wizard.machine.this_machine.reading import Reading
from wizard.machine.this_machine.refusal import said_of
from wizard.machine.this_machine.walk import rights_needed, way_to
from wizard.words import _


class Lock(Reading):
    """Holds the lock of the wizard on this machine."""

    _lock_held: int | None = None

    def try_lock(self) -> str | None:
        """Takes the wizard's lock for the life of this process; otherwise says who holds it (pid and since when)."""
        if self._lock_held is not None:
            return None
        with said_of(places.LOCK):
            lock = self._open_lock()
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                said = os.pread(lock, 100, 0).decode("utf-8", "replace").strip()
                os.close(lock)
                return said or _("another wizard")
            os.ftruncate(lock, 0)
            now = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
            os.pwrite(lock, _("process {pid}, since {time}").format(pid=os.getpid(), time=now).encode(), 0)
            self._lock_held = lock
        return None

    def _open_lock(self) -> int:
        with way_to(self._root, places.RUNTIME.parent) as above:
            if above is None:
                raise FileNotFoundError(2, os.strerror(2))
            rights_needed(above, places.RUNTIME, 0)
            with suppress(FileExistsError):
                os.mkdir(places.RUNTIME.name, 0o700, dir_fd=above.fd)
        with way_to(self._root, places.RUNTIME) as folder:
            if folder is None:
                raise NotADirectoryError(20, os.strerror(20))
            rights_needed(folder, places.LOCK, 0)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(places.LOCK.name, flags, 0o600, dir_fd=folder.fd)

    def unlock(self) -> None:
        """Gives the lock back."""
        if self._lock_held is not None:
            os.close(self._lock_held)
            self._lock_held = None
