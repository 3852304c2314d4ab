"""What the tools print, recorded on a real machine, and what we read out of it."""

from pathlib import Path

import pytest

from wizard.machine.account_files import read_groups, read_users, with_member, without_line, without_member
from wizard.machine.host_files import (
    full_name_in_hosts,
    read_assignments,
    read_dovecot_syntax,
    read_resolvers,
    read_service_names,
    unit_of_cgroup,
)
from wizard.machine.ip_output import read_addresses
from wizard.machine.machine import GroupState, ServiceState, UnitDetails, UserState
from wizard.machine.pacman_output import needed_by, not_found_in, read_owners, read_packages, read_record, rivals_in
from wizard.machine.postconf_output import read_settings, read_words
from wizard.machine.queue_output import read_queue
from wizard.machine.ss_output import Holder, Socket, read_sockets
from wizard.machine.systemctl_output import full_name, read_units, service_state, show_unit
from wizard.machine.sysusers import read_sysusers

RECORDED = Path(__file__).parents[1] / "recorded"


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text()


def test_pacman_lists_what_is_installed() -> None:
    packages = read_packages(recorded("pacman/query"))
    assert packages["pacman"] == "7.1.0-1"
    assert packages["systemd-libs"] == "262.1-1"


def test_pacman_says_why_it_refuses() -> None:
    rivals = rivals_in(recorded("pacman/conflict"))
    assert {"opensmtpd", "postfix"} <= set(rivals)
    assert not_found_in(recorded("pacman/target_not_found")) == ("nonsuch",)
    assert needed_by(recorded("pacman/needed_by")) == ("postfix",)


def test_pacman_tells_who_owns_a_file() -> None:
    assert read_owners(recorded("pacman/owners")) == {"/usr/lib/postfix/bin/master": "postfix"}


@pytest.mark.parametrize(
    ("folder", "record"),
    [
        ("postfix-3.11.7-1", ("postfix", "3.11.7-1")), ("python-sh-2:1.0-3.1", ("python-sh", "2:1.0-3.1")),
        ("ALPM_DB_VERSION", None), ("gcc-libs-15.2.1+r1+gabc-1", ("gcc-libs", "15.2.1+r1+gabc-1")),
    ],
)  # fmt: skip
def test_a_folder_of_the_database_is_a_package(folder: str, record: tuple[str, str] | None) -> None:
    assert read_record(folder) == record


def test_postconf_prints_names_and_values() -> None:
    defaults, settings = read_settings(recorded("postconf/defaults")), read_settings(recorded("postconf/settings"))
    assert len(defaults) > 900
    assert defaults["mail_version"] == "3.11.7"
    assert defaults["smtpd_tls_security_level"] == ""
    assert defaults["myhostname"] == "box.practice.test"
    assert settings["alias_maps"] == "lmdb:/etc/postfix/aliases"
    assert read_settings("a =\nb = c,\n    d\n")["b"] == "c, d"
    assert "lmdb" in read_words(recorded("postconf/types"))
    assert read_words(recorded("postconf/sasl_servers")) == ("cyrus", "dovecot")


def test_systemctl_shows_units() -> None:
    units = read_units(recorded("systemctl/show"))
    assert service_state(units["postfix.service"]) == ServiceState(enabled=True, running=True)
    assert service_state(units["dovecot.service"]) == ServiceState(enabled=False, running=False, masked=True)
    assert service_state(units["nonsuch.service"]) == ServiceState()
    assert units["broken.service"].result == "exit-code"
    assert units["postfix.service"].drop_ins == ("/etc/systemd/system/postfix.service.d/10-net.conf",)
    assert units["postfix.service"].main_pid > 0
    again = read_units("\n".join(show_unit(name, unit) for name, unit in units.items()))
    assert again == units
    assert service_state(UnitDetails()) == ServiceState()


@pytest.mark.parametrize(
    ("given", "full"), [("postfix", "postfix.service"), ("a.timer", "a.timer"), ("php8.4-fpm", "php8.4-fpm.service")]
)
def test_a_unit_without_a_type_is_a_service(given: str, full: str) -> None:
    assert full_name(given) == full


def test_ss_lists_who_listens() -> None:
    sockets = read_sockets(recorded("ss/listening"))
    assert [(socket.address, socket.port, socket.owner.process) for socket in sockets] == [
        ("0.0.0.0", 25, "master"),  # noqa: S104
        ("::", 25, "master"),
    ]
    assert read_sockets("LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*\n") == (Socket("127.0.0.53", 53),)
    assert read_sockets("LISTEN 0 5 *:143 *:*\ngarbage\n") == (Socket("*", 143),)


