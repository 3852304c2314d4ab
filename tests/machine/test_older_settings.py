"""Virtual mail on machines that have something older: a Dovecot set up for 2.3, ports without names."""

import pytest

from tests.machine.test_virtual_mail import ANSWERS, set_up_mail
from tests.machine.the_wizard import put_file, read_file, wizard
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

# What a machine has that was brought up to date from Dovecot 2.3 to 2.4, and whose mail stopped then.
OF_2_3 = """\
protocols = imap lmtp
mail_location = maildir:~/Maildir
disable_plaintext_auth = yes
passdb {
  driver = pam
}
userdb {
  driver = passwd
}
"""
CONFIGURATION = "/etc/dovecot/dovecot.conf"
# The name that services(5) of old machines lacks, for which master(8) does not start.
WITHOUT_A_NAME = r"/^submissions[[:space:]]/d; s/\<submissions\>//; s/\<smtps\>//"


def test_a_dovecot_of_2_3_is_left_alone_or_replaced_and_comes_back_with_undo(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    assert machine.run("pacman", "-S", "--noconfirm", "dovecot").ok
    put_file(machine, CONFIGURATION, OF_2_3)
    put_file(machine, f"{CONFIGURATION}.pacnew", "dovecot_config_version = 2.4.0\n")
    assert not machine.run("systemctl", "start", "dovecot").ok, "2.4 reads the syntax of 2.3"
    machine.run("systemctl", "reset-failed", "dovecot")

    kept = set_up_mail(machine, answers=ANSWERS + 'dovecot_configuration = "keep"\n')
    assert kept.exit_code == 2, kept.text + kept.error_text
    assert read_file(machine, CONFIGURATION) == OF_2_3
    assert machine.run("pacman", "-Q", "postfix").exit_code != 0

    # The run itself logs in over IMAP and delivers; it ends with 4 where one fails.
    result = set_up_mail(machine, answers=ANSWERS + 'dovecot_configuration = "replace"\n')
    assert result.exit_code == 0, result.text + result.error_text
    assert "-disable_plaintext_auth = yes" in result.text
    assert machine.run("systemctl", "is-active", "dovecot").text.strip() == "active"

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert read_file(machine, CONFIGURATION) == OF_2_3
    assert read_file(machine, f"{CONFIGURATION}.pacnew") == "dovecot_config_version = 2.4.0\n"


def test_a_port_whose_name_nothing_knows_is_open_all_the_same(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    assert machine.run("pacman", "-S", "--noconfirm", "postfix").ok
    # Since 3.6 Postfix knows the names itself; an older one asks services(5), as this one does now.
    assert machine.run("postconf", "-e", "known_tcp_ports =").ok
    assert machine.run("sed", "-i", WITHOUT_A_NAME, "/etc/services").ok
    assert not machine.run("getent", "services", "submissions").ok
    assert not machine.run("getent", "services", "465/tcp").text.strip().startswith("smtps")
    # An old master.cf may have the port under another name; two services on one port keep master(8) from starting.
    assert machine.run("postconf", "-Me", "smtps/inet=smtps inet n - n - - smtpd").ok

    result = set_up_mail(machine)
    assert result.exit_code == 0, result.text + result.error_text
    services = machine.run("postconf", "-M").text
    assert "\n465 " in services
    assert "smtps" not in services
    assert "syslog_name=postfix/submissions" in services
    sockets = machine.run("ss", "-ltnH").text
    assert all(f":{port} " in sockets for port in (25, 465, 587))
    log = machine.run("journalctl", "--no-pager", "-u", "postfix").text
    assert "Servname not supported" not in log

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert "smtps" in machine.run("postconf", "-M").text
