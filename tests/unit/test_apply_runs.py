"""Runs among each other: the order of putting back, what is left, the ledger between them, and who may go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from tests.unit.carried_out import (
    ALIASES,
    MAIN_CF,
    WHY,
    all_steps,
    bare_machine,
    carry_out,
    differences,
    plan_for,
    undo,
)
from wizard import places, session
from wizard.apply.events import Ending, Event, StepStarted
from wizard.apply.execute import execute
from wizard.apply.put_back import put_back_run
from wizard.apply.runs import all_runs, new_run, remove_run_folder, the_run
from wizard.apply.state import kept_ledger
from wizard.line.preview import plan_lines
from wizard.machine.machine import FileState, GroupState, Kind, UserState
from wizard.machine.pretend_machine import PretendMachine
from wizard.plan.ledger import Ledger, read_ledger
from wizard.plan.profile import Profile
from wizard.problem import BadInput, NoRights, Trouble
from wizard.session import never
from wizard.steps.add_group import AddGroup
from wizard.steps.add_user import AddUser
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.steps.write_drop_in import WriteDropIn
from wizard.steps.write_file import WriteFile

P = PurePosixPath


def parameters(**wanted: str) -> SetParameters:
    return SetParameters(path=MAIN_CF, wanted=tuple(wanted.items()), why=WHY)


def machine_with(main_cf: bytes = b"biff = yes\n") -> PretendMachine:
    machine = bare_machine()
    machine.lay(MAIN_CF, FileState(content=main_cf))
    return machine


def content(machine: PretendMachine, path: PurePosixPath = MAIN_CF) -> bytes:
    return (machine.file(path) or FileState()).content


def states(machine: PretendMachine) -> list[str]:
    return [run.state for run in all_runs(machine)]


def ids(machine: PretendMachine) -> list[str]:
    return [run.run_id for run in all_runs(machine)]


# Order


def test_putting_back_an_older_run_puts_the_newer_ones_back_first() -> None:
    machine = machine_with()
    before = machine.copy()
    for value in ("no", "perhaps", "never"):
        carry_out(machine, parameters(biff=value))
    middle = ids(machine)[1]
    assert undo(machine, middle).ending is Ending.PUT_BACK
    assert content(machine) == b"biff = no\n"
    assert states(machine) == ["applied", "put-back", "put-back"]
    assert undo(machine).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()


def test_a_run_that_cannot_be_put_back_keeps_those_before_it_from_being_begun() -> None:
    machine = machine_with()
    for value in ("no", "perhaps"):
        carry_out(machine, parameters(biff=value))
    machine.lay(P("/etc/secrets"), FileState(content=b"mine"))
    carry_out(machine, WriteFile(path=P("/etc/secrets"), content=b"ours", why=WHY), parameters(biff="never"))
    machine.lay(P("/etc/secrets"), FileState(content=b"theirs"))

    class Broken(PretendMachine):
        @contextmanager
        def _change(self, what: str) -> Iterator[None]:
            if what == "append to /etc/none" or ("main.cf" in what and str(places.STATE) not in what):
                raise Trouble("broken")
            with super()._change(what):
                yield

    machine.__class__ = Broken
    outcome = undo(machine)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert states(machine) == ["applied", "applied", "unfinished-undo"]
    assert content(machine) == b"biff = never\n"


def test_a_stop_holds_for_the_runs_before_too() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    carry_out(machine, WriteFile(path=P("/etc/mailname"), content=b"ours\n", why=WHY), parameters(biff="never"))
    machine.lay(P("/etc/mailname"), FileState(content=b"theirs\n"))
    started: list[Event] = []

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted):
            started.append(event)

    outcome = session.put_back(machine, ids(machine)[0], tell, stop=lambda: len(started) == 1)
    assert outcome.ending is Ending.STOPPED
    assert states(machine) == ["applied", "unfinished-undo"]


def test_what_stays_of_a_newer_run_is_told_though_the_older_went_whole() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    carry_out(machine, WriteFile(path=P("/etc/mailname"), content=b"ours\n", why=WHY))
    machine.lay(P("/etc/mailname"), FileState(content=b"theirs\n"))
    outcome = undo(machine)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert "/etc/mailname" in outcome.notes[0]
    assert states(machine) == ["put-back", "put-back"]


def test_a_run_begun_after_the_clock_was_put_back_is_the_newer_one() -> None:
    machine = machine_with()
    first = new_run(machine, datetime(2026, 5, 1, tzinfo=UTC))
    first.journal.write("began")
    others = []
    for _time in range(12):
        folder = new_run(machine, datetime(2025, 5, 1, tzinfo=UTC))
        folder.journal.write("began")
        others.append(folder.run_id)
    assert [first.run_id, *others] == sorted({first.run_id, *others})


# Force


def test_force_does_not_bring_back_what_an_earlier_run_made() -> None:
    machine = machine_with()
    before = machine.copy()
    carry_out(machine, parameters(biff="no"))
    carry_out(machine, parameters(biff="never"))
    machine.lay(MAIN_CF, FileState(content=b"biff = mine\n"))
    assert undo(machine).ending is Ending.NOT_ALL_PUT_BACK
    assert content(machine) == b"biff = mine\n"
    with pytest.raises(BadInput, match="was put back before"):
        undo(machine, ids(machine)[1], force=True)
    assert undo(machine, force=True).ending is Ending.PUT_BACK
    assert differences(machine, before) == ()
    with pytest.raises(BadInput, match="already been put back"):
        undo(machine, force=True)


def test_force_at_once_puts_back_over_what_a_person_changed_and_keeps_that_apart() -> None:
    machine = machine_with()
    before = machine.copy()
    carry_out(machine, parameters(biff="no"))
    machine.lay(MAIN_CF, FileState(content=b"biff = mine\n"))
    outcome = undo(machine, force=True)
    assert outcome.ending is Ending.PUT_BACK
    assert differences(machine, before) == ()
    assert content(machine, P(outcome.notes[0].rpartition(" ")[2].rstrip("."))) == b"biff = mine\n"


def test_force_never_takes_accounts_of_others() -> None:
    machine = bare_machine()
    carry_out(machine, AddUser(user=UserState("vmail", 800, 0), why=WHY))
    machine.add_user(UserState("jiro", 1001, 1001))
    machine.add_group(GroupState("jiro", 1001))
    outcome = undo(machine, force=True)
    assert (outcome.ending, outcome.notes) == (Ending.PUT_BACK, ())
    assert machine.user("jiro") is not None
    assert machine.group("jiro") is not None
    assert machine.user("vmail") is None


def test_what_came_back_after_a_complete_undo_is_not_for_force_to_take() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"), WriteFile(path=P("/etc/mailname"), content=b"ours\n", why=WHY))
    machine.lay(P("/etc/mailname"), FileState(content=b"theirs\n"))
    undo(machine)
    machine.lay(MAIN_CF, FileState(content=b"biff = by hand\n"))
    assert undo(machine, force=True).ending is Ending.PUT_BACK
    assert content(machine) == b"biff = by hand\n"
    assert content(machine, P("/etc/mailname")) == b"old\n"


# Going on


def test_only_the_run_that_is_unfinished_is_gone_on_with() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"), stop=lambda: True)
    run = all_runs(machine)[0]
    undo(machine)
    sample = session.Session("test", next(iter(session.all_profiles().values())), session.gather_facts(machine))
    plan = plan_for(machine, parameters(biff="no"))
    with pytest.raises(BadInput, match="decided on meanwhile"):
        session.carry_out(sample, plan, machine, lambda _event: None, run=run)


def test_what_a_person_changes_before_a_run_is_gone_on_with_is_theirs() -> None:
    machine = bare_machine()
    started: list[Event] = []
    stop_at_three = lambda: len(started) == 3  # noqa: E731

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted):
            started.append(event)

    carry_out(machine, *all_steps(), tell=tell, stop=stop_at_three)
    unit = P("/etc/systemd/system/own.service")
    machine.lay(unit, FileState(content=b"[Unit]\n"))
    machine.lay(unit.with_name("new.service"), FileState(content=b"[Unit]\n"))
    assert carry_out(machine, *all_steps(), run=all_runs(machine)[0]).ending is Ending.DONE
    outcome = undo(machine)
    assert (outcome.ending, outcome.notes) == (Ending.PUT_BACK, ())
    assert content(machine, unit) == b"[Unit]\n"
    assert machine.file(unit.with_name("new.service")) is not None


# Drift


def test_a_plan_made_from_another_state_is_refused_and_nothing_is_written() -> None:
    machine = machine_with()
    plan = plan_for(machine, parameters(biff="no"))
    machine.lay(MAIN_CF, FileState(content=b"biff = mine\n"))
    before = machine.copy()
    with pytest.raises(Trouble, match="has changed since you looked"):
        execute(plan, machine, lambda _event: None, never)
    assert machine.differences(before) == ()


def test_a_change_while_the_plan_is_carried_out_is_noticed_before_its_step() -> None:
    machine = machine_with()
    machine.lay(P("/etc/mailname"), FileState(content=b"old\n"))

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted) and event.number == 2:
            machine.lay(P("/etc/mailname"), FileState(content=b"theirs\n"))

    steps: tuple[Step, ...] = (
        parameters(biff="no"),
        WriteFile(path=P("/etc/mailname"), content=b"ours\n", why=WHY),
    )
    outcome = carry_out(machine, *steps, tell=tell)
    assert outcome.ending is Ending.FAILED
    assert content(machine, P("/etc/mailname")) == b"theirs\n"
    assert undo(machine).ending is Ending.PUT_BACK
    assert content(machine, P("/etc/mailname")) == b"theirs\n"
    assert content(machine) == b"biff = yes\n"


# Mail that waits


class WithQueue(PretendMachine):
    """A queue with one mail in it."""

    def _answer(self, argv: tuple[str, ...], stdin: bytes):  # type: ignore[no-untyped-def]
        if argv == ("postqueue", "-j"):
            argv = ("postconf", "-h", "waiting")
            self.outputs["postconf -h waiting"] = '{"queue_name": "deferred", "queue_id": "4ABC"}\n'
        if argv == ("postcat", "-q", "4ABC"):
            self.outputs["postcat -q 4ABC"] = "the mail\n"
        return super()._answer(argv, stdin)


def test_mail_that_waits_is_not_lost_where_files_were_there_before_the_package() -> None:
    machine = machine_with()
    carry_out(machine, InstallPackages(packages=("postfix",), why=WHY), parameters(biff="no"))
    machine.__class__ = WithQueue
    with pytest.raises(Trouble, match="1 mail waits in the queue"):
        undo(machine)
    assert states(machine) == ["applied"]
    assert undo(machine, force=True).ending is Ending.PUT_BACK
    kept = [path for path in machine.manifest((places.RUNS,)) if path.name == "mail-4ABC"]
    assert content(machine, kept[0]) == b"the mail\n"
    assert content(machine) == b"biff = yes\n"


def test_mail_that_comes_while_it_is_put_back_is_not_lost_either() -> None:
    machine = bare_machine()
    carry_out(machine, InstallPackages(packages=("postfix",), why=WHY), parameters(biff="no"))

    def tell(event: Event) -> None:
        if isinstance(event, StepStarted) and event.number == 2:
            machine.__class__ = WithQueue

    outcome = session.put_back(machine, ids(machine)[0], tell)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK
    assert outcome.problem is not None
    assert "1 mail waits" in outcome.problem.what
    assert machine.package("postfix") is not None


# Forgetting a run


def test_a_run_of_which_only_half_was_removed_is_none_and_the_next_removes_the_rest() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    run_id = ids(machine)[0]
    machine.fail_at = machine.changes + 2
    with pytest.raises(Trouble):
        remove_run_folder(machine, run_id)
    assert all_runs(machine) == ()
    machine.fail_at = None
    assert machine.names_in(places.RUNS) == (run_id,)
    carry_out(machine, parameters(biff="never"))
    assert machine.names_in(places.RUNS) == tuple(ids(machine)) != (run_id,)
    assert undo(machine).ending is Ending.PUT_BACK
    assert content(machine) == b"biff = no\n"


def test_forgetting_a_newer_run_does_not_forget_what_it_set() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    carry_out(machine, parameters(biff="no", myhostname="box"))
    session.remove_run(machine, ids(machine)[1])
    outcome = undo(machine)
    assert outcome.ending is Ending.NOT_ALL_PUT_BACK  # the file is not as that run left it
    assert content(machine) == b"biff = yes\nmyhostname = box\n"
    assert set(kept_ledger(machine).entries) == {f"parameter:{MAIN_CF}#myhostname"}


# The ledger


def entries(machine: PretendMachine) -> dict[str, tuple[str, str | None]]:
    return {entry.claim.key: (entry.claim.value, entry.before) for entry in kept_ledger(machine).entries.values()}


def test_the_ledger_keeps_the_first_value_before_and_the_last_of_ours() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no", myhostname="box"))
    carry_out(machine, parameters(biff="never", myhostname="box"))
    assert entries(machine) == {"biff": ("never", "yes"), "myhostname": ("box", None)}
    undo(machine, ids(machine)[1])
    assert entries(machine) == {"biff": ("no", "yes"), "myhostname": ("box", None)}
    undo(machine)
    assert entries(machine) == {}


def test_what_is_no_longer_wanted_is_taken_back_and_undo_brings_it_again() -> None:
    machine = machine_with()
    drop_in = WriteDropIn(unit="x.service", name="wizard", content=b"[Unit]\n", why=WHY)
    carry_out(machine, parameters(biff="no", myhostname="box"), drop_in)
    carry_out(machine, parameters(myhostname="box"))
    assert content(machine) == b"biff = yes\nmyhostname = box\n"
    assert machine.file(drop_in.path) is None
    assert set(entries(machine)) == {"myhostname"}
    undo(machine, ids(machine)[1])
    assert content(machine) == b"biff = no\nmyhostname = box\n"
    assert set(entries(machine)) == {"biff", "myhostname", str(drop_in.path)}


@pytest.mark.parametrize(
    "step",
    [
        WriteFile(path=P("/etc/new"), content=b"ours\n", why=WHY),
        WriteDropIn(unit="x.service", name="wizard", content=b"ours\n", why=WHY),
        SetTableLines(path=ALIASES, style="aliases", wanted=(("root", "taro"),), why=WHY),
    ],
)
def test_what_a_person_changed_since_is_not_taken_back(step: WriteFile | WriteDropIn | SetTableLines) -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"), step)
    theirs = content(machine, step.path).replace(b"ours", b"theirs").replace(b"taro", b"hana")
    machine.lay(step.path, FileState(content=theirs))
    assert carry_out(machine, parameters(biff="no")).ending is Ending.DONE
    assert content(machine, step.path) == theirs


def test_nothing_of_a_secret_is_in_the_ledger_the_journal_or_a_conflict() -> None:
    machine = machine_with()
    table = P("/etc/postfix/passwords")
    machine.lay(table, FileState(content=b"relay u:oldsecret\n", mode=0o600))

    def step(value: str) -> SetTableLines:
        return SetTableLines(path=table, wanted=(("relay", f"u:{value}"),), secret=True, why=WHY)

    carry_out(machine, step("newsecret"))
    machine.lay(table, FileState(content=b"relay u:handsecret\n", mode=0o600))
    plan = plan_for(machine, step("newsecret"))
    assert "secret" not in str([conflict for planned in plan.steps for conflict in planned.conflicts])
    assert not any("handsecret" in planned.preview for planned in plan.steps)
    execute(plan, machine, lambda _event: None, never)
    for path in machine.manifest((places.STATE,)):
        if path.parent.name != "blobs" and path.name != "changed_etc_postfix_passwords":
            assert b"secret" not in content(machine, path).replace(b'"secret": true', b""), path


def test_a_damaged_ledger_is_told_and_undo_restores_the_one_of_then() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    carry_out(machine, parameters(biff="never"))
    machine.lay(places.LEDGER, FileState(content=b"{", mode=0o600))
    with pytest.raises(Trouble, match="cannot be read"):
        kept_ledger(machine)
    undo(machine, ids(machine)[1])
    assert entries(machine) == {"biff": ("no", "yes")}


def test_the_ledger_is_read_as_it_was_written() -> None:
    machine = machine_with()
    carry_out(machine, *all_steps())
    ledger = kept_ledger(machine)
    assert len(ledger.entries) > 8
    assert read_ledger(ledger.render()) == ledger
    assert read_ledger(Ledger().render()) == Ledger()


def test_a_second_run_has_nothing_to_do() -> None:
    machine = bare_machine()
    carry_out(machine, *all_steps())
    later = tuple(step for step in all_steps() if type(step).__name__ != "RemoveFile")
    assert [planned.step.title for planned in plan_for(machine, *later).steps] == []


# Who may look


class Forbidden(PretendMachine):
    """What earlier runs left is for others to read."""

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        if folder.is_relative_to(places.STATE):
            raise NoRights("no")
        return super().names_in(folder)

    def file(self, path: PurePosixPath) -> FileState | None:
        if path.is_relative_to(places.STATE) and path != places.STATE:
            raise NoRights("no")
        return super().file(path)


def test_without_rights_to_what_earlier_runs_left_one_may_still_look() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    machine.__class__ = Forbidden
    beginning = session.begin(machine)
    assert (beginning.last_profile, beginning.unfinished, beginning.is_hidden) == ("", None, True)


def test_without_rights_to_what_earlier_runs_left_one_may_still_pretend() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    machine.__class__ = Forbidden
    pretended = PretendMachine(machine)
    assert session.begin(pretended).unfinished is None
    carry_out(pretended, parameters(biff="yes"))
    assert len(ids(pretended)) == 1


def test_a_plan_that_does_not_know_what_earlier_runs_set_says_so_once() -> None:
    class Forbidden(PretendMachine):
        def file(self, path: PurePosixPath) -> FileState | None:
            if path == places.LEDGER:
                raise NoRights("no")
            return super().file(path)

    machine = machine_with()
    profile = Profile(title="Test", summary="", questions=(), desired=lambda _so_far: (parameters(biff="no"),))
    sample = session.Session("test", profile, session.gather_facts(machine))
    assert session.make(sample, machine).notes == ()
    machine.__class__ = Forbidden
    plan = session.make(sample, machine)
    (note,) = plan.notes
    assert "earlier runs" in note
    for shown in (plan, replace(plan, steps=())):
        lines = " ".join(line.text for line in plan_lines(shown, 79))
        assert lines.count(f"note: {note}") == 1


def test_a_run_is_put_back_by_its_own_id_in_the_journal_only() -> None:
    machine = machine_with()
    carry_out(machine, parameters(biff="no"))
    run = the_run(machine, ids(machine)[0])
    outcome = put_back_run(machine, replace(run, titles=()), lambda _event: None, never)
    assert outcome.run_id == run.run_id
    with pytest.raises(BadInput, match="There is no snapshot"):
        the_run(machine, "nothing")


def test_a_parameter_that_the_wizard_took_out_is_not_said_to_be_wanted_empty() -> None:
    machine = machine_with(b"mynetworks = 10.0.0.0/8\n")
    gone = SetParameters(path=MAIN_CF, wanted=(), removed=("mynetworks",), why=WHY)
    carry_out(machine, gone)
    machine.lay(MAIN_CF, FileState(content=b"mynetworks = 192.0.2.0/24\n"))
    lines = [line.text.strip() for line in plan_lines(plan_for(machine, gone), 79)]
    assert "set by the wizard: (no value)" in lines
    assert "found now: 192.0.2.0/24" in lines
    assert "wanted: (no value)" in lines


# What only an earlier profile wanted


def made_by_an_earlier_profile(machine: PretendMachine) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = (
        parameters(biff="no"),
        AddGroup(group=GroupState("vmail", 800), why=WHY),
        AddGroup(group=GroupState("vread", 801), why=WHY),
        AddUser(user=UserState("vmail", 800, 800, "/var/empty", groups=("vread",)), why=WHY),
        MakeDirectory(path=P("/var/vmail/boxes"), mode=0o750, why=WHY),
        WriteFile(path=P("/etc/secrets"), content=b"hush\n", mode=0o600, secret=True, why=WHY),
    )
    assert carry_out(machine, *steps).ending is Ending.DONE
    return steps


def changed_to(machine: PretendMachine, *steps: Step) -> tuple[str, ...]:
    """Carries out what another profile wants; gives the notes of the plan."""
    profile = Profile(title="Other", summary="", questions=(), desired=lambda _so_far: steps)
    plan = session.make(session.Session("other", profile, session.gather_facts(machine)), machine)
    assert execute(plan, machine, lambda _event: None, never).ending is Ending.DONE
    return plan.notes


def test_folders_users_groups_and_secrets_that_only_an_earlier_profile_wanted_go() -> None:
    machine = machine_with()
    before = machine.copy()
    made_by_an_earlier_profile(machine)
    made = machine.copy()
    assert changed_to(machine, parameters(myhostname="box")) == ()
    assert machine.user("vmail") is None
    assert machine.group("vmail") is None
    assert machine.group("vread") is None
    assert machine.file(P("/var/vmail")) is None
    assert machine.file(P("/etc/secrets")) is None
    assert set(entries(machine)) == {"myhostname"}
    undo(machine, ids(machine)[1])
    assert differences(machine, made) == ()
    undo(machine)
    assert differences(machine, before) == ()


def test_a_secret_that_goes_is_not_shown_even_where_somebody_let_others_read_it() -> None:
    machine = machine_with()
    made_by_an_earlier_profile(machine)
    machine.set_metadata(P("/etc/secrets"), FileState(mode=0o644))
    other = Profile(title="Other", summary="", questions=(), desired=lambda _so_far: ())
    plan = session.make(session.Session("other", other, session.gather_facts(machine)), machine)
    preview = "".join(planned.preview for planned in plan.steps)
    assert "/etc/secrets" in preview
    assert "hush" not in preview


def test_what_others_took_into_use_stays_and_an_edited_secret_is_named() -> None:
    machine = machine_with()
    made_by_an_earlier_profile(machine)
    machine.lay(P("/var/vmail/boxes/mail"), FileState(content=b"Subject: x\n\n"))
    machine.lay(P("/etc/secrets"), FileState(content=b"mine\n", mode=0o600))
    group = content(machine, P("/etc/group")).replace(b"vread:x:801:vmail", b"vread:x:801:vmail,taro")
    machine.lay(P("/etc/group"), FileState(content=group))
    secret, *others = changed_to(machine, parameters(myhostname="box"))
    assert "/etc/secrets" in secret
    assert sorted(others) == [
        "The folder /var/vmail is no longer wanted, but is not empty, and stays.",
        "The folder /var/vmail/boxes is no longer wanted, but is not empty, and stays.",
        "The group vread is no longer wanted, but users are in it, and it stays: taro.",
    ]
    assert content(machine, P("/etc/secrets")) == b"mine\n"
    assert machine.file(P("/var/vmail/boxes/mail")) is not None
    assert machine.group("vread") is not None
    assert machine.user("vmail") is None


def test_a_user_that_was_changed_since_stays_with_its_group() -> None:
    machine = machine_with()
    made_by_an_earlier_profile(machine)
    passwd = content(machine, P("/etc/passwd")).replace(b"/var/empty", b"/srv/vmail")
    machine.lay(P("/etc/passwd"), FileState(content=passwd))
    assert sorted(changed_to(machine, parameters(myhostname="box"))) == [
        "The group vmail is no longer wanted, but users are in it, and it stays: vmail.",
        "The group vread is no longer wanted, but users are in it, and it stays: vmail.",
        "vmail is no longer wanted, but was changed since the wizard made it, and stays.",
    ]
    assert machine.user("vmail") is not None
    assert machine.group("vmail") is not None
    assert machine.group("vread") is not None


def test_what_was_there_before_the_wizard_is_not_taken_back() -> None:
    machine = machine_with()
    machine.lay(P("/var/vmail/boxes"), FileState(Kind.DIRECTORY, mode=0o755))
    machine.add_group(GroupState("vread", 801))
    made_by_an_earlier_profile(machine)
    changed_to(machine, parameters(myhostname="box"))
    assert machine.file(P("/var/vmail/boxes")) is not None
    assert machine.group("vread") is not None
    assert machine.group("vmail") is None


def test_a_secret_whose_run_is_forgotten_cannot_be_compared_and_stays() -> None:
    machine = machine_with()
    made_by_an_earlier_profile(machine)
    session.remove_run(machine, ids(machine)[0])
    (note,) = changed_to(machine, parameters(myhostname="box"))
    assert "/etc/secrets" in note
    assert "may have been changed" in note
    assert content(machine, P("/etc/secrets")) == b"hush\n"
