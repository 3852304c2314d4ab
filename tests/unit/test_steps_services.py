"""Units: what a reload or restart is needed for, and that a unit comes back to the state it was in."""

from pathlib import PurePosixPath

from wizard.machine.machine import FileState, ServiceState
from wizard.machine.pretend_machine import PretendMachine
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_service import SetService

MAIN_CF = PurePosixPath("/etc/postfix/main.cf")
UNIT = "postfix.service"
REFRESH = RefreshService(
    unit=UNIT,
    reload_for=("parameter:", "service_entry:"),
    restart_for=(f"parameter:{MAIN_CF}#inet_interfaces", f"parameter:{MAIN_CF}#inet_protocols"),
    why="w",
)


def a_machine(*running: str) -> PretendMachine:
    machine = PretendMachine(running=running)
    machine.lay(PurePosixPath("/etc/systemd/system"), FileState(kind=FileState().kind.DIRECTORY, mode=0o755))
    machine.lay(
        PurePosixPath("/usr/lib/systemd/system/postfix.service"), FileState(content=b"[Install]\nWantedBy=a.target\n")
    )
    return machine


def action_after(*changed: str, running: bool = True) -> str | None:
    needed = REFRESH.needed_after(frozenset(changed), a_machine(*((UNIT,) if running else ())))
    return needed.action if isinstance(needed, RefreshService) else None


def test_the_stronger_action_wins() -> None:
    assert action_after(f"parameter:{MAIN_CF}#myhostname") == "reload"
    assert action_after(f"parameter:{MAIN_CF}#myhostname", f"parameter:{MAIN_CF}#inet_interfaces") == "restart"


def test_without_a_change_or_a_running_unit_nothing_is_needed() -> None:
    assert action_after("table_line:/etc/x#a") is None
    assert action_after(f"parameter:{MAIN_CF}#myhostname", running=False) is None
    assert REFRESH.differs(a_machine(UNIT)) == frozenset()


def test_a_refresh_of_a_stopped_unit_does_nothing_and_is_a_problem() -> None:
    machine = a_machine()
    step = RefreshService(unit=UNIT, action="restart", why="w")
    step.apply(machine)
    assert machine.commands == []
    assert step.verify(machine) is not None


def test_the_inverse_of_what_starts_a_unit_that_does_not_exist_yet_turns_it_off() -> None:
    machine = PretendMachine()
    step = SetService(unit="x.service", state=ServiceState(enabled=True, running=True), why="w")
    inverse = step.inverse(machine)
    assert isinstance(inverse, SetService)
    assert inverse.state == ServiceState(enabled=False, running=False, masked=False)
    inverse.apply(machine)


def test_a_unit_that_was_running_but_not_enabled_comes_back_so() -> None:
    machine = a_machine(UNIT)
    step = SetService(unit=UNIT, state=ServiceState(enabled=True, running=False), why="w")
    inverse = step.inverse(machine)
    step.apply(machine)
    assert machine.service(UNIT) == ServiceState(enabled=True, running=False)
    inverse.apply(machine)
    assert machine.service(UNIT) == ServiceState(enabled=False, running=True)
