"""The command line: what is parsed, which front is picked, and how little is imported for --help."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from wizard import __version__
from wizard.__main__ import main
from wizard.command_line import SCHEMAS, Exit, front_for, parse

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLKITS = ("textual", "questionary", "prompt_toolkit", "jinja2", "sh", "tomlkit", "wizard.session", "dataclasses")


def postwizard(*argv: str, **more: object) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, with nothing on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "wizard", *argv], cwd=CHECKOUT, capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL, **more,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("undo", "--help"), ("--no-such-option",), ("schema",)])
def test_help_and_bad_calls_load_no_toolkit(argv: tuple[str, ...]) -> None:
    loaded = f"print([name for name in {TOOLKITS} if name in sys.modules])"
    code = f"import sys; from wizard.__main__ import main; main({argv!r}); {loaded}"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_exit_code() -> None:
    text = postwizard("--help").stdout
    for code in Exit:
        assert f" {code.value}  " in text


def test_help_fits_a_terminal_of_eighty_columns() -> None:
    import os

    text = postwizard("--help", env={**os.environ, "COLUMNS": "80"}).stdout
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.count("\n") > 40


def test_the_help_of_a_command_begins_with_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("undo", "resume", "snapshots", "check", "test", "mailbox", "alias", "schema"):
        assert main((command, "--help")) == Exit.DONE
        assert capsys.readouterr().out.startswith(f"usage: postwizard {command} [-h]")


def test_the_version_is_that_of_the_package() -> None:
    assert postwizard("--version").stdout == f"postwizard {__version__}\n"


BAD_CALLS = [
    ("--no-such-option",),
    ("--answers",),
    ("--on-failure", "hope"),
    ("--on-conflict", ""),
    ("no-such-command",),
    ("--prof", "local_only"),  # abbreviations would break when an option is added
    ("undo", "a", "b"),
    ("snapshots", "burn"),
    ("schema", "everything"),
    ("snapshots", "list", "--dry-run"),
    ("snapshots", "list", "20250101T000000Z"),
    ("mailbox", "burn"),
    ("mailbox", "add"),
    ("mailbox", "quota", "hana@club.example"),
    ("mailbox", "remove", "hana@club.example", "--quota", "1G"),
    ("mailbox", "remove", "hana@club.example", "--secret", "password=file"),
    ("mailbox", "add", "hana@club.example", "a-password"),
    ("alias", "add", "hana@club.example"),
    ("alias", "remove", "hana@club.example", "taro@home.example"),
    ("alias", "password", "hana@club.example"),
    ("\x1b[2J",),
    ("",),
]


@pytest.mark.parametrize("argv", BAD_CALLS)
def test_a_bad_call_is_refused_with_a_hint_and_exit_2(
    argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == Exit.BAD_CALL
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("postwizard")
    assert "\n\nhint: postwizard --help\n" in said.err
    assert "\x1b" not in said.err


def test_a_bad_call_is_refused_by_the_process_as_well() -> None:
    done = postwizard("\x1b[2J")
    assert done.returncode == Exit.BAD_CALL
    assert (done.stdout, "Traceback" in done.stderr, "\x1b" in done.stderr) == ("", False, False)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_printed_and_is_one(name: str) -> None:
    import json

    schema = json.loads(postwizard("schema", name).stdout)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


ROOMY = {"on_terminal": True, "term": "xterm-256color", "columns": 80, "rows": 24, "is_utf8": True}
FRONTS = [
    ((), {}, "full-screen"),
    (("--line",), {}, "line"),
    (("--plain",), {}, "line"),
    ((), {"term": "dumb"}, "line"),
    ((), {"term": ""}, "line"),
    ((), {"columns": 59}, "line"),
    ((), {"rows": 19}, "line"),
    ((), {"columns": 60, "rows": 20}, "full-screen"),
    ((), {"is_utf8": False}, "line"),
    (("--ascii",), {"is_utf8": False}, "full-screen"),
    (("--dry-run",), {}, "full-screen"),
    (("--profile", "local_only"), {}, "full-screen"),
    (("--profile", "local_only", "--write-answers", "a.toml"), {}, "line"),
    ((), {"on_terminal": False}, ""),
    (("--line",), {"on_terminal": False}, ""),
    (("--plain",), {"on_terminal": False}, "line"),  # the keys come through a pipe
    (("--answers", "a.toml"), {}, "unattended"),
    (("--answers", "-"), {"on_terminal": False}, "unattended"),
    (("--profile", "local_only", "--yes"), {}, "unattended"),
    (("--profile", "local_only", "--dry-run"), {"on_terminal": False}, "unattended"),
    (("--json",), {}, "unattended"),
    (("--yes",), {}, "unattended"),
    (("--set", "hostname=a.example"), {}, "unattended"),  # an answer that is given is never left out
    (("--profile", "local_only", "--secret", "password=file"), {}, "unattended"),
    (("--plain", "--set", "hostname=a.example"), {"on_terminal": False}, "unattended"),
]


@pytest.mark.parametrize(("argv", "terminal", "front"), FRONTS)
def test_the_front_follows_the_terminal_and_the_call(
    argv: tuple[str, ...], terminal: dict[str, object], front: str
) -> None:
    assert front_for(parse(argv), **{**ROOMY, **terminal}) == front  # type: ignore[arg-type]


def test_options_after_a_command_count_as_well() -> None:
    options = parse(["undo", "20250101T000000Z", "--yes", "--json", "--force"])
    assert (options.command, options.run_id, options.yes, options.json, options.force) == (
        "undo", "20250101T000000Z", True, True, True,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["undo", "resume", "snapshots", "check", "test", "mailbox", "alias"])
def test_a_command_takes_the_front_that_the_wizard_takes(command: str) -> None:
    options = parse([command, "--plain", "--line"])
    assert (options.command, options.plain, options.line) == (command, True, True)


def test_settings_are_collected_in_order() -> None:
    assert parse(["--set", "a=1", "--set", "b=2"]).set == ["a=1", "b=2"]


# Dies as a crash would, where core files may be as large as they like; in a folder of its own.
CRASH = """
import os, resource, sys
sys.path.insert(0, {checkout!r})
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
{call}
kept = open("/proc/self/coredump_filter").read().strip()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], int(kept, 16), flush=True)
os.abort()
"""


@pytest.mark.parametrize("call", ["", "from wizard.__main__ import main; main(['--list', '--json'])"])
def test_a_crash_leaves_no_copy_of_the_memory(call: str, tmp_path: Path) -> None:
    program = CRASH.format(checkout=str(CHECKOUT), call=call)
    crashed = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert crashed.returncode == -signal.SIGABRT, crashed.stderr
    limit, kept = crashed.stdout.splitlines()[-1].split()
    if call:
        assert (limit, kept) == ("0", "0")
        assert list(tmp_path.iterdir()) == []
    else:
        assert (limit, kept) != ("0", "0"), "the test could not fail"
