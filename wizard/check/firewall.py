"""Whether the firewall that is in use lets in what the services need."""

from wizard.ask.firewall_questions import Ports, closed_ports, what_to_type
from wizard.ask.question import SoFar
from wizard.check.finding import Check, Finding, Verdict
from wizard.machine.firewall import firewall_of
from wizard.machine.machine import Look
from wizard.steps.firewall_rules import is_open
from wizard.words import _


def ports_are_open(ports: Ports) -> Check:
    """A check that names the commands for ports that are closed."""

    def look_at(look: Look, so_far: SoFar) -> Finding:
        firewall = firewall_of(look)
        if not firewall.kind:
            return Finding(Verdict.GOOD, _("No firewall of this machine turns mail away."))
        closed = closed_ports(firewall, ports(so_far))
        if firewall.kind != "other":
            closed = tuple(port for port in closed if not is_open(look, firewall.kind, firewall.place, port))
        if not closed:
            return Finding(Verdict.GOOD, _("{firewall} lets in the mail services.").format(firewall=firewall.kind))
        return Finding(
            Verdict.DOUBTFUL,
            _(
                "The firewall of this machine turns away ports {ports}, so others cannot reach the services there."
            ).format(ports=", ".join(map(str, closed))),
            firewall.kind,
            _("Open them: {commands}").format(commands=what_to_type(firewall, closed)),
        )

    return Check(symptom=_("Others cannot connect"), look=look_at)
