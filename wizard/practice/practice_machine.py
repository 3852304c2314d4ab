"""PracticeMachine: one disposable machine, a copy-on-write view of the built tree that boots and can be thrown away."""

import contextlib
import fcntl
import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import wizard
from wizard.machine.machine import CommandResult, Tell, silent
from wizard.practice.build import build
from wizard.practice.changes import Changes, changes_in
from wizard.practice.folders import layers_folder, locked, machines_folder
from wizard.practice.recipe import APP_FOLDER, HOSTNAME
from wizard.problem import BadInput, Trouble

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
BOOT_SECONDS = 120.0
KEEPER = Path(__file__).with_name("keeper.py")
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/bin"


@dataclass(frozen=True)
class Frozen:
    """The changes of a machine that was switched off, as a state from which any number of machines start."""

    name: str
    layers: tuple[Path, ...]

    def destroy(self) -> None:
        """Removes the state; machines that were started from it must be gone."""
        shutil.rmtree(layers_folder() / self.name, ignore_errors=True)


@dataclass(frozen=True)
class MachineRecord:
    """What another process must know of a machine: its layers, its processes, whether it is to be kept."""

    name: str
    layers: tuple[str, ...]
    keep: bool
    maker: int = 0
    keeper: int = 0
    leader: int = 0


