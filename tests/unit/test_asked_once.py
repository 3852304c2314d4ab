"""A plan asks the machine the same thing once where each question is a program to start."""

from collections import Counter
from pathlib import PurePosixPath

from wizard.machine.machine import CommandResult, FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.pretend_packages import PretendPackage
from wizard.plan.make_plan import make_plan
from wizard.steps.install_packages import InstallPackages


class Asked(PretendMachine):
    """Counts what its programs are asked."""

    def __init__(self) -> None:
        files = {PurePosixPath("/etc/postfix/main.cf"): FileState()}
        super().__init__(available={"postfix": PretendPackage("3.11.7-1", files)})
        self.asked = Counter[tuple[str, ...]]()

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """As it is asked, each time."""
        self.asked[argv] += 1
        return super().output_of(*argv, stdin=stdin, timeout=timeout)


def test_a_plan_asks_pacman_once_what_it_would_install() -> None:
    machine = Asked()
    step = InstallPackages(packages=("postfix",), why="Mail needs it.")
    plan = make_plan((step, step), machine)
    assert [planned.preview.splitlines()[0] for planned in plan.steps] == ["Package: postfix 3.11.7-1"]
    asked = {argv: count for argv, count in machine.asked.items() if argv[:2] == ("pacman", "-Sp")}
    assert asked
    assert set(asked.values()) == {1}


def test_another_plan_asks_pacman_anew() -> None:
    machine = Asked()
    step = InstallPackages(packages=("postfix",), why="Mail needs it.")
    for _plan in range(2):
        make_plan((step,), machine)
    assert {count for argv, count in machine.asked.items() if argv[:2] == ("pacman", "-Sp")} == {2}
