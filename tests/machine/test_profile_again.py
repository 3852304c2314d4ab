"""The profile again on a machine that has it: with other answers, and after a person changed things by hand."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.machine.running_postfix import differences_but_for_daemons
from tests.machine.same_machine import Fingerprint, differences, fingerprint, without_times
from tests.machine.the_wizard import ANSWERS, put_file, read_file, set_up, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

FIRST = """\
format = 1
profile = "local_only"

[answers]
root_mail_to = "admin"
forwards = ["info: admin", "sales: root"]
mailbox = "spool_mbox"
recipient_delimiter = "+"
second_lock = true
"""
THEN = """\
format = 1
profile = "local_only"

[answers]
root_mail_to = "root"
forwards = ["sales: admin"]
mailbox = "home_maildir"
home_mailbox = "Maildir/"
recipient_delimiter = "none"
second_lock = false
"""


@pytest.fixture(scope="module")
def machine(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """One machine for all of these: each test puts back what it did."""
    with PracticeMachine.fresh() as machine:
        yield machine


def quick(machine: PracticeMachine, answers: str = ANSWERS, *options: str) -> CommandResult:
    """Sets up without sending mail."""
    return set_up(machine, "--no-test-sends", *options, answers=answers)


def put_back_all(machine: PracticeMachine, runs: int) -> None:
    """Undoes that many runs."""
    for _run in range(runs):
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, undone.text + undone.error_text


def ledger(machine: PracticeMachine) -> list[Any]:
    """What the ledger says of what stands there, but for which run set it."""
    entries = json.loads(read_file(machine, "/var/lib/postwizard/ledger.json"))["entries"]
    main_cf = read_file(machine, "/etc/postfix/main.cf")
    return [
        {name: value for name, value in entry.items() if name != "run_id"}
        for entry in entries
        # A setting that came and went again is remembered as one that was never there.
        if entry["before"] is not None or entry["claim"]["value"] or f"\n{entry['claim']['key']} =" in main_cf
    ]


def tree(found: Fingerprint) -> Fingerprint:
    """What must not depend on the way by which a machine came to be as it is."""
    kept = {
        name: entry
        for name, entry in without_times(found)["paths"].items()
        # pacman writes the time of installation into its records, and useradd(8) the day into shadow(5).
        if not name.startswith(("/var/lib/pacman", "/var/lib/postwizard", "/var/lib/systemd", "/var/cache"))
        and not name.endswith((".lmdb", ".pid", "/master.lock"))
        and "/postfix/pid" not in name
    }
    return {**found, "paths": kept}


def test_other_answers_change_only_what_differs_and_the_result_is_that_of_a_fresh_machine(
    machine: PracticeMachine,
) -> None:
    before = fingerprint(machine)
    assert quick(machine, THEN).exit_code == 0
    directly, directly_ledger = fingerprint(machine), ledger(machine)
    directly_main_cf = read_file(machine, "/etc/postfix/main.cf")
    directly_aliases = read_file(machine, "/etc/postfix/aliases")
    put_back_all(machine, 1)
    assert differences(before, fingerprint(machine)) == {}

    assert quick(machine, FIRST).exit_code == 0
    result = quick(machine, THEN)
    assert result.exit_code == 0, result.text + result.error_text
    assert "Install postfix" not in result.text
    for unchanged in ("inet_interfaces", "default_transport", "compatibility_level", "mydestination"):
        assert f"\n    +{unchanged}" not in result.text
    main_cf = read_file(machine, "/etc/postfix/main.cf")
    aliases = read_file(machine, "/etc/postfix/aliases")
    assert "home_mailbox = Maildir/" in main_cf
    assert "smtp_bind_address = 127.0.0.1" not in main_cf
    assert "sales:" in aliases
    assert "info:" not in aliases
    found = differences(tree(directly), tree(fingerprint(machine)))
    # A setting that came later stands further below; what the files say is the same.
    assert set(found) <= {"paths /etc/postfix/main.cf", "paths /etc/postfix/aliases"}
    assert sorted(main_cf.splitlines()) == sorted(directly_main_cf.splitlines())
    assert sorted(aliases.splitlines()) == sorted(directly_aliases.splitlines())
    assert ledger(machine) == directly_ledger

    put_back_all(machine, 2)
    assert differences(before, fingerprint(machine)) == {}


def test_what_a_person_changed_since_is_a_conflict_and_stays_when_ours_is_taken_back(
    machine: PracticeMachine,
) -> None:
    before = fingerprint(machine)
    assert quick(machine).exit_code == 0
    ours = read_file(machine, "/etc/postfix/main.cf")
    theirs = ours.replace("default_transport = error:", "default_transport = smtp:#error:") + "soft_bounce_maybe = 7\n"
    put_file(machine, "/etc/postfix/main.cf", theirs + "smtpd_banner = $myhostname hello\n")
    put_file(machine, "/etc/postfix/aliases", read_file(machine, "/etc/postfix/aliases") + "office: admin\n")
    put_file(machine, "/etc/postfix/notes", "mine\n")
    assert machine.run("useradd", "--create-home", "hana").ok

    conflict = quick(machine)
    assert conflict.exit_code == 2, conflict.text + conflict.error_text
    assert "default_transport" in conflict.error_text
    assert "smtp:#error:" in read_file(machine, "/etc/postfix/main.cf")

    overwritten = quick(machine, ANSWERS, "--on-conflict", "overwrite")
    assert overwritten.exit_code == 0, overwritten.text + overwritten.error_text
    assert "default_transport = error:" in read_file(machine, "/etc/postfix/main.cf")
    put_back_all(machine, 1)
    assert "smtp:#error:" in read_file(machine, "/etc/postfix/main.cf")

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 3, undone.text + undone.error_text
    said = " ".join((undone.text + undone.error_text).split())
    assert "/etc/postfix/notes" in said
    assert "--force" in said
    # Their package is gone, and the files with it; what a person wrote into them is kept apart, and it is said where.
    kept = re.findall(r"is in (/var/lib/postwizard/runs/\S+)\.(?:\s|$)", said)
    texts = {path.rpartition("/")[2]: read_file(machine, path) for path in kept}
    assert "smtpd_banner = $myhostname hello" in texts["changed_etc_postfix_main.cf"]
    assert "office: admin" in texts["changed_etc_postfix_aliases"]
    assert read_file(machine, "/etc/postfix/notes") == "mine\n"
    assert machine.run("getent", "passwd", "hana").ok
    assert not machine.run("getent", "passwd", "postfix").ok
    assert not machine.run("pacman", "-Q", "postfix").ok

    run_id = machine.run("sh", "-c", "ls /var/lib/postwizard/runs | sort | tail -2 | head -1").text.strip()
    forced = wizard(machine, "undo", run_id, "--force", "--yes")
    # The accounts of people stay whatever is forced, and so do the copies that useradd(8) keeps.
    assert forced.exit_code in {0, 3}, forced.text + forced.error_text
    assert not machine.run("test", "-e", "/etc/postfix").ok
    assert machine.run("getent", "passwd", "hana").ok
    machine.run("userdel", "--remove", "hana")
    found = differences(before, fingerprint(machine))
    assert {name for name in found if not is_of_accounts(name)} == set()


def is_of_accounts(name: str) -> bool:
    """What useradd(8) and userdel(8) of a person left behind is theirs."""
    word = name.rpartition(" ")[2]
    files = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
    return word == "/etc" or word.removesuffix("-") in {f"/etc/{file}" for file in files}


def test_a_setting_changed_by_hand_that_is_no_longer_wanted_stays(machine: PracticeMachine) -> None:
    before = fingerprint(machine)
    assert quick(machine, FIRST).exit_code == 0
    main_cf = read_file(machine, "/etc/postfix/main.cf")
    put_file(machine, "/etc/postfix/main.cf", main_cf.replace("recipient_delimiter = +", "recipient_delimiter = -"))
    result = quick(machine, FIRST.replace('recipient_delimiter = "+"\n', 'recipient_delimiter = "-"\n'))
    assert result.exit_code == 0, result.text + result.error_text
    assert "recipient_delimiter = -" in read_file(machine, "/etc/postfix/main.cf")
    for _run in range(2):
        wizard(machine, "undo", "--yes", "--force")
    found = differences_but_for_daemons(before, fingerprint(machine))
    assert {name for name in found if not is_of_accounts(name)} == set()
