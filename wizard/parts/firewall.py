"""The firewall: the ports of the services are opened in the one that is in use, or a notice says how."""

from wizard.ask.firewall_questions import Ports, closed_ports, open_firewall
from wizard.ask.question import SoFar
from wizard.check.firewall import ports_are_open
from wizard.plan.part import Part, Wishes
from wizard.steps.firewall_ports import OpenPorts
from wizard.words import _


def firewall_for(ports: Ports) -> Part:
    """The part for services that listen on these ports."""

    def wishes(so_far: SoFar) -> Wishes:
        found = so_far.facts.firewall
        if so_far.text("open_firewall") != "open":
            return Wishes()
        return Wishes(
            last=(
                OpenPorts(
                    kind=found.kind,
                    place=found.place,
                    ports=closed_ports(found, ports(so_far)),
                    why=_("So that others can connect (RFC 5321, section 2.3.7; RFC 8314, section 3)."),
                ),
            )
        )

    return Part(questions=(open_firewall(ports),), wishes=wishes, checks=(ports_are_open(ports),))
