"""Fingerprints of a machine on which Postfix runs: what its daemons make anew at each start is no difference."""

from pathlib import PurePosixPath
from typing import Any

from tests.machine.same_machine import Fingerprint, differences
from wizard.practice.practice_machine import PracticeMachine

QUEUE = PurePosixPath("/var/spool/postfix")
# Sockets, pipes, locks and process numbers are made anew when Postfix starts, and stay when it ends (master(8)).
MADE_AT_START = (QUEUE / "private", QUEUE / "public", QUEUE / "pid", PurePosixPath("/var/lib/postfix/master.lock"))


def differences_but_for_daemons(before: Fingerprint, after: Fingerprint) -> dict[str, tuple[object, object]]:
    """What is not the same, but for what the running daemons of Postfix make for themselves."""
    return differences(_settled(before), _settled(after))


def _settled(found: Fingerprint) -> Fingerprint:
    paths: dict[str, Any] = {}
    for name, entry in found["paths"].items():
        path = PurePosixPath(name)
        if any(made in path.parents for made in MADE_AT_START):
            continue
        kind_mode_owner_group = entry[:3]
        # The times of the folders of the queue tell that mail passed.
        of_daemons = path in MADE_AT_START or (QUEUE in path.parents and entry[0].startswith("0o40"))
        paths[name] = [*kind_mode_owner_group, 0, "", entry[5]] if of_daemons else entry
    return {**found, "paths": paths}


def sockets(machine: PracticeMachine) -> list[str]:
    """The addresses on which something listens for mail."""
    listed = machine.run("ss", "-Hltn", "sport = :25 or sport = :465 or sport = :587").text
    return sorted(line.split()[3] for line in listed.splitlines())


def activity(machine: PracticeMachine) -> str:
    """Whether Postfix runs, in systemd's words."""
    return machine.run("systemctl", "is-active", "postfix.service").text.strip()
