"""The program on a machine in memory, with a fault if one is wanted."""

import os
import signal
from collections.abc import Sequence
from pathlib import PurePosixPath
from unittest import mock

import wizard.__main__ as entry
from wizard import session
from wizard.check.finding import Finding, Verdict
from wizard.machine.machine import ServiceState, Tell
from wizard.machine.pretend_machine import PretendMachine
from wizard.places import FRESH_ARCH
from wizard.problem import Trouble

FRESH = FRESH_ARCH.read_text("utf-8")


class FaultyMachine(PretendMachine):
    """A fresh machine on which one thing goes wrong."""

    fault = ""

    def is_root(self) -> bool:
        """Whether changes can be made."""
        return self.fault != "not root"

    def install(self, packages: tuple[str, ...], tell: Tell = lambda _line: None) -> None:
        """Installs them, unless a signal or a mistake of our own comes first."""
        if self.fault == "signal":
            os.kill(os.getpid(), signal.SIGTERM)
        if self.fault == "bug":
            raise RuntimeError("a secret is in here")
        super().install(packages, tell)

    def remove(self, path: PurePosixPath) -> None:
        """Removes it, unless that is what fails."""
        if self.fault == "cannot put back" and str(path).startswith("/etc/"):
            raise Trouble("a second fault was put here")
        super().remove(path)

    def uninstall(self, packages: tuple[str, ...], tell: Tell = lambda _line: None) -> None:
        """Removes them, unless that is what fails."""
        if self.fault == "cannot put back":
            raise Trouble("a second fault was put here")
        super().uninstall(packages, tell)

    def set_service(self, name: str, state: ServiceState) -> None:
        """Sets its state, unless that is what fails."""
        if self.fault in {"fail", "cannot put back"} and state.running:
            raise Trouble("a fault was put here")
        super().set_service(name, state)


def main(fault: str, argv: Sequence[str]) -> int:
    """One call of the program."""
    machine = FaultyMachine.from_json(FRESH)
    machine.fault = fault
    with mock.patch.object(entry, "_machine", return_value=machine):
        if fault != "test fails":
            return entry.main(argv)
        not_well = (Finding(Verdict.BAD, "It is not well."),)
        with mock.patch.object(session, "look_at_checks", return_value=not_well):
            return entry.main(argv)
