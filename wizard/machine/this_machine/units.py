"""Units of systemd on this machine, by systemctl(1)."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult, ServiceState, UnitDetails
from wizard.machine.systemctl_output import PROPERTIES, full_name, read_units, service_state
from wizard.machine.this_machine.commands import Commands
from wizard.problem import Trouble
from wizard.words import _

# systemd.unit(5), unit search path, in the order of precedence.
UNIT_FOLDERS: Final = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
JOB_TIMEOUT: Final = 300  # longer than DefaultTimeoutStartSec= and DefaultTimeoutStopSec= together


class Units(Commands):
    """Reads and changes units; below another root than `/` no manager runs, so they can only be enabled and masked."""

    def service(self, name: str) -> ServiceState:
        """Whether a unit is enabled, running and masked."""
        return service_state(self.unit(name))

    def unit(self, name: str) -> UnitDetails:
        """What systemd knows of the unit."""
        return self.units((name,))[name]

    def units(self, names: Iterable[str]) -> Mapping[str, UnitDetails]:
        """What systemd knows of several units, asked for at once."""
        names = tuple(names)
        if not self._is_whole:
            return {name: self._unit_file(full_name(name)) for name in names}
        shown = self.output_of("systemctl", "show", f"--property={PROPERTIES}", "--", *map(full_name, names))
        if not shown.ok:
            return dict.fromkeys(names, UnitDetails())
        blocks = read_units(shown.text)
        # An alias is answered under the name of its unit, but always in the order asked for.
        in_order = list(blocks.values()) if len(blocks) == len(names) else []
        return {
            name: blocks.get(full_name(name)) or (in_order[place] if in_order else UnitDetails())
            for place, name in enumerate(names)
        }

    def _unit_file(self, name: str) -> UnitDetails:
        fragment = next((path for folder in UNIT_FOLDERS if self.file(PurePosixPath(path := f"{folder}/{name}"))), "")
        if not fragment:
            return UnitDetails()
        asked = self.output_of("systemctl", f"--root={self._root}", "is-enabled", "--", name)
        return UnitDetails("loaded", fragment=fragment, unit_file_state=asked.text.strip())

    def set_service(self, name: str, state: ServiceState) -> None:
        """Enables or disables, masks or unmasks, starts or stops a unit, as far as `state` says so."""
        now = self.service(name)
        if now.masked and not state.masked:
            self._systemctl("unmask", name)
        if state.running is False and now.running:
            self._systemctl("stop", name)
        if state.enabled is not None and state.enabled != now.enabled:
            self._systemctl("enable" if state.enabled else "disable", name)
        if state.masked and not now.masked:
            self._systemctl("mask", name)
        if state.running and not now.running:
            if self._is_whole and self.unit(name).active_state == "failed":
                self._systemctl("reset-failed", name)  # or its start limit would refuse: systemd.unit(5)
            self._systemctl("start", name)

    def refresh_service(self, name: str, action: str) -> None:
        """`reload` or `restart` a running unit, or `daemon-reload` the manager (name is then ignored)."""
        match action:
            case "daemon-reload":
                if self._is_whole:
                    self._systemctl("daemon-reload")
            case "reload" | "restart":
                if self.service(name).running:
                    self._systemctl(action, name)
            case _:
                raise ValueError(action)

    def _systemctl(self, verb: str, *names: str) -> None:
        units = tuple(map(full_name, names))
        offline = verb in {"enable", "disable", "mask", "unmask"}
        if not self._is_whole and not offline:
            raise Trouble(_("No systemd runs below {root}, so nothing is started there.").format(root=self._root))
        at_root = () if self._is_whole else (f"--root={self._root}",)
        # Unlike enable, start would ask for a password at a terminal; -q leaves the lines about created links away.
        argv = ("systemctl", *at_root, "--no-ask-password", "--quiet", verb, *(("--", *units) if units else ()))
        done = self.run(*argv, timeout=JOB_TIMEOUT)
        if not done.ok:
            raise self._failed(verb, " ".join(units), done)

    def _failed(self, verb: str, unit: str, done: CommandResult) -> Trouble:
        said = done.error_text.strip()
        if verb in {"start", "restart", "reload"} and self._is_whole:
            log = self.output_of("journalctl", f"--unit={unit}", "--lines=10", "--output=cat", "--no-pager", "--quiet")
            said = "\n".join(filter(None, (said, log.text.strip())))
        return Trouble(
            _("systemctl {verb} {unit} failed.").format(verb=verb, unit=unit) + (f"\n{said}" if said else ""),
            _("Look at `systemctl status {unit}` and `journalctl -u {unit} -e`.").format(unit=unit) if unit else "",
        )
