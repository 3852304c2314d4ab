"""PracticeMachine: one disposable machine, a copy-on-write view of the built tree that boots and can be thrown away."""

import os
import re
import secrets
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from wizard.machine.machine import CommandResult, Tell, silent
from wizard.practice.boot import Keeper, end_keeper, has_ended, start_keeper, wait_until_ready
from wizard.practice.build import build
from wizard.practice.changes import Changes, changes_in
from wizard.practice.folders import locked, machines_folder
from wizard.practice.machine_folder import Frozen, MachineRecord, is_held, new_layer, remove_folder, sweep
from wizard.problem import BadInput, Trouble

__all__ = ["Frozen", "PracticeMachine", "list_machines", "sweep"]

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/bin"


class PracticeMachine:
    """A machine that was made here or found by name; a context manager that destroys it at the end."""

    def __init__(self, record: MachineRecord) -> None:
        self.record = record
        self._keeper: Keeper | None = None

    @classmethod
    def fresh(
        cls, name: str | None = None, *, base: Frozen | None = None, keep: bool = False, boot: bool = True,
        tell: Tell = silent,
    ) -> Self:  # fmt: skip
        """A new machine in the state of the built tree, or of a frozen machine; booted and ready.

        It dies with the process that made it, unless it is to be kept.
        """
        name = name or f"m{secrets.token_hex(4)}"
        if not NAME.fullmatch(name):
            raise BadInput(f"{name!r} cannot be the name of a machine", "Use small letters, digits and hyphens")
        layers = base.layers if base else (build(tell).root,)
        sweep()
        with locked(machines_folder() / ".lock"):
            record = MachineRecord(name, tuple(map(str, layers)), keep, os.getpid())
            if record.folder.exists():
                raise BadInput(f"There is a machine named {name} already", f"postwizard practice destroy {name}")
            for part in ("upper", "work", "merged"):
                (record.folder / part).mkdir(parents=True)
            # The overlay's root folder takes its mode from the upper one.
            (record.folder / "upper").chmod(0o755)
            record.write()
        machine = cls(record)
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
        return cls(MachineRecord.read(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.destroy()

    @property
    def name(self) -> str:
        """Its name among all machines of this computer; inside, every machine has the same host name."""
        return self.record.name

    @property
    def leader(self) -> int:
        """The number that its first process has on the host; 0 while it is off."""
        return self.record.leader

    @property
    def folder(self) -> Path:
        """Its folder on the host."""
        return self.record.folder

    @property
    def upper(self) -> Path:
        """What it changed, as overlayfs keeps it."""
        return self.folder / "upper"

    @property
    def root(self) -> Path:
        """Its root as the host sees it, while it runs; absolute links in it lead to the host's files."""
        return Path("/proc", str(self.record.leader), "root")

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        return self.record.leader > 0 and is_held(self.folder / "keeper.lock")

    def console(self) -> str:
        """What it wrote to its console while it started and stopped."""
        log = self.folder / "console.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def changes(self) -> Changes:
        """What differs from the state that it started from."""
        return changes_in(self.upper, tuple(Path(layer) for layer in self.record.layers))

    def boot(self, tell: Tell = silent) -> None:
        """Switches it on, and returns when systemd inside says that its start is complete."""
        if self.is_running:
            raise BadInput(f"The practice machine {self.name} is running already")
        tell(f"Booting the practice machine {self.name} ...")
        # overlayfs wants its scratch folder empty.
        remove_folder(self.folder / "work")
        (self.folder / "work").mkdir()
        self._keeper = start_keeper(self.record)
        try:
            leader = wait_until_ready(self._keeper, self.record)
        except BaseException:
            self.power_cut()
            raise
        self._know(keeper=self._keeper.pid, leader=leader)
        if self.record.keep:
            self._keeper.forget()
            self._keeper = None

    def power_off(self, timeout: float = 60) -> None:
        """Shuts it down in order, and waits until it is off."""
        if self.is_running:
            self.run("systemctl", "poweroff", "--no-block", timeout=20)
            if not has_ended(self.record, timeout):
                self.power_cut()
                raise Trouble(f"The practice machine {self.name} did not shut down within {timeout:.0f} s")
        self._is_off()

    def power_cut(self) -> None:
        """Kills everything in it at once; its files stay as they are at that instant, and it can boot again."""
        end_keeper(self.record, self._keeper)
        self._is_off()

    def destroy(self) -> None:
        """Cuts the power and removes everything that belongs to it."""
        self.power_cut()
        with locked(machines_folder() / ".lock"):
            remove_folder(self.folder)

    def freeze(self) -> Frozen:
        """Shuts it down and turns what it changed into a state that many machines can start from; it is gone then."""
        self.power_off()
        name = f"{self.name}-{secrets.token_hex(3)}"
        layer = new_layer(name) / "upper"
        self.upper.rename(layer)
        frozen = Frozen(name, (layer, *(Path(lower) for lower in self.record.layers)))
        self.destroy()
        return frozen

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float = 120, user: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> CommandResult:  # fmt: skip
        """Runs a command in it; after `timeout` seconds it is killed, and its exit code is then 137.

        The outputs are files, not pipes: a daemon that a command leaves behind cannot hold up its end.
        """
        # timeout(1) stands inside, where it can kill the command; a host's process cannot reach past nsenter.
        bounded = ("/usr/bin/timeout", "--signal=KILL", f"{timeout:f}", *argv)
        command = self._entering(bounded, user, env)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            ended = subprocess.run(command, stdin=given, stdout=out, stderr=err, timeout=timeout + 30, check=False)
            out.seek(0)
            err.seek(0)
            code = ended.returncode
            return CommandResult(code if code >= 0 else 128 - code, out.read(), err.read())

    def command_line(
        self, *argv: str, tty: bool = True, user: str | None = None, env: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """An argument list for the host that runs a program in it on the caller's own streams.

        With `tty`, script(1) gives the program a terminal of the machine as its controlling terminal, and passes on
        keys and window sizes.
        """
        terminal = {"TERM": os.environ.get("TERM", "xterm-256color")}
        if tty:
            # script(1) knows its command only as a line for a shell; words after `--` it would join without quoting.
            line = shlex.join(("exec", *argv))
            argv = ("/usr/bin/script", "--quiet", "--return", "--echo", "never", "--command", line, "/dev/null")
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

    def _is_off(self) -> None:
        if self._keeper:
            self._keeper.forget()
            self._keeper = None
        if self.folder.is_dir():
            self._know(keeper=0, leader=0)

    def _know(self, *, keeper: int, leader: int) -> None:
        self.record = replace(self.record, keeper=keeper, leader=leader)
        self.record.write()


def list_machines() -> tuple[PracticeMachine, ...]:
    """All machines of this computer, by name."""
    sweep()
    return tuple(PracticeMachine.named(path.parent.name) for path in sorted(machines_folder().glob("*/machine.json")))
