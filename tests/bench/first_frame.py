"""How long a full-screen program takes from its start to the first frame on its terminal."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import perf_counter

ROWS, COLUMNS = 30, 100
LONGEST = 30.0
# What moves the cursor, sets colours or modes: ECMA-48 control sequences, and the strings of OSC and DCS.
CONTROLS = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P].*?(?:\x07|\x1b\\)|[@-Z\\^_=>()][0-9A-B]?)", re.DOTALL)


def seconds_to_see(words: bytes, argv: Sequence[str], env: Mapping[str, str], folder: str) -> float:
    """Seconds until these words stand on a new terminal that the program is started on; it is then ended."""
    began = perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        with suppress(OSError):
            os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606
        os._exit(127)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    shown = b""
    try:
        while words not in CONTROLS.sub(b"", shown):
            left = began + LONGEST - perf_counter()
            assert left > 0, f"no first frame after {LONGEST} s: {shown[-2000:]!r}"
            if select.select([terminal], [], [], left)[0]:
                try:
                    shown += os.read(terminal, 65536)
                except OSError as error:
                    raise AssertionError(f"it ended without a frame: {shown[-2000:]!r}") from error
        return perf_counter() - began
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)
