"""The question on the firewall, asked only where one is in use."""

from collections.abc import Callable

from wizard.ask.question import Choice, ChoiceQuestion, SoFar
from wizard.machine.firewall import Firewall, commands
from wizard.problem import Problem
from wizard.words import _

Ports = Callable[[SoFar], tuple[int, ...]]


def closed_ports(firewall: Firewall, ports: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the ports that no rule of others lets in."""
    return tuple(port for port in ports if port not in firewall.ports)


def what_to_type(firewall: Firewall, ports: tuple[int, ...]) -> str:
    """The commands that open ports, in one line."""
    found = commands(firewall.kind, firewall.place, ports)
    return "; ".join(f"nft '{command}'" if firewall.kind == "nftables" else command for command in found)


def open_firewall(ports: Ports) -> ChoiceQuestion:
    """Whether these ports are opened in the firewall that is in use."""

    def closed(so_far: SoFar) -> tuple[int, ...]:
        return closed_ports(so_far.facts.firewall, ports(so_far))

    def seen(so_far: SoFar) -> str:
        firewall = so_far.facts.firewall
        name = "iptables" if firewall.kind == "other" else firewall.kind
        return _("{firewall} turns connections away here, to ports {ports} too.").format(
            firewall=name, ports=", ".join(map(str, closed(so_far)))
        )

    def objection(value: str, so_far: SoFar) -> Problem | None:
        if value != "open" or so_far.facts.firewall.kind != "other":
            return None
        return Problem(
            _("Who made the rules of this firewall cannot be told, so the wizard does not change them."),
            _("Open them yourself, and where they are kept too: {commands}").format(
                commands=what_to_type(so_far.facts.firewall, closed(so_far))
            ),
        )

    return ChoiceQuestion(
        key="open_firewall",
        ask=_("Shall the ports of the mail services be opened in the firewall?"),
        why=_(
            "Other mail servers deliver to port 25; mail programs send by 465 and 587, and read by 993. What the "
            "firewall turns away does not come. Rules are added by the firewall's own tool, now and for the next "
            "start, and `postwizard undo` takes them out again."
        ),
        manual="nft(8), ufw(8), firewall-cmd(1)",
        section=_("What is there already"),
        when=lambda so_far: bool(so_far.facts.firewall.kind and closed(so_far)),
        seen=seen,
        choices=lambda so_far: (
            Choice("open", _("Open them"), _("For everybody; each service judges for itself who may do what.")),
            Choice(
                "leave",
                _("Leave the firewall as it is"),
                _("Then open them yourself: {commands}").format(
                    commands=what_to_type(so_far.facts.firewall, closed(so_far))
                ),
            ),
        ),
        default=lambda so_far: "leave" if so_far.facts.firewall.kind == "other" else "open",
        objection=objection,
    )
