"""Putting back: whole where nobody changed anything since, and a person's work kept where somebody did."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Self

import pytest

from tests.unit.carried_out import (
    ALIASES,
    MAIL,
    MAIN_CF,
    RECORDS,
    UNIT,
    UNITS,
    WHY,
    all_steps,
    bare_machine,
    carry_out,
    differences,
    never,
    undo,
)
from wizard.apply.events import Ending, Event, RunBegan, StepDone
from wizard.apply.put_back import put_back_run
from wizard.apply.runs import all_runs
from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.machine.pretend_machine import PretendMachine
from wizard.steps.gate import Gate
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.set_parameters import SetParameters
from wizard.steps.step import Step

P = PurePosixPath


class Passes(Gate):
    """A gate that lets everything pass."""

    @property
    def title(self) -> str:
        return "Try it first"

    def with_following(self, steps: tuple[Step, ...]) -> Self:
        return self

    def differs(self, look: Look) -> frozenset[str]:
        return frozenset({"all of it"})

    def preview(self, look: Look) -> str:
        return "It must pass.\n"

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Passes."""


def set_up() -> tuple[PretendMachine, PretendMachine]:
    """A machine with everything carried out, and the same one as it was before."""
    machine = bare_machine()
    before = machine.copy()
    assert carry_out(machine, *all_steps()).ending is Ending.DONE
    return machine, before


def test_what_was_carried_out_is_put_back_to_the_byte() -> None:
    machine, before = set_up()
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_what_changed_nothing_is_no_step_of_putting_back() -> None:
    machine = bare_machine()
    assert carry_out(machine, Passes(why=WHY), *all_steps()).ending is Ending.DONE
    told: list[Event] = []
    assert put_back_run(machine, all_runs(machine)[-1], told.append, never).ending is Ending.PUT_BACK
    (began,) = (event for event in told if isinstance(event, RunBegan))
    assert not [title for title in began.titles if title.startswith("Leave as it is")]
    assert len([event for event in told if isinstance(event, StepDone)]) == len(began.titles)


def test_what_pacman_keeps_of_packages_that_came_since_is_not_touched() -> None:
    machine, _before = set_up()
    record = RECORDS / "vim-9.1-1" / "desc"
    machine.lay(record, FileState(content=b"%NAME%\nvim\n"))
    machine.remove(RECORDS / "bash-5.3-1" / "desc")
    machine.remove(RECORDS / "bash-5.3-1")
    machine.lay(RECORDS / "bash-5.4-1" / "desc", FileState(content=b"%NAME%\nbash\n"))
    outcome = undo(machine)
    assert outcome.notes == ()
    assert machine.file(record) is not None
    assert machine.names_in(RECORDS) == ("bash-5.4-1", "vim-9.1-1")


def test_mail_that_came_into_a_folder_of_ours_is_kept() -> None:
    machine, _before = set_up()
    mail = MAIL / "taro" / "new" / "1.M1.box"
    machine.lay(mail, FileState(content=b"Subject: hello\n\n", mode=0o600, owner=1000, group=1000))
    undo(machine)
    assert machine.file(mail) is not None


def test_mail_that_came_after_a_crash_is_kept() -> None:
    machine = bare_machine()
    crash_after(machine, 5)
    mail = MAIL / "taro" / "new" / "1.M1.box"
    machine.lay(mail, FileState(content=b"Subject: hello\n\n", mode=0o600, owner=1000, group=1000))
    undo(machine)
    assert machine.file(mail) is not None


def test_mail_that_was_in_a_folder_whose_mode_we_changed_is_neither_copied_nor_touched() -> None:
    machine = bare_machine()
    folder = P("/srv/mail")
    machine.lay(folder / "taro" / "old", FileState(content=b"an old mail"))
    carry_out(machine, MakeDirectory(path=folder, mode=0o1777, why=WHY))
    machine.lay(folder / "taro" / "new", FileState(content=b"a new mail"))
    outcome = undo(machine)
    assert outcome.ending is Ending.PUT_BACK
    assert machine.names_in(folder / "taro") == ("new", "old")
    kept = [state.content for path in machine.manifest((P("/var/lib/postwizard"),)) if (state := machine.file(path))]
    assert b"an old mail" not in kept
    assert (machine.file(folder) or FileState()).mode == 0o755


