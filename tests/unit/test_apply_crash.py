"""Broken, killed or stopped at any place: the run can be put back, or gone on with, and both end clean."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from tests.unit.carried_out import MAIN_CF, WHY, all_steps, bare_machine, carry_out, differences, some_steps, undo
from wizard import places
from wizard.apply.events import Ending, Event, StepStarted
from wizard.apply.execute import Outcome
from wizard.apply.journal import of_kind, read_journal
from wizard.apply.runs import Run, all_runs, records_of
from wizard.apply.state import kept_ledger
from wizard.machine.machine import FileState, GroupState, Kind, ServiceState, Tell, UserState, silent
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import Trouble
from wizard.steps.add_user import AddUser
from wizard.steps.remove_group import RemoveGroup
from wizard.steps.remove_user import RemoveUser
from wizard.steps.set_parameters import SetParameters
from wizard.steps.step import Step

P = PurePosixPath
PLACES_AT_MOST = 200


class Killed(BaseException):
    """The process is gone in the middle of a change."""


class Mortal(PretendMachine):
    """Dies before the change of that number is made; those before it are there for the next process."""

    die_at = 0

    @contextmanager
    def _change(self, what: str) -> Iterator[None]:
        if self.changes + 1 == self.die_at:
            raise Killed(what)
        with super()._change(what):
            yield


def mortal_machine() -> Mortal:
    return revived(bare_machine())


def revived(machine: PretendMachine) -> Mortal:
    """The same machine for another process, which lives on."""
    other = machine.copy()
    other.__class__ = Mortal
    assert isinstance(other, Mortal)
    return other


def each_death(act: Callable[[Mortal], object], start: Callable[[], Mortal]) -> Iterator[tuple[str, Mortal]]:
    """The machine after a death before the 1st change, the 2nd, …, until the act comes to its end."""
    for place in range(1, PLACES_AT_MOST):
        machine = start()
        machine.die_at = place
        try:
            act(machine)
        except Killed as killed:
            yield f"killed before change {place}: {killed}", revived(machine)
            continue
        assert place > 10, "nothing was tried"
        return
    pytest.fail("it never came to its end")


def unfinished(machine: PretendMachine) -> Run | None:
    return next((run for run in all_runs(machine) if run.needs_a_decision), None)


def whole_run(machine: PretendMachine) -> Outcome:
    return carry_out(machine, *some_steps())


@pytest.mark.thorough
def test_whichever_change_fails_the_run_is_put_back_whole() -> None:
    before = bare_machine()
    for place in range(1, PLACES_AT_MOST):
        for late in (False, True):
            machine = bare_machine()
            machine.fail_at, machine.fails_late = place, late
            try:
                outcome = carry_out(machine, *all_steps())
            except Trouble:
                assert all_runs(machine) == (), f"{place}: raised, though something may be changed"
                assert machine.names_in(places.RUNS) == ()
                continue
            if machine.changes < place:
                assert outcome.ending is Ending.DONE
                assert place > 40
                return
            machine.fail_at = None
            if all_runs(machine):
                undone = undo(machine)
                assert undone.ending is Ending.PUT_BACK, (place, late, undone)
            assert differences(machine, before) == (), (place, late)
    pytest.fail("it never came to its end")


@pytest.mark.thorough
def test_killed_anywhere_the_run_is_put_back_whole() -> None:
    before = bare_machine()
    for where, machine in each_death(whole_run, mortal_machine):
        if all_runs(machine):
            assert undo(machine).ending is Ending.PUT_BACK, where
        assert differences(machine, before) == (), where


@pytest.mark.thorough
def test_killed_anywhere_the_run_is_gone_on_with_and_ends_as_if_nothing_had_been() -> None:
    undisturbed = bare_machine()
    before = undisturbed.copy()
    whole_run(undisturbed)
    for where, machine in each_death(whole_run, mortal_machine):
        run = unfinished(machine)
        if run is None:
            assert differences(machine, before) == () or all_runs(machine)[0].state == "applied", where
            continue
        assert carry_out(machine, *some_steps(), run=run).ending is Ending.DONE, where
        assert without_times(machine) == without_times(undisturbed), where
        ledgers = [
            {name: (entry.claim, entry.before) for name, entry in kept_ledger(one).entries.items()}
            for one in (machine, undisturbed)
        ]
        assert ledgers[0] == ledgers[1], where
        undone = undo(machine)
        assert (undone.ending, undone.notes) == (Ending.PUT_BACK, ()), where
        assert differences(machine, before) == (), where
        assert kept_ledger(machine).entries == {}, where


def without_times(machine: PretendMachine) -> dict[str, object]:
    entries = machine.manifest((P("/etc"), P("/var/spool"), P("/usr")))
    found: dict[str, object] = {str(path): (entry.kind, entry.mode, entry.digest) for path, entry in entries.items()}
    return {**found, "packages": machine.packages(), "unit": machine.service("postfix.service")}


@pytest.mark.thorough
def test_putting_back_killed_anywhere_is_finished_by_putting_back_again() -> None:
    before = bare_machine()

    def applied() -> Mortal:
        machine = mortal_machine()
        whole_run(machine)
        return revived(machine)

    for where, machine in each_death(undo, applied):
        if all_runs(machine)[0].state != "put-back":
            undone = undo(machine)
            assert (undone.ending, undone.notes) == (Ending.PUT_BACK, ()), where
        assert differences(machine, before) == (), where


@pytest.mark.thorough
def test_whatever_fails_while_putting_back_is_told_and_put_back_the_next_time() -> None:
    before = bare_machine()
    for place in range(1, PLACES_AT_MOST):
        machine = bare_machine()
        whole_run(machine)
        machine.fail_at = machine.changes + place
        undone = undo(machine)
        if machine.changes < machine.fail_at:
            assert place > 10
            return
        machine.fail_at = None
        if all_runs(machine)[0].state != "put-back":
            assert undone.ending is Ending.NOT_ALL_PUT_BACK, place
            assert undone.problem is not None
            assert undo(machine).ending is Ending.PUT_BACK, place
        assert differences(machine, before) == (), place
    pytest.fail("it never came to its end")


def test_a_full_disk_under_the_journal_is_a_failed_run_and_not_an_exception() -> None:
    machine = bare_machine()
    before = machine.copy()

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted) and event.number == 4:
            machine.is_full = True  # type: ignore[attr-defined]

    class Full(type(machine)):  # type: ignore[misc]
        is_full = False

        @contextmanager
        def _change(self, what: str) -> Iterator[None]:
            if self.is_full and str(places.STATE) in what and not what.startswith("remove"):
                raise Trouble("no space")
            with super()._change(what):
                yield

    machine.__class__ = Full
    assert carry_out(machine, *some_steps(), tell=tell).ending is Ending.FAILED
    undone = undo(machine)
    assert undone.ending is Ending.NOT_ALL_PUT_BACK  # the record of it could not be written
    assert differences(machine, before) == ()
    machine.is_full = False  # type: ignore[attr-defined]
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_it_stops_between_two_steps_and_goes_on_later() -> None:
    machine = bare_machine()
    before = machine.copy()
    started: list[int] = []

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted):
            started.append(event.number)

    outcome = carry_out(machine, *some_steps(), tell=tell, stop=lambda: len(started) == 3)
    assert (outcome.ending, started) == (Ending.STOPPED, [1, 2, 3])
    run = unfinished(machine)
    assert run is not None
    assert (run.state, run.steps_done) == ("stopped", 3)
    assert carry_out(machine, *some_steps(), run=run).ending is Ending.DONE
    assert unfinished(machine) is None
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_a_last_line_of_the_journal_that_was_cut_short_is_passed_over() -> None:
    machine = bare_machine()
    before = machine.copy()
    whole_run(machine)
    run_id = all_runs(machine)[0].run_id
    path = places.RUNS / run_id / "journal"
    journal = machine.file(path) or FileState()
    lines = journal.content.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if b'"doing"' in line and b'"number": 5' in line)
    machine.lay(path, FileState(content=b"".join(lines[:place]) + lines[place][:40], mode=0o600))
    assert len(of_kind(records_of(machine, run_id), "doing")) == 4
    machine.append_line(path, '{"kind": "went-on"}')
    assert records_of(machine, run_id)[-1] == {"kind": "went-on"}
    machine.lay(path, FileState(content=b"".join(lines), mode=0o600))
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"kind": 3}\n', b'{"kind"'])
def test_lines_that_are_no_records_are_none(content: bytes) -> None:
    assert read_journal(content) == ()


def test_a_content_that_was_lost_is_told_and_nothing_is_touched() -> None:
    machine = bare_machine()
    machine.lay(MAIN_CF, FileState(content=b"biff = yes\n"))
    carry_out(machine, SetParameters(path=MAIN_CF, wanted=(("biff", "no"),), why=WHY))
    applied = machine.copy()
    run_id = all_runs(machine)[0].run_id
    for name in machine.names_in(places.RUNS / run_id / "blobs"):
        machine.lay(places.RUNS / run_id / "blobs" / name, FileState(content=b"damaged", mode=0o600))
    with pytest.raises(Trouble, match="has lost the file content"):
        undo(machine)
    assert differences(machine, applied) == ()


def test_after_a_failed_run_even_a_lost_content_is_no_exception() -> None:
    machine = bare_machine()
    machine.fail_at = 30
    assert whole_run(machine).ending is Ending.FAILED
    machine.fail_at = None
    run_id = all_runs(machine)[0].run_id
    for name in machine.names_in(places.RUNS / run_id / "blobs"):
        machine.remove(places.RUNS / run_id / "blobs" / name)
    outcome = undo(machine)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert outcome.problem is not None


# Whose work it is, after a step that was cut short

JIRO = b"jiro:x:1001:1001::/home/jiro:/bin/bash\n"


def add_to(machine: PretendMachine, path: str, line: bytes) -> None:
    """A person adds a line to a file."""
    state = machine.file(P(path))
    assert state is not None
    machine.lay(P(path), replace(state, content=state.content + line))


def killed_in(step: str, machine: PretendMachine) -> PretendMachine:
    """The machine after the process died within the first change of the live machine that a step makes, done whole."""

    class Dying(PretendMachine):
        def install(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
            super().install(packages, tell)
            if step == "install":
                raise Killed(step)

        def set_service(self, unit: str, state: ServiceState) -> None:
            super().set_service(unit, state)
            if step == "service":
                raise Killed(step)

    machine.__class__ = Dying
    with pytest.raises(Killed):
        carry_out(machine, *all_steps())
    machine.__class__ = PretendMachine
    return machine


def a_person_works(machine: PretendMachine) -> None:
    """Makes a user, and a unit that is enabled."""
    add_to(machine, "/etc/passwd", JIRO)
    add_to(machine, "/etc/group", b"jiro:x:1001:\n")
    machine.lay(P("/etc/systemd/system/new.service"), FileState(content=b"[Unit]\n"))
    machine.lay(P("/etc/systemd/system/multi-user.target.wants/new.service"), FileState(Kind.LINK, b"../new.service"))


def assert_their_work_is_there_and_ours_is_not(machine: PretendMachine) -> None:
    users = {user.name for user in machine.users()}
    assert "jiro" in users
    assert not {"postfix", "vmail"} & users
    assert machine.group("jiro") is not None
    assert machine.group("postfix") is None
    assert machine.file(P("/etc/systemd/system/new.service")) is not None
    assert machine.names_in(P("/etc/systemd/system/multi-user.target.wants")) == ("new.service", "own.service")


@pytest.mark.parametrize("step", ["install", "service"])
def test_what_a_person_does_after_a_death_within_a_step_stays(step: str) -> None:
    machine = killed_in(step, bare_machine())
    a_person_works(machine)
    outcome = undo(machine)
    assert (outcome.ending, outcome.notes) == (Ending.PUT_BACK, ())
    assert_their_work_is_there_and_ours_is_not(machine)


@pytest.mark.parametrize("step", ["install", "service"])
def test_what_a_person_does_before_a_run_that_died_within_a_step_is_gone_on_with_stays(step: str) -> None:
    machine = killed_in(step, bare_machine())
    a_person_works(machine)
    run = unfinished(machine)
    assert carry_out(machine, *all_steps(), run=run).ending is Ending.DONE
    outcome = undo(machine)
    assert (outcome.ending, outcome.notes) == (Ending.PUT_BACK, ())
    assert_their_work_is_there_and_ours_is_not(machine)


def test_after_a_death_within_a_step_accounts_and_links_of_ours_go_to_the_byte() -> None:
    before = bare_machine()
    for step in ("install", "service"):
        machine = killed_in(step, bare_machine())
        assert undo(machine).ending is Ending.PUT_BACK
        assert differences(machine, before) == ()


def killed_while_removing_a_user(machine: PretendMachine, *steps: Step) -> None:
    """The process dies right after the user is removed."""

    class Dying(PretendMachine):
        def remove_user(self, name: str) -> None:
            super().remove_user(name)
            raise Killed(name)

    machine.__class__ = Dying
    with pytest.raises(Killed):
        carry_out(machine, *steps)
    machine.__class__ = PretendMachine


@pytest.mark.parametrize("goes_on", [False, True])
def test_after_a_death_while_an_account_is_removed_the_files_of_accounts_are_put_back_to_the_byte(
    goes_on: bool,
) -> None:
    machine = bare_machine()
    machine.add_group(GroupState("vread", 801))
    machine.add_group(GroupState("vmail", 800))
    machine.add_user(UserState("vmail", 800, 800, "/var/empty", groups=("vread",)))
    add_to(machine, "/etc/passwd", JIRO)  # so that adding the user again would put it in another place
    before = machine.copy()
    steps = RemoveUser(name="vmail", why=WHY), RemoveGroup(name="vmail", why=WHY)
    killed_while_removing_a_user(machine, *steps)
    if goes_on:
        assert carry_out(machine, *steps, run=unfinished(machine)).ending is Ending.DONE
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_the_rights_that_a_person_gave_a_folder_after_a_death_stay_when_the_run_is_gone_on_with() -> None:
    machine = killed_in("service", bare_machine())
    folder = machine.file(P("/etc/systemd"))
    assert folder is not None
    machine.lay(P("/etc/systemd"), replace(folder, mode=0o750))
    assert carry_out(machine, *all_steps(), run=unfinished(machine)).ending is Ending.DONE
    assert undo(machine).ending is Ending.PUT_BACK
    kept = machine.file(P("/etc/systemd"))
    assert kept is not None
    assert kept.mode == 0o750


def test_what_was_taken_back_when_the_run_died_is_held_for_ours_no_more_once_it_is_gone_on_with() -> None:
    machine = bare_machine()
    carry_out(machine, AddUser(user=UserState("vmail", 800, 1000, "/var/empty"), why=WHY))
    mine = SetParameters(path=P("/etc/main.cf"), wanted=(("biff", "no"),), why=WHY)
    killed_while_removing_a_user(machine, mine)
    run = all_runs(machine)[-1]
    assert carry_out(machine, mine, run=run).ending is Ending.DONE
    assert {entry.claim.key for entry in kept_ledger(machine).entries.values()} == {"biff"}
    assert undo(machine, run.run_id).ending is Ending.PUT_BACK
    assert {entry.claim.key for entry in kept_ledger(machine).entries.values()} == {"vmail"}
