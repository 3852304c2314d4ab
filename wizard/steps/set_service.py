"""Enable or disable, start or stop, mask or unmask a unit of systemd."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, ServiceState, Tell, silent
from wizard.problem import Problem
from wizard.steps.manager import UNIT_FOLDER
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class SetService:
    """Gives a unit this state; what the state leaves open (None) stays as it is (systemctl(1))."""

    unit: str
    state: ServiceState
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        words = []
        if self.state.masked:
            words.append(_("mask"))
        if self.state.enabled is not None:
            words.append(_("enable") if self.state.enabled else _("disable"))
        if self.state.running is not None:
            words.append(_("start") if self.state.running else _("stop"))
        text = _("{actions} {unit}").format(actions=_(" and ").join(words) or _("unmask"), unit=self.unit)
        return text[:1].upper() + text[1:]

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """Where the links of enabled and masked units lie."""
        return (UNIT_FOLDER,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The unit, with its state in words."""
        enabled = {True: "enabled", False: "disabled", None: "unknown"}[self.state.enabled]
        return (Claim("unit", self.unit, f"{enabled} {'running' if self.state.running else 'stopped'}"),)

    def _changes(self, look: Look) -> dict[str, bool]:
        """What has to change; a unit that does not exist is neither enabled nor running nor masked."""
        now, wanted = look.service(self.unit), self.state
        changes: dict[str, bool] = {}
        if now.masked != wanted.masked:
            changes["masked"] = wanted.masked
        if wanted.enabled is not None and bool(now.enabled) != wanted.enabled and not wanted.masked:
            changes["enabled"] = wanted.enabled
        if wanted.running is not None and bool(now.running) != wanted.running:
            changes["running"] = wanted.running
        return changes

    def differs(self, look: Look) -> frozenset[str]:
        """Whether the unit has another state."""
        return frozenset({self.claims[0].name}) if self._changes(look) else frozenset()

    def preview(self, look: Look) -> str:
        """What changes, in sentences."""
        sentences = {
            ("masked", True): _("{unit} is masked: nothing can start it."),
            ("masked", False): _("{unit} is unmasked."),
            ("enabled", True): _("{unit} is enabled: it starts with the machine."),
            ("enabled", False): _("{unit} is disabled: it no longer starts with the machine."),
            ("running", True): _("{unit} is started."),
            ("running", False): _("{unit} is stopped."),
        }
        return "".join(sentences[change].format(unit=self.unit) + "\n" for change in self._changes(look).items())

    def inverse(self, look: Look) -> Step:
        """The state now, as far as this step changes it; a unit that does not exist yet is put back to off."""
        now = look.service(self.unit)
        return SetService(
            unit=self.unit,
            state=ServiceState(
                enabled=None if self.state.enabled is None else bool(now.enabled),
                running=None if self.state.running is None else bool(now.running),
                masked=now.masked,
            ),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Changes what is not so yet."""
        said = self.preview(machine)
        if not said:
            return
        machine.set_service(self.unit, self.state)
        for sentence in said.splitlines():
            tell(sentence)

    def verify(self, look: Look) -> Problem | None:
        """Whether the unit is so, and did not fail meanwhile."""
        if not self.differs(look):
            return None
        details = look.unit(self.unit)
        return Problem(
            _("{unit} is {active} and {enabled}.").format(
                unit=self.unit, active=details.active_state, enabled=details.unit_file_state or _("not known")
            ),
            _("See why: `systemctl status {unit}` and `journalctl -u {unit} -e`.").format(unit=self.unit),
        )
