"""The practice machine is what it says: fresh, real, alone, and gone without a trace."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pexpect
import pytest

from wizard.practice.build import BuiltTree
from wizard.practice.command import main
from wizard.practice.debian_mirror import archive_addresses, debian_mirror
from wizard.practice.debian_tree import real_name
from wizard.practice.folders import layers_folder, machines_folder
from wizard.practice.network import connect
from wizard.practice.open_wizard import carry_files
from wizard.practice.practice_machine import PracticeMachine, list_machines
from wizard.practice.recipe import BASE_PACKAGES, BASE_PROVIDES, PACKAGES

pytestmark = pytest.mark.real_machine


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Waits for a condition."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_it_boots_as_a_fresh_arch_machine_without_a_mail_server(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("systemctl", "is-system-running").text.strip() == "running"
    assert "ID=arch" in fresh_machine.run("cat", "/etc/os-release").text.splitlines()
    assert fresh_machine.run("cat", "/proc/1/comm").text.strip() == "systemd"
    assert fresh_machine.run("hostname", "-f").text.strip() == "box.practice.test"
    assert "7." in fresh_machine.run("pacman", "--version").text
    installed = fresh_machine.run("pacman", "-Qq").text.split()
    assert {"glibc", "pacman", "python", "systemd"} <= set(installed)
    assert not {"postfix", "opensmtpd"} & set(installed)
    assert not fresh_machine.run("systemctl", "cat", "postfix.service").ok
    assert not fresh_machine.changes().below("/etc", "/usr")


def test_postfix_comes_from_pacman_with_arch_values_and_starts_only_when_asked(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("pacman", "-S", "--noconfirm", "postfix").ok
    assert fresh_machine.run("systemctl", "is-enabled", "postfix").text.strip() == "disabled"
    assert fresh_machine.run("systemctl", "is-active", "postfix").text.strip() == "inactive"
    settings = fresh_machine.run("postconf", "-n")
    assert settings.stderr == b""
    assert "alias_maps = lmdb:/etc/postfix/aliases" in settings.text.splitlines()
    assert "daemon_directory = /usr/lib/postfix/bin" in settings.text.splitlines()
    chroot_fields = fresh_machine.run("postconf", "-F", "*/*/chroot").text.splitlines()
    assert {line.split(" = ")[1] for line in chroot_fields} == {"n"}
    assert fresh_machine.run("id", "postfix").text.startswith("uid=73(postfix)")
    assert fresh_machine.run("newaliases").ok
    assert fresh_machine.run("systemctl", "enable", "--now", "postfix").ok
    assert fresh_machine.run("systemctl", "is-active", "postfix").text.strip() == "active"
    assert fresh_machine.run("postfix", "check").stderr == b""
    assert fresh_machine.run("sendmail", "admin", stdin=b"Subject: hello\n\nHello.\n").ok
    assert until(lambda: fresh_machine.run("test", "-s", "/var/mail/admin").ok)
    assert PurePosixPath("/etc/postfix/main.cf") in fresh_machine.changes().added


def test_a_changed_file_is_kept_when_the_package_comes_again(fresh_machine: PracticeMachine) -> None:
    fresh_machine.run("pacman", "-S", "--noconfirm", "postfix")
    fresh_machine.run("postconf", "-e", "soft_bounce = yes")
    assert fresh_machine.run("pacman", "-S", "--noconfirm", "postfix").ok
    assert fresh_machine.run("postconf", "-h", "soft_bounce").text.strip() == "yes"
    fresh_machine.run("pacman", "-R", "--noconfirm", "postfix", "postfix-lmdb")
    assert fresh_machine.run("test", "-f", "/etc/postfix/main.cf.pacsave").ok


def test_every_table_type_of_arch_can_be_installed(fresh_machine: PracticeMachine) -> None:
    kinds = ("cdb", "ldap", "lmdb", "mysql", "pcre", "pgsql", "sqlite")
    installed = fresh_machine.run("pacman", "-S", "--noconfirm", "postfix", *(f"postfix-{kind}" for kind in kinds))
    assert installed.ok, installed.error_text
    assert set(kinds) <= set(fresh_machine.run("postconf", "-m").text.split())
    # Each plug-in really loads: a table that is not there is named, not "unsupported dictionary type".
    for kind in kinds:
        refused = fresh_machine.run("postmap", "-q", "key", f"{kind}:/etc/none")
        assert "unsupported dictionary type" not in refused.error_text, kind


def test_what_a_fresh_machine_has_is_up_to_date_for_its_pacman(fresh_machine: PracticeMachine) -> None:
    asked = fresh_machine.run("pacman", "-S", "--needed", "--noconfirm", "curl", "openssl", "sqlite")
    assert asked.ok
    assert asked.error_text.count("is up to date") == 3
    assert fresh_machine.run("sqlite3", ":memory:", "SELECT 6 * 7").text == "42\n"
    assert fresh_machine.run("curl", "--version").ok


def test_a_mail_is_sent_from_the_command_line_over_tls(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("pacman", "-S", "--noconfirm", "postfix", "swaks").ok
    key = (
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/root/key",
        "-out",
        "/root/cert",
    )
    assert fresh_machine.run("openssl", "req", "-x509", "-subj", "/CN=box.practice.test", *key).ok
    files = ("smtpd_tls_cert_file = /root/cert", "smtpd_tls_key_file = /root/key", "smtpd_tls_security_level = may")
    assert fresh_machine.run("postconf", "-e", *files).ok
    assert fresh_machine.run("newaliases").ok
    assert fresh_machine.run("systemctl", "start", "postfix").ok
    sent = fresh_machine.run("swaks", "--server", "localhost", "--tls", "--to", "admin", "--from", "admin")
    assert sent.ok, sent.text + sent.error_text
    assert "TLS started" in sent.text


def test_a_resolver_starts_on_loopback(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("pacman", "-S", "--noconfirm", "unbound").ok
    assert fresh_machine.run("unbound-checkconf").ok
    assert fresh_machine.run("systemctl", "start", "unbound").ok, fresh_machine.run("journalctl", "-u", "unbound").text
    assert "127.0.0.1:53" in fresh_machine.run("ss", "-lun").text


def test_a_rival_mail_server_holds_port_25_and_excludes_postfix(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("pacman", "-S", "--noconfirm", "opensmtpd").ok
    assert fresh_machine.run("systemctl", "start", "smtpd").ok
    # smtpd(8) goes to the background before it listens.
    assert until(lambda: "smtpd" in fresh_machine.run("ss", "-ltnp", "sport = :25").text)
    refused = fresh_machine.run("pacman", "-S", "--noconfirm", "postfix")
    assert not refused.ok
    assert "conflict" in refused.error_text


def test_two_machines_at_once_see_nothing_of_each_other(practice_tree: BuiltTree) -> None:
    with PracticeMachine.fresh() as one, PracticeMachine.fresh() as other:
        one.run("touch", "/etc/only-here")
        assert not other.run("test", "-e", "/etc/only-here").ok
        assert one.run("ip", "-brief", "link").text.split()[0] == "lo"
        assert len(one.run("ip", "-brief", "link").text.splitlines()) == 1
        first, second = (machine.run("readlink", "/proc/1/ns/net").text for machine in (one, other))
        assert first != second
        assert first.strip() != os.readlink("/proc/self/ns/net")
    assert not (practice_tree.root / "etc/only-here").exists()


def test_machines_can_be_put_on_one_link(practice_tree: BuiltTree) -> None:
    with PracticeMachine.fresh() as one, PracticeMachine.fresh() as other, PracticeMachine.fresh() as third:
        connect({one: "192.0.2.1/24", other: "192.0.2.2/24", third: "192.0.2.3/24"})
        for machine, address in ((one, "192.0.2.2"), (other, "192.0.2.3"), (third, "192.0.2.1")):
            assert machine.run("ping", "-c", "1", "-W", "5", address).ok


def test_a_machine_leaves_nothing_behind(practice_tree: BuiltTree) -> None:
    mounts = Path("/proc/self/mountinfo").read_text()
    with PracticeMachine.fresh() as machine:
        folder, leader, keeper = machine.folder, machine.leader, machine.record.keeper
        assert Path("/proc", str(leader)).exists()
        assert Path("/proc/self/mountinfo").read_text() == mounts
        machine.run("systemd-run", "--unit=lasting", "sleep", "1000")
    assert not folder.exists()
    assert not Path("/proc", str(leader)).exists()
    assert Path("/proc/self/mountinfo").read_text() == mounts
    assert not list(Path("/sys/fs/cgroup").glob(f"**/postwizard-practice/{keeper}"))


def test_a_machine_ends_with_its_maker_and_the_next_start_tidies_up(practice_tree: BuiltTree) -> None:
    program = (
        "import sys, time\n"
        "from wizard.practice.practice_machine import PracticeMachine\n"
        "machine = PracticeMachine.fresh()\n"
        "print(machine.name, machine.leader, machine.record.keeper, flush=True)\n"
        "time.sleep(1000)\n"
    )
    maker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    name, leader, keeper = maker.stdout.readline().split()
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    maker.stdout.close()
    assert until(lambda: not Path("/proc", leader).exists())
    assert until(lambda: not Path("/proc", keeper).exists())
    assert name not in [machine.name for machine in list_machines()]
    assert not (machines_folder() / name).exists()


def test_a_killed_keeper_takes_the_machine_with_it(practice_tree: BuiltTree) -> None:
    machine = PracticeMachine.fresh()
    try:
        leader = machine.leader
        os.kill(machine.record.keeper, signal.SIGKILL)
        assert until(lambda: not Path("/proc", str(leader)).exists())
    finally:
        machine.destroy()


def test_files_survive_a_power_cut(practice_tree: BuiltTree) -> None:
    with PracticeMachine.fresh() as machine:
        machine.run("sh", "-c", "echo written > /etc/kept && sync")
        machine.power_cut()
        assert not machine.is_running
        machine.boot()
        assert machine.run("cat", "/etc/kept").text == "written\n"
        assert machine.run("systemctl", "is-system-running").text.strip() == "running"


def test_many_machines_start_from_a_frozen_one(practice_tree: BuiltTree) -> None:
    machine = PracticeMachine.fresh()
    machine.run("pacman", "-S", "--noconfirm", "postfix")
    machine.run("rm", "/etc/shells")
    frozen = machine.freeze()
    try:
        for _ in range(2):
            with PracticeMachine.fresh(base=frozen) as copy:
                assert copy.run("pacman", "-Q", "postfix").ok
                assert not copy.run("test", "-e", "/etc/shells").ok
                copy.run("rm", "/etc/postfix/main.cf")
                copy.run("touch", "/etc/postfix/master.cf", "/etc/shells")
                changes = copy.changes().below("/etc")
                assert PurePosixPath("/etc/postfix/main.cf") in changes.removed
                assert PurePosixPath("/etc/shells") in changes.added
                assert PurePosixPath("/etc/postfix/master.cf") not in changes.changed
    finally:
        frozen.destroy()
    assert not (layers_folder() / frozen.name).exists()


def test_a_program_gets_a_terminal_of_its_own(fresh_machine: PracticeMachine) -> None:
    show = 'ls $(tty) && stty size; while read -r line; do echo "<$line>"; stty size; echo next; done'
    child = pexpect.spawn("env", list(fresh_machine.command_line("bash", "-c", show)), dimensions=(30, 90), timeout=20)
    child.expect(r"/dev/pts/\d+\r\n")
    child.expect("30 90")
    child.setwinsize(40, 100)
    for _ in range(50):
        child.sendline("again")
        if child.expect(["40 100", "30 90"]) == 0:
            break
    else:
        pytest.fail("the new size never arrived")
    child.sendline("héllo あ")
    child.expect("<héllo あ>".encode())
    child.expect("40 100")
    # Where a program that the shell waits for ends by itself, the shell takes the interrupt for that program's.
    child.expect("next")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_words_arrive_in_a_terminal_as_they_are(fresh_machine: PracticeMachine) -> None:
    words = ("a b", "$HOME", "'", '"', "\\", "*", "あ", "")
    child = pexpect.spawn("env", list(fresh_machine.command_line("printf", "<%s>", *words)), timeout=20)
    child.expect(pexpect.EOF)
    child.close()
    assert child.before.decode() == "".join(f"<{word}>" for word in words)


def test_tmux_runs_inside(fresh_machine: PracticeMachine) -> None:
    child = pexpect.spawn(
        "env", list(fresh_machine.command_line("tmux", "new", "echo inside-tmux; read x")), timeout=20
    )
    child.expect("inside-tmux")
    child.sendline("")
    child.expect("exited")
    child.close()


def test_commands_have_users_input_limits_and_end_though_a_daemon_stays(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("cat", stdin=b"\0\xff\n").stdout == b"\0\xff\n"
    assert fresh_machine.run("id", "-un", user="admin").text == "admin\n"
    assert fresh_machine.run("sudo", "id", "-u", user="admin").text == "0\n"
    assert fresh_machine.run("sh", "-c", "echo $WHO $LANG", env={"WHO": "me"}).text == "me C.UTF-8\n"
    assert fresh_machine.run("false").exit_code == 1
    begun = time.monotonic()
    assert fresh_machine.run("sleep", "60", timeout=0.5).exit_code == 137
    assert fresh_machine.run("sh", "-c", "sleep 60 & echo begun").text == "begun\n"
    assert time.monotonic() - begun < 10


def test_full_and_read_only_folders_can_be_made(fresh_machine: PracticeMachine) -> None:
    assert fresh_machine.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt").ok
    full = fresh_machine.run("dd", "if=/dev/zero", "of=/mnt/file", "bs=1k", "count=100")
    assert "No space left" in full.error_text
    assert fresh_machine.run("mount", "--bind", "/etc", "/etc").ok
    assert fresh_machine.run("mount", "-o", "remount,bind,ro", "/etc").ok
    assert "Read-only" in fresh_machine.run("touch", "/etc/file").error_text


def test_the_wizard_is_inside_with_the_code_of_this_checkout(fresh_machine: PracticeMachine) -> None:
    version = fresh_machine.run("postwizard", "--version")
    assert version.ok, version.error_text
    assert not fresh_machine.run("touch", "/usr/lib/postwizard/app/wizard/file").ok
    libraries = "import textual, questionary, jinja2, sh, tomlkit"
    path = {"PYTHONPATH": "/usr/lib/postwizard/site"}
    assert fresh_machine.run("python3", "-c", libraries, env=path).ok


def test_files_that_options_name_are_carried_into_the_machine_and_back(
    tmp_path: Path, fresh_machine: PracticeMachine
) -> None:
    answers, secret = tmp_path / "answers.toml", tmp_path / "the password"
    answers.write_text("format = 1\n")
    secret.write_text("kept to itself")
    secret.chmod(0o600)
    given = ["--answers", str(answers), f"--secret=key={secret}", f"--write-answers={tmp_path}/new.toml", "--yes"]
    inside, out = carry_files(fresh_machine, given)
    assert inside[0] == "--answers"
    assert inside[4] == "--yes"
    assert fresh_machine.run("cat", inside[1]).text == "format = 1\n"
    place = inside[2].removeprefix("--secret=key=")
    assert fresh_machine.run("stat", "-c", "%a", place).text == "600\n"
    assert [(inside[3], tmp_path / "new.toml")] == [(f"--write-answers={name}", path) for name, path in out]
    assert carry_files(fresh_machine, ["--answers", "-"]) == (["--answers", "-"], [])


def test_every_package_of_the_recipe_depends_on_what_there_is() -> None:
    there = {*BASE_PACKAGES, *(name for names in BASE_PROVIDES.values() for name in names)}
    there |= {name for package in PACKAGES for name in (package.name, *package.provides)}
    assert {package.name: set(package.depends) - there for package in PACKAGES if set(package.depends) - there} == {}


def test_of_a_package_whose_name_has_its_release_the_newest_is_taken() -> None:
    known = ("postgresql-18", "postgresql-9", "postgresql-19-cron", "postgresql-client-18", "postfix")
    assert real_name("postgresql-[0-9]+", known) == "postgresql-18"
    assert real_name("postfix", known) == "postfix"
    assert real_name("absent", known) == "absent"


def test_the_mirror_is_read_from_both_formats_of_apts_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("# deb http://no.test/debian a b\ndeb [arch=x a=b] http://one.test/x y z\n")
    off = "Types: deb\nEnabled: no\nURIs: http://off.test/debian\n"
    on = "# a comment\nTypes: deb-src deb\nURIs: http://two.test/debian-security\n http://three.test/debian/\n"
    (tmp_path / "sources.list.d/some.sources").write_text(f"{off}\n{on}")
    found = list(archive_addresses(tmp_path))
    assert found == ["http://one.test/x", "http://two.test/debian-security", "http://three.test/debian/"]
    assert debian_mirror(tmp_path) == "http://three.test/debian/"


def test_a_build_that_is_killed_looks_unfinished_and_leaves_no_process(
    tmp_path: Path, practice_tree: BuiltTree
) -> None:
    program = "from wizard.practice.build import build; build(lambda line: print(line, flush=True))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    builder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
    assert builder.stdout is not None
    trees = tmp_path / "postwizard/practice/trees"
    assert until(lambda: any(trees.glob("*.unfinished/root/*")))
    builder.kill()
    builder.wait()
    builder.stdout.close()
    assert [path.suffix for path in trees.iterdir() if path.is_dir()] == [".unfinished"]
    assert until(lambda: not processes_that_mention(str(tmp_path)))


def processes_that_mention(word: str) -> list[str]:
    """Numbers of processes with this word in their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass
    return found


def test_the_command_makes_lists_uses_and_destroys_a_machine(
    practice_tree: BuiltTree, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "by-command"]) == 0
    try:
        assert main(["new", "by-command"]) == 2
        assert main(["run", "by-command", "--", "sh", "-c", "echo said; touch /etc/mark; exit 7"]) == 7
        capfd.readouterr()
        assert main(["list", "--json"]) == 0
        listed = json.loads(capfd.readouterr().out)
        assert {"by-command": True}.items() <= {one["name"]: one["running"] for one in listed}.items()
        assert main(["changes", "by-command"]) == 0
        assert "added   /etc/mark" in capfd.readouterr().out
    finally:
        assert main(["destroy", "by-command"]) == 0
    assert main(["destroy", "by-command"]) == 2
    assert "hint: " in capfd.readouterr().err
    assert main(["no-such-action"]) == 2
    assert main(["wizard", "--answers", "/nowhere/answers.toml"]) == 2
