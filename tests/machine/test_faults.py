"""The wizard killed, or failing, at each place in turn: afterwards the machine is what it was, or can be made so."""

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.the_wizard import ANSWERS, came_to_its_end, put_file, set_up, with_fault, wizard
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

KILLED = 137
SET_UP = ("--answers", "/root/answers.toml", "--yes", "--no-test-sends")


def did(machine: PracticeMachine, *argv: str) -> str:
    result = machine.run(*argv)
    assert result.ok, result.error_text
    return result.text


def each_place(machine: PracticeMachine, kind: str, *arguments: str, most: int = 200) -> int:
    """Puts a fault at the 1st place, the 2nd, … until a run passes; checks after each that all can be put back."""
    put_file(machine, "/root/answers.toml", ANSWERS)
    before = fingerprint(machine)
    for place in range(1, most):
        result = with_fault(machine, kind, place, *arguments)
        assert result.exit_code in {0, 1, KILLED}, f"{kind} at {place}:\n{result.text}\n{result.error_text}"
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, f"{kind} at {place}:\n{result.error_text}\n{undone.text}\n{undone.error_text}"
        found = differences(before, fingerprint(machine))
        assert found == {}, f"{kind} at {place}: {found}\n{result.text[-2000:]}\n{undone.text[-2000:]}"
        if came_to_its_end(result, place):
            return place - 1
    pytest.fail(f"more than {most} places")


def test_killed_after_each_record_of_the_journal_it_can_be_put_back(fresh_machine: PracticeMachine) -> None:
    places = each_place(fresh_machine, "kill-at-record", *SET_UP)
    assert places > 10


def test_killed_after_each_change_it_can_be_put_back(fresh_machine: PracticeMachine) -> None:
    places = each_place(fresh_machine, "kill-after", *SET_UP)
    assert places >= 5


def test_when_any_change_fails_the_machine_is_put_back_by_itself(fresh_machine: PracticeMachine) -> None:
    places = each_place(fresh_machine, "fail", *SET_UP)
    assert places >= 5


def test_putting_back_survives_being_killed_after_each_of_its_records(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    for place in range(1, 100):
        assert set_up(machine, "--no-test-sends").exit_code == 0
        result = with_fault(machine, "kill-at-record", place, "undo", "--yes")
        if result.exit_code == KILLED:
            again = wizard(machine, "undo", "--yes")
            assert again.exit_code == 0, again.text + again.error_text
        found = differences(before, fingerprint(machine))
        assert found == {}, f"killed at {place}: {found}"
        if result.exit_code != KILLED:
            assert place > 5
            return
    pytest.fail("putting back never came to its end")


def test_a_killed_run_can_be_gone_on_with(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    put_file(machine, "/root/answers.toml", ANSWERS)
    for place in (2, 4, 6, 8, 10, 12):
        assert with_fault(machine, "kill-at-record", place, *SET_UP).exit_code == KILLED
        again = wizard(machine, "resume", "--yes")
        assert again.exit_code == 0, again.text + again.error_text
        nothing = set_up(machine)
        assert nothing.exit_code == 0
        assert "othing" in nothing.text
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
        assert differences(before, fingerprint(machine)) == {}


KILL_WHILE_PACMAN_WORKS = """
import os, signal, subprocess, sys, time
wizard = subprocess.Popen(["postwizard", *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
while wizard.poll() is None and not os.path.exists("/var/lib/pacman/db.lck"):
    time.sleep(0.001)
wizard.send_signal(signal.SIGKILL)
print(wizard.wait())
"""


def test_killed_while_pacman_works_pacman_ends_its_transaction_and_all_is_put_back(
    fresh_machine: PracticeMachine,
) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    put_file(machine, "/root/answers.toml", ANSWERS)
    put_file(machine, "/root/kill.py", KILL_WHILE_PACMAN_WORKS)
    for _time in range(3):
        assert machine.run("python3", "/root/kill.py", *SET_UP).text.strip() == "-9"
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text
        assert machine.run("pacman", "-Q", "postfix").exit_code == 1
        assert differences(before, fingerprint(machine)) == {}


def test_what_a_person_does_after_a_kill_while_pacman_works_stays(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    put_file(machine, "/root/answers.toml", ANSWERS)
    put_file(machine, "/root/kill.py", KILL_WHILE_PACMAN_WORKS)
    assert machine.run("python3", "/root/kill.py", *SET_UP).text.strip() == "-9"
    for _attempt in range(300):
        if not machine.run("test", "-e", "/var/lib/pacman/db.lck").ok:
            break
        machine.run("sleep", "0.1")
    did(machine, "useradd", "-m", "jiro")
    put_file(
        machine,
        "/etc/systemd/system/own.service",
        "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
    )
    did(machine, "systemctl", "enable", "own.service")
    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert did(machine, "id", "-un", "jiro").strip() == "jiro"
    assert did(machine, "systemctl", "is-enabled", "own.service").strip() == "enabled"
    assert not machine.run("id", "postfix").ok
    assert not machine.run("getent", "group", "postdrop").ok
    assert machine.run("pacman", "-Q", "postfix").exit_code == 1
