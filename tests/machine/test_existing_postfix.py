"""A Postfix that somebody set up by hand becomes local-only; nothing of theirs is lost, and all of it comes back."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from tests.machine.running_postfix import activity, differences_but_for_daemons, sockets
from tests.machine.same_machine import differences, fingerprint
from tests.machine.the_wizard import ANSWERS, put_file, set_up, wizard
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

CORPUS = Path(__file__).parents[1] / "corpus"
ETC_POSTFIX = PurePosixPath("/etc/postfix")
CLEAN = """
systemctl stop postfix.service; systemctl disable -q postfix.service; systemctl reset-failed postfix.service
rm -rf /etc/postfix /etc/aliases* /etc/mailname /var/lib/postwizard /srv/mail-config
cp -a /root/pristine /etc/postfix; exit 0
"""
LAY_DOWN = """
import base64, json, os, sys
for path, content in json.load(sys.stdin).items():
    with open(path, "wb") as file:
        file.write(base64.b64decode(content))
    os.utime(path, (10**9, 10**9))
"""
# A link as some keep it, to a file with an odd mode, owner and group, an access control list and an attribute.
ODD_LINK = """
import os, struct
os.mkdir("/srv/mail-config")
target = "/srv/mail-config/main.cf"
os.rename("/etc/postfix/main.cf", target)
os.symlink("../../srv/mail-config/main.cf", "/etc/postfix/main.cf")
os.chown(target, 0, 1000)
os.chmod(target, 0o664)
os.setxattr(target, "user.origin", b"written by hand")
entries = ((1, 6, -1), (2, 4, 1000), (4, 6, -1), (16, 6, -1), (32, 4, -1))
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
os.setxattr(target, "system.posix_acl_access", acl)
os.utime(target, (10**9, 10**9))
"""


# Starts the wizard with a gate that finds a fault in what would be written, and none in what is there.
FAULTY_GATE = """
import sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
from wizard.steps import check_configuration
check_configuration.complaints = lambda _machine, stage: ("a fault was found",) if "wanted" in str(stage.folder) else ()
from wizard.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Case:
    """A folder of the corpus, how it differs on a machine, and whether mail is sent in the end."""

    corpus: str
    also: str = ""
    runs: bool = True
    sends: bool = False
    id: str = ""


CASES = (
    Case("null-client", sends=True),
    Case("home-server", sends=True),
    Case("crlf"),
    Case("no-final-newline"),
    Case("latin1-comments"),
    Case("japanese-eucjp"),
    Case("duplicates"),
    Case("user-defined"),
    Case("arch-old-hash"),
    Case("debian-style", also="open('/etc/mailname', 'w').write('office.test\\n')"),
    Case("mailman2"),
    Case("comments-inside-value"),
    Case("mixed-line-endings"),
    Case("tabs-everywhere"),
    Case("very-long-lists"),
    Case("amavis"),
    Case("only-comments"),
    Case("trailing-backslash"),
    Case("restriction-heavy"),
    Case("null-client", runs=False, id="not-running"),
    Case("latin1-comments", also=ODD_LINK, id="odd-link"),
)


@pytest.fixture(scope="module")
def installed(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """A machine on which a person installed Postfix."""
    with PracticeMachine.fresh() as machine:
        assert machine.run("pacman", "-Sy", "--noconfirm", "postfix").ok
        assert machine.run("cp", "-a", "/etc/postfix", "/root/pristine").ok
        yield machine


def lay_down(machine: PracticeMachine, case: Case) -> None:
    """Gives the machine this configuration, and starts Postfix with it where that is the case."""
    machine.run("sh", stdin=CLEAN.encode())
    files = {path.name: path.read_bytes() for path in (CORPUS / case.corpus).iterdir()}
    elsewhere = {"aliases": "/etc/aliases"} if b"/etc/aliases" in files["main.cf"] else {}
    places = {elsewhere.get(name, f"/etc/postfix/{name}"): b64encode(data).decode() for name, data in files.items()}
    assert machine.run("python3", "-c", LAY_DOWN, stdin=json.dumps(places).encode()).ok
    if case.also:
        done = machine.run("python3", "-c", case.also)
        assert done.ok, done.error_text
    machine.run("newaliases")
    if case.runs:
        started = machine.run("systemctl", "start", "postfix.service")
        assert started.ok, machine.run("journalctl", "-u", "postfix.service", "-n", "5").text


def read(machine: PracticeMachine, path: str) -> bytes:
    """A file's bytes; none where there is no file."""
    return machine.run("cat", path).stdout


def set_by_us(machine: PracticeMachine, kind: str, place: str) -> set[str]:
    """What the ledger says that the wizard set there."""
    entries = json.loads(read(machine, "/var/lib/postwizard/ledger.json"))["entries"]
    claims = [entry["claim"] for entry in entries]
    return {claim["key"] for claim in claims if claim["kind"] == kind and claim["place"] == place}


def lines_of_others(content: bytes, ours: set[str], separator: bytes) -> list[bytes]:
    """The lines that are no part of a setting of these names: comments, blank lines, and everybody else's settings."""
    kept, belongs_to_ours = [], False
    for line in content.splitlines():
        if line.strip() and not line.lstrip().startswith(b"#"):
            if not line[:1].isspace():
                name = line.partition(separator)[0].strip().decode("utf-8", "replace")
                belongs_to_ours = name.lower() in {each.lower() for each in ours}
            if belongs_to_ours:
                continue
        kept.append(line.rstrip(b"\r"))
    return kept


def assert_nothing_lost(before: bytes, after: bytes, ours: set[str], separator: bytes) -> None:
    """Each line that was not ours is still there, in the old order; a line end may have come to the last one."""
    old, new = lines_of_others(before, ours, separator), lines_of_others(after, ours, separator)
    assert not Counter(old) - Counter(new)
    rest = iter(new)
    assert all(line in rest for line in old)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id or case.corpus)
