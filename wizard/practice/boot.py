"""Starts the keeper of a machine, and waits until systemd inside says that its start is complete."""

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import wizard
from wizard.practice.machine_folder import MachineRecord, is_held, kill_leader
from wizard.practice.recipe import APP_FOLDER, HOSTNAME
from wizard.problem import Trouble

BOOT_SECONDS = 120.0
KEEPER = Path(__file__).with_name("keeper.py")


@dataclass
class Keeper:
    """The process that holds a machine, as its owner sees it; closing the lifeline ends the machine."""

    process: subprocess.Popen[bytes]
    told: IO[str]
    lifeline: int | None
    pid: int = 0

    def cut(self) -> None:
        """Lets go of the lifeline."""
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    def forget(self) -> None:
        """Takes leave of a keeper that has ended."""
        self.cut()
        self.process.wait()
        self.told.close()


def start_keeper(record: MachineRecord) -> Keeper:
    """Starts it, with a lock that says for others that it lives."""
    folder = record.folder
    told, tell_end = os.pipe()
    lifeline_end, lifeline = (None, None) if record.keep else os.pipe()
    settings = {
        "name": record.name, "hostname": HOSTNAME, "lower": [escaped(layer) for layer in record.layers],
        "upper": escaped(folder / "upper"), "work": escaped(folder / "work"), "merged": str(folder / "merged"),
        "console": str(folder / "console.log"), "read_only": code_folders(), "tell": tell_end,
        "lifeline": lifeline_end,
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings))
    with (folder / "keeper.lock").open("w") as lock, (folder / "keeper.log").open("ab") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), str(folder / "settings.json")],
            pass_fds=[end for end in (tell_end, lifeline_end, lock.fileno()) if end is not None],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    for end in (tell_end, lifeline_end):
        if end is not None:
            os.close(end)
    return Keeper(process, os.fdopen(told), lifeline)


def wait_until_ready(keeper: Keeper, record: MachineRecord) -> int:
    """The number of the machine's first process, once its start is complete; Trouble when it does not come to that."""
    leader, deadline = 0, time.monotonic() + BOOT_SECONDS
    while True:
        word = _next_word(keeper, deadline)
        if "keeper" in word:
            keeper.pid = int(word["keeper"])
        elif "leader" in word:
            leader = int(word["leader"])
        elif "ready" in word:
            return leader
        else:
            why = word.get("failed") or "it ended while it started"
            last = "\n".join((_text(record, "console.log") or _text(record, "keeper.log")).splitlines()[-12:])
            raise Trouble(f"The practice machine {record.name} did not boot: {why}", last)


def end_keeper(record: MachineRecord, keeper: Keeper | None) -> None:
    """Cuts the machine's power, by force when its keeper does not answer."""
    pid = keeper.pid if keeper else record.keeper
    if keeper:
        keeper.cut()
    if is_held(record.folder / "keeper.lock"):
        _kill(pid, signal.SIGTERM)
        if not has_ended(record, 20):
            _kill(pid, signal.SIGKILL)
            has_ended(record, 20)
    kill_leader(record)


def has_ended(record: MachineRecord, seconds: float) -> bool:
    """Waits for the end of the keeper, whoever started it."""
    deadline = time.monotonic() + seconds
    while is_held(record.folder / "keeper.lock"):
        if time.monotonic() > deadline:
            return False
        # Another process's child cannot be waited for, and flock(2) has no time limit.
        time.sleep(0.005)
    return True


def code_folders() -> list[tuple[str, str]]:
    """The wizard's own code, seen in the machine as it is here now: (folder here, folder there)."""
    home = Path(wizard.__file__).resolve().parent.parent
    names = ("wizard", "profiles", "templates")
    return [(escaped(home / name), f"{APP_FOLDER}/{name}") for name in names if (home / name).is_dir()]


def escaped(path: Path | str) -> str:
    """A path for the options of mount and nspawn, in which colon and comma separate."""
    return re.sub(r"([\\:,])", r"\\\1", str(path))


def _next_word(keeper: Keeper, deadline: float) -> dict[str, Any]:
    left = max(0.0, deadline - time.monotonic())
    if not select.select([keeper.told], [], [], left)[0]:
        return {"failed": f"it was not ready after {BOOT_SECONDS:.0f} s"}
    line = keeper.told.readline()
    found: dict[str, Any] = json.loads(line) if line else {"failed": "its keeper died"}
    return found


def _kill(pid: int, number: signal.Signals) -> None:
    if pid > 0:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _text(record: MachineRecord, name: str) -> str:
    try:
        return (record.folder / name).read_text(errors="replace")
    except FileNotFoundError:
        return ""
