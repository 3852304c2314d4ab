"""Whole runs on pretended machines: what is shown and what is written, compared with files that were approved by eye.

Approve a change by running the test once with POSTWIZARD_APPROVE=1 and reading the difference in `git diff`.
"""

import os
from pathlib import Path, PurePosixPath

import pytest

from tests.unit.described import described
from wizard import session as engine
from wizard.apply.events import Ending
from wizard.ask.answers import Origin, read_answers
from wizard.machine.machine import FileState, Kind
from wizard.machine.pretend_machine import PretendMachine
from wizard.secret import Secret

TESTS = Path(__file__).parents[1]
GOLDEN = TESTS / "golden"
RUNS = [
    ("fresh_arch", "local_only"),
    ("fresh_arch", "local_only_maildir"),
    ("postfix_by_hand", "local_only"),
    ("fresh_arch", "virtual_mail"),
]
SHOWN = ("/etc/postfix/main.cf", "/etc/postfix/master.cf", "/etc/postfix/aliases")
OF_DOVECOT = "/etc/dovecot/dovecot.conf"
PASSWORD = Secret("correct horse battery")


def the_machine(name: str) -> PretendMachine:
    """A pretended machine with the users that the answers name."""
    machine = described(name)
    passwd = machine.file(PurePosixPath("/etc/passwd"))
    assert passwd is not None
    lines = passwd.content.decode().rstrip("\n")
    for uid, user in enumerate(("taro", "hana"), start=2001):
        lines += f"\n{user}:x:{uid}:{uid}::/home/{user}:/bin/bash"
    machine.lay(PurePosixPath("/etc/passwd"), FileState(Kind.FILE, (lines + "\n").encode()))
    return machine


def the_session(machine: PretendMachine, answers: str) -> engine.Session:
    """The conversation with the answers of a file."""
    beginning = engine.begin(machine)
    profile_id, given = read_answers((TESTS / "answers" / f"{answers}.toml").read_text(), beginning.profiles)
    session = engine.choose(beginning, profile_id)
    for key, value in given.items():
        found = engine.answer(session, key, value, Origin.FILE)
        assert isinstance(found, engine.Session), f"{key}: {found}"
        session = found
    if any(question.key == "mailbox_password" for question in engine.questions(session)):
        found = engine.answer(session, "mailbox_password", PASSWORD)
        assert isinstance(found, engine.Session), found
        session = found
    return session


def approved(name: str, text: str) -> str:
    """The approved text of that name."""
    path = GOLDEN / name
    if os.environ.get("POSTWIZARD_APPROVE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert path.exists(), f"{name} was never approved: run with POSTWIZARD_APPROVE=1, and read it"
    return path.read_bytes().decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("machine_name", "answers"), RUNS)
def test_what_is_shown_and_written_is_what_was_approved(machine_name: str, answers: str) -> None:
    machine = the_machine(machine_name)
    session = the_session(machine, answers)
    plan = engine.make(session, machine)
    preview = "\n".join(f"== {planned.step.title}\n{planned.step.why}\n\n{planned.preview}" for planned in plan.steps)
    folder = f"{machine_name}-{answers}"
    assert PASSWORD.reveal() not in preview
    assert "$7$" not in preview
    assert preview == approved(f"{folder}/preview.txt", preview)

    outcome = engine.carry_out(session, plan, machine, lambda _event: None)
    assert outcome.ending is Ending.DONE, outcome.problem
    for path in (*SHOWN, *((OF_DOVECOT,) if machine.file(PurePosixPath(OF_DOVECOT)) else ())):
        state = machine.file(PurePosixPath(path))
        assert state is not None
        text = state.content.decode("utf-8", "surrogateescape")
        assert text == approved(f"{folder}{path}", text)

    again = the_session(machine, answers)
    assert engine.make(again, machine).is_empty
    put_back = engine.put_back(machine, outcome.run_id, lambda _event: None)
    assert put_back.ending is Ending.PUT_BACK, (put_back.problem, put_back.notes)
    # What pacman lays below /usr it takes back itself; the times of the folders there are its own.
    elsewhere = tuple(map(PurePosixPath, ("/usr", "/var/lib/postwizard", "/run")))
    assert machine.differences(the_machine(machine_name), elsewhere) == ()
