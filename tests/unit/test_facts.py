"""Facts as they are gathered from described machines, and from one where nothing is known."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from tests.unit.described import described
from wizard.machine.facts import LocalUser
from wizard.machine.gather_facts import gather_facts
from wizard.machine.machine import CommandResult, FileState, Kind, ServiceState
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import BadInput, Trouble

P = PurePosixPath


def test_a_fresh_machine_has_no_postfix_but_archs_usual_aliases() -> None:
    facts = gather_facts(described("fresh_arch"))
    assert (facts.os_id, facts.is_root, facts.postfix_installed) == ("arch", True, False)
    assert (facts.host_name, facts.fully_qualified_name, facts.name_source) == ("box", "box.example.test", "/etc/hosts")
    assert facts.domain == "example.test"
    assert facts.users == (LocalUser("admin", 1000, "/home/admin"),)
    assert facts.resolvers == ("192.0.2.53",)
    assert facts.addresses == ("192.0.2.10", "2001:db8::10")
    assert (facts.alias_source, facts.alias_type, facts.default_table_type) == ("/etc/postfix/aliases", "lmdb", "lmdb")
    assert facts.defaults == {}
    assert facts.warnings == ()


def test_a_postfix_set_up_by_hand_is_seen_as_it_is() -> None:
    facts = gather_facts(described("postfix_by_hand"))
    assert facts.postfix_version == "3.11.7"
    assert facts.settings["mydestination"] == "$myhostname, localhost.$mydomain, localhost, old.example.test"
    assert facts.settings["our_policy_time_limit"] == "3600"
    assert facts.settings["smtpd_helo_required"] == "yes"
    assert "pcre" in facts.table_types
    assert facts.pacnew_files == ("/etc/postfix/main.cf.pacnew",)
    assert facts.aliases["root"] == "hanako, taro@example.net"
    assert facts.units["postfix.service"] == "enabled active"
    listener = facts.listeners[0]
    assert (listener.port, listener.unit, listener.package) == (25, "postfix.service", "postfix")
    assert [user.name for user in facts.users] == ["admin", "hanako"]


def test_installing_postfix_brings_its_files_users_and_unit() -> None:
    machine = described("fresh_arch")
    with pytest.raises(Trouble, match="The program postconf is not installed"):
        machine.output_of("postconf", "-d")
    machine.install(("postfix",))
    assert machine.package("postfix-lmdb") is not None
    user, group = machine.user("postfix"), machine.group("postdrop")
    assert user is not None
    assert group is not None
    assert (user.uid, group.gid) == (73, 75)
    assert machine.service("postfix") == ServiceState(enabled=False, running=False)
    machine.set_service("postfix", ServiceState(enabled=True, running=True))
    link = machine.file(P("/etc/systemd/system/multi-user.target.wants/postfix.service"))
    assert link is not None
    assert link.kind is Kind.LINK
    facts = gather_facts(machine)
    assert (facts.postfix_version, facts.default_table_type) == ("3.11.7", "lmdb")
    assert (facts.alias_source, facts.alias_type) == ("/etc/postfix/aliases", "lmdb")
    assert facts.aliases["postmaster"] == "root"
    with pytest.raises(Trouble, match="opensmtpd cannot be installed beside postfix"):
        machine.install(("opensmtpd",))


def test_what_was_installed_can_be_taken_back_to_the_byte() -> None:
    machine = described("fresh_arch")
    before = machine.copy()
    machine.install(("postfix",))
    machine.set_service("postfix", ServiceState(enabled=True))
    assert machine.differences(before)
    machine.set_service("postfix", ServiceState(enabled=False))
    machine.uninstall(("postfix", "postfix-lmdb"))
    machine.remove_user("postfix")
    for group in ("postfix", "postdrop"):
        machine.remove_group(group)
    times = {path: entry.mtime_ns for path, entry in before.manifest((P("/"),)).items()}
    for path, mtime_ns in times.items():  # folders, and the files of accounts, were written to
        state = machine.file(path)
        assert state is not None
        machine.set_metadata(path, replace(state, mtime_ns=mtime_ns))
    assert machine.differences(before) == ()


def test_tables_are_built_queried_and_warned_about() -> None:
    machine = described("postfix_by_hand")
    assert machine.output_of("postmap", "-q", "info@example.test", "lmdb:/etc/postfix/virtual").text == "hanako\n"
    assert machine.output_of("postalias", "-q", "root", "lmdb:/etc/postfix/aliases").text.startswith("hanako")
    assert machine.output_of("postmap", "-q", "none", "lmdb:/etc/postfix/virtual").exit_code == 1
    machine.write_file(P("/etc/postfix/t"), FileState(content=b"a 1\na 2\nlonely\n"))
    built = machine.run("postmap", "lmdb:/etc/postfix/t")
    assert built.ok
    assert 'duplicate entry: "a"' in built.error_text
    assert "line 3" in built.error_text
    assert machine.run("postmap", "lmdb:/etc/postfix/none").exit_code == 1
    assert machine.output_of("postconf", "-hx", "mydestination").text.startswith(
        "box.example.test, localhost.example.test"
    )


def test_every_change_can_be_made_to_fail() -> None:
    for late in (False, True):
        machine = PretendMachine(fail_at=2, fails_late=late)
        machine.write_file(P("/a"), FileState())
        with pytest.raises(Trouble, match="asked to"):
            machine.write_file(P("/b"), FileState())
        assert (machine.file(P("/b")) is not None) is late
        machine.write_file(P("/c"), FileState())
        assert machine.changes == 3


def test_a_described_machine_comes_back_the_same() -> None:
    for name in ("fresh_arch", "postfix_by_hand"):
        machine = described(name)
        assert machine.differences(PretendMachine.from_json(machine.to_json())) == ()
    for text in ("{", "[]"):
        with pytest.raises(BadInput):
            PretendMachine.from_json(text)


def test_what_is_laid_over_a_machine_does_not_touch_it() -> None:
    below = described("fresh_arch")
    before = below.copy()
    ahead = PretendMachine(below)
    ahead.install(("postfix",))
    ahead.write_file(P("/etc/postfix/main.cf"), FileState(content=b"inet_interfaces = loopback-only\n"))
    ahead.set_service("postfix", ServiceState(enabled=True, running=True))
    ahead.remove(P("/etc/hostname"))
    assert ahead.file(P("/etc/hostname")) is None
    assert ahead.output_of("postconf", "-h", "inet_interfaces").text == "loopback-only\n"
    assert ahead.service("postfix") == ServiceState(enabled=True, running=True)
    assert ahead.user("postfix") is not None
    assert below.differences(before) == ()
    assert below.changes == 0


class Broken(PretendMachine):
    """A machine on which some programs fail, and the others are missing."""

    said: Mapping[str, CommandResult] = {}

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        if argv[0] in self.said:
            return self.said[argv[0]]
        raise Trouble(f"The program {argv[0]} is not installed.")


def test_a_machine_without_any_program_has_facts_all_the_same() -> None:
    facts = gather_facts(Broken())
    assert facts.postfix_installed is False
    assert facts.host_name == ""
    assert facts.listeners == ()
    assert facts.alias_source == "/etc/postfix/aliases"


def test_a_broken_master_cf_leaves_what_main_cf_says_and_a_warning() -> None:
    machine = Broken(packages={"postfix": "3.11.7-1"})
    said = "postconf: fatal: file /etc/postfix/master.cf: line 9: bad field count"
    machine.said = {"postconf": CommandResult(1, b"", said.encode())}
    machine.lay(P("/etc/postfix/main.cf"), FileState(content=b"myhostname = a.example.test\n"))
    facts = gather_facts(machine)
    assert facts.settings == {"myhostname": "a.example.test"}
    assert facts.postfix_version == "3.11.7"
    assert said in facts.warnings


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/hostname": "mail.example.test"}, ("mail", "mail.example.test", "/etc/hostname")),
        ({"/etc/hostname": "mail", "/etc/hosts": "::1 mail.a.test mail"}, ("mail", "mail.a.test", "/etc/hosts")),
        ({"/etc/hostname": "mail"}, ("mail", "", "")),
    ],
)
def test_the_name_of_the_machine_and_where_it_was_found(files: dict[str, str], expected: tuple[str, str, str]) -> None:
    machine = Broken()
    for path, text in files.items():
        machine.lay(P(path), FileState(content=f"{text}\n".encode()))
    facts = gather_facts(machine)
    assert (facts.host_name, facts.fully_qualified_name, facts.name_source) == expected


def test_a_session_below_sshd_is_noticed() -> None:
    machine = Broken()
    for pid, name, parent in (("self", "python", "20"), ("20", "sudo", "10"), ("10", "sshd-session", "1")):
        machine.lay(P(f"/proc/{pid}/status"), FileState(content=f"Name:\t{name}\nPPid:\t{parent}\n".encode()))
    assert gather_facts(machine).over_ssh is True
    machine.lay(P("/proc/10/status"), FileState(content=b"Name:\tlogin\nPPid:\t1\n"))
    assert gather_facts(machine).over_ssh is False
