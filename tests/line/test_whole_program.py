"""The program as people start it: in a process of its own, on a pretended machine, with each exit code."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest
from jsonschema import Draft202012Validator

from tests.line.faulty_machine import main
from tests.line.pseudo_locale import LANGUAGE, write_pseudo_locale
from wizard.command_line import Exit
from wizard.line.stopping import SIGNALS

CHECKOUT = Path(__file__).resolve().parents[2]
# Puts a machine in memory in the place of this one, with a fault if one is wanted; state stays within one process.
ON_A_PRETENDED_MACHINE = """
import sys
from tests.line.faulty_machine import main
sys.exit(main(sys.argv[1], sys.argv[2:]))
"""
ANSWERS = 'format = 1\nprofile = "local_only"\n\n[answers]\nroot_mail_to = "admin"\n'
UNATTENDED = ("--pretend", "--answers", "-", "--yes")


def run(*argv: str, keys: str = ANSWERS, fault: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """One call, with its standard input."""
    return subprocess.run(
        [sys.executable, "-c", ON_A_PRETENDED_MACHINE, fault, *argv], cwd=CHECKOUT, input=keys, capture_output=True,
        text=True, timeout=120, env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80", **environment},
    )  # fmt: skip


def call(*argv: str, keys: str = ANSWERS, fault: str = "") -> subprocess.CompletedProcess[str]:
    """The same within this process, which is quicker; streams and signals are given back as they were."""
    streams = sys.stdin, sys.stdout, sys.stderr
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    files = [io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8") for text in (keys, "", "")]
    sys.stdin, sys.stdout, sys.stderr = files
    try:
        code = main(fault, argv)
        texts = [file.buffer.getvalue().decode() for file in files if not file.flush()]  # type: ignore[attr-defined]
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return subprocess.CompletedProcess(argv, code, *texts[1:])


def documents(text: str) -> Iterator[Mapping[str, Any]]:
    """The documents, each held to its schema."""
    names = {"plan": "plan", "event": "events", "stage": "events", "report": "report"}
    for line in text.splitlines():
        found = json.loads(line)
        name = names.get(found["kind"], "lists")
        schema = json.loads((CHECKOUT / "wizard" / "schema" / f"{name}.schema.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(found)
        yield found


CODES = [
    (UNATTENDED, "", Exit.DONE, "done"),
    ((*UNATTENDED, "--dry-run"), "", Exit.DONE, "planned"),
    ((*UNATTENDED, "--dry-run"), "not root", Exit.DONE, "planned"),
    (UNATTENDED, "fail", Exit.FAILED, "put-back"),
    pytest.param(
        (*UNATTENDED, "--on-failure", "stop"), "fail", Exit.NOT_PUT_BACK, "failed", marks=pytest.mark.thorough
    ),
    (UNATTENDED, "cannot put back", Exit.NOT_PUT_BACK, "not-all-put-back"),
    pytest.param(UNATTENDED, "bug", Exit.NOT_PUT_BACK, "failed", marks=pytest.mark.thorough),
    pytest.param(UNATTENDED, "signal", Exit.CANCELLED, "put-back", marks=pytest.mark.thorough),
    (UNATTENDED, "not root", Exit.BAD_CALL, "refused"),
    (UNATTENDED, "test fails", Exit.NOT_VERIFIED, "done"),
    ((*UNATTENDED, "--set", "root_mail_to=two words"), "", Exit.BAD_CALL, "refused"),
    ((*UNATTENDED, "--set", "nonsense=1"), "", Exit.BAD_CALL, "refused"),
    ((*UNATTENDED, "--profile", "no_such_profile"), "", Exit.BAD_CALL, "refused"),
    (("--pretend", "--answers", "-"), "", Exit.BAD_CALL, "refused"),
    (("--pretend", "--yes"), "", Exit.BAD_CALL, "refused"),
    (("undo", "--yes"), "", Exit.DONE, "nothing-to-do"),
    (("undo", "no-such-run", "--yes"), "", Exit.BAD_CALL, "refused"),
    (("snapshots",), "", Exit.DONE, "looked"),
    (("snapshots", "show"), "", Exit.BAD_CALL, "refused"),
    (("snapshots", "show", "../../etc"), "", Exit.BAD_CALL, "refused"),
    (("snapshots", "remove", "no-such-run", "--yes"), "", Exit.BAD_CALL, "refused"),
    (("resume",), "", Exit.DONE, "nothing-to-do"),
    (("check",), "", Exit.DONE, "looked"),
    (("test",), "", Exit.BAD_CALL, "refused"),
    (("--list",), "", Exit.DONE, "looked"),
]


@pytest.mark.parametrize(("argv", "fault", "code", "ending"), CODES)
def test_each_ending_has_its_exit_code_in_words_and_in_json(
    argv: tuple[str, ...], fault: str, code: Exit, ending: str
) -> None:
    in_words = call(*argv, fault=fault)
    assert in_words.returncode == code, in_words.stdout + in_words.stderr
    _is_fit_to_be_seen(in_words)
    in_json = call(*argv, "--json", fault=fault)
    found = list(documents(in_json.stdout))
    assert in_json.returncode == code
    assert found[-1]["kind"] == "report"
    assert (found[-1]["report"]["exit_code"], found[-1]["report"]["ending"]) == (code, ending)


def _is_fit_to_be_seen(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stdout + done.stderr
    assert "a secret is in here" not in done.stdout + done.stderr
    if done.returncode in {Exit.BAD_CALL, Exit.FAILED}:
        assert done.stderr.strip()


ONE_FOR_EACH_CODE = [
    pytest.param(UNATTENDED, "", Exit.DONE),
    pytest.param(UNATTENDED, "fail", Exit.FAILED, marks=pytest.mark.thorough),
    pytest.param((*UNATTENDED, "--set", "nonsense=1"), "", Exit.BAD_CALL),
    pytest.param(UNATTENDED, "cannot put back", Exit.NOT_PUT_BACK, marks=pytest.mark.thorough),
    pytest.param(UNATTENDED, "test fails", Exit.NOT_VERIFIED, marks=pytest.mark.thorough),
    pytest.param(UNATTENDED, "signal", Exit.CANCELLED, marks=pytest.mark.thorough),
]


@pytest.mark.parametrize(("argv", "fault", "code"), ONE_FOR_EACH_CODE)
def test_the_exit_code_is_that_of_the_process(argv: tuple[str, ...], fault: str, code: Exit) -> None:
    done = run(*argv, fault=fault)
    assert done.returncode == code, done.stdout + done.stderr
    _is_fit_to_be_seen(done)


HOSTILE_FILES = [
    "", "\n\n", "\x00", "[", "format = 1", 'format = 1\nprofile = "no_such"', "\ufeff[",
    'format = 2\nprofile = "local_only"',
    'format = 1\nprofile = "local_only"\n[answers]\nroot_mail_to = 1979-05-27\n', ANSWERS + ANSWERS,
    ANSWERS + 'hostname = "a b"\nbounce_text = "x\\ny"\nnonsense = 1\n', ANSWERS + 'hostname = "\\u001b[2J"\n',
    "[" * 5000,
    'format = 1\nprofile = ["local_only"]\n', "x" * 1_000_001, 'format = 1\nprofile = "../../etc/passwd"\n',
    ANSWERS + 'forwards = "not a list"\n', ANSWERS + "second_lock = 1\n", ANSWERS + 'inet_protocols = "ipv5"\n',
    ANSWERS + 'password = "hunter2"\n',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE_FILES, ids=range(len(HOSTILE_FILES)))
def test_an_answers_file_that_cannot_be_used_is_refused_and_nothing_is_changed(text: str) -> None:
    done = call(*UNATTENDED, keys=text)
    assert done.returncode == Exit.BAD_CALL
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert "hunter2" not in done.stderr
    assert "[1/" not in done.stdout


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = run("--pretend", "--answers", str(tmp_path / "none.toml"), "--yes")
    assert done.returncode == Exit.BAD_CALL
    assert "none.toml cannot be read: No such file or directory." in done.stderr.replace("\n", " ")


def test_nobody_can_be_asked_without_a_terminal() -> None:
    done = run("--pretend")
    assert done.returncode == Exit.BAD_CALL
    assert done.stderr.startswith("Nobody can be asked here: this is not a terminal.\n\nhint: ")


def test_answers_are_written_for_another_time(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    assert run("--profile", "local_only", "--set", "root_mail_to=admin", "--write-answers", str(path)).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert run("--answers", str(path), "--pretend", "--dry-run").returncode == Exit.DONE
    again = run("--profile", "local_only", "--write-answers", str(path))
    assert again.returncode == Exit.BAD_CALL  # an old file is never written over


def test_details_of_a_mishap_go_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    done = run(*UNATTENDED, fault="bug", TMPDIR=str(tmp_path))
    assert "Something unexpected went wrong in the wizard itself (RuntimeError)." in done.stderr
    (details,) = tmp_path.glob("postwizard-*.txt")
    assert details.stat().st_mode & 0o777 == 0o600
    assert "Traceback" in details.read_text()
    assert "fault = " not in details.read_text()


@pytest.mark.thorough
def test_closed_and_broken_streams_are_no_mishap() -> None:
    command = f"{sys.executable} -c '{ON_A_PRETENDED_MACHINE.replace(chr(39), chr(34))}' '' "
    for redirect in ("--list | head -c 1", "--list >&-", "--pretend --yes <&- 2>/dev/null"):
        done = subprocess.run(
            ["bash", "-c", command + redirect], cwd=CHECKOUT, capture_output=True, text=True, timeout=60
        )
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


PLAIN = ("--pretend", "--plain")


def plain_keys() -> str:
    """What a person types at plain prompts to accept every proposal and go ahead."""
    asked = run(*PLAIN, keys="\n").stdout
    count = int(re.findall(r"Question 1 of (\d+)", asked)[0])
    return "\n" * (count + 2) + "1\n"


def test_line_mode_over_a_pipe_does_the_whole_of_it() -> None:
    done = run(*PLAIN, keys=plain_keys())
    assert done.returncode == Exit.DONE, done.stdout + done.stderr
    assert "All steps are done." in done.stdout
    assert max(len(line) for line in done.stdout.splitlines() if "=" not in line and "/" not in line) < 160


def test_leaving_line_mode_changes_nothing() -> None:
    done = run(*PLAIN, keys="\n\n\n")
    assert done.returncode == Exit.CANCELLED
    assert "Nothing was changed." in done.stderr


@pytest.mark.thorough
def test_accepting_every_default_leads_to_the_same_plan_in_line_mode_and_unattended() -> None:
    unattended = run("--pretend", "--profile", "local_only", "--yes", "--dry-run").stdout
    plan = unattended[unattended.index("[1/") :].split("\n")
    shown = run(*PLAIN, keys=plain_keys()).stdout.split("\n")
    assert [line for line in plan if line not in shown] == []


@pytest.mark.thorough
def test_no_word_on_the_screen_has_missed_gettext(tmp_path: Path) -> None:
    write_pseudo_locale(tmp_path)
    program = f"import wizard.words, pathlib; wizard.words.CATALOGUES = pathlib.Path({str(tmp_path)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", program + ON_A_PRETENDED_MACHINE, "", *PLAIN, "--dry-run"], cwd=CHECKOUT, text=True,
        input=plain_keys(), capture_output=True, timeout=120,
        env={**os.environ, "LANGUAGE": LANGUAGE, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    asked = done.stdout[: done.stdout.index("[1/")]
    words = set(re.findall(r"(?<![\w./@:-])[a-z]{4,}(?![\w./@:-])", asked))
    values = {"admin", "root", "outside", "mail", "deliverable"}  # answers that are proposed
    assert words - values == set(), done.stdout
    assert done.returncode == Exit.DONE


@pytest.fixture
def terminal() -> Iterator[pexpect.spawn]:
    """The program in line mode on a terminal of eighty columns."""
    child = pexpect.spawn(
        sys.executable, ["-c", ON_A_PRETENDED_MACHINE, "", "--pretend", "--line"], cwd=str(CHECKOUT), timeout=60,
        dimensions=(2000, 80), encoding="utf-8",
        env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
    )  # type: ignore[arg-type]  # fmt: skip
    yield child
    child.close(force=True)


@pytest.mark.thorough
def test_on_a_terminal_arrow_keys_and_enter_lead_to_the_report(terminal: pexpect.spawn) -> None:
    terminal.expect("What shall this machine do with mail")
    terminal.send("\r")
    terminal.expect(r"Question 1 of (\d+)")
    assert terminal.match
    for _number in range(int(terminal.match[1])):
        terminal.send("\r")
    terminal.expect("Your answers")
    terminal.expect("a number changes that answer")
    terminal.send("\r")
    terminal.expect("Go ahead")
    terminal.send("\x1b[A\r")
    terminal.expect("All steps are done")
    terminal.expect("This was pretended")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == Exit.DONE


def test_control_c_at_a_prompt_leaves_with_130(terminal: pexpect.spawn) -> None:
    terminal.expect("What shall this machine do with mail")
    terminal.expect("Local only")
    terminal.send("\x03")
    terminal.expect("Nothing was changed")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == Exit.CANCELLED
