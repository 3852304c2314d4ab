"""The local-only profile on a fresh machine: set up, run again, put back to the byte."""

import pytest

from tests.machine.same_machine import differences, fingerprint
from tests.machine.the_wizard import mailbox_of, read_file, set_up, wizard
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine


def test_local_only_is_set_up_proven_and_put_back_to_the_byte(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)

    result = set_up(machine)
    assert result.exit_code == 0, result.text + result.error_text
    assert "Subject: " in mailbox_of(machine)
    assert machine.run("systemctl", "is-active", "postfix.service").text.strip() == "active"
    assert machine.run("systemctl", "is-enabled", "postfix.service").text.strip() == "enabled"
    sockets = machine.run("ss", "-ltnH", "sport = :25").text
    assert "127.0.0.1:25" in sockets
    assert "0.0.0.0:25" not in sockets
    assert "*:25" not in sockets
    assert "root:" in read_file(machine, "/etc/postfix/aliases")

    settled = fingerprint(machine)
    again = set_up(machine)
    assert again.exit_code == 0, again.text + again.error_text
    assert "othing" in again.text  # "Nothing is left to do."
    changed = differences(settled, fingerprint(machine))
    assert {name for name in changed if "/var/spool/postfix" not in name and "/var/spool/mail" not in name} == set()

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences(before, fingerprint(machine)) == {}


def test_mail_to_the_outside_bounces_and_never_leaves(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    assert set_up(machine).exit_code == 0
    machine.run("sendmail", "-f", "admin", "someone@outside.example", stdin=b"Subject: out\n\nhello\n")
    for _attempt in range(200):
        if "outside.example" in mailbox_of(machine):
            break
        machine.run("postqueue", "-f")
        machine.run("sleep", "0.1")
    bounce = mailbox_of(machine)
    assert "outside mail is not deliverable" in bounce
    assert machine.run("mailq").text.strip() == "Mail queue is empty"