def test_a_configuration_made_by_hand_keeps_all_that_is_not_ours_and_comes_back_whole(
    installed: PracticeMachine, case: Case
) -> None:
    machine = installed
    lay_down(machine, case)
    before, listening, was_active = fingerprint(machine), sockets(machine), activity(machine)
    main_cf, master_cf = read(machine, "/etc/postfix/main.cf"), read(machine, "/etc/postfix/master.cf")
    alias_path = machine.run("postconf", "-xh", "alias_maps").text.split(",")[0].split()[0].rpartition(":")[2]
    aliases = read(machine, alias_path)

    options = () if case.sends else ("--no-test-sends",)
    result = set_up(machine, *options)
    assert result.exit_code == 0, result.text + result.error_text

    settings = dict(line.split(" =", 1) for line in machine.run("postconf", "-n").text.splitlines() if " =" in line)
    assert settings["inet_interfaces"].strip() == "loopback-only"
    assert settings["default_transport"].strip() == "error:5.7.1 outside mail is not deliverable"
    assert "relayhost" not in settings
    assert activity(machine) == "active"
    assert {address.rpartition(":")[0] for address in sockets(machine)} <= {"127.0.0.1", "[::1]"}
    assert "admin" in machine.run("postalias", "-q", "root", *alias_table(machine)).text
    ours = set_by_us(machine, "parameter", "/etc/postfix/main.cf")
    assert_nothing_lost(main_cf, read(machine, "/etc/postfix/main.cf"), ours, b"=")
    assert_nothing_lost(master_cf, read(machine, "/etc/postfix/master.cf"), set(), b"\0")
    names = set_by_us(machine, "table_line", alias_path)
    assert_nothing_lost(aliases, read(machine, alias_path), names, b":")
    now = fingerprint(machine)
    for path, entry in before["paths"].items():
        if path.startswith("/etc/postfix/") or path == "/srv/mail-config/main.cf":
            same_but_content = (*entry[:3], entry[5]) == (*now["paths"][path][:3], now["paths"][path][5])
            assert same_but_content, (path, entry, now["paths"][path])

    again = set_up(machine, *options)
    assert again.exit_code == 0, again.text + again.error_text
    assert "othing is left" in again.text
    changed = differences_but_for_daemons(now, fingerprint(machine))
    assert {name for name in changed if not name.startswith("paths /var/spool/postfix")} == set()

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert differences_but_for_daemons(before, fingerprint(machine)) == {}
    assert (sockets(machine), activity(machine)) == (listening, was_active)


def alias_table(machine: PracticeMachine) -> tuple[str, ...]:
    """The first alias table, as postalias(1) wants to be told."""
    return (machine.run("postconf", "-xh", "alias_maps").text.replace(",", " ").split()[0],)


UNREADABLE = ("bom", "broken-no-equals", "broken-equals-first", "generated-by-ansible")


@pytest.mark.parametrize("corpus", UNREADABLE)
def test_a_configuration_that_postfix_cannot_read_is_left_alone_and_the_line_is_named(
    installed: PracticeMachine, corpus: str
) -> None:
    machine = installed
    lay_down(machine, Case(corpus, runs=False))
    before = fingerprint(machine)
    result = set_up(machine)
    assert result.exit_code == 2, result.text + result.error_text
    assert "main.cf, line" in " ".join(result.error_text.split())
    assert "hint: " in result.error_text
    assert differences(before, fingerprint(machine)) == {}


def test_a_gate_that_fails_leaves_a_running_postfix_alone(installed: PracticeMachine) -> None:
    machine = installed
    lay_down(machine, Case("crlf"))
    pid = machine.run("systemctl", "show", "-P", "MainPID", "postfix.service").text
    before = fingerprint(machine)
    put_file(machine, "/root/faulty_gate.py", FAULTY_GATE)
    put_file(machine, "/root/answers.toml", ANSWERS)
    result = machine.run("python3", "-P", "/root/faulty_gate.py", "--answers", "/root/answers.toml", "--yes")
    assert result.exit_code == 1, result.text + result.error_text
    assert "a fault was found" in " ".join(result.error_text.split())
    assert machine.run("systemctl", "show", "-P", "MainPID", "postfix.service").text == pid
    assert differences(before, fingerprint(machine)) == {}
