"""What a kept run is said to have changed: its steps with the right marks, and its files."""

from pathlib import PurePosixPath

from tests.unit.carried_out import ALIASES, MAIN_CF, WHY, all_steps, bare_machine, carry_out, undo
from wizard.apply.events import Ending
from wizard.apply.execute import Outcome
from wizard.apply.run_changes import run_changes
from wizard.apply.runs import Run, all_runs
from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import Trouble
from wizard.steps.remove_file import RemoveFile
from wizard.steps.set_parameters import SetParameters
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile

P = PurePosixPath
NOTE, OLD = P("/etc/note"), P("/etc/old")


def steps_of(count: int) -> tuple[Step, ...]:
    return tuple(WriteFile(path=P(f"/etc/{number}"), content=b"x\n", why=WHY) for number in range(1, count + 1))


def stopped_after(machine: PretendMachine, steps: int, *planned: Step, run: Run | None = None) -> Outcome:
    asked = iter(range(steps))
    return carry_out(machine, *planned, stop=lambda: next(asked, None) is None, run=run)


def marks(machine: PretendMachine) -> list[str]:
    text = run_changes(machine, all_runs(machine)[0].run_id)
    return [line for line in text.splitlines() if line[:1].isdigit()]


def test_a_run_that_was_gone_on_with_shows_each_step_once_and_with_its_own_mark() -> None:
    machine = bare_machine()
    stopped_after(machine, 2, *steps_of(5))
    stopped_after(machine, 1, *steps_of(5), run=all_runs(machine)[0])
    assert marks(machine) == [
        *(f"{number}. Write /etc/{number}" for number in (1, 2, 3)),
        *(f"{number}. Write /etc/{number} (not done)" for number in (4, 5)),
    ]
    run = all_runs(machine)[0]
    assert (run.steps_done, len(run.titles)) == (3, 5)
    assert carry_out(machine, *steps_of(5), run=run).ending is Ending.DONE
    assert marks(machine) == [f"{number}. Write /etc/{number}" for number in range(1, 6)]


def test_a_step_that_failed_is_not_done_and_is_shown_once_when_the_run_is_gone_on_with() -> None:
    class Full(PretendMachine):
        def write_file(self, path: PurePosixPath, state: FileState) -> None:
            if path == P("/etc/2"):
                raise Trouble("No space left.")
            super().write_file(path, state)

    machine = bare_machine()
    machine.__class__ = Full
    assert carry_out(machine, *steps_of(3)).ending is Ending.FAILED
    machine.__class__ = PretendMachine
    assert marks(machine) == ["1. Write /etc/1", "2. Write /etc/2 (not done)", "3. Write /etc/3 (not done)"]
    run = all_runs(machine)[0]
    assert carry_out(machine, *steps_of(3), run=run).ending is Ending.DONE
    assert marks(machine) == [f"{number}. Write /etc/{number}" for number in range(1, 4)]


def test_what_the_run_changed_is_shown_and_what_others_did_since_is_said_to_be_so() -> None:
    machine = bare_machine()
    machine.lay(NOTE, FileState(content=b"before\n"))
    machine.lay(OLD, FileState(content=b"old\n"))
    carry_out(machine, WriteFile(path=NOTE, content=b"ours\n", why=WHY), RemoveFile(path=OLD, why=WHY))
    run_id = all_runs(machine)[0].run_id
    text = run_changes(machine, run_id)
    assert "-before\n+ours\n" in text
    assert "File /etc/old is removed." in text
    assert "after this run" not in text
    machine.lay(NOTE, FileState(content=b"theirs\n"))
    text = run_changes(machine, run_id)
    assert "/etc/note: changed once more after this run; the difference is from before the run to now." in text
    assert "-before\n+theirs\n" in text
    machine.remove(NOTE)
    assert "/etc/note: written by this run; it is no longer there." in run_changes(machine, run_id)


def test_of_a_run_that_was_put_back_each_file_is_said_to_be_as_before() -> None:
    machine = bare_machine()
    machine.lay(MAIN_CF, FileState(content=b"biff = yes\n"))
    carry_out(machine, SetParameters(path=MAIN_CF, wanted=(("biff", "no"),), why=WHY))
    undo(machine)
    text = run_changes(machine, all_runs(machine)[0].run_id)
    assert f"{MAIN_CF}: changed by this run, and by now as it was before." in text
    assert "+biff" not in text


def test_all_kinds_of_steps_can_be_shown() -> None:
    machine = bare_machine()
    carry_out(machine, *all_steps())
    text = run_changes(machine, all_runs(machine)[0].run_id)
    assert "+root: taro" in text
    assert str(ALIASES) in text
    assert "hush" not in text
