"""The real machine, below a folder: whole writes, exact metadata, commands, and what others could plant."""

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from wizard import places
from wizard.machine.machine import FileState, GroupState, Kind, ServiceState, UserState
from wizard.machine.this_machine import ThisMachine
from wizard.problem import Trouble

P = PurePosixPath
REPOSITORY = Path(__file__).parents[2]
as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: would prove what is done for and against other users"
)


@pytest.fixture
def machine(tmp_path: Path) -> ThisMachine:
    (tmp_path / "etc").mkdir(mode=0o755)
    (tmp_path / "run").mkdir(mode=0o755)
    return ThisMachine(tmp_path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on PATH; a file put there is a program of the machine."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE
    )


# Files


@pytest.mark.thorough
def test_a_write_that_is_killed_leaves_the_old_or_the_new(machine: ThisMachine, tmp_path: Path) -> None:
    sizes = {b"a" * 3_000_000, b"b" * 3_000_000}
    for delay in (0.001, 0.004, 0.009, 0.016, 0.025, 0.05):
        machine.write_file(P("/etc/f"), FileState(content=b"a" * 3_000_000))
        with python(
            """
            import sys
            from pathlib import Path, PurePosixPath
            from wizard.machine.machine import FileState
            from wizard.machine.this_machine import ThisMachine
            machine = ThisMachine(Path(sys.argv[1]))
            print("ready", flush=True)
            while True:
                for letter in b"ba":
                    machine.write_file(PurePosixPath("/etc/f"), FileState(content=bytes([letter]) * 3_000_000))
            """,
            str(tmp_path),
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(delay)
            writer.kill()
        assert (tmp_path / "etc/f").read_bytes() in sizes
        machine.write_file(P("/etc/g"), FileState())
        assert machine.names_in(P("/etc")) == ("f", "g"), "what a killed write left is swept by the next"


def test_a_full_disk_is_said_and_leaves_nothing_behind(machine: ThisMachine, tmp_path: Path) -> None:
    machine.write_file(P("/etc/f"), FileState(content=b"old"))
    with python(
        """
        import resource, signal, sys
        from pathlib import Path, PurePosixPath
        from wizard.machine.machine import FileState
        from wizard.machine.this_machine import ThisMachine
        from wizard.problem import Trouble
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        machine = ThisMachine(Path(sys.argv[1]))
        try:
            machine.write_file(PurePosixPath("/etc/f"), FileState(content=b"n" * 200_000))
        except Trouble as trouble:
            print(trouble.problem.what)
        """,
        str(tmp_path),
    ) as writer:
        said = writer.communicate()[0].decode()
    assert "/etc/f: the file would be larger than is allowed here." in said
    assert (tmp_path / "etc/f").read_bytes() == b"old"
    assert machine.names_in(P("/etc")) == ("f",)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "etc" / "small"
    disk.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "none", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("cannot mount: would prove that a full disk is said and leaves nothing behind")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@as_root
def test_a_small_disk_that_is_full_keeps_what_it_has(small_disk: Path, tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    machine.write_file(P("/etc/small/f"), FileState(content=b"old"))
    machine.append_line(P("/etc/small/journal"), "first")
    with pytest.raises(Trouble, match="the disk is full") as caught:
        machine.write_file(P("/etc/small/f"), FileState(content=b"n" * 2_000_000))
    assert "df -h /etc/small" in caught.value.problem.hint
    with pytest.raises(Trouble, match="the disk is full"):
        machine.append_line(P("/etc/small/journal"), "x" * 2_000_000)
    assert (small_disk / "journal").read_text() == "first\n", "a line is there whole or not at all"
    assert machine.names_in(P("/etc/small")) == ("f", "journal")
    assert (small_disk / "f").read_bytes() == b"old"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Trouble, match="mounted read-only"):
        machine.write_file(P("/etc/small/f"), FileState())


@as_root
def test_a_manifest_does_not_enter_another_file_system(small_disk: Path, tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    (small_disk / "x").touch()
    assert list(machine.manifest((P("/etc"),))) == [P("/etc"), P("/etc/small")]
    assert list(machine.manifest((P("/etc/small"),))) == [P("/etc/small"), P("/etc/small/x")]


def test_without_the_right_to_write_nothing_is_left_behind(tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc").chmod(0o555)
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere: would prove that a missing right is said")
    with pytest.raises(Trouble, match="permission denied"):
        machine.write_file(P("/etc/f"), FileState())


@as_root
def test_owner_mode_times_attributes_and_lists_come_back_exactly(machine: ThisMachine, tmp_path: Path) -> None:
    path = tmp_path / "etc/f"
    path.write_bytes(b"content")
    os.chown(path, 1234, 4321)
    path.chmod(0o2751)
    try:
        os.setxattr(path, "user.note", b"\x00binary")
        # acl(5) as xattr: user 1234 may read and write, mask rwx
        entries = [(1, 7, -1), (2, 6, 1234), (4, 5, -1), (16, 7, -1), (32, 1, -1)]
        acl = b"\x02\0\0\0" + b"".join(
            tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + (uid & 0xFFFFFFFF).to_bytes(4, "little")
            for tag, rights, uid in entries
        )
        os.setxattr(path, "system.posix_acl_access", acl)
    except OSError:
        pytest.skip("this file system has no attributes: would prove that they come back")
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    before = machine.file(P("/etc/f"))
    digest = machine.manifest((P("/etc/f"),))
    assert before is not None
    assert (before.mode, before.owner, before.group) == (0o2771, 1234, 4321)
    assert [name for name, _value in before.xattrs] == ["system.posix_acl_access", "user.note"]
    machine.write_file(P("/etc/f"), FileState(content=b"other"))
    changed = machine.file(P("/etc/f"))
    assert changed is not None
    assert changed.xattrs == ()
    machine.write_file(P("/etc/f"), before)
    assert machine.file(P("/etc/f")) == before
    assert machine.manifest((P("/etc/f"),)) == digest
    machine.set_metadata(P("/etc/f"), FileState(mode=0o600))
    machine.set_metadata(P("/etc/f"), before)
    assert machine.file(P("/etc/f")) == before


@as_root
def test_a_folder_with_a_default_list_does_not_colour_what_is_written_in_it(
    machine: ThisMachine, tmp_path: Path
) -> None:
    entries = [(1, 7, -1), (2, 7, 1234), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
    acl = b"\x02\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + (uid & 0xFFFFFFFF).to_bytes(4, "little")
        for tag, rights, uid in entries
    )
    try:
        os.setxattr(tmp_path / "etc", "system.posix_acl_default", acl)
    except OSError:
        pytest.skip("this file system has no lists: would prove that inherited ones are taken off")
    machine.write_file(P("/etc/f"), FileState(content=b"x", mode=0o640))
    machine.write_file(P("/etc/d"), FileState(Kind.DIRECTORY, mode=0o750))
    file, folder = machine.file(P("/etc/f")), machine.file(P("/etc/d"))
    assert file is not None
    assert folder is not None
    assert (file.mode, file.xattrs, folder.mode, folder.xattrs) == (0o640, (), 0o750, ())


def test_a_secret_is_never_readable_more_widely_than_it_will_be(machine: ThisMachine, tmp_path: Path) -> None:
    widest = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal widest
        while not ended.is_set():
            for entry in os.scandir(tmp_path / "etc"):
                try:
                    widest |= stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)
                except FileNotFoundError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        before = os.umask(0)
        for _round in range(50):
            machine.write_file(P("/etc/secret"), FileState(content=b"s" * 100_000, mode=0o600))
    finally:
        os.umask(before)
        ended.set()
        watcher.join()
    assert widest == 0o600


def test_pipes_and_sockets_are_neither_read_nor_replaced(machine: ThisMachine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "etc/pipe")
    state = machine.file(P("/etc/pipe"))
    assert state is not None
    assert state.kind is Kind.OTHER
    assert machine.tail(P("/etc/pipe"), 5) is None
    assert machine.manifest((P("/etc"),))[P("/etc/pipe")].kind is Kind.OTHER
    with pytest.raises(Trouble, match="not written"):
        machine.write_file(P("/etc/pipe"), FileState())
    with pytest.raises(Trouble):
        machine.append_line(P("/etc/pipe"), "x")


SWAPPER = """
import contextlib, os, sys
name, target = sys.argv[1:]
while True:
    for doing, of in ((os.symlink, (target, name)), (os.unlink, (name,)), (os.mkdir, (name,)), (os.rmdir, (name,))):
        with contextlib.suppress(OSError):
            doing(*of)
"""


@as_root
def test_a_user_who_swaps_links_while_root_writes_gains_nothing(machine: ThisMachine, tmp_path: Path) -> None:
    home, target = tmp_path / "home", tmp_path / "etc/shadow"
    home.mkdir()
    target.write_text("root's")
    os.chown(home, 1234, 1234)
    swapper = subprocess.Popen(
        [
            "setpriv",
            "--reuid=1234",
            "--regid=1234",
            "--clear-groups",
            sys.executable,
            "-c",
            SWAPPER,
            home / "f",
            target,
        ],
        cwd="/",
    )
    try:
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            for doing in (
                lambda: machine.write_file(P("/home/f"), FileState(content=b"u", owner=1234, group=1234)),
                lambda: machine.set_metadata(P("/home/f"), FileState(mode=0o666, owner=1234, group=1234)),
                lambda: machine.remove(P("/home/f")),
            ):
                try:
                    doing()
                except Trouble:
                    continue
    finally:
        swapper.kill()
        swapper.wait()
    found = target.stat()
    assert (target.read_text(), found.st_uid, stat.S_IMODE(found.st_mode)) == ("root's", 0, 0o644 & ~_umask())


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now


@as_root
def test_a_hard_link_that_a_user_made_is_not_given_away(machine: ThisMachine, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "etc/shadow").write_text("root's")
    (tmp_path / "home/f").hardlink_to(tmp_path / "etc/shadow")
    os.chown(tmp_path / "home", 1234, 1234)
    with pytest.raises(Trouble, match="denied"):
        machine.set_metadata(P("/home/f"), FileState(mode=0o666, owner=1234, group=1234))
    assert (tmp_path / "etc/shadow").stat().st_uid == 0


@as_root
def test_the_rights_of_a_user_end_with_the_write(machine: ThisMachine, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 1234, 1234)
    machine.write_file(P("/home/f"), FileState(owner=1234, group=1234))
    machine.write_file(P("/etc/f"), FileState(mode=0o600))
    assert (tmp_path / "etc/f").stat().st_uid == 0


def test_a_manifest_survives_files_that_vanish(machine: ThisMachine, tmp_path: Path) -> None:
    ended = threading.Event()

    def churn() -> None:
        while not ended.is_set():
            for number in range(20):
                (tmp_path / f"etc/v{number}").write_text("x")
            for number in range(20):
                (tmp_path / f"etc/v{number}").unlink()

    churner = threading.Thread(target=churn)
    churner.start()
    try:
        for _round in range(100):
            machine.manifest((P("/etc"),))
            machine.file(P("/etc/v3"))
    finally:
        ended.set()
        churner.join()


# Commands


def test_output_and_exit_code_come_back_whole(machine: ThisMachine) -> None:
    ended = machine.run("sh", "-c", "printf 'caf\\351\\n'; cat; echo complaint >&2; exit 3", stdin=b"given\0\xff")
    assert ended.exit_code == 3
    assert ended.stdout == b"caf\xe9\ngiven\0\xff"
    assert ended.stderr == b"complaint\n"
    assert "\ufffd" in ended.text
    assert machine.run("sh", "-c", "kill -TERM $$").exit_code == 128 + signal.SIGTERM


def test_arguments_arrive_as_they_are(machine: ThisMachine, programs: Path) -> None:
    program(programs, "show", 'for word in "$@"; do printf "<%s>\\n" "$word"; done')
    odd = ("", "a b", "$HOME", "`id`", "*", "--x=y", "日本語", "line\nbreak", "-", "'\"")
    shown = machine.run("show", *odd)
    assert shown.text == "".join(f"<{word}>\n" for word in odd)
    with pytest.raises(Trouble, match="NUL"):
        machine.run("show", "a\0b")


def test_large_input_and_output_do_not_block(machine: ThisMachine) -> None:
    content = os.urandom(3_000_000)
    assert machine.run("cat", stdin=content, timeout=20).stdout == content


def test_lines_are_heard_as_they_come(machine: ThisMachine) -> None:
    heard: list[tuple[str, float]] = []
    machine.run(
        "sh", "-c", "echo one; sleep 0.5; echo two >&2", tell=lambda line: heard.append((line, time.monotonic()))
    )
    assert [line for line, _when in heard] == ["one", "two"]
    assert heard[1][1] - heard[0][1] > 0.3


def test_what_a_listener_raises_is_raised_after_the_program_ended(machine: ThisMachine, tmp_path: Path) -> None:
    def tell(_line: str) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        machine.run("sh", "-c", f"echo x; sleep 0.2; echo done > {tmp_path}/etc/done", tell=tell)
    assert (tmp_path / "etc/done").exists()


def _is_ended(pid: int) -> None:
    """Waits until this process is no more, or only its number is."""
    for _wait in range(50):
        if not Path(f"/proc/{pid}").exists() or ") Z" in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.1)
    pytest.fail("it lives on")


def test_a_program_without_end_is_ended_with_all_that_it_started(machine: ThisMachine, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="did not end within"):
        machine.run("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait", timeout=0.5)
    _is_ended(int((tmp_path / "pid").read_text()))


def test_a_reading_program_without_end_is_ended_too(machine: ThisMachine, programs: Path) -> None:
    program(programs, "mailq", "sleep 60 & sleep 60")
    began = time.monotonic()
    with pytest.raises(Trouble, match=r"`mailq` did not end within 0\.3 seconds"):
        machine.output_of("mailq", timeout=0.3)
    assert time.monotonic() - began < 5


LEAVES = """
import sys
from pathlib import Path
from wizard.machine.meanwhile import meanwhile
from wizard.machine.this_machine import ThisMachine
answer = meanwhile(lambda: ThisMachine(Path(sys.argv[1])).output_of("mailq", timeout=60))
answer()
"""


def test_control_c_does_not_wait_for_a_program_that_hangs_while_it_is_read(tmp_path: Path, programs: Path) -> None:
    os.mkfifo(tmp_path / "pid")
    program(programs, "mailq", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    leaving = subprocess.Popen([sys.executable, "-c", LEAVES, str(tmp_path)], cwd=REPOSITORY, stderr=subprocess.PIPE)
    pid = int((tmp_path / "pid").read_text())
    leaving.send_signal(signal.SIGINT)
    _out, said = leaving.communicate(timeout=20)
    assert b"KeyboardInterrupt" in said
    _is_ended(pid)


def test_a_missing_program_is_named(machine: ThisMachine) -> None:
    for call in (lambda: machine.run("no-such-program"), lambda: machine.output_of("qshape")):
        with pytest.raises(Trouble, match=r"The program (no-such-program|qshape) is not installed"):
            call()


def test_a_program_that_cannot_be_started_is_named(machine: ThisMachine, programs: Path) -> None:
    (programs / "mailq").write_text("#!/no/such/interpreter\n")
    (programs / "mailq").chmod(0o755)
    for call in (lambda: machine.run("mailq"), lambda: machine.output_of("mailq")):
        with pytest.raises(Trouble, match="mailq"):
            call()


@pytest.fixture(params=[True, False], ids=["unnamed files", "no unnamed files"])
def unnamed_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system with files that have no name (open(2): O_TMPFILE), and one without."""
    real_open = os.open

    def without(path: str, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "as on a file system without")
        return real_open(path, flags, *rest, **more)

    if not request.param:
        monkeypatch.setattr(os, "open", without)


@pytest.mark.usefixtures("unnamed_files")
def test_files_written_together_have_names_only_when_all_are_on_the_disk(
    machine: ThisMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.write_file(P("/blobs"), FileState(Kind.DIRECTORY, mode=0o700))
    contents = {f"n{number}": b"x" * number for number in range(20)}
    synced: list[str] = []
    real_fsync = os.fsync

    def fsync(fd: int) -> None:
        kind = "folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file"
        there = set(os.listdir(tmp_path / "blobs")) & contents.keys()
        real_fsync(fd)
        synced.append(f"{kind}, {len(there)} named")

    monkeypatch.setattr(os, "fsync", fsync)
    machine.write_own_files(P("/blobs"), contents)
    assert synced == ["file, 0 named"] * 20 + ["folder, 20 named"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "blobs").iterdir()} == contents


@pytest.mark.usefixtures("unnamed_files")
def test_of_files_written_together_none_has_a_name_when_one_cannot_be_brought_to_the_disk(
    machine: ThisMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.write_file(P("/blobs"), FileState(Kind.DIRECTORY, mode=0o700))
    real_fsync = os.fsync

    def fsync(fd: int) -> None:
        if os.fstat(fd).st_size == 5:
            raise OSError(errno.EIO, "a bad disk")
        real_fsync(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    open_before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Trouble):
        machine.write_own_files(P("/blobs"), {f"n{number}": b"x" * number for number in range(20)})
    assert list((tmp_path / "blobs").iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_programs_find_a_clean_environment(machine: ThisMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD_OF_OURS", "x")
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    names = dict(line.split("=", 1) for line in machine.run("env").text.splitlines() if "=" in line)
    assert names.keys() - {"PWD", "SHLVL", "_"} == {"PATH", "LC_ALL", "HOME", "USER", "LOGNAME"}
    assert names["LC_ALL"] == "C.UTF-8"


def test_programs_do_not_hear_the_interrupt_of_the_terminal(machine: ThisMachine) -> None:
    sessions = machine.run("sh", "-c", "ps -o sid= -p $$").text.split()
    assert sessions != [str(os.getsid(0))]


def test_programs_make_files_with_the_usual_mask(machine: ThisMachine, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        machine.run("touch", f"{tmp_path}/etc/made")
    finally:
        assert os.umask(before) == 0o077
    assert stat.S_IMODE((tmp_path / "etc/made").stat().st_mode) == 0o644


@as_root
def test_a_program_can_run_as_a_user(machine: ThisMachine) -> None:
    passwd = "root:x:0:0::/root:/bin/sh\nghost:x:1234:1235::/nowhere:/bin/sh\n"
    machine.write_file(P("/etc/passwd"), FileState(content=passwd.encode()))
    said = machine.run("sh", "-c", "id -u; id -g; echo $HOME", user="ghost")
    assert said.text.split() == ["1234", "1235", "/nowhere"]
    with pytest.raises(Trouble, match="no user named nobody-here"):
        machine.run("id", user="nobody-here")


# Packages


INSTALLER = """
case "$*" in
  *" -S "*) echo resolving; mkdir -p {root}/var/lib/pacman/local/{comes}; echo 'error: {error}' >&2; exit {code};;
  *" -R"*) rm -rf {root}/var/lib/pacman/local/{comes}; echo "$@" > {root}/removed;;
  *" -Sy "*) touch {root}/fetched {root}/var/lib/pacman/sync/extra.db;;
