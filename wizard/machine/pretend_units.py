"""Units of a machine that exists only in memory: enabled and masked are links in its files, running is remembered."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind, UnitDetails
from wizard.machine.pretend_files import PretendFiles
from wizard.machine.systemctl_output import full_name
from wizard.problem import Problem
from wizard.words import _

OWN: Final = PurePosixPath("/etc/systemd/system")
# systemd.unit(5), unit search path.
FOLDERS: Final = (OWN, PurePosixPath("/run/systemd/system"), PurePosixPath("/usr/lib/systemd/system"))
NOWHERE: Final = b"/dev/null"


class PretendUnits:
    """What systemd would make of the unit files, and which units were started."""

    def __init__(self, files: PretendFiles, running: Iterable[str] = ()) -> None:
        self.files = files
        self.running: dict[str, bool] = {full_name(name): True for name in running}
        self._below: dict[str, UnitDetails] = {}

    def details(self, name: str) -> UnitDetails:
        """What `systemctl show` would say."""
        name = full_name(name)
        below = self._details_below(name)
        fragment = self._fragment(name)
        if fragment is None:
            return below
        is_masked = self._is_masked(name)
        running = self.running.get(name, below.active_state == "active")
        drop_ins = tuple(
            str(folder / f"{name}.d" / drop_in)
            for folder in FOLDERS
            for drop_in in self.files.names_in(folder / f"{name}.d")
            if drop_in.endswith(".conf")
        )
        return UnitDetails(
            load_state="masked" if is_masked else "loaded",
            active_state="active" if running else "inactive",
            sub_state="running" if running else "dead",
            unit_file_state="masked" if is_masked else self._unit_file_state(name),
            fragment=str(fragment),
            drop_ins=drop_ins,
            result="success",
            main_pid=700 if running else 0,
        )

    def _details_below(self, name: str) -> UnitDetails:
        """What the machine below says, asked once: each question to systemd is a program to start."""
        if self.files.below is None:
            return UnitDetails()
        if name not in self._below:
            self._below[name] = self.files.below.unit(name)
        return self._below[name]

    def _fragment(self, name: str) -> PurePosixPath | None:
        return next((folder / name for folder in FOLDERS if self.files.file(folder / name) is not None), None)

    def _is_masked(self, name: str) -> bool:
        state = self.files.file(OWN / name)
        return state is not None and state.kind is Kind.LINK and state.content == NOWHERE

    def _links(self, name: str) -> tuple[PurePosixPath, ...]:
        folders = (OWN / folder for folder in self.files.names_in(OWN) if folder.endswith((".wants", ".requires")))
        return tuple(folder / name for folder in folders if self.files.file(folder / name) is not None)

    def _wanted_by(self, name: str) -> tuple[PurePosixPath, ...]:
        """The links that `systemctl enable` would make, as [Install] says (systemd.unit(5))."""
        fragment = self._fragment(name)
        state = self.files.file(fragment) if fragment is not None else None
        text = state.content.decode("utf-8", "replace") if state is not None else ""
        found = re.findall(r"^(WantedBy|RequiredBy)\s*=\s*(.+)$", text, re.MULTILINE)
        kinds = {"WantedBy": "wants", "RequiredBy": "requires"}
        return tuple(OWN / f"{target}.{kinds[key]}" / name for key, targets in found for target in targets.split())

    def _unit_file_state(self, name: str) -> str:
        if self._links(name):
            return "enabled"
        return "disabled" if self._wanted_by(name) else "static"

    def enable(self, name: str) -> Problem | None:
        """Makes the links; says why it cannot."""
        name, fragment = full_name(name), self._fragment(full_name(name))
        if fragment is None:
            return _no_unit(name)
        for link in self._wanted_by(name):
            self.files.lay(link, FileState(Kind.LINK, str(fragment).encode()))
        return None

    def disable(self, name: str) -> Problem | None:
        """Takes the links away, and the folders that held nothing else, as systemctl(1) does."""
        for link in self._links(full_name(name)):
            self.files.put(link, None)
            if not self.files.names_in(link.parent):
                self.files.put(link.parent, None)
        return None

    def mask(self, name: str, masked: bool) -> Problem | None:
        """Masks or unmasks."""
        path = OWN / full_name(name)
        if masked:
            if self.files.file(path) is not None and not self._is_masked(full_name(name)):
                return Problem(_("{path} is in the way of masking the unit.").format(path=path))
            self.files.lay(path, FileState(Kind.LINK, NOWHERE))
        elif self._is_masked(full_name(name)):
            self.files.put(path, None)
        return None

    def start(self, name: str) -> Problem | None:
        """Starts; says why it cannot."""
        name = full_name(name)
        if self._fragment(name) is None:
            return _no_unit(name)
        if self._is_masked(name):
            return Problem(_("systemctl {verb} {unit} failed.").format(verb="start", unit=name))
        self.running[name] = True
        return None

    def stop(self, name: str) -> Problem | None:
        """Stops."""
        self.running[full_name(name)] = False
        return None


def _no_unit(name: str) -> Problem:
    return Problem(_("There is no unit {unit}.").format(unit=name), _("Is its package installed?"))
