"""Packages of this machine, by pacman(8); reads of what is installed need no program, only pacman's database."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult, Tell, silent
from wizard.machine.package_refusals import beside_rivals, in_no_repository, still_needed
from wizard.machine.pacman_output import needed_by, not_found_in, read_record, rivals_in
from wizard.machine.this_machine.commands import Commands
from wizard.machine.this_machine.lasting import run_lasting
from wizard.problem import Trouble
from wizard.words import _

DATABASE: Final = PurePosixPath("/var/lib/pacman")
INSTALLED: Final = DATABASE / "local"
SYNCED: Final = DATABASE / "sync"
LOCK: Final = DATABASE / "db.lck"
LAST_LINES: Final = 8


class Pacman(Commands):
    """Installs and removes packages, whole or not at all; waits this many seconds for another pacman to end."""

    wait_for_pacman: float = 120

    def package(self, name: str) -> str | None:
        """The installed version of a package (pacman -Q), or None."""
        return self.packages().get(name)

    def packages(self) -> Mapping[str, str]:
        """All installed packages with their versions; each is a folder `name-version-release` of the database."""
        return dict(filter(None, map(read_record, self.names_in(INSTALLED))))

    def _pacman_root(self) -> tuple[str, ...]:
        if self._is_whole:
            return ()
        below = self._root
        return (f"--root={below}", f"--config={below}/etc/pacman.conf", f"--cachedir={below}/var/cache/pacman/pkg")

    def install(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Installs packages by pacman, whole or not at all; progress line by line.

        Never `-Sy NAME`, which would be a partial upgrade (ArchWiki, System maintenance). Only where no database was
        ever fetched, as on a machine just made, `-Sy` goes first: there is nothing that could be upgraded in part.
        """
        before = self.packages()
        missing = tuple(name for name in dict.fromkeys(packages) if name not in before)
        if not missing:
            return
        self._wait_until_free(tell)
        if not any(name.endswith(".db") for name in self.names_in(SYNCED)):
            fetched = self._pacman(("-Sy", "--noconfirm", "--noprogressbar"), tell)
            if not fetched.ok:
                raise _failed(_("The package databases could not be fetched."), fetched)
        done = self._pacman(("-S", "--needed", "--noconfirm", "--noprogressbar", "--", *missing), tell)
        after = self.packages()
        if done.ok and all(name in after for name in missing):
            return
        problem = self._why_not_installed(missing, done, before)
        came = tuple(sorted(after.keys() - before.keys()))
        if came:
            tell(_("Taking back what was installed before the failure: {names}").format(names=", ".join(came)))
            taken_back = self._pacman(("-Rn", "--noconfirm", "--noprogressbar", "--", *came), tell)
            if not taken_back.ok:
                left = ", ".join(sorted(self.packages().keys() - before.keys()))
                raise Trouble(
                    _("{what}\nThese packages came all the same and could not be removed: {names}").format(
                        what=problem.problem.what, names=left
                    ),
                    _("Remove them with `pacman -Rn {names}`.").format(names=left.replace(",", "")),
                )
        raise problem

    def uninstall(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Removes packages by pacman, without their configuration backups; those not installed are passed over."""
        try:
            self._wait_until_free(tell)
        except Trouble:
            # A lock that nobody holds stands in the way of nothing where nothing is to be removed.
            if self._holder() or self._running() or self.packages().keys() & set(packages):
                raise
        installed = self.packages()
        leaving = tuple(name for name in dict.fromkeys(packages) if name in installed)
        if not leaving:
            return
        done = self._pacman(("-Rn", "--noconfirm", "--noprogressbar", "--", *leaving), tell)
        if done.ok:
            return
        if users := needed_by(done.text + done.error_text):
            raise Trouble(still_needed(leaving, users))
        raise _failed(_("Removing {names} failed.").format(names=", ".join(leaving)), done)

    def _pacman(self, arguments: Iterable[str], tell: Tell) -> CommandResult:
        argv = ("pacman", *self._pacman_root(), "--color=never", *arguments)
        return run_lasting(argv, self._environment(), tell)

    def _wait_until_free(self, tell: Tell) -> None:
        """Waits while another pacman works, and says who; a lock without a holder is left for a person.

        One that was started before its wizard was killed goes on by itself, and may not have come to its lock yet.
        """
        ends = time.monotonic() + self.wait_for_pacman
        told = ""
        while (holder := self._holder() or self._running()) or self.file(LOCK) is not None:
            # Without a holder, look again a little later: the lock may just be going away.
            if time.monotonic() > (ends if holder else min(ends, ends - self.wait_for_pacman + 2)):
                raise self._still_locked(holder)
            if holder and holder != told:
                tell(_("Waiting for {holder} to end.").format(holder=holder))
                told = holder
            time.sleep(0.2)

    def _running(self) -> str:
        """A pacman of root's that is at work on this system without the lock, found in proc(5); empty when none is."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                # Another root folder means a container, whose pacman has a database of its own.
                if os.stat(f"/proc/{pid}").st_uid != 0 or not os.path.samefile(f"/proc/{pid}/root", "/"):
                    continue
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0].rpartition(b"/")[2] == b"pacman" and any(word[:2] in {b"-S", b"-R", b"-U"} for word in words):
                return _("{program} (process {pid})").format(program="pacman", pid=pid)
        return ""

    def _still_locked(self, holder: str) -> Trouble:
        if holder:
            return Trouble(
                _("{holder} has locked the package database, and did not end in time.").format(holder=holder),
                _("Let it end, then try again. Nothing was installed."),
            )
        return Trouble(
            _("The package database is locked by {path}, but no program holds the lock.").format(path=LOCK),
            _("A pacman that was killed leaves it behind. If none runs, remove it: `rm {path}`.").format(path=LOCK),
        )

    def _holder(self) -> str:
        """The process that has the lock file open, found in proc(5); empty when there is none."""
        lock = str(self._root / str(LOCK).lstrip("/"))
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                held = any(os.readlink(f"/proc/{pid}/fd/{fd}") == lock for fd in os.listdir(f"/proc/{pid}/fd"))
                if held:
                    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
                        return _("{program} (process {pid})").format(program=comm.read().strip(), pid=pid)
            except OSError:
                continue
        return ""

    def _why_not_installed(self, wanted: tuple[str, ...], done: CommandResult, before: Mapping[str, str]) -> Trouble:
        said = done.text + done.error_text
        if unknown := not_found_in(said):
            return Trouble(in_no_repository(unknown))
        rivals = tuple(name for name in rivals_in(said) if name in before and name not in wanted)
        if rivals:
            return Trouble(beside_rivals(wanted, rivals))
        if "failed retrieving file" in said or "failed to retrieve" in said:
            return _failed(
                _("{names} could not be downloaded.").format(names=", ".join(wanted)),
                done,
                _("Check the network and the mirrors; if they lack a file, update this machine: `pacman -Syu`."),
            )
        return _failed(_("Installing {names} failed.").format(names=", ".join(wanted)), done)


def _failed(what: str, done: CommandResult, hint: str = "") -> Trouble:
    lines = [line for line in (done.text + done.error_text).splitlines() if line.strip()]
    last = "\n".join(lines[-LAST_LINES:])
    return Trouble(
        f"{what}\n{last}" if last else what,
        hint or _("These are the last lines of pacman; /var/log/pacman.log has all."),
    )