esac
"""


@pytest.fixture
def pacman(machine: ThisMachine, programs: Path, tmp_path: Path) -> Path:
    for part in ("local/bash-5.3-1", "local/exim-4.99-1", "sync"):
        (tmp_path / "var/lib/pacman" / part).mkdir(parents=True)
    return programs


def test_installed_packages_are_read_without_a_program(machine: ThisMachine, pacman: Path) -> None:
    assert machine.packages() == {"bash": "5.3-1", "exim": "4.99-1"}
    assert machine.package("postfix") is None


def test_databases_are_fetched_only_where_there_was_never_one(
    machine: ThisMachine, pacman: Path, tmp_path: Path
) -> None:
    program(pacman, "pacman", INSTALLER.format(root=tmp_path, comes="postfix-3.11.7-1", error="", code=0))
    machine.install(("postfix",))
    assert (tmp_path / "fetched").exists()
    assert machine.package("postfix") == "3.11.7-1"
    (tmp_path / "fetched").unlink()
    machine.uninstall(("postfix", "never-there"))
    assert machine.package("postfix") is None
    assert "never-there" not in (tmp_path / "removed").read_text()
    machine.install(("postfix",))
    assert not (tmp_path / "fetched").exists()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ("target not found: postfix", "No repository has the package postfix"),
        ("failed retrieving file", "could not be downloaded"),
        ("disk full", "Installing postfix failed"),
    ],
)
def test_an_installation_that_fails_is_explained_and_taken_back(
    machine: ThisMachine, pacman: Path, tmp_path: Path, error: str, what: str
) -> None:
    (tmp_path / "var/lib/pacman/sync/extra.db").touch()
    program(pacman, "pacman", INSTALLER.format(root=tmp_path, comes="postfix-lmdb-3.11.7-1", error=error, code=1))
    with pytest.raises(Trouble, match=what):
        machine.install(("postfix",))
    assert machine.packages() == {"bash": "5.3-1", "exim": "4.99-1"}


def test_a_rival_is_named(machine: ThisMachine, pacman: Path, tmp_path: Path) -> None:
    (tmp_path / "var/lib/pacman/sync/extra.db").touch()
    said = ":: postfix-3.11.7-1 and exim-4.99-1 are in conflict (smtp-server). Remove exim? [y/N]"
    program(pacman, "pacman", f"echo '{said}'; exit 1")
    with pytest.raises(Trouble, match="postfix cannot be installed beside exim"):
        machine.install(("postfix",))


def test_another_pacman_is_waited_for_and_named(machine: ThisMachine, pacman: Path, tmp_path: Path) -> None:
    (tmp_path / "var/lib/pacman/sync/extra.db").touch()
    program(pacman, "pacman", INSTALLER.format(root=tmp_path, comes="postfix-3.11.7-1", error="", code=0))
    lock = tmp_path / "var/lib/pacman/db.lck"
    heard: list[str] = []
    with lock.open("w"):
        threading.Timer(0.5, lock.unlink).start()
        machine.install(("postfix",), heard.append)
    assert f"(process {os.getpid()})" in heard[0]
    assert machine.package("postfix") is not None
    machine.uninstall(("postfix",))
    machine.wait_for_pacman = 0.3
    with lock.open("w"), pytest.raises(Trouble, match="has locked the package database"):
        machine.install(("postfix",))
    with pytest.raises(Trouble, match="no program holds the lock"):
        machine.install(("postfix",))
    assert lock.exists(), "a lock of somebody else is never removed"


# Units and accounts


def test_units_below_a_folder_are_enabled_and_masked_by_systemctl(machine: ThisMachine, tmp_path: Path) -> None:
    if shutil.which("systemctl") is None:
        pytest.skip("no systemctl: would prove that units are enabled in a folder")
    units = tmp_path / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    (units / "x.service").write_text("[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n")
    assert machine.service("none") == ServiceState()
    assert machine.service("x") == ServiceState(enabled=False, running=False)
    machine.set_service("x", ServiceState(enabled=True))
    assert machine.service("x") == ServiceState(enabled=True, running=False)
    machine.set_service("x", ServiceState(enabled=False, masked=True))
    assert machine.service("x.service") == ServiceState(enabled=False, running=False, masked=True)
    machine.set_service("x", ServiceState(enabled=False))
    assert machine.service("x") == ServiceState(enabled=False, running=False)
    with pytest.raises(Trouble, match="No systemd runs"):
        machine.set_service("x", ServiceState(running=True))


@as_root
def test_accounts_below_a_folder_come_and_go(machine: ThisMachine, tmp_path: Path) -> None:
    for name, text in (
        ("passwd", "root:x:0:0::/root:/bin/sh\n"), ("group", "root:x:0:\n"), ("shadow", "root:!:1::::::\n"),
        ("gshadow", "root:!::\n"), ("login.defs", "USERGROUPS_ENAB yes\n"),
    ):  # fmt: skip
        (tmp_path / "etc" / name).write_text(text)
    machine.add_group(GroupState("vmail", 5000))
    machine.add_user(UserState("vmail", 5000, 5000, "/var/mail/vhosts", "/usr/bin/nologin", "Virtual mail"))
    assert machine.user("vmail") == UserState(
        "vmail", 5000, 5000, "/var/mail/vhosts", "/usr/bin/nologin", "Virtual mail"
    )
    with pytest.raises(Trouble, match="useradd failed"):
        machine.add_user(UserState("vmail", 5000, 5000))
    machine.remove_user("vmail")
    assert machine.user("vmail") is None
    assert machine.group("vmail") == GroupState("vmail", 5000), "userdel takes the namesake along; it is put back"
    machine.remove_group("vmail")
    machine.remove_group("vmail")
    machine.remove_user("vmail")
    assert machine.group("vmail") is None


# The lock


def test_the_lock_is_held_by_one_process_and_given_back_by_its_death(machine: ThisMachine, tmp_path: Path) -> None:
    with python(
        """
        import sys, time
        from pathlib import Path
        from wizard.machine.this_machine import ThisMachine
        machine = ThisMachine(Path(sys.argv[1]))
        print(machine.try_lock(), flush=True)
        machine.run("true")
        time.sleep(60)
        """,
        str(tmp_path),
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"None\n"
        held = machine.try_lock()
        assert held is not None
        assert f"process {other.pid}, since 20" in held
        other.kill()
        other.wait()
    assert machine.try_lock() is None
    assert (tmp_path / str(places.RUNTIME).lstrip("/")).stat().st_mode & 0o777 == 0o700
    machine.unlock()


def test_the_limit_of_file_sizes_of_this_process_is_untouched() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
