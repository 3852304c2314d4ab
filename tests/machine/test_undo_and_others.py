"""Undo takes back what the wizard did and nothing that others did since: packages, accounts, units, mail."""

import pytest

from tests.machine.the_wizard import ANSWERS, put_file, read_file, set_up, wizard
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine


def did(machine: PracticeMachine, *argv: str) -> str:
    result = machine.run(*argv)
    assert result.ok, result.error_text
    return result.text


def test_packages_accounts_and_units_that_came_since_stay_and_are_no_reason_to_complain(
    fresh_machine: PracticeMachine,
) -> None:
    machine = fresh_machine
    assert set_up(machine).exit_code == 0
    did(machine, "pacman", "-S", "--noconfirm", "unbound")
    did(machine, "useradd", "--create-home", "jiro")
    put_file(machine, "/etc/systemd/system/own.service", "[Service]\nExecStart=/usr/bin/true\n")
    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert "stays" not in undone.text
    assert "unbound" in did(machine, "pacman", "-Q", "unbound")
    assert "No database errors" in did(machine, "pacman", "-Dk")
    accounts = [line.split(":")[0] for line in read_file(machine, "/etc/passwd").splitlines()]
    assert "jiro" in accounts
    assert "postfix" not in accounts
    groups = [line.split(":")[0] for line in read_file(machine, "/etc/group").splitlines()]
    assert "jiro" in groups
    assert not {"postfix", "postdrop"} & set(groups)
    assert machine.run("test", "-f", "/etc/systemd/system/own.service").ok


def test_mail_in_a_folder_that_the_wizard_made_stays(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    assert set_up(machine, "--no-test-sends", answers=ANSWERS + 'mailbox = "spool_maildir"\n').exit_code == 0
    did(machine, "sh", "-c", "printf 'Subject: kept\n\nhello\n' | sendmail admin")
    for _attempt in range(100):
        if did(machine, "find", "/var/spool/maildir", "-path", "*/new/*").strip():
            break
        machine.run("sleep", "0.1")
    (mail,) = did(machine, "find", "/var/spool/maildir", "-path", "*/new/*").split()
    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert "Subject: kept" in read_file(machine, mail)


def test_without_being_root_one_may_look_after_a_first_run(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    assert set_up(machine).exit_code == 0
    as_admin = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "postwizard")
    looked = machine.run(*as_admin, "--profile", "local_only", "--set", "root_mail_to=admin", "--dry-run")
    assert looked.exit_code == 0, looked.text + looked.error_text