def test_a_socket_that_master_lent_to_a_server_is_still_masters() -> None:
    text = 'LISTEN 0 100 0.0.0.0:25 0.0.0.0:* users:(("smtpd",pid=301,fd=6),("master",pid=188,fd=13))\n'
    (socket,) = read_sockets(text)
    assert socket.owner == Holder("master", 188)
    assert socket.holders == (Holder("smtpd", 301), Holder("master", 188))
    (lone,) = read_sockets(text.replace('("smtpd",pid=301,fd=6),("master",pid=188,fd=13)', '("exim",pid=7,fd=3)'))
    assert lone.owner == Holder("exim", 7)


def test_ip_lists_addresses() -> None:
    assert read_addresses(recorded("ip/addresses")) == ("192.0.2.10", "2001:db8::10")


def test_postqueue_lists_what_waits() -> None:
    waiting = read_queue(recorded("postqueue/waiting"))
    assert [message.recipients for message in waiting] == [("a@far.test", "b@far.test"), ("somebody@far.test",)]
    assert all("Host not found, try again" in reason for message in waiting for reason in message.reasons)
    assert waiting[0].queue_name == "deferred"
    assert read_queue("not json\n[]\n{}\n") == ()


def test_a_process_belongs_to_a_unit() -> None:
    assert unit_of_cgroup(recorded("proc/cgroup_of_postfix")) == "postfix.service"
    assert unit_of_cgroup("0::/\n") == ""
    assert unit_of_cgroup("0::/user.slice/user-0.slice/session-1.scope\n") == "session-1.scope"


def test_names_of_the_machine_are_found_in_its_files() -> None:
    hosts = "127.0.0.1 localhost.localdomain localhost\n192.0.2.1 box.example.test box # ours\n"
    assert full_name_in_hosts(hosts, "box") == "box.example.test"
    assert full_name_in_hosts("192.0.2.1 box box.example.test\n", "box") == "box.example.test"
    assert full_name_in_hosts("192.0.2.1 mailbox.example.test\n", "box") == ""
    assert full_name_in_hosts("127.0.1.1 box.localdomain box\n\n#x\n", "box") == ""
    assert read_resolvers("# x\nnameserver 192.0.2.1\n nameserver\t::1\noptions edns0\n") == ("192.0.2.1", "::1")
    assert read_assignments('ID=arch\nPRETTY_NAME="Arch Linux"\n#X=1\nBAD=\'\n')["PRETTY_NAME"] == "Arch Linux"


def test_accounts_are_read_and_edited_by_line() -> None:
    groups = "root:x:0:root\nmail:x:12:\nbroken\n"
    assert read_groups(with_member(groups, "mail", "a"))[1] == GroupState("mail", 12, ("a",))
    assert with_member(with_member(groups, "mail", "a"), "mail", "a") == with_member(groups, "mail", "a")
    assert without_member(groups, "root") == "root:x:0:\nmail:x:12:\nbroken\n"
    assert without_line(groups, "mail") == "root:x:0:root\nbroken\n"
    assert read_users("a:x:1:2:G:/h:/s\n") == (UserState("a", 1, 2, "/h", "/s", "G"),)


def test_sysusers_lines_are_users_and_groups() -> None:
    text = """
u postfix 73 - /var/spool/postfix
# x
g postdrop 75 -
u vmail 5000:vmail "Virtual mail" /var/mail
g vmail 5000
m postfix mail
u! auto -
"""
    users, groups, members = read_sysusers(text, lambda: 999, lambda _name: None)
    assert users[0] == UserState("postfix", 73, 73, "/var/spool/postfix")
    by_name = {user.name: user for user in users}
    assert by_name["vmail"].gid == 5000
    assert by_name["vmail"].gecos == "Virtual mail"
    assert by_name["auto"].uid == 999
    assert {group.name: group.gid for group in groups} == {"postdrop": 75, "vmail": 5000, "postfix": 73, "auto": 999}
    assert members == (("postfix", "mail"),)


def test_services_are_read_with_their_aliases_and_without_comments() -> None:
    text = "# 465/tcp\nsubmissions 465/tcp smtps ssmtp # Implicit TLS\nigmpv3lite 465/udp\nsubmission\t587/tcp\nbad\n"
    assert read_service_names(text, 465) == ("submissions", "smtps", "ssmtp")
    assert read_service_names(text, 587) == ("submission",)
    assert read_service_names("", 587) == ()


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("# a comment\n\ndovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n", "2.4.0"),
        ("protocols = imap\n", "2.3"),
        ("protocols = imap\ndovecot_config_version = 2.4.0\n", "2.3"),  # not the first: 2.4 refuses it
        ("# nothing but comments\n\n", ""),
        ("", ""),
    ],
)
def test_the_syntax_of_dovecot_is_told_by_its_first_setting(text: str, syntax: str) -> None:
    assert read_dovecot_syntax(text) == syntax
