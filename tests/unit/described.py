"""Machines that are described in JSON, by name."""

from pathlib import Path

from wizard.machine.pretend_machine import PretendMachine
from wizard.places import FRESH_ARCH

DESCRIPTIONS = {
    "fresh_arch": FRESH_ARCH,
    "postfix_by_hand": Path(__file__).parents[1] / "machines" / "postfix_by_hand.json",
}


def described(name: str) -> PretendMachine:
    """The machine of that name."""
    return PretendMachine.from_json(DESCRIPTIONS[name].read_text("utf-8"))
