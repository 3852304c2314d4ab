"""Runs the wizard inside a practice machine: unattended, and with faults put in its way."""

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from wizard.machine.machine import CommandResult
from wizard.practice.practice_machine import PracticeMachine

ANSWERS = """\
format = 1
profile = "local_only"

[answers]
root_mail_to = "admin"
"""

# Starts the wizard with one fault: the process dies, or a change fails, at a place that is counted.
FAULTY = """
import os, signal, sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
kind, place = sys.argv[1], int(sys.argv[2])
from wizard.machine.this_machine import ThisMachine
from wizard.problem import Trouble
count = 0
CHANGES = ("write_file", "run", "set_metadata", "remove", "install", "uninstall", "set_service", "refresh_service",
           "add_user", "remove_user", "add_group", "remove_group")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def counted(name):
    real = getattr(ThisMachine, name)
    def change(self, *args, **kwargs):
        global count
        own = args and str(args[0]).startswith(("/var/lib/postwizard", "/run/postwizard"))
        if name == "append_line":
            result = real(self, *args, **kwargs)
            count += 1
            if count == place:
                die()
            return result
        if not own:
            count += 1
            if count == place:
                if kind == "fail":
                    raise Trouble("a fault was put here")
                if kind == "kill-before":
                    die()
                result = real(self, *args, **kwargs)
                die()
        return real(self, *args, **kwargs)
    setattr(ThisMachine, name, change)

for name in (("append_line",) if kind == "kill-at-record" else CHANGES):
    counted(name)
from wizard.__main__ import main
code = main(sys.argv[3:])
print(f"faults passed: {count}", file=sys.stderr)
sys.exit(code)
"""


def put_file(machine: PracticeMachine, path: str, content: str | bytes) -> None:
    """Writes a file inside the machine."""
    data = content if isinstance(content, bytes) else content.encode()
    result = machine.run("tee", path, stdin=data)
    assert result.ok, result.error_text


def read_file(machine: PracticeMachine, path: str) -> str:
    """Reads a file inside the machine."""
    result = machine.run("cat", path)
    assert result.ok, result.error_text
    return result.text


def set_up(machine: PracticeMachine, *options: str, answers: str = ANSWERS) -> CommandResult:
    """Runs the wizard unattended on this machine."""
    put_file(machine, "/root/answers.toml", answers)
    return machine.run("postwizard", "--answers", "/root/answers.toml", "--yes", *options, timeout=300)


def wizard(machine: PracticeMachine, *arguments: str) -> CommandResult:
    """Runs any of the wizard's commands."""
    return machine.run("postwizard", *arguments, timeout=300)


def with_fault(machine: PracticeMachine, kind: str, place: int, *arguments: str) -> CommandResult:
    """Runs the wizard with a fault at the place-th record or change of the run."""
    put_file(machine, "/root/faulty.py", FAULTY)
    return machine.run("python3", "-P", "/root/faulty.py", kind, str(place), *arguments, timeout=300)


def came_to_its_end(result: CommandResult, place: int) -> bool:
    """Whether the wizard ended before it came to the place of the fault."""
    counted = re.search(r"faults passed: (\d+)", result.error_text)
    return counted is not None and int(counted[1]) < place


def documents(result: CommandResult) -> Iterable[dict[str, object]]:
    """The JSON documents that the wizard printed, one a line."""
    return [json.loads(line) for line in result.text.splitlines() if line.startswith("{")]


def mailbox_of(machine: PracticeMachine, user: str = "admin") -> str:
    """The mail of a user, in the place where the profile's default puts it."""
    path = PurePosixPath("/var/spool/mail") / user
    result = machine.run("cat", str(path))
    return result.text if result.ok else ""
