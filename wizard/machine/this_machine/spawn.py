"""Starting programs: by argument list, never through a shell, in a session of their own, with a clean environment."""

import atexit
import os
import signal
import subprocess
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from wizard.machine.machine import CommandResult, Tell, silent
from wizard.machine.read_only import missing_program
from wizard.problem import Trouble
from wizard.words import _

if TYPE_CHECKING:
    import sh

# FHS 3.0; on Arch all of these but the first two are one folder.
USUAL_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_forking = threading.Lock()
_reading: set[int] = set()


def environment(path: str, home: str = "/root", user: str = "root") -> dict[str, str]:
    """All that a program we start finds in its environment; messages are never localised, since we read them."""
    return {"PATH": path, "LC_ALL": "C.UTF-8", "HOME": home, "USER": user, "LOGNAME": user}


def full_path(program: str, path: str) -> str:
    """Where the program lies; raises Trouble that names it when it is missing.

    Not shutil: that module brings four kinds of compression along, and takes as long to load as a program to answer.
    """
    for folder in path.split(os.pathsep) if "/" not in program else ("",):
        found = os.path.join(folder, program)
        if os.path.isfile(found) and os.access(found, os.X_OK):
            return found
    raise Trouble(missing_program(program))


def read_from(argv: tuple[str, ...], env: Mapping[str, str], stdin: bytes, timeout: float) -> CommandResult:
    """Runs a program that only reads.

    The subprocess module and not sh: a look at the machine is a dozen programs at once, from threads; sh takes five to
    ten times as long there, because it forks this whole process and starts threads of its own for each.
    """
    try:
        running = subprocess.Popen(
            (full_path(argv[0], env["PATH"]), *argv[1:]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise cannot_start(argv[0], error) from error
    with running, _listed(running.pid):
        try:
            stdout, stderr = running.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            _kill_group(running.pid)
            raise too_slow(argv, timeout) from None
        except BaseException:
            _kill_group(running.pid)
            raise
    return CommandResult(as_shells_count(running.returncode), stdout, stderr)


def get_ready() -> None:
    """Loads what `run_program` needs, which takes as long as many a program."""
    import sh  # noqa: F401


def run_program(
    argv: tuple[str, ...], env: Mapping[str, str], stdin: bytes, timeout: float | None, tell: Tell = silent
) -> CommandResult:
    """Runs a program that may change the machine; `tell` hears its lines as they come, standard error among them."""
    # It brings asyncio along, so that it takes longer to load than a second run needs for all its looks.
    import sh

    stdout, stderr, complaints = bytearray(), bytearray(), list[BaseException]()

    def listener(kept: bytearray) -> Callable[[str], None]:
        def hear(line: str) -> None:
            raw = line.encode("latin-1")
            kept.extend(raw)
            if tell is not silent and not complaints:
                # sh would print what a callback raises, and go on as if all were well.
                try:
                    tell(raw.decode("utf-8", "replace").rstrip("\r\n"))
                except BaseException as error:
                    complaints.append(error)

        return hear

    program = full_path(argv[0], env["PATH"])
    # Python 3.12 warns of any fork() in a process with threads; the child does nothing but exec() here.
    with _forking, usual_umask(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            running = sh.Command(program)(
                *(os.fsencode(argument).decode("latin-1") for argument in argv[1:]),
                _in=stdin,
                _out=listener(stdout),
                _err=listener(stderr),
                _encoding="latin-1",  # of arguments and output alike: every byte as it is, so that none is lost
                _tty_out=False,
                _env=dict(env),
                _new_session=True,
                _bg=True,
                _bg_exc=False,
            )
        except (OSError, ValueError, sh.CommandNotFound, sh.ForkException) as error:
            raise cannot_start(argv[0], error) from error
    exit_code = _waited_for(running, argv, timeout)
    if complaints:
        raise complaints[0]
    return CommandResult(as_shells_count(exit_code), bytes(stdout), bytes(stderr))


@contextmanager
def usual_umask() -> Iterator[None]:
    """What is started inside makes files as it would for root at a shell; our own are made with their modes anyway."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _waited_for(running: "sh.RunningCommand", argv: tuple[str, ...], timeout: float | None) -> int:
    """The exit code, once all output was heard.

    sh's own wait(timeout) polls ten times a second, and returns before its threads have read the last output.
    """
    process = running.process
    was_too_slow = threading.Event()

    def end() -> None:
        if process.exit_code is None:
            was_too_slow.set()
            _kill_group(process.pid)

    timer = threading.Timer(timeout, end) if timeout is not None else None
    if timer is not None:
        timer.start()
    interrupted: KeyboardInterrupt | None = None
    while True:
        try:
            exit_code = int(process.wait())
            break
        except KeyboardInterrupt as error:
            interrupted = error
            if timer is not None:  # what has no time-out, such as pacman, is waited for: half is worse than late
                _kill_group(process.pid)
    if timer is not None:
        timer.cancel()
    if interrupted is not None:
        raise interrupted
    if was_too_slow.is_set():
        raise too_slow(argv, timeout or 0)
    return exit_code


@contextmanager
def _listed(pid: int) -> Iterator[None]:
    _reading.add(pid)
    try:
        yield
    finally:
        _reading.discard(pid)


@atexit.register
def _end_reading() -> None:
    """Ends the programs that are still read from when the wizard is left; nobody waits for what they say."""
    for pid in tuple(_reading):
        _kill_group(pid)


def _kill_group(pid: int) -> None:
    """Ends the program and all that it started; it leads a session, so its number is that of its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def as_shells_count(exit_code: int) -> int:
    return 128 - exit_code if exit_code < 0 else exit_code


def too_slow(argv: tuple[str, ...], timeout: float) -> Trouble:
    """What is raised when a program was killed for taking too long."""
    return Trouble(
        _("`{command}` did not end within {seconds:g} seconds and was ended.").format(
            command=" ".join(argv[:3]), seconds=timeout
        )
    )


def cannot_start(program: str, error: BaseException) -> Trouble:
    lines = str(error).strip().splitlines()
    reason = getattr(error, "strerror", None) or (lines[-1] if lines else type(error).__name__)
    return Trouble(_("{program} cannot be started: {reason}").format(program=program, reason=reason))
