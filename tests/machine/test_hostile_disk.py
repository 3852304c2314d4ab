"""A full disk and a read-only file system at each step in turn: said in words, put back, nothing left lying about."""

from collections.abc import Iterator

import pytest

from tests.machine.running_postfix import activity, differences_but_for_daemons
from tests.machine.same_machine import Fingerprint, fingerprint
from tests.machine.the_wizard import set_up, wizard
from wizard.machine.machine import CommandResult
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

# A small file system in the place of a folder, with what is in it, of which so many pages of 4096 bytes are free.
SMALL = """
mkdir -p {folder} /root/aside; cp -a {folder}/. /root/aside/; was=$(stat -c %Y {folder})
mount -t tmpfs -o mode=$(stat -c %a {folder}),nr_inodes={inodes} none {folder}; cp -a /root/aside/. {folder}/
touch -d @$was {folder}; used=$(stat -f -c '%b %f' {folder} | {{ read a b; echo $((a - b)); }})
mount -o remount,size=$(((used + {pages}) * 4096)) none {folder}
"""
ROOMY = "mount -o remount,size=64m,nr_inodes=10000 none {folder}"
AWAY = "umount {folder}; rm -rf /root/aside"
READ_ONLY = "mkdir -p {folder}; mount --bind {folder} {folder}; mount -o remount,bind,ro {folder}"
WRITABLE = "umount {folder}"
# Folders that hold all that packages and accounts change, laid over with little room.
OVERLAID = """
mkdir -p /mnt/little; mount -t tmpfs -o size=$(({pages} * 4096)) none /mnt/little; mkdir /mnt/little/u /mnt/little/w
mount -t overlay -o lowerdir={folder},upperdir=/mnt/little/u,workdir=/mnt/little/w none {folder}
"""
OVERLAY_ROOMY = "mount -o remount,size=200m none /mnt/little"
OVERLAY_AWAY = "umount -l {folder}; umount -l /mnt/little; rmdir /mnt/little"


@pytest.fixture(scope="module")
def with_postfix(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """A machine on which Postfix runs as its package left it."""
    with PracticeMachine.fresh() as machine:
        assert machine.run("pacman", "-Sy", "--noconfirm", "postfix").ok
        assert machine.run("sh", "-c", "newaliases && systemctl start postfix.service").ok
        yield machine


@pytest.fixture(scope="module")
def bare(practice_tree: BuiltTree) -> Iterator[PracticeMachine]:
    """A machine without Postfix."""
    with PracticeMachine.fresh() as machine:
        assert machine.run("pacman", "-Sy").ok
        yield machine


def shell(machine: PracticeMachine, words: str, **names: object) -> None:
    """Runs words of a shell as root in the machine."""
    done = machine.run("sh", "-ec", words.format(**names))
    assert done.ok, words.format(**names) + done.text + done.error_text


def attempt(machine: PracticeMachine, before: Fingerprint, room: str = "", **names: object) -> CommandResult:
    """Sets up; after a failure the machine is as before, at once or once there is room and `undo` was run."""
    result = set_up(machine, "--no-test-sends")
    said = result.text + result.error_text
    assert result.exit_code in {0, 1, 2, 3}, said
    assert "Traceback" not in said
    assert "unexpected" not in said, said
    if result.exit_code != 0:
        assert "hint: " in said, said
    if room:
        if result.exit_code in {1, 2}:
            assert differences_but_for_daemons(before, fingerprint(machine)) == {}, said
        shell(machine, room, **names)
    if result.exit_code in {0, 3}:
        undone = wizard(machine, "undo", "--yes")
        assert undone.exit_code == 0, said + undone.text + undone.error_text
    assert differences_but_for_daemons(before, fingerprint(machine)) == {}, said
    return result


PAGES = (0, 1, 5, 7, 9, 14, 30)
STATE_PAGES = (1, 2, 3, 8, 20, 40, 50, 56, 60, 64, 70)


def test_wherever_the_disk_with_the_configuration_runs_full_all_is_put_back(with_postfix: PracticeMachine) -> None:
    machine, full, codes = with_postfix, 0, []
    for pages in PAGES:
        shell(machine, SMALL, folder="/etc/postfix", pages=pages, inodes=1000)
        try:
            result = attempt(machine, fingerprint(machine), ROOMY, folder="/etc/postfix")
        finally:
            shell(machine, AWAY, folder="/etc/postfix")
        codes.append(result.exit_code)
        full += "disk is full" in " ".join(result.error_text.split())
        assert activity(machine) == "active"
    assert full >= 2, codes
    assert codes[-1] == 0, codes


def test_wherever_the_disk_with_our_own_records_runs_full_all_is_put_back(with_postfix: PracticeMachine) -> None:
    machine, full, codes = with_postfix, 0, []
    shell(machine, "rm -rf /var/lib/postwizard; mkdir -m 700 /var/lib/postwizard")
    before = fingerprint(machine)
    for pages in STATE_PAGES:
        shell(machine, SMALL, folder="/var/lib/postwizard", pages=pages, inodes=1000)
        try:
            result = attempt(machine, before, ROOMY, folder="/var/lib/postwizard")
        finally:
            shell(machine, AWAY, folder="/var/lib/postwizard")
        codes.append(result.exit_code)
        full += "disk is full" in " ".join(result.error_text.split())
        assert activity(machine) == "active"
    assert full >= 3, codes


@pytest.mark.parametrize("folder", ["/etc/postfix", "/var/lib", "/var/lib/postwizard", "/run/postwizard"])
def test_a_read_only_file_system_is_named_and_nothing_changes(with_postfix: PracticeMachine, folder: str) -> None:
    machine = with_postfix
    shell(machine, "mkdir -p /run/postwizard /var/lib/postwizard")
    before = fingerprint(machine)
    shell(machine, READ_ONLY, folder=folder)
    try:
        result = attempt(machine, before)
    finally:
        shell(machine, WRITABLE, folder=folder)
    assert result.exit_code in {1, 2}, result.text + result.error_text
    assert "mounted read-only" in " ".join(result.error_text.split())
    assert activity(machine) == "active"
    assert differences_but_for_daemons(before, fingerprint(machine)) == {}


@pytest.mark.parametrize(("folder", "pages"), [("/etc", 4), ("/etc", 200), ("/var", 4), ("/var", 900)])
def test_where_packages_find_no_room_all_is_put_back(bare: PracticeMachine, folder: str, pages: int) -> None:
    machine = bare
    shell(machine, OVERLAID, folder=folder, pages=pages)
    try:
        attempt(machine, fingerprint(machine), OVERLAY_ROOMY)
    finally:
        shell(machine, OVERLAY_AWAY, folder=folder)
