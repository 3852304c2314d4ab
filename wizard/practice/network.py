"""A network between machines, without the host having a part in it: addresses, no route to anywhere else."""

from collections.abc import Mapping
from typing import Protocol

from wizard.machine.machine import CommandResult
from wizard.practice.chroot import run_tool
from wizard.problem import Trouble

BRIDGE = "lan0"


class Connectable(Protocol):
    """What is needed of a machine here."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def leader(self) -> int:
        """Its first process."""
        ...

    def run(self, *argv: str) -> CommandResult:
        """Runs a command in it."""
        ...


def connect(addresses: Mapping[Connectable, str]) -> None:
    """Puts running machines on one link, each with its addresses (`192.0.2.1/24`, or several); the first is the switch.

    The link lives in the machines' own network namespaces and goes with them. A machine whose addresses are those of
    a host alone (/32, /128) takes the link for the way to everybody, as if each were in a network of its own.
    """
    switch, *others = addresses
    _must(switch, "ip", "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0")
    _join(switch, BRIDGE, addresses[switch])
    for number, machine in enumerate(others, start=1):
        port = f"port{number}"
        # From outside: only here are both machines' namespaces known by number.
        run_tool(
            "nsenter", f"--target={switch.leader}", "--net", "ip", "link", "add", port, "type", "veth",
            "peer", "name", "eth0", "netns", str(machine.leader),
        )  # fmt: skip
        _must(switch, "ip", "link", "set", port, "master", BRIDGE, "up")
        _join(machine, "eth0", addresses[machine])


def _join(machine: Connectable, device: str, addresses: str) -> None:
    """Gives a device its addresses and routes."""
    _must(machine, "ip", "link", "set", device, "up")
    for address in addresses.split():
        version = "-6" if ":" in address else "-4"
        # Without the search for duplicates, which takes seconds, an IPv6 address can be used at once (ip-address(8)).
        quick = ("nodad",) if version == "-6" else ()
        _must(machine, "ip", version, "address", "add", address, "dev", device, *quick)
        if address.endswith(("/32", "/128")):
            _must(machine, "ip", version, "route", "replace", "default", "dev", device)


def _must(machine: Connectable, *argv: str) -> None:
    ended = machine.run(*argv)
    if not ended.ok:
        raise Trouble(f"{' '.join(argv)} failed on {machine.name}: {ended.error_text.strip()}")
