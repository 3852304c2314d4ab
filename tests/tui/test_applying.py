"""A run under way, one that fails, one that is stopped, and one that is put back."""

from pathlib import PurePosixPath
from threading import main_thread
from types import SimpleNamespace

import pytest

from tests.tui.by_keys import applied, at_preview, sitting_at
from tests.tui.fake_engine import Engine, a_run, held
from wizard.apply.events import Ending, RunBegan, StepStarted
from wizard.apply.execute import Outcome
from wizard.check.finding import Finding, Verdict
from wizard.command_line import Exit
from wizard.problem import BadInput, Problem, Trouble
from wizard.tui import commands
from wizard.tui.exit_code import exit_code
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.screens.report import ReportScreen
from wizard.tui.screens.snapshots import SnapshotsScreen
from wizard.tui.screens.unfinished import UnfinishedScreen


async def test_nothing_is_applied_before_yes_is_said(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_preview(person)
        await person.press("enter")
        await person.is_at(Confirm)
        await person.press("enter")
        await person.is_at(PreviewScreen)
        await person.press("enter", "escape")
        await person.is_at(PreviewScreen)
    assert "carry_out" not in engine.calls


@pytest.mark.thorough
async def test_each_step_says_in_words_how_far_it_is(engine: Engine) -> None:
    async with sitting_at() as person:
        with held(engine, 2):
            await applied(person)
            await person.sees("[done] Install postfix")
            await person.sees("[running] Set 2 parameters")
            await person.sees("[waiting] Start postfix.service")
            await person.sees("1 of 3 done")
            await person.sees("working on Set 2 parameters in /etc/postfix/main.cf [/] [bold]")
        await person.sees("3 of 3 done")


async def test_one_cannot_leave_while_the_machine_is_changed(engine: Engine) -> None:
    async with sitting_at() as person:
        with held(engine, 2):
            await applied(person)
            await person.sees("[running]")
            for number, key in enumerate(("f10", "ctrl+q", "ctrl+c"), start=1):
                await person.press(key)
                await person.until(lambda number=number: person.seen.count("The machine is being") == number, key)
                await person.is_at(ApplyScreen)
            await person.press("escape")
            await person.is_at(ApplyScreen)
        await person.sees("All steps are done.")


async def test_stop_waits_for_the_step_and_begins_no_other(engine: Engine) -> None:
    async with sitting_at() as person:
        with held(engine, 2):
            await applied(person)
            await person.sees("[running]")
            await person.press("s")
            await person.sees("Stopping after this step")
        await person.sees("Stopped between two steps")
        await person.sees("[not begun] Start postfix.service")
        assert engine.stopped_at == 3
        await person.sees("Go on with the rest")


async def test_a_signal_stops_a_run_as_the_key_does(engine: Engine) -> None:
    import os
    import signal
    from threading import current_thread

    assert current_thread() is main_thread()
    async with sitting_at() as person:
        with held(engine, 1):
            await applied(person)
            await person.sees("[running]")
            os.kill(os.getpid(), signal.SIGTERM)
            await person.sees("Stopping after this step")
        await person.sees("Stopped between two steps")


async def test_a_failure_says_what_and_what_to_do_and_can_be_put_back(engine: Engine) -> None:
    engine.fails_at = 2
    async with sitting_at() as person:
        await applied(person)
        await person.sees("[failed] Port 25 is taken by exim.")
        await person.sees("hint: systemctl disable --now exim")
        await person.sees("[not begun] Start postfix.service")
        await person.press("p")
        await person.sees("Everything is as it was before.")
        await person.press("r")
        await person.is_at(ReportScreen)
        await person.press("enter")
    assert engine.calls[-1] == "put_back 20260101T000000Z"
    assert person.app.return_value == 1


@pytest.mark.thorough
async def test_a_failure_can_be_left_as_it_is(engine: Engine) -> None:
    engine.fails_at = 1
    async with sitting_at() as person:
        await applied(person)
        await person.sees("Port 25 is taken by exim.")
        await person.press("e")
        await person.is_at(ReportScreen)
        await person.sees("postwizard undo 20260101T000000Z")
        await person.press("f10")
    assert person.app.return_value == 3


@pytest.mark.thorough
async def test_what_was_changed_since_is_only_put_back_by_force_and_after_a_question(engine: Engine) -> None:
    engine.fails_at, engine.bad_put_back = 2, True
    async with sitting_at() as person:
        await applied(person)
        await person.sees("Port 25")
        await person.press("p")
        await person.sees("Put back, but for what was changed since.")
        await person.press("f")
        await person.is_at(Confirm)
        await person.press("y")
        await person.sees("Everything is as it was before.")
    assert engine.calls[-1] == "put_back 20260101T000000Z force"


@pytest.mark.thorough
async def test_the_log_of_any_step_can_be_read_afterwards(engine: Engine) -> None:
    async with sitting_at() as person:
        await applied(person)
        await person.sees("All steps are done.")
        await person.press("l", "home")
        await person.sees("working on Install postfix")


@pytest.mark.thorough
async def test_after_a_run_one_can_start_again(engine: Engine) -> None:
    async with sitting_at() as person:
        await applied(person)
        await person.sees("All steps are done.")
        await person.press("escape")
        await person.is_at(ChooseProfileScreen)
        await person.sees("Mail between users of this machine.")


async def test_an_unfinished_run_is_shown_first_and_gone_on_with(engine: Engine) -> None:
    engine.unfinished = a_run(state="failed", done=1)
    async with sitting_at() as person:
        await person.is_at(UnfinishedScreen)
        await person.sees("[done] Install postfix")
        await person.sees("[not done] Start postfix.service")
        await person.press("g")
        await person.is_at(PreviewScreen)
        await person.sees("3 steps are left to do")
        await person.press("enter", "y")
        await person.sees("All steps are done.")
    assert "carry_out 20260101T000000Z" in engine.calls


@pytest.mark.thorough
async def test_an_unfinished_run_is_put_back(engine: Engine) -> None:
    engine.unfinished = a_run(state="unfinished", done=1)
    async with sitting_at() as person:
        await person.is_at(UnfinishedScreen)
        await person.press("p", "y")
        await person.sees("Everything is as it was before.")
    assert engine.calls == ["put_back 20260101T000000Z"]


@pytest.mark.thorough
async def test_an_unfinished_run_can_be_left_for_now(engine: Engine) -> None:
    engine.unfinished = a_run(state="unfinished", done=1)
    async with sitting_at() as person:
        await person.is_at(UnfinishedScreen)
        await person.press("l")
        await person.is_at(ChooseProfileScreen)
        await person.sees("An earlier run did not come to its end")


@pytest.mark.thorough
async def test_an_undo_that_was_broken_off_is_only_gone_on_with(engine: Engine) -> None:
    engine.unfinished = a_run(state="unfinished-undo", done=3)
    async with sitting_at() as person:
        await person.is_at(UnfinishedScreen)
        assert "Go on putting it back" in person.seen
        assert "look at what is left" not in person.seen


async def test_the_keys_of_a_run_are_offered_where_there_is_one(engine: Engine) -> None:
    async with sitting_at(start="snapshots") as person:
        await person.sees("No snapshot is kept")
        assert "Put back" not in person.seen
        assert "Remove" not in person.seen
    engine.runs = [a_run("20260101T000000Z"), a_run("20260102T000000Z", state="put-back")]
    async with sitting_at(start="snapshots") as person:
        await person.sees("run 20260102T000000Z changed")
        await person.sees("Remove")
        assert " p Put back" not in person.seen
        await person.press("down")
        await person.sees("p Put back")


async def test_snapshots_show_what_each_run_changed_and_put_one_back(engine: Engine) -> None:
    engine.runs = [a_run("20260101T000000Z"), a_run("20260102T000000Z")]
    async with sitting_at() as person:
        await person.press("f6")
        await person.is_at(SnapshotsScreen)
        await person.sees("run 20260102T000000Z changed")
        await person.press("down")
        await person.sees("run 20260101T000000Z changed")
        await person.press("p")
        await person.sees("1 later run is put back first.")
        await person.press("y")
        await person.sees("Everything is as it was before.")
    assert engine.calls == ["put_back 20260101T000000Z"]


@pytest.mark.thorough
async def test_a_snapshot_is_forgotten_after_a_question(engine: Engine) -> None:
    engine.runs = [a_run("20260101T000000Z"), a_run("20260102T000000Z")]
    async with sitting_at(start="snapshots") as person:
        await person.is_at(SnapshotsScreen)
        await person.sees("2 runs are kept")
        await person.press("x", "n")
        await person.press("x", "y")
        await person.sees("1 run is kept")
        await person.press("escape", "f10")
    assert engine.calls == ["remove 20260102T000000Z"]
    assert person.app.return_value == 0


@pytest.mark.thorough
async def test_a_mistake_of_our_own_in_a_run_is_told_without_the_values_of_variables(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        password = "hunter2"
        raise RuntimeError(password)

    async with sitting_at() as person:
        monkeypatch.setattr("wizard.session.carry_out", broken)
        await applied(person)
        await person.sees("postwizard made a mistake of its own: RuntimeError")
        assert "hunter2" not in person.seen


@pytest.mark.parametrize(("kind", "code"), [(Trouble, Exit.FAILED), (BadInput, Exit.BAD_CALL)])
async def test_when_the_machine_refuses_it_says_why_and_the_plan_can_be_looked_at_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, kind: type[Trouble], code: Exit
) -> None:
    def refuses(*_arguments: object) -> None:
        raise kind(Problem(f"{PurePosixPath('/etc/postfix/main.cf')} has changed.", "Make the plan again."))

    async with sitting_at() as person:
        monkeypatch.setattr("wizard.session.carry_out", refuses)
        await applied(person)
        await person.sees("/etc/postfix/main.cf has changed.")
        await person.press("l")
        await person.is_at(PreviewScreen)
        await person.press("f10")
    assert person.app.return_value == code


@pytest.mark.thorough
async def test_a_second_run_has_nothing_left_to_do(engine: Engine) -> None:
    engine.steps = ()
    async with sitting_at() as person:
        await at_preview(person)
        await person.sees("Nothing is left to do")
        await person.press("q")
    assert person.app.return_value == 0
    assert engine.calls == ["make"]


async def test_without_root_the_preview_works_and_apply_is_refused(engine: Engine) -> None:
    from tests.tui.fake_engine import facts

    engine.facts = facts(is_root=False, over_ssh=True)
    engine.notes = ("What earlier runs set is for root to read.",)
    async with sitting_at() as person:
        await person.sees("This is not root")
        await person.sees("tmux")
        await at_preview(person)
        await person.sees("you can look, but not apply")
        await person.sees("What earlier runs set is for root to read.")
        await person.press("enter")
        await person.sees("Only root can change this machine.")
        await person.is_at(PreviewScreen)
    assert "carry_out" not in engine.calls


@pytest.mark.thorough
@pytest.mark.parametrize("is_raised", [True, False])
async def test_when_putting_back_is_refused_it_can_be_forced_after_a_question(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, is_raised: bool
) -> None:
    from wizard.problem import Trouble

    def refuses(machine: object, run_id: str, tell: object, stop: object, force: bool = False) -> object:
        trouble = Trouble("Mail is waiting in the queue.", "postqueue -p shows it.")
        if not force and is_raised:
            raise trouble
        if not force:  # as for a run that failed, of which something is changed for certain
            return Outcome(Ending.NOT_ALL_PUT_BACK, run_id, trouble.problem)
        return Engine.put_back(engine, machine, run_id, tell, stop, force)  # type: ignore[arg-type]

    monkeypatch.setattr("wizard.session.put_back", refuses)
    engine.fails_at = 2
    async with sitting_at() as person:
        await applied(person)
        await person.sees("Port 25")
        await person.press("p")
        await person.sees("Mail is waiting in the queue.")
        await person.press("f", "y")
        await person.sees("Everything is as it was before.")
    assert engine.calls[-1] == "put_back 20260101T000000Z force"
    assert exit_code(person.app.walk) == 1


async def test_on_a_pretended_machine_nothing_is_sent_and_nothing_is_called_well(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.session.look_at_checks", lambda *_arguments: ())
    async with sitting_at(pretend=True) as person:
        await person.sees("Pretended machine")
        await applied(person)
        await person.sees("All steps are done.")
        await person.press("t")
        await person.sees("[not checked] No test mail was sent, because this machine is pretended.")
        await person.sees("Nothing failed, but read what was found")
    assert "send_tests" not in engine.calls


@pytest.mark.thorough
async def test_a_dry_run_ends_at_the_preview(engine: Engine) -> None:
    async with sitting_at(dry_run=True) as person:
        await person.sees("Dry run: you come as far as the preview")
        await at_preview(person)
        await person.sees("Dry run: this is all; nothing is changed.")
        await person.sees("enter Leave")
        assert "enter Apply" not in person.seen
        await person.press("enter")
    assert person.app.return_value == 0
    assert engine.calls == ["make"]


@pytest.mark.thorough
async def test_a_profile_that_is_named_is_not_asked_for(engine: Engine) -> None:
    async with sitting_at(profile="local_only") as person:
        await person.sees("What is this machine called in mail?")
        await person.press("escape")
        await person.is_at(ChooseProfileScreen)


@pytest.mark.thorough
async def test_how_the_last_run_ended_is_said_on_the_first_screen(engine: Engine) -> None:
    engine.runs = [a_run()]
    async with sitting_at() as person:
        await person.sees("Last run 2026-01-01 00:00 UTC, applied; F6 shows what it changed")


@pytest.mark.thorough
async def test_while_another_wizard_is_at_work_its_run_is_not_taken_for_a_broken_one(engine: Engine) -> None:
    engine.unfinished = a_run(state="unfinished", done=1)
    engine.holder = "process 7, since noon"
    machine = SimpleNamespace(is_root=lambda: True, try_lock=lambda: engine.holder, unlock=lambda: None)
    async with sitting_at(machine=machine) as person:
        await person.is_at(ChooseProfileScreen)
        await person.sees("Another postwizard is at work: process 7, since noon.")
        engine.holder, engine.unfinished = None, None
        await person.press("f5")
        await person.sees("Mail between users of this machine.")


async def test_a_run_that_breaks_off_says_where_and_leaves_with_3(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(chosen: object, plan: object, machine: object, tell: object, *_more: object) -> None:
        tell(RunBegan("20260101T000000Z", ("First", "Second")))  # type: ignore[operator]
        tell(StepStarted(1, "First"))  # type: ignore[operator]
        raise RuntimeError

    monkeypatch.setattr("wizard.session.carry_out", broken)
    async with sitting_at() as person:
        await applied(person)
        await person.sees("[failed] First")
        await person.sees("[not begun] Second")
        commands.to_report(person.app)
        await person.is_at(ReportScreen)
        await person.sees("Broken off, and not everything is put back.")
        await person.press("f10")
    assert person.app.return_value == 3


@pytest.mark.thorough
async def test_a_run_that_was_stopped_and_put_back_leaves_as_cancelled(engine: Engine) -> None:
    async with sitting_at() as person:
        with held(engine, 2):
            await applied(person)
            await person.sees("[running]")
            await person.press("s")
        await person.sees("Go on with the rest")
        await person.press("p")
        await person.sees("Everything is as it was before.")
        await person.press("f10")
    assert person.app.return_value == 130


@pytest.mark.parametrize("nothing_left", [pytest.param(True, marks=pytest.mark.thorough), False])
async def test_test_sends_that_failed_or_broke_off_leave_with_4(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, nothing_left: bool
) -> None:
    if nothing_left:
        engine.steps = ()
        engine.findings = (Finding(Verdict.BAD, "The mail did not arrive."),)
    else:

        def breaks_off(*_arguments: object) -> object:
            raise Trouble("The queue cannot be read.")

        monkeypatch.setattr("wizard.session.send_tests", breaks_off)
    async with sitting_at() as person:
        if nothing_left:
            await at_preview(person)
            await person.sees("Nothing is left to do")
        else:
            await applied(person)
            await person.sees("All steps are done.")
        await person.press("t")
        await person.sees("The mail did not arrive." if nothing_left else "The queue cannot be read.")
        await person.press("f10", *(["y"] if nothing_left else []))
    assert person.app.return_value == 4
