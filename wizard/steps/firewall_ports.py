"""Open ports in the firewall that is in use, by its own tool, and take rules of ours out again."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.firewall_rules import close_ports, commands, is_open, open_ports, shown, touched, written
from wizard.steps.in_turn import InTurn
from wizard.steps.nothing import Nothing
from wizard.steps.restore_file import RestoreFile, digest_of_content
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class _Ports:
    """TCP ports of a firewall, whose `kind` and `place` are those of `Firewall`."""

    kind: str
    place: tuple[str, ...] = ()
    ports: tuple[int, ...]
    why: str

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The files of the firewall."""
        return touched(self.kind)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Each port."""
        place = ",".join((self.kind, *self.place))
        return tuple(Claim("firewall_port", str(port), "open", place) for port in self.ports)

    def _open(self, look: Look) -> tuple[int, ...]:
        return tuple(port for port in self.ports if is_open(look, self.kind, self.place, port))

    def _closed(self, look: Look) -> tuple[int, ...]:
        return tuple(port for port in self.ports if not is_open(look, self.kind, self.place, port))

    def _with_files(self, step: Step, look: Look) -> Step:
        """The step, and after it the times of the firewall's files, where it brought them back to the byte."""
        files = tuple(
            RestoreFile(
                path=path,
                before=look.file(path),
                ours=digest_of_content(look.file(path)),
                otherwise=Nothing(why=self.why),
                why=self.why,
            )
            for path in written(look, self.kind, self.place)
        )
        return InTurn(steps=(step, *files), why=self.why)

    def _named(self, ports: tuple[int, ...]) -> frozenset[str]:
        return frozenset(claim.name for claim in self.claims if int(claim.key) in ports)


@dataclass(frozen=True, kw_only=True)
class OpenPorts(_Ports):
    """Makes the firewall let these ports in, now and after each start."""

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Open ports {ports} in {firewall}").format(ports=shown(self.ports), firewall=self.kind)

    def differs(self, look: Look) -> frozenset[str]:
        """The ports that are not let in by rules of ours."""
        return self._named(self._closed(look))

    def preview(self, look: Look) -> str:
        """What is done to the firewall, in the words of its tool."""
        ports = self._closed(look)
        if not ports:
            return ""
        heading = _("The rules in force change, and {path}:").format(path=self.touches[0])
        return "\n".join((heading, *commands(self.kind, self.place, ports))) + "\n"

    def inverse(self, look: Look) -> Step:
        """Closes those that are not open yet."""
        closing = ClosePorts(kind=self.kind, place=self.place, ports=self._closed(look), why=self.why)
        return self._with_files(closing, look)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Opens them; raises Trouble where the firewall's tool does not."""
        ports = self._closed(machine)
        if not ports:
            return
        open_ports(machine, self.kind, self.place, ports)
        tell(_("Ports {ports} are open.").format(ports=shown(ports)))

    def verify(self, look: Look) -> Problem | None:
        """Whether the rules are there."""
        if ports := self._closed(look):
            return Problem(
                _("{firewall} does not let in ports {ports}.").format(firewall=self.kind, ports=shown(ports))
            )
        return None


@dataclass(frozen=True, kw_only=True)
class ClosePorts(_Ports):
    """Makes the firewall let these ports in by no rule of ours; rules of others stay."""

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Close ports {ports} in {firewall} again").format(ports=shown(self.ports), firewall=self.kind)

    def differs(self, look: Look) -> frozenset[str]:
        """The ports that rules of ours let in."""
        return self._named(self._open(look))

    def preview(self, look: Look) -> str:
        """One sentence."""
        ports = self._open(look)
        return _("The rules for ports {ports} are taken out.").format(ports=shown(ports)) + "\n" if ports else ""

    def inverse(self, look: Look) -> Step:
        """Opens those that are open now."""
        opening = OpenPorts(kind=self.kind, place=self.place, ports=self._open(look), why=self.why)
        return self._with_files(opening, look)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Closes them; raises Trouble where the firewall's tool does not."""
        # What runs may have a rule that the files do not, where opening was cut short.
        if not self.ports:
            return
        close_ports(machine, self.kind, self.place, self.ports)
        tell(_("The rules for ports {ports} are taken out.").format(ports=shown(self.ports)))

    def verify(self, look: Look) -> Problem | None:
        """Whether the rules are gone."""
        if ports := self._open(look):
            return Problem(_("{firewall} still lets in ports {ports}.").format(firewall=self.kind, ports=shown(ports)))
        return None
