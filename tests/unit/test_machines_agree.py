"""One contract, kept by the machine in memory, by one laid over another, and by the real one below a folder."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.machine.machine import Entry, FileState, Kind, Machine
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.this_machine import ThisMachine
from wizard.problem import Trouble

P = PurePosixPath
FOLDER = FileState(Kind.DIRECTORY, mode=0o755)
BEGINNING = ("/etc", "/var", "/run", "/usr")

Make = Callable[[Path], Machine]


def with_folders(machine: Machine) -> Machine:
    for name in BEGINNING:
        machine.write_file(P(name), FOLDER)
    return machine


def real(root: Path) -> Machine:
    return with_folders(ThisMachine(root))


def pretended(_root: Path) -> Machine:
    return with_folders(PretendMachine())


def laid_over(root: Path) -> Machine:
    return PretendMachine(with_folders(ThisMachine(root)))


MACHINES = (real, pretended, laid_over)


@pytest.fixture(params=MACHINES, ids=lambda make: make.__name__)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    made: Machine = request.param(tmp_path)
    return made


def test_what_is_written_is_read_back_whole(machine: Machine) -> None:
    state = FileState(content=b"caf\xe9\0\n", mode=0o640, mtime_ns=1_600_000_000_123_456_789)
    machine.write_file(P("/etc/a"), state)
    assert machine.file(P("/etc/a")) == state
    assert machine.names_in(P("/etc")) == ("a",)


def test_files_of_our_own_are_written_together(machine: Machine) -> None:
    contents = {f"n{number}": b"%d" % number for number in range(150)}
    machine.write_file(P("/etc/n7"), FileState(content=b"old", mode=0o644))
    machine.write_file(P("/etc/kept"), FileState(content=b"kept"))
    machine.write_own_files(P("/etc"), contents)
    for name, content in contents.items():
        state = machine.file(P("/etc") / name)
        assert state is not None
        assert (state.kind, state.content, state.mode, state.owner) == (Kind.FILE, content, 0o600, 0)
    assert set(machine.names_in(P("/etc"))) == {*contents, "kept"}
    machine.write_own_files(P("/etc"), {})
    with pytest.raises(Trouble, match="/none"):
        machine.write_own_files(P("/none"), {"x": b""})


def test_a_folder_and_a_link_are_states_too(machine: Machine) -> None:
    machine.write_file(P("/etc/d"), FileState(Kind.DIRECTORY, mode=0o2750, mtime_ns=1_600_000_000_000_000_001))
    machine.write_file(P("/etc/l"), FileState(Kind.LINK, b"../nowhere", mtime_ns=1_600_000_000_000_000_002))
    folder, link = machine.file(P("/etc/d")), machine.file(P("/etc/l"))
    assert folder == FileState(Kind.DIRECTORY, mode=0o2750, mtime_ns=1_600_000_000_000_000_001)
    assert link == FileState(Kind.LINK, b"../nowhere", 0o777, mtime_ns=1_600_000_000_000_000_002)


def test_writing_a_folder_again_keeps_what_is_in_it(machine: Machine) -> None:
    machine.write_file(P("/etc/d"), FOLDER)
    machine.write_file(P("/etc/d/x"), FileState(content=b"x"))
    machine.write_file(P("/etc/d"), replace(FOLDER, mode=0o700, mtime_ns=5))
    folder = machine.file(P("/etc/d"))
    assert folder is not None
    assert (folder.mode, folder.mtime_ns) == (0o700, 5)
    assert machine.names_in(P("/etc/d")) == ("x",)


def test_a_link_in_the_way_is_replaced_and_never_followed(machine: Machine) -> None:
    machine.write_file(P("/etc/secret"), FileState(content=b"keep"))
    machine.write_file(P("/etc/l"), FileState(Kind.LINK, b"secret"))
    machine.write_file(P("/etc/l"), FileState(content=b"new"))
    secret, written = machine.file(P("/etc/secret")), machine.file(P("/etc/l"))
    assert secret is not None
    assert secret.content == b"keep"
    assert written is not None
    assert written.kind is Kind.FILE


def test_what_is_missing_is_none_and_missing_folders_are_named(machine: Machine) -> None:
    assert machine.file(P("/etc/none")) is None
    assert machine.file(P("/none/none")) is None
    assert machine.names_in(P("/none")) == ()
    with pytest.raises(Trouble, match="there is no folder /etc/none"):
        machine.write_file(P("/etc/none/x"), FileState())
    machine.remove(P("/etc/none"))
    machine.remove(P("/none/none"))


@pytest.mark.parametrize("path", ["relative", "/etc/../x", "/etc/a\0b"])
def test_what_is_no_absolute_path_is_refused(machine: Machine, path: str) -> None:
    with pytest.raises(Trouble):
        machine.file(P(path))
    with pytest.raises(Trouble):
        machine.write_file(P(path), FileState())


def test_only_empty_folders_are_removed_or_replaced(machine: Machine) -> None:
    machine.write_file(P("/etc/d"), FOLDER)
    machine.write_file(P("/etc/d/x"), FileState())
    with pytest.raises(Trouble, match="something in it"):
        machine.remove(P("/etc/d"))
    with pytest.raises(Trouble, match="something in it"):
        machine.write_file(P("/etc/d"), FileState())
    machine.remove(P("/etc/d/x"))
    machine.write_file(P("/etc/d"), FileState(content=b"file"))
    machine.write_file(P("/etc/d"), FOLDER)
    machine.remove(P("/etc/d"))
    assert machine.names_in(P("/etc")) == ()


def test_folders_behind_links_are_reached(machine: Machine) -> None:
    machine.write_file(P("/var/spool"), FOLDER)
    machine.write_file(P("/var/spool/mail"), FOLDER)
    machine.write_file(P("/var/mail"), FileState(Kind.LINK, b"spool/mail"))
    machine.write_file(P("/var/abs"), FileState(Kind.LINK, b"/var/spool"))
    machine.write_file(P("/var/mail/root"), FileState(content=b"mail"))
    assert machine.names_in(P("/var/spool/mail")) == ("root",)
    assert machine.names_in(P("/var/abs/mail")) == ("root",)
    assert machine.real_path(P("/var/mail/root")) == P("/var/spool/mail/root")
    assert machine.real_path(P("/var/mail")) == P("/var/spool/mail")
    assert machine.real_path(P("/var/abs/mail/new")) == P("/var/spool/mail/new")
    assert machine.real_path(P("/none/none")) == P("/none/none")


def test_links_that_lead_round_in_a_circle_end(machine: Machine) -> None:
    machine.write_file(P("/etc/a"), FileState(Kind.LINK, b"b"))
    machine.write_file(P("/etc/b"), FileState(Kind.LINK, b"a"))
    with pytest.raises(Trouble):
        machine.real_path(P("/etc/a"))


def test_metadata_is_given_without_touching_content(machine: Machine) -> None:
    machine.write_file(P("/etc/a"), FileState(content=b"a"))
    machine.set_metadata(P("/etc/a"), FileState(content=b"ignored", mode=0o600, mtime_ns=7))
    assert machine.file(P("/etc/a")) == FileState(content=b"a", mode=0o600, mtime_ns=7)
    with pytest.raises(Trouble):
        machine.set_metadata(P("/etc/none"), FileState())


def test_lines_are_added_to_a_private_file_and_never_joined_to_a_cut_one(machine: Machine) -> None:
    machine.append_line(P("/run/journal"), "one")
    machine.append_line(P("/run/journal"), "二")
    state = machine.file(P("/run/journal"))
    assert state is not None
    assert (state.content, state.mode) == ("one\n二\n".encode(), 0o600)
    machine.write_file(P("/run/journal"), replace(state, content=b"one\ncut"))
    machine.append_line(P("/run/journal"), "two")
    state = machine.file(P("/run/journal"))
    assert state is not None
    assert state.content == b"one\ncut\ntwo\n"
    with pytest.raises(ValueError, match="no end of line"):
        machine.append_line(P("/run/journal"), "a\nb")


def test_no_line_is_added_to_what_is_not_a_file(machine: Machine) -> None:
    machine.write_file(P("/etc/target"), FileState(content=b""))
    machine.write_file(P("/etc/l"), FileState(Kind.LINK, b"target"))
    with pytest.raises(Trouble):
        machine.append_line(P("/etc/l"), "x")
    target = machine.file(P("/etc/target"))
    assert target is not None
    assert target.content == b""


def test_the_end_of_a_file_can_be_read(machine: Machine) -> None:
    machine.write_file(P("/var/box"), FileState(content=b"0123456789"))
    machine.write_file(P("/var/l"), FileState(Kind.LINK, b"box"))
    assert machine.tail(P("/var/box"), 3) == (7, b"789")
    assert machine.tail(P("/var/box"), 99) == (0, b"0123456789")
    assert machine.tail(P("/var/l"), 3) is None
    assert machine.tail(P("/var"), 3) is None
    assert machine.tail(P("/var/none"), 3) is None


def test_the_manifest_names_everything_below_a_root(machine: Machine) -> None:
    machine.write_file(P("/etc/d"), replace(FOLDER, mode=0o700))
    machine.write_file(P("/etc/d/a"), FileState(content=b"a", mode=0o600, mtime_ns=9))
    machine.write_file(P("/etc/d/l"), FileState(Kind.LINK, b"a", mtime_ns=9))
    found = machine.manifest((P("/etc/d"), P("/none")))
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    assert list(found) == [P("/etc/d"), P("/etc/d/a"), P("/etc/d/l")]
    assert found[P("/etc/d/a")] == Entry(Kind.FILE, 0o600, 0, 0, 1, 9, digest)
    assert found[P("/etc/d/l")] == Entry(Kind.LINK, 0o777, 0, 0, 1, 9, digest)
    assert found[P("/etc/d")].kind is Kind.DIRECTORY


def test_accounts_are_read_from_passwd_and_group(machine: Machine) -> None:
    machine.write_file(
        P("/etc/passwd"),
        FileState(content=b"root:x:0:0::/root:/usr/bin/bash\n+broken\nmail:x:8:12:Mail:/:/usr/bin/nologin\n"),
    )
    machine.write_file(P("/etc/group"), FileState(content=b"root:x:0:root\nmail:x:12:root,mail\n"))
    assert [user.name for user in machine.users()] == ["root", "mail"]
    root, group = machine.user("root"), machine.group("mail")
    assert root is not None
    assert root.groups == ("root", "mail")
    assert group is not None
    assert (group.gid, group.members) == (12, ("root", "mail"))
    assert machine.user("nobody") is None
    with pytest.raises(Trouble, match="no user or group named ghost"):
        machine.write_file(P("/etc/x"), FileState(owner="ghost"))


def test_what_could_change_the_machine_is_not_run_for_a_look(machine: Machine) -> None:
    with pytest.raises(Trouble, match="could change the machine"):
        machine.output_of("postconf", "-e", "a=b")


def test_only_one_wizard_takes_the_lock(machine: Machine) -> None:
    assert machine.try_lock() is None
    assert machine.try_lock() is None
    machine.unlock()
    assert machine.try_lock() is None
    machine.unlock()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: would prove that others cannot lead writes astray")


@as_root
def test_in_a_folder_of_a_user_only_that_users_own_is_written(machine: Machine) -> None:
    machine.write_file(P("/var/home"), replace(FOLDER, owner=1234, group=1234))
    with pytest.raises(Trouble, match="belongs to another user"):
        machine.write_file(P("/var/home/x"), FileState(content=b"root's"))
    with pytest.raises(Trouble, match="belongs to another user"):
        machine.append_line(P("/var/home/x"), "root's")
    machine.write_file(P("/var/home/x"), FileState(content=b"own", owner=1234, group=1234))
    state = machine.file(P("/var/home/x"))
    assert state is not None
    assert (state.content, state.owner) == (b"own", 1234)


@as_root
def test_links_of_others_are_not_followed(machine: Machine) -> None:
    machine.write_file(P("/var/tmp"), replace(FOLDER, mode=0o1777))
    machine.write_file(P("/var/tmp/l"), FileState(Kind.LINK, b"/etc", owner=1234))
    machine.write_file(P("/etc/x"), FileState(content=b"root's"))
    for refused in (
        lambda: machine.write_file(P("/var/tmp/l/x"), FileState()),
        lambda: machine.remove(P("/var/tmp/l/x")),
        lambda: machine.real_path(P("/var/tmp/l")),
        lambda: machine.real_path(P("/var/tmp/l/x")),
    ):
        with pytest.raises(Trouble, match="could have made"):
            refused()
    machine.write_file(P("/var/tmp/l"), FileState(content=b"root's own, in place of the link"))
    assert machine.file(P("/etc/x")) is not None


@as_root
def test_where_everybody_may_write_root_does_not(machine: Machine) -> None:
    machine.write_file(P("/var/open"), replace(FOLDER, mode=0o777))
    with pytest.raises(Trouble, match="other users may write"):
        machine.write_file(P("/var/open/x"), FileState())
    machine.write_file(P("/var/open"), replace(FOLDER, mode=0o1777))
    machine.write_file(P("/var/open/x"), FileState())
    machine.write_file(P("/var/open"), replace(FOLDER, mode=0o777))
    machine.remove(P("/var/open/x"))


# Whatever is done, both end in the same state: the law behind every preview.

NAMES = st.sampled_from(["a", "b", "a/a", "a/b", "b/a", "l", "l/a"])
CONTENTS = st.sampled_from([b"", b"x", b"xyz\n"])
STATES = st.one_of(
    st.builds(FileState, content=CONTENTS, mode=st.sampled_from([0o644, 0o600]), mtime_ns=st.integers(1, 9)),
    st.builds(FileState, kind=st.just(Kind.DIRECTORY), mode=st.sampled_from([0o755, 0o700])),
    st.builds(
        FileState, kind=st.just(Kind.LINK), content=st.sampled_from([b"a", b"b", b"none", b"/etc/a", b"../etc/b"])
    ),
)
DOINGS = st.lists(
    st.tuples(st.sampled_from(["write", "write", "write", "remove", "describe", "append"]), NAMES, STATES), max_size=12
)


def do(machine: Machine, doing: tuple[str, str, FileState]) -> str:
    what, name, state = doing
    path = P("/etc") / name
    try:
        match what:
            case "write":
                machine.write_file(path, state)
            case "remove":
                machine.remove(path)
            case "describe":
                machine.set_metadata(path, state)
            case _:
                machine.append_line(path, "line")
    except Trouble:
        return "trouble"
    return "done"


def seen(machine: Machine) -> dict[PurePosixPath, Entry]:
    found = dict(machine.manifest((P("/etc"),)))
    return {
        path: replace(entry, mtime_ns=entry.mtime_ns if entry.mtime_ns < 10 else 0) for path, entry in found.items()
    }


@pytest.mark.thorough
@given(doings=DOINGS)
@settings(deadline=None, max_examples=int(os.environ.get("POSTWIZARD_EXAMPLES", "40")))
def test_the_same_changes_lead_to_the_same_machine(doings: list[tuple[str, str, FileState]]) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        machines = [real(Path(one)), pretended(Path(one)), laid_over(Path(other))]
        for doing in doings:
            ends = [do(machine, doing) for machine in machines]
            assert len(set(ends)) == 1, (doing, ends)
            looks = [seen(machine) for machine in machines]
            assert looks[0] == looks[1] == looks[2]
            for name in ("a", "a/b", "l/a"):
                states = [machine.file(P("/etc") / name) for machine in machines]
                assert len({(state.kind, state.content) if state else None for state in states}) == 1
