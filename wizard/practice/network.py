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
    """Puts running machines on one link, each with its address (RFC 5737: 192.0.2.1/24); the first one is the switch.

    The link lives in the machines' own network namespaces and goes with them.
    """
    switch, *others = addresses
    _must(switch, "ip", "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0")
    _must(switch, "ip", "address", "add", addresses[switch], "dev", BRIDGE)
    _must(switch, "ip", "link", "set", BRIDGE, "up")
    for number, machine in enumerate(others, start=1):
        port = f"port{number}"
        # From outside: only here are both machines' namespaces known by number.
        run_tool(
            "nsenter", f"--target={switch.leader}", "--net", "ip", "link", "add", port, "type", "veth",
            "peer", "name", "eth0", "netns", str(machine.leader),
        )  # fmt: skip
        _must(switch, "ip", "link", "set", port, "master", BRIDGE, "up")
        _must(machine, "ip", "address", "add", addresses[machine], "dev", "eth0")
        _must(machine, "ip", "link", "set", "eth0", "up")


def _must(machine: Connectable, *argv: str) -> None:
    ended = machine.run(*argv)
    if not ended.ok:
        raise Trouble(f"{' '.join(argv)} failed on {machine.name}: {ended.error_text.strip()}")
