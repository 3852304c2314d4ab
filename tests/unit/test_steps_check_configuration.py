"""A wrong configuration is refused before anything live changes, in the words of the tool that found it."""

import json
from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.practice.practice_machine import PracticeMachine
from wizard.problem import Trouble
from wizard.steps.check_configuration import CheckConfiguration
from wizard.steps.restriction_names import unknown_restrictions
from wizard.steps.set_parameters import SetParameters
from wizard.steps.write_file import WriteFile

MAIN_CF = PurePosixPath("/etc/postfix/main.cf")
GATE = CheckConfiguration(config_directory=MAIN_CF.parent, why="w")


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        ("permit_mynetworks, reject_unauth_destination", ()),
        ("permit_mynetwork reject", ("permit_mynetwork",)),
        ("check_client_access lmdb:/etc/a, REJECT_RBL_CLIENT zen.example.org=127.0.0.2 permit", ()),
        ("{ check_policy_service unix:private/p, timeout=2s } reject", ()),
        ("lmdb:/etc/postfix/a, own_class", ()),
        ("check_sender_access { lmdb:/etc/a }", ()),
        ("", ()),
    ],
)
def test_names_of_restrictions(value: str, unknown: tuple[str, ...]) -> None:
    assert unknown_restrictions(value, ("own_class",)) == unknown


def with_edit(**wanted: str) -> CheckConfiguration:
    return GATE.with_following((SetParameters(path=MAIN_CF, wanted=tuple(wanted.items()), why="w"),))


SIZES = "message_size_limit mailbox_size_limit virtual_mailbox_limit virtual_mailbox_domains"


def test_what_is_new_stops_it_and_nothing_is_left_behind() -> None:
    asked = {name: f"postconf -c /run/postwizard/stage/{name}/postfix -x {SIZES}" for name in ("wanted", "present")}
    too_small = "message_size_limit = 10\nmailbox_size_limit = 5\n"
    machine = PretendMachine(outputs={asked["wanted"]: too_small})
    machine.lay(MAIN_CF, FileState(content=b"biff = no\n"))
    machine.lay(PurePosixPath("/run/lock"), FileState())
    before = machine.manifest((PurePosixPath("/etc"),)), machine.names_in(PurePosixPath("/run"))
    with pytest.raises(Trouble, match="mailbox_size_limit"):
        with_edit(mailbox_size_limit="5").apply(machine)
    machine.outputs[asked["present"]] = too_small
    said: list[str] = []
    with_edit(biff="yes").apply(machine, said.append)
    assert len(said) == 1
    assert "mailbox_size_limit" in said[0]
    assert (machine.manifest((PurePosixPath("/etc"),)), machine.names_in(PurePosixPath("/run"))) == before


def test_without_edits_of_the_configuration_there_is_nothing_to_check() -> None:
    machine = PretendMachine()
    assert GATE.differs(machine) == frozenset()
    assert GATE.preview(machine) == ""
    elsewhere = GATE.with_following((WriteFile(path=PurePosixPath("/etc/dovecot.conf"), content=b"", why="w"),))
    assert elsewhere.differs(machine) == frozenset()
    GATE.apply(machine)
    assert machine.commands == []


# What is set in main.cf, the table files that are written with it, and what is said of each fault.
Case = tuple[dict[str, str], dict[str, str], tuple[str, ...]]
SEEN_AT_ONCE: Case = (
    {
        "mydestinatio": "x.example.org",
        "mailbox_size_limit": "1000",
        "smtpd_recipient_restrictions": "permit_mynetwork, reject_unauth_destination",
        "relocated_maps": "lmdb:/etc/postfix/not-there",
        "canonical_maps": "ldap:/etc/postfix/canonical",
        "virtual_alias_maps": "lmdb:/etc/postfix/no-value, lmdb:/etc/postfix/twice",
        "transport_maps": "regexp:/etc/postfix/unclosed",
        "mynetworks": "cidr:/etc/postfix/no-network",
    },
    {"no-value": "key\n", "twice": "a b\na c\n", "unclosed": "/unclosed(/ x\n", "no-network": "300.1.2.3 x\n"},
    (
        "unused parameter: mydestinatio",
        "mailbox_size_limit (1000)",
        "“permit_mynetwork”",
        "/etc/postfix/not-there",
        "table type ldap",
        "/etc/postfix/no-value, line 1",
        "duplicate entry",
        "/etc/postfix/unclosed",
        "/etc/postfix/no-network",
    ),
)
STOPPED_BY: tuple[Case, ...] = (
    ({"message_size_limit": "abc"}, {}, ("bad numerical",)),
    ({"inet_interfaces": "203.0.113.77"}, {}, ("no local interface",)),
)
SOUND: Case = (
    {
        "virtual_alias_maps": "lmdb:/etc/postfix/one, lmdb:$config_directory/two",
        "smtpd_recipient_restrictions": "check_client_access cidr:/etc/postfix/three, mine, reject_unauth_destination",
        "smtpd_restriction_classes": "mine",
        "mine": "permit_mynetworks, reject",
    },
    {"one": "a@example.org root\n", "two": "b@example.org root\n", "three": "192.0.2.0/24 REJECT\n"},
    ("passed",),
)
INSIDE = """
import json, sys
from pathlib import PurePosixPath
from wizard.machine.this_machine import ThisMachine
from wizard.problem import Trouble
from wizard.steps.check_configuration import CheckConfiguration
from wizard.steps.set_parameters import SetParameters
from wizard.steps.write_file import WriteFile

FOLDER = PurePosixPath("/etc/postfix")
machine = ThisMachine()
machine.install(("postfix",))
by_hand = SetParameters(path=FOLDER / "main.cf", wanted=(("by_hand", "unused"), ("smtp_use_tls", "yes")), why="w")
by_hand.apply(machine)
roots = tuple(map(PurePosixPath, ("/etc", "/run/postwizard", "/var/spool/postfix", "/var/lib/postfix")))
before = machine.manifest(roots)
answers = []
for wanted, tables, _words in json.load(sys.stdin):
    steps = (SetParameters(path=FOLDER / "main.cf", wanted=tuple(wanted.items()), why="w"),)
    steps += tuple(WriteFile(path=FOLDER / name, content=text.encode(), why="w") for name, text in tables.items())
    said = []
    try:
        CheckConfiguration(config_directory=FOLDER, why="w").with_following(steps).apply(machine, said.append)
        answers.append(["passed", said])
    except Trouble as trouble:
        answers.append([trouble.problem.what, said])
    if machine.manifest(roots) != before:
        answers[-1].append("something live changed")
print(json.dumps(answers))
"""


@pytest.mark.real_machine
def test_real_postfix_refuses_each_fault_and_what_was_wrong_before_does_not_block(
    fresh_machine: PracticeMachine,
) -> None:
    cases = (SEEN_AT_ONCE, *STOPPED_BY, SOUND)
    libraries = {"PYTHONPATH": "/usr/lib/postwizard/app:/usr/lib/postwizard/site"}
    result = fresh_machine.run("python3", "-c", INSIDE, stdin=json.dumps(cases).encode(), env=libraries, timeout=300)
    assert result.ok, result.error_text
    answers = json.loads(result.text.splitlines()[-1])
    assert all(len(answer) == 2 for answer in answers), answers
    for (_wanted, _tables, words), (what, _said) in zip(cases, answers, strict=True):
        assert [word for word in words if word not in what] == [], what
        assert "/run/postwizard" not in what
        assert "by_hand" not in what
    for said in (answers[0][1], answers[-1][1]):
        assert any("unused parameter: by_hand" in line for line in said)