class Killed(BaseException):
    """The process is gone."""


def crash_after(machine: PretendMachine, steps: int) -> None:
    """Carries out this many steps, and dies as the next begins."""
    seen = 0

    def tell(event: object) -> None:
        nonlocal seen
        if type(event).__name__ == "StepStarted":
            seen += 1
            if seen > steps:
                raise Killed

    with pytest.raises(Killed):
        carry_out(machine, *all_steps(), tell=tell)


def test_a_unit_that_a_person_disabled_since_stays_disabled() -> None:
    machine, _before = set_up()
    machine.remove(UNITS / "multi-user.target.wants" / "own.service")
    machine.remove(UNITS / "own.service")
    outcome = undo(machine)
    assert machine.file(UNITS / "multi-user.target.wants" / "own.service") is None
    assert machine.file(UNITS / "own.service") is None
    assert outcome.ending is Ending.PUT_BACK


def test_what_a_person_does_elsewhere_in_a_folder_that_was_looked_at_is_no_reason_to_complain() -> None:
    machine, _before = set_up()
    machine.lay(UNITS / "new.service", UNIT)
    machine.lay(UNITS / "own.service", replace(UNIT, content=b"[Unit]\n"))
    outcome = undo(machine)
    assert (outcome.ending, outcome.notes) == (Ending.PUT_BACK, ())
    assert machine.file(UNITS / "new.service") is not None
    assert (machine.file(UNITS / "own.service") or FileState()).content == b"[Unit]\n"


def test_what_a_person_does_after_a_crash_stays() -> None:
    machine = bare_machine()
    crash_after(machine, 8)
    machine.lay(UNITS / "new.service", UNIT)
    machine.lay(UNITS / "own.service", replace(UNIT, content=b"[Unit]\n"))
    undo(machine)
    assert machine.file(UNITS / "new.service") is not None
    assert (machine.file(UNITS / "own.service") or FileState()).content == b"[Unit]\n"


def test_rights_that_a_person_changed_since_stay() -> None:
    machine, _before = set_up()
    own, folder = UNITS / "own.service", UNITS / "multi-user.target.wants"
    for path in (own, folder, P("/etc")):
        machine.set_metadata(path, replace(machine.file(path) or FileState(), mode=0o700))
    undo(machine)
    assert [(machine.file(path) or FileState()).mode for path in (own, folder, P("/etc"))] == [0o700] * 3


def test_attributes_of_the_folders_above_stay() -> None:
    machine = bare_machine()
    acl = (("user.note", b"mine"),)
    machine.lay(P("/etc"), FileState(Kind.DIRECTORY, mode=0o755, xattrs=acl))
    before = machine.copy()
    carry_out(machine, *all_steps())
    undo(machine)
    assert (machine.file(P("/etc")) or FileState()).xattrs == acl
    assert differences(machine, before) == ()


def test_a_setting_that_a_person_changed_since_stays_and_force_puts_it_back_later() -> None:
    machine = bare_machine()
    machine.lay(MAIN_CF, FileState(content=b"biff = yes\n"))
    before = machine.copy()
    carry_out(machine, SetParameters(path=MAIN_CF, wanted=(("biff", "no"), ("myhostname", "box")), why=WHY))
    machine.lay(MAIN_CF, FileState(content=b"# mine\nbiff = perhaps\nmyhostname = box\n"))
    outcome = undo(machine)
    assert (machine.file(MAIN_CF) or FileState()).content == b"# mine\nbiff = perhaps\n"
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert outcome.notes != ()
    outcome = undo(machine, all_runs(machine)[0].run_id, force=True)
    assert outcome.ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_what_a_person_wrote_into_a_file_that_goes_with_its_package_is_kept_apart() -> None:
    machine, before = set_up()
    written = b"postmaster: root\nroot: taro\nmine: taro\n"
    machine.lay(ALIASES, FileState(content=written))
    outcome = undo(machine)
    assert outcome.ending is Ending.PUT_BACK
    assert differences(machine, before) == ()
    (note,) = outcome.notes
    copy = note.rpartition(" ")[2].rstrip(".")
    assert (machine.file(P(copy)) or FileState()).content == written
