"""A process that holds passwords leaves no copy of its memory behind when it crashes."""

import contextlib
import resource
from pathlib import Path

_FILTER = Path("/proc/self/coredump_filter")


def leave_no_core_file() -> None:
    """No core file of this process, nor its memory in one that is piped elsewhere, as to systemd-coredump(8).

    A limit of 0 holds for files only (core(5), "Piping core dumps to a program"); the filter leaves all memory out of
    either. Programs that are started here inherit both. Where /proc is not there, only the limit holds.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError):
        _FILTER.write_text("0", "ascii")
