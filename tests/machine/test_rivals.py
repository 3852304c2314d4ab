"""Rivals and mishaps: what stands in the way is named, with what to do about it, and the machine stays as it was."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.the_wizard import ANSWERS, put_file, read_file, set_up, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

REPOSITORY = "/srv/practice/repo"
LOCK = "/var/lib/pacman/db.lck"
FORGET = "rm -rf /var/cache/pacman/pkg/* /var/cache/postwizard"


@pytest.fixture(scope="module")
def machine(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """One machine for all of these: none changes it."""
    with PracticeMachine.fresh() as machine:
        assert machine.run("pacman", "-Sy").ok
        yield machine


@contextmanager
def meanwhile(machine: PracticeMachine, before: str, after: str) -> Iterator[None]:
    """Something is so for a time, by the words of a shell of the machine."""
    done = machine.run("sh", "-ec", before)
    assert done.ok, done.text + done.error_text
    try:
        yield
    finally:
        done = machine.run("sh", "-ec", after)
    assert done.ok, done.text + done.error_text


def refused(machine: PracticeMachine, exit_code: int, *words: str, answers: str = ANSWERS) -> CommandResult:
    """The wizard says all of these words, gives a hint, and leaves the machine as it was."""
    before = fingerprint(machine)
    result = set_up(machine, answers=answers)
    said = " ".join(result.error_text.split())
    assert result.exit_code == exit_code, result.text + result.error_text
    assert [word for word in words if word not in said] == [], said
    assert "hint: " in result.error_text
    assert differences(before, fingerprint(machine)) == {}
    return result


def test_an_ordinary_user_may_look_and_is_told_at_once_that_changes_need_root(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    put_file(machine, "/home/admin/answers.toml", ANSWERS)
    machine.run("chown", "admin:", "/home/admin/answers.toml")
    given = ("postwizard", "--answers", "/home/admin/answers.toml")
    preview = machine.run(*given, "--dry-run", user="admin")
    assert preview.exit_code == 0, preview.text + preview.error_text
    assert "inet_interfaces = loopback-only" in preview.text
    pretended = machine.run(*given, "--pretend", "--yes", user="admin")
    assert pretended.exit_code == 0, pretended.text + pretended.error_text
    applied = machine.run(*given, "--yes", user="admin")
    assert applied.exit_code == 2, applied.text + applied.error_text
    assert "needs root" in applied.error_text
    for command in ("check", "snapshots"):
        looked = machine.run("postwizard", command, user="admin")
        assert looked.exit_code in {0, 2, 4}, looked.text + looked.error_text
        assert "Traceback" not in looked.error_text
    undone = machine.run("postwizard", "undo", "--yes", user="admin")
    assert undone.exit_code in {0, 2}, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}


INSTALL_RIVAL = """
pacman -S --noconfirm opensmtpd; systemctl start smtpd.service
i=0; while [ -z "$(ss -Hltn 'sport = :25')" ] && [ $i -lt 200 ]; do i=$((i+1)); sleep 0.05; done
"""
REMOVE_RIVAL = "systemctl stop smtpd.service; pacman -Rn --noconfirm opensmtpd"


def test_another_mail_server_is_named_with_unit_and_package_before_anything_changes(machine: PracticeMachine) -> None:
    with meanwhile(machine, INSTALL_RIVAL, REMOVE_RIVAL):
        result = refused(machine, 2, "Port 25 is taken by smtpd.service", "package opensmtpd")
        assert "systemctl disable --now smtpd.service" in " ".join(result.error_text.split())
        assert "steps are left to do" not in result.text
        machine.run("systemctl", "stop", "smtpd.service")
        refused(machine, 2, "postfix cannot be installed beside opensmtpd", "pacman -Rn opensmtpd")


def test_a_program_of_a_persons_own_on_the_port_is_named_and_without_a_listener_it_does_not_matter(
    machine: PracticeMachine,
) -> None:
    listen = "python3 -c 'import socket,time; s=socket.create_server((\"127.0.0.1\",25)); time.sleep(600)'"
    start = f"""systemd-run -q --unit=own-mail {listen}
    i=0; while [ -z "$(ss -Hltn 'sport = :25')" ] && [ $i -lt 200 ]; do i=$((i+1)); sleep 0.05; done"""
    with meanwhile(machine, start, "systemctl stop own-mail.service"):
        refused(machine, 2, "Port 25 is taken by own-mail.service")
        before = fingerprint(machine)
        result = set_up(machine, "--no-test-sends", answers=ANSWERS + 'listener = "none"\n')
        assert result.exit_code == 0, result.text + result.error_text
        assert wizard(machine, "undo", "--yes").exit_code == 0
        assert differences(before, fingerprint(machine)) == {}


def test_a_lock_that_a_killed_pacman_left_is_named(machine: PracticeMachine) -> None:
    with meanwhile(machine, f"touch {LOCK}", f"rm {LOCK}"):
        refused(machine, 1, "locked by /var/lib/pacman/db.lck", "no program holds the lock", f"rm {LOCK}")


def test_a_pacman_at_work_is_waited_for(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    hold = f"exec 9>{LOCK}; while ! grep -q 'Waiting for' /root/said; do sleep 0.1; done; rm {LOCK}"
    put_file(machine, "/root/said", "")
    put_file(machine, "/root/answers.toml", ANSWERS)
    start = f"""systemd-run -q --unit=holder sh -c "{hold}"
    i=0; while [ ! -e {LOCK} ] && [ $i -lt 200 ]; do i=$((i+1)); sleep 0.05; done"""
    with meanwhile(machine, start, "systemctl stop holder.service 2>/dev/null || true"):
        line = "exec postwizard --answers /root/answers.toml --yes --no-test-sends > /root/said 2>&1"
        result = machine.run("sh", "-c", line)
    said = read_file(machine, "/root/said")
    assert result.exit_code == 0, said
    assert "Waiting for" in said
    assert wizard(machine, "undo", "--yes").exit_code == 0
    # The time of the folder is that of the lock, which was not ours.
    assert set(differences(before, fingerprint(machine))) <= {"paths /var/lib/pacman"}


def test_packages_that_cannot_be_had_are_named(machine: PracticeMachine) -> None:
    away = f"{FORGET}; mv {REPOSITORY} {REPOSITORY}.away"
    with meanwhile(machine, away, f"mv {REPOSITORY}.away {REPOSITORY}"):
        refused(machine, 2, "The package postfix could not be found or downloaded", "mirrors")


def test_a_package_that_is_damaged_is_not_half_installed(machine: PracticeMachine) -> None:
    package = f"{REPOSITORY}/postfix-3*.pkg.tar.zst"
    cut = f"{FORGET}; cp -a {package} /root/; for file in {package}; do truncate -s 300000 $file; done"
    with meanwhile(machine, cut, f"mv /root/postfix-3*.pkg.tar.zst {REPOSITORY}/"):
        result = set_up(machine)
        assert result.exit_code in {1, 2}, result.text + result.error_text
        assert "hint: " in result.error_text
        assert not machine.run("pacman", "-Q", "postfix").ok


def test_a_host_name_without_a_domain_and_no_dns_get_a_name_that_works(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    alone = "cp /etc/hosts /root/hosts; echo 127.0.0.1 localhost > /etc/hosts; hostname box"
    with meanwhile(machine, alone, "cp /root/hosts /etc/hosts; hostname box.practice.test"):
        result = set_up(machine)
        assert result.exit_code == 0, result.text + result.error_text
        assert machine.run("postconf", "-h", "myhostname").text.strip() == "box.localdomain"
        assert wizard(machine, "undo", "--yes").exit_code == 0
    found = differences(before, fingerprint(machine))
    assert {name for name in found if name != "paths /etc/hosts"} == set()


def test_where_nobody_logs_in_root_reads_its_own_mail(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    with meanwhile(machine, "cp -a /etc/passwd /root/; sed -i '/^admin:/d' /etc/passwd", "cp -a /root/passwd /etc/"):
        refused(machine, 2, "root_mail_to", "admin")
        result = set_up(machine, answers='format = 1\nprofile = "local_only"\n[answers]\n')
        assert result.exit_code == 0, result.text + result.error_text
        assert wizard(machine, "undo", "--yes").exit_code == 0
    machine.run("rm", "-f", "/var/spool/mail/root")
    found = differences(before, fingerprint(machine))
    assert {name for name in found if name != "paths /etc"} == set()


def test_of_two_at_once_the_second_is_refused_and_told_of_the_first(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    put_file(machine, "/root/answers.toml", ANSWERS)
    command = ("postwizard", "--answers", "/root/answers.toml", "--yes", "--no-test-sends")
    # The first is held at its first step by a lock on the package database, so that both are at work at once.
    machine.run("sh", "-c", f"systemd-run -q --unit=holder sh -c 'exec 9>{LOCK}; sleep 100'")
    with subprocess.Popen(machine.command_line(*command, tty=False), stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        said = ""
        while "Waiting for" not in said:
            line = first.stdout.readline()
            assert line, said
            said += line
        second = machine.run(*command)
        undo = wizard(machine, "undo", "--yes")
        machine.run("sh", "-c", f"rm -f {LOCK}; systemctl stop holder.service")
        rest = first.stdout.read()
    assert first.returncode == 0, said + rest
    assert second.exit_code in {1, 2}, second.text + second.error_text
    assert undo.exit_code in {1, 2}, undo.text + undo.error_text
    assert "Another postwizard is at work: process" in " ".join(second.error_text.split())
    assert wizard(machine, "undo", "--yes").exit_code == 0
    assert set(differences(before, fingerprint(machine))) <= {"paths /var/lib/pacman"}
