"""What a person changed since is kept, and what we set is taken back."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import FileState, Kind
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import ChangedSince
from wizard.steps.build_table import BuildTable
from wizard.steps.restore_file import RestoreFile
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile

P = PurePosixPath
MAIN_CF = P("/etc/postfix/main.cf")
VIRTUAL = P("/etc/postfix/virtual")


def a_machine() -> PretendMachine:
    machine = PretendMachine()
    machine.lay(MAIN_CF, FileState(content=b"# mine\nmyhostname = a.example.org\nrelayhost = [old]\n", mode=0o640))
    machine.lay(P("/etc/postfix/master.cf"), FileState(content=b"smtp inet n - n - - smtpd\n"))
    machine.lay(VIRTUAL, FileState(content=b"a@x.org one\n"))
    return machine


def content(machine: PretendMachine, path: PurePosixPath) -> bytes:
    state = machine.file(path)
    return state.content if state is not None else b""


def edit(machine: PretendMachine, path: PurePosixPath, old: bytes, new: bytes) -> None:
    state = machine.file(path)
    assert state is not None
    assert old in state.content
    machine.write_file(path, replace(state, content=state.content.replace(old, new), mtime_ns=None))


def undone(machine: PretendMachine, step: Step) -> Step:
    inverse = step.inverse(machine)
    assert inverse is not None
    step.apply(machine)
    return inverse


def test_a_line_that_a_person_added_stays_and_ours_go() -> None:
    machine = a_machine()
    step = SetParameters(
        path=MAIN_CF, wanted=(("myhostname", "b.example.org"), ("biff", "no")), removed=("relayhost",), why="w"
    )
    inverse = undone(machine, step)
    edit(machine, MAIN_CF, b"# mine\n", b"# mine, changed\nsoft_bounce = yes\n")
    assert "soft_bounce" not in inverse.preview(machine).replace(" soft_bounce", "")
    inverse.apply(machine)
    assert content(machine, MAIN_CF) == (
        b"# mine, changed\nsoft_bounce = yes\nmyhostname = a.example.org\nrelayhost = [old]\n"
    )
    assert inverse.verify(machine) is None


def test_a_parameter_that_a_person_changed_since_keeps_that_value() -> None:
    machine = a_machine()
    step = SetParameters(path=MAIN_CF, wanted=(("myhostname", "b.example.org"), ("biff", "no")), why="w")
    inverse = undone(machine, step)
    edit(machine, MAIN_CF, b"b.example.org", b"c.example.org")
    inverse.apply(machine)
    assert b"myhostname = c.example.org\n" in content(machine, MAIN_CF)
    assert b"biff" not in content(machine, MAIN_CF)


def test_a_service_that_a_person_changed_since_is_left_alone() -> None:
    machine = a_machine()
    step = SetMasterEntries(
        path=P("/etc/postfix/master.cf"),
        wanted=("submission inet n - n - - smtpd -o a=b", "lmtp unix - - n - - lmtp"),
        options=(("smtp/inet", "x", "y"),),
        why="w",
    )
    inverse = undone(machine, step)
    edit(machine, P("/etc/postfix/master.cf"), b"a=b", b"a=c")
    inverse.apply(machine)
    text = content(machine, P("/etc/postfix/master.cf"))
    assert b"a=c" in text
    assert b"x=y" not in text
    assert b"lmtp" not in text


def test_after_a_table_line_is_taken_back_alone_its_index_is_built_again() -> None:
    machine = a_machine()
    BuildTable(source=VIRTUAL, table_type="lmdb", why="w").apply(machine)
    lines = undone(machine, SetTableLines(path=VIRTUAL, wanted=(("b@x.org", "two"),), why="w"))
    table = undone(machine, BuildTable(source=VIRTUAL, table_type="lmdb", why="w"))
    edit(machine, VIRTUAL, b"a@x.org one", b"a@x.org three")
    table.apply(machine)
    lines.apply(machine)
    assert content(machine, VIRTUAL) == b"a@x.org three\n"
    assert BuildTable(source=VIRTUAL, table_type="lmdb", why="w").differs(machine) == frozenset()


def test_a_whole_file_that_a_person_changed_stays_unless_it_is_forced() -> None:
    machine = a_machine()
    step = WriteFile(path=P("/etc/postfix/own"), content=b"ours\n", why="w")
    inverse = undone(machine, step)
    edit(machine, P("/etc/postfix/own"), b"ours", b"theirs")
    with pytest.raises(ChangedSince) as raised:
        inverse.apply(machine)
    assert "/etc/postfix/own" in raised.value.problem.what
    assert raised.value.problem.hint
    assert isinstance(inverse, RestoreFile)
    assert inverse.differs(machine)
    replace(inverse, keep_if_changed=False).apply(machine)
    assert machine.file(P("/etc/postfix/own")) is None


def test_a_link_comes_back_as_a_link_and_the_file_behind_it_keeps_its_rights() -> None:
    machine = a_machine()
    machine.lay(P("/etc/real.cf"), FileState(content=b"a = b\n", mode=0o604, xattrs=(("user.note", b"x"),)))
    machine.lay(P("/etc/link.cf"), FileState(Kind.LINK, b"real.cf"))
    before = machine.file(P("/etc/real.cf"))
    step = SetParameters(path=P("/etc/link.cf"), wanted=(("c", "d"),), why="w").needed_after(frozenset(), machine)
    assert step.touches == (P("/etc/link.cf"), P("/etc/real.cf"))
    inverse = undone(machine, step)
    link, real = machine.file(P("/etc/link.cf")), machine.file(P("/etc/real.cf"))
    assert link is not None
    assert link.kind is Kind.LINK
    assert real is not None
    assert (real.mode, real.xattrs, real.content) == (0o604, (("user.note", b"x"),), b"a = b\nc = d\n")
    inverse.apply(machine)
    assert machine.file(P("/etc/real.cf")) == before


def test_a_value_spread_over_lines_by_a_person_counts_as_the_same() -> None:
    machine = a_machine()
    machine.lay(MAIN_CF, FileState(content=b"mydestination = a,\n# why\n   b\n"))
    assert not SetParameters(path=MAIN_CF, wanted=(("mydestination", "a, b"),), why="w").differs(machine)
    assert SetParameters(path=MAIN_CF, wanted=(("mydestination", "a, c"),), why="w").differs(machine)
