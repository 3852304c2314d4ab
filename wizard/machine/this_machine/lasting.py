"""Running a program that must come to its end even if we do not."""

import os
import select
import subprocess
from collections.abc import Mapping
from typing import Final

from wizard.machine.machine import CommandResult, Tell
from wizard.machine.meanwhile import meanwhile
from wizard.machine.this_machine.spawn import as_shells_count, cannot_start, full_path, get_ready, usual_umask

LOOK_AFTER: Final = 0.05  # seconds between two looks at what it wrote


def run_lasting(argv: tuple[str, ...], env: Mapping[str, str], tell: Tell) -> CommandResult:
    """Runs it to its end; `tell` hears its lines as they come, standard error among them.

    It writes to a file without a name rather than to a pipe of ours, so that our being killed breaks neither its output
    nor a transaction that is half done. It is never timed out; an interrupt is raised once it has ended.
    """
    from tempfile import TemporaryFile

    program = full_path(argv[0], env["PATH"])
    interrupted: KeyboardInterrupt | None = None
    with TemporaryFile() as output:
        try:
            with usual_umask():
                running = subprocess.Popen(
                    (program, *argv[1:]),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            raise cannot_start(argv[0], error) from error
        meanwhile(get_ready)  # what is installed is going to be run
        told, has_ended = 0, False
        ending = os.pidfd_open(running.pid)
        try:
            while not has_ended:
                try:
                    # A pidfd can be read once its process has ended (pidfd_open(2)).
                    has_ended = bool(select.select((ending,), (), (), LOOK_AFTER)[0])
                except KeyboardInterrupt as error:
                    interrupted = error
                told = _tell_lines(output.fileno(), told, tell, is_all=has_ended)
        finally:
            os.close(ending)
        running.wait()
        said = os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0)
    if interrupted is not None:
        raise interrupted
    return CommandResult(as_shells_count(running.returncode), said)


def _tell_lines(fd: int, told: int, tell: Tell, is_all: bool) -> int:
    """Tells the lines that came since; the last one only when it is whole, or nothing more will come."""
    fresh = os.pread(fd, os.fstat(fd).st_size - told, told)
    end = len(fresh) if is_all else fresh.rfind(b"\n") + 1
    for line in fresh[:end].decode("utf-8", "replace").splitlines():
        tell(line)
    return told + end