class PracticeMachine:
    """A machine that was made here or found by name; a context manager that destroys it at the end."""

    def __init__(self, record: MachineRecord) -> None:
        self.record = record
        self._lifeline: int | None = None
        self._told: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    # Making and finding

    @classmethod
    def fresh(
        cls, name: str | None = None, *, base: Frozen | None = None, keep: bool = False, boot: bool = True,
        tell: Tell = silent,
    ) -> Self:  # fmt: skip
        """A new machine in the state of the built tree, or of a frozen machine; booted and ready.

        It dies with the process that made it, unless it is to be kept.
        """
        layers = base.layers if base else (build(tell).root,)
        sweep()
        name = name or f"m{secrets.token_hex(4)}"
        if not NAME.fullmatch(name):
            raise BadInput(f"{name!r} cannot be the name of a machine", "Use small letters, digits and hyphens")
        with locked(machines_folder() / ".lock"):
            folder = machines_folder() / name
            if folder.exists():
                raise BadInput(f"There is a machine named {name} already", f"postwizard practice destroy {name}")
            for part in ("upper", "work", "merged"):
                (folder / part).mkdir(parents=True)
            # The overlay's root folder takes its mode and owner from the upper one.
            (folder / "upper").chmod(0o755)
            machine = cls(MachineRecord(name, tuple(map(str, layers)), keep, os.getpid()))
            machine._write_record()
        if boot:
            try:
                machine.boot(tell)
            except BaseException:
                machine.destroy()
                raise
        return machine

    @classmethod
    def named(cls, name: str) -> Self:
        """The machine of that name."""
        try:
            found = json.loads((machines_folder() / name / "machine.json").read_text())
        except (OSError, ValueError):
            raise BadInput(f"There is no machine named {name}", "postwizard practice list") from None
        return cls(MachineRecord(**{**found, "layers": tuple(found["layers"])}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.destroy()

    # Places

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def folder(self) -> Path:
        """The folder of this machine on the host."""
        return machines_folder() / self.name

    @property
    def upper(self) -> Path:
        """What this machine changed, as overlayfs keeps it."""
        return self.folder / "upper"

    @property
    def root(self) -> Path:
        """The machine's root as the host sees it, while it runs; absolute links in it lead to the host's files."""
        return Path("/proc", str(self.record.leader), "root")

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        return bool(self.record.leader) and _is_held(self.folder / "keeper.lock")

    def console(self) -> str:
        """What the machine wrote while booting."""
        try:
            return (self.folder / "console.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def changes(self) -> Changes:
        """What differs from the state that the machine started from."""
        return changes_in(self.upper, tuple(Path(layer) for layer in self.record.layers))

    # Power

    def boot(self, tell: Tell = silent) -> None:
        """Starts the machine and returns when systemd inside says that its start is complete."""
        if self.is_running:
            raise BadInput(f"The machine {self.name} is running already")
        tell(f"Booting the practice machine {self.name} ...")
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        (self.folder / "work").mkdir()
        told, tell_end = os.pipe()
        lifeline_end, lifeline = (None, None) if self.record.keep else os.pipe()
        settings = {
            "name": self.name, "hostname": HOSTNAME, "lower": [_escaped(layer) for layer in self.record.layers],
            "upper": _escaped(self.upper), "work": _escaped(self.folder / "work"),
            "merged": str(self.folder / "merged"), "console": str(self.folder / "console.log"),
            "read_only": read_only_folders(), "tell": tell_end, "lifeline": lifeline_end,
        }  # fmt: skip
        (self.folder / "settings.json").write_text(json.dumps(settings))
        with (self.folder / "keeper.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), str(self.folder / "settings.json")],
                pass_fds=[end for end in (tell_end, lifeline_end, lock.fileno()) if end is not None],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(self.folder / "keeper.log").open("ab"),
                start_new_session=True,
            )  # fmt: skip
        for end in (tell_end, lifeline_end):
            if end is not None:
                os.close(end)
        self._lifeline = lifeline
        self._told = os.fdopen(told)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        leader, deadline = 0, time.monotonic() + BOOT_SECONDS
        while True:
            word = self._next_word(deadline)
            if "leader" in word:
                leader = int(word["leader"])
            elif "ready" in word:
                self._write_record(keeper=self._process.pid, leader=leader)
                return
            else:
                why = word.get("failed") or "its start did not complete"
                last = "\n".join((self.console() or _text(self.folder / "keeper.log")).splitlines()[-12:])
                self.power_cut()
                raise Trouble(f"The practice machine {self.name} did not boot: {why}", last)

    def _next_word(self, deadline: float) -> dict[str, Any]:
        assert self._told is not None
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._told], [], [], left)[0]:
                line = self._told.readline()
                return json.loads(line) if line else {"failed": "its keeper died"}
        return {"failed": f"it was not ready after {BOOT_SECONDS:.0f} s"}

    def power_off(self, timeout: float = 60) -> None:
        """Shuts the machine down in order, and waits until it is off."""
        if self.is_running:
            self.run("systemctl", "poweroff", "--no-block", timeout=20)
            if not self._ended_within(timeout):
                self.power_cut()
                raise Trouble(f"The practice machine {self.name} did not shut down within {timeout:.0f} s")
        self._forget_processes()

    def power_cut(self) -> None:
        """Kills everything in the machine at once; its files stay as they are, and it can boot again."""
        if _is_held(self.folder / "keeper.lock"):
            if self._lifeline is not None:
                os.close(self._lifeline)
                self._lifeline = None
            pid = self._process.pid if self._process else self.record.keeper
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not self._ended_within(20):
                for process in (self.record.leader, pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                self._ended_within(20)
        self._forget_processes()

    def destroy(self) -> None:
        """Cuts the power and removes everything that belongs to the machine."""
        self.power_cut()
        with locked(machines_folder() / ".lock"):
            remove_folder(self.folder)

    def freeze(self) -> Frozen:
        """Shuts the machine down and turns its changes into a state that many machines can start from."""
        self.power_off()
        name = f"{self.name}-{secrets.token_hex(3)}"
        layer = layers_folder() / name
        layer.parent.mkdir(parents=True, exist_ok=True)
        self.upper.rename(layer)
        frozen = Frozen(name, (layer, *(Path(lower) for lower in self.record.layers)))
        self.destroy()
        return frozen

    def _ended_within(self, seconds: float) -> bool:
        """Waits for the keeper's lock, which the kernel gives back when the keeper is gone."""
        deadline = time.monotonic() + seconds
        while _is_held(self.folder / "keeper.lock"):
            if self._process and self._process.poll() is not None:
                break
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _forget_processes(self) -> None:
        if self._process:
            self._process.wait()
        if self._told:
            self._told.close()
        if self._lifeline is not None:
            os.close(self._lifeline)
        self._process = self._told = self._lifeline = None
        if self.folder.is_dir():
            self._write_record(keeper=0, leader=0)

    def _write_record(self, **fields: int) -> None:
        self.record = MachineRecord(**{**asdict(self.record), **fields})
        (self.folder / "machine.json").write_text(json.dumps(asdict(self.record)))

    # Commands

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float = 120, user: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> CommandResult:  # fmt: skip
        """Runs a command in the machine; after `timeout` seconds it is killed, and its exit code is then 137.

        The outputs are files, not pipes: a daemon that a command leaves behind cannot hold up its end.
        """
        # timeout(1) stands inside, where it can kill the command; a host's process cannot reach past nsenter.
        bounded = ("/usr/bin/timeout", "--signal=KILL", f"{timeout:f}", *argv)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            command = self._entering(bounded, user, env)
            ended = subprocess.run(command, stdin=given, stdout=out, stderr=err, timeout=timeout + 30, check=False)
            out.seek(0)
            err.seek(0)
            code = ended.returncode
            return CommandResult(code if code >= 0 else 128 - code, out.read(), err.read())

    def command_line(
        self, *argv: str, tty: bool = True, user: str | None = None, env: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """An argument list for the host that runs a terminal program in the machine.

        script(1) gives it a terminal of the machine's own, as its controlling terminal, and passes on size and keys.
        """
        terminal = {"TERM": os.environ.get("TERM", "xterm-256color")}
        if tty:
            argv = ("/usr/bin/script", "--quiet", "--return", "--echo", "never", "/dev/null", "--", *argv)
        return self._entering(argv, user, {**terminal, **(env or {})})

    def _entering(self, argv: tuple[str, ...], user: str | None, env: Mapping[str, str] | None) -> tuple[str, ...]:
        if not self.is_running:
            raise Trouble(f"The practice machine {self.name} is not running", f"postwizard practice shell {self.name}")
        account = user or "root"
        home = "/root" if account == "root" else f"/home/{account}"
        known = {"PATH": SEARCH_PATH, "HOME": home, "USER": account, "LOGNAME": account, "SHELL": "/usr/bin/bash",
                 "LANG": "C.UTF-8", **(env or {})}  # fmt: skip
        as_user = ("/usr/bin/setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        pairs = tuple(f"{key}={value}" for key, value in known.items())
        return (
            "nsenter", f"--target={self.record.leader}", "--all", "--",
            "/usr/bin/env", "-i", f"--chdir={home}", *pairs, *as_user, *argv,
        )  # fmt: skip


def list_machines() -> tuple[PracticeMachine, ...]:
    """All machines, running or kept."""
    sweep()
    found = sorted(machines_folder().glob("*/machine.json"))
    return tuple(PracticeMachine.named(path.parent.name) for path in found)


def sweep() -> None:
    """Removes machines whose owner was killed before it could: their keeper is gone and they were not to be kept."""
    with locked(machines_folder() / ".lock"):
        for folder in machines_folder().iterdir():
            if folder.is_dir() and not _is_held(folder / "keeper.lock") and not _is_wanted(folder):
                remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Removes a machine's folder; overlayfs leaves folders without any permission, which root can remove."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def read_only_folders() -> list[tuple[str, str]]:
    """The wizard's own code, seen in the machine as it is here now: (folder here, folder there)."""
    home = Path(wizard.__file__).resolve().parent.parent
    names = ("wizard", "profiles", "templates")
    return [(_escaped(home / name), f"{APP_FOLDER}/{name}") for name in names if (home / name).is_dir()]


def _is_wanted(folder: Path) -> bool:
    """Whether it was to be kept, or its maker, who is still there, has yet to boot it."""
    try:
        found = json.loads((folder / "machine.json").read_text())
    except (OSError, ValueError):
        return False
    return bool(found["keep"]) or Path("/proc", str(found.get("maker", 0))).exists()


def _is_held(lock: Path) -> bool:
    try:
        with lock.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _escaped(path: Path | str) -> str:
    """A path for the options of mount and nspawn, in which colon and comma separate."""
    return re.sub(r"([\\:,])", r"\\\1", str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
