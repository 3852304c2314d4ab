"""Is a machine what it was? Fingerprints taken by a program that shares no code with the wizard."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from wizard.apply.left_alone import LEFT_ALONE, is_below
from wizard.practice.practice_machine import PracticeMachine

ROOTS = ("/etc", "/var/lib", "/var/spool/postfix", "/var/spool/mail")
PROGRAM = (Path(__file__).parent / "fingerprint.py").read_bytes()

Fingerprint = Mapping[str, Any]


def fingerprint(machine: PracticeMachine) -> Fingerprint:
    """Everything of the machine that putting back must restore."""
    result = machine.run("python3", "-", *ROOTS, stdin=PROGRAM)
    assert result.ok, result.error_text
    found: Fingerprint = json.loads(result.stdout)
    return found


def differences(before: Fingerprint, after: Fingerprint) -> dict[str, tuple[object, object]]:
    """What is not the same, but for the few paths that are left alone for a reason."""
    found: dict[str, tuple[object, object]] = {}
    for part, old in before.items():
        new = after[part]
        if not isinstance(old, dict):
            if old != new:
                found[part] = (old, new)
            continue
        for name in old.keys() | new.keys():
            if part == "paths" and is_below(PurePosixPath(name), LEFT_ALONE):
                continue
            if name == "/var/spool/mail":  # the time of the folder tells that mail came; the mailboxes in it count
                continue
            if old.get(name) != new.get(name):
                found[f"{part} {name}"] = (old.get(name), new.get(name))
    return found


def without_times(found: Fingerprint) -> Fingerprint:
    """The fingerprint without modification times, for machines that were set up apart."""
    paths = {name: [*entry[:3], *entry[4:]] for name, entry in found["paths"].items()}
    return {**found, "paths": paths}
