"""Let a running unit take up what changed: by a reload, or by a restart where a reload is not enough."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RefreshService:
    """Reloads or restarts a unit after changes whose claims begin with one of these words; restart wins.

    `action` is empty until a plan knows which is needed. It claims nothing: it is needed, or not, because of others.
    """

    unit: str
    reload_for: tuple[str, ...] = ()
    restart_for: tuple[str, ...] = ()
    action: str = ""
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        if self.action == "restart":
            return _("Restart {unit}").format(unit=self.unit)
        return _("Reload {unit}").format(unit=self.unit)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """No path."""
        return ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """No claim."""
        return ()

    def needed_after(self, changed: frozenset[str], look: Look) -> Step | None:
        """The same step with its action; None when nothing changed that it is for, or the unit does not run."""
        if not look.service(self.unit).running:
            return None
        if any(name.startswith(self.restart_for) for name in changed):
            return replace(self, action="restart")
        if any(name.startswith(self.reload_for) for name in changed):
            return replace(self, action="reload")
        return None

    def differs(self, _look: Look) -> frozenset[str]:
        """One word for the action, when there is one."""
        return frozenset({f"refresh:{self.unit}"}) if self.action else frozenset()

    def preview(self, _look: Look) -> str:
        """One sentence."""
        if self.action == "restart":
            return _("{unit} is stopped and started again.").format(unit=self.unit) + "\n"
        return _("{unit} reads its configuration again.").format(unit=self.unit) + "\n"

    def inverse(self, _look: Look) -> Step:
        """Itself: what is put back has to be taken up too."""
        return self

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Reloads or restarts the unit, if it runs."""
        if self.action and machine.service(self.unit).running:
            machine.refresh_service(self.unit, self.action)
            tell(self.title)

    def verify(self, look: Look) -> Problem | None:
        """Whether the unit runs after it, and its last end was a success (systemctl(1), property Result)."""
        details = look.unit(self.unit)
        if not self.action or (look.service(self.unit).running and details.result in {"", "success"}):
            return None
        return Problem(
            _("{unit} does not run after it took up the changes: {active}, {result}.").format(
                unit=self.unit, active=details.active_state, result=details.result or _("no result")
            ),
            _("See why: `systemctl status {unit}` and `journalctl -u {unit} -e`.").format(unit=self.unit),
        )
