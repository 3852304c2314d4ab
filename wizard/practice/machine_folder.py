"""The folder of one machine: its layers, who made it, whether it lives; and the removal of what nobody wants."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from wizard.practice.folders import layers_folder, locked, machines_folder
from wizard.problem import BadInput


@dataclass(frozen=True)
class MachineRecord:
    """What another process must know of a machine: what it is a copy of, its processes, whether it is to be kept."""

    name: str
    layers: tuple[str, ...]
    keep: bool
    maker: int
    keeper: int = 0
    leader: int = 0

    @classmethod
    def read(cls, name: str) -> Self:
        """The record of the machine of that name."""
        try:
            found = json.loads((machines_folder() / name / "machine.json").read_text())
            return cls(**{**found, "layers": tuple(found["layers"])})
        except (OSError, ValueError, TypeError, KeyError):
            raise BadInput(f"There is no practice machine named {name}", "See them with: postwizard practice list")

    @property
    def folder(self) -> Path:
        """The machine's folder on the host."""
        return machines_folder() / self.name

    def write(self) -> None:
        """Puts the record beside the machine's layers, whole or not at all."""
        beside = self.folder / "machine.json.new"
        beside.write_text(json.dumps(asdict(self)))
        beside.replace(self.folder / "machine.json")


@dataclass(frozen=True)
class Frozen:
    """The changes of a machine that was switched off, as a state from which any number of machines start."""

    name: str
    layers: tuple[Path, ...]

    def destroy(self) -> None:
        """Removes the state; machines that were started from it must be gone."""
        remove_folder(layers_folder() / self.name)


def is_held(lock: Path) -> bool:
    """Whether a keeper lives: the kernel gives its lock back when it dies, however it does."""
    try:
        with lock.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists."""
    return pid > 0 and Path("/proc", str(pid)).exists()


def kill_leader(record: MachineRecord) -> None:
    """Ends a machine whose keeper is gone; a number that meanwhile belongs to another process is left alone."""
    try:
        status = Path("/proc", str(record.leader), "status").read_text()
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
    except (OSError, StopIteration):
        return
    # Process 1 of a namespace below ours (pid_namespaces(7)).
    if record.leader > 0 and len(numbers) > 2 and numbers[-1] == "1":
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.leader, signal.SIGKILL)


def sweep() -> None:
    """Removes machines and frozen states whose maker was killed before it could, unless they are to be kept."""
    with locked(machines_folder() / ".lock"):
        for folder in machines_folder().iterdir():
            if folder.is_dir() and not is_held(folder / "keeper.lock") and not _is_wanted(folder):
                with contextlib.suppress(BadInput):
                    kill_leader(MachineRecord.read(folder.name))
                remove_folder(folder)
        if layers_folder().is_dir():
            for folder in layers_folder().iterdir():
                if not is_alive(_maker(folder)):
                    remove_folder(folder)


def new_layer(name: str) -> Path:
    """A folder for a frozen state, with the number of this process, which owns it."""
    folder = layers_folder() / name
    folder.mkdir(parents=True)
    (folder / "maker").write_text(str(os.getpid()))
    return folder


def remove_folder(folder: Path) -> None:
    """Removes a folder with all below it; does nothing when it is gone already."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _is_wanted(folder: Path) -> bool:
    try:
        record = MachineRecord.read(folder.name)
    except BadInput:
        return False
    return record.keep or is_alive(record.maker)


def _maker(folder: Path) -> int:
    try:
        return int((folder / "maker").read_text())
    except (OSError, ValueError):
        return 0
