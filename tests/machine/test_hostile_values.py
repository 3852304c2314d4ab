"""Hostile values for each question, through the real command on a real machine: refused with words, nothing changed."""

import json

import pytest

from tests.machine.same_machine import differences, fingerprint
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

# Refused by every question that takes text, whatever it is about.
ALWAYS = (
    "",
    " ",
    "\t",
    "a\nb",
    "a\rb",
    "\n",
    "x\0y",
    "\x1b[2J",
    "\x07",
    "\x7f",
    "a\u2028b",
    "a\u0085b",
    "\u202eevil",
    "a\ufeffb",
    "\udcff",
    "x" * 100_000,
    "a\nrelayhost = evil.example",
    "a\n\tb",
    "root\n|/bin/sh",
    "\u200b",
    "\x00",
    "a\x0bb",
    "a\x0cb",
    "\ue000\n",
    "\ud800",
)
# Refused by questions that take a word of a certain form: names, addresses, sizes, choices.
OF_NO_FORM = (
    "$(reboot)",
    "`reboot`",
    "${config_directory}",
    "$myhostname",
    "; reboot",
    "| /bin/sh",
    "a b",
    "../../etc/passwd",
    "%s%n",
    "{evil}",
    '"quoted"',
    "'",
    "\\",
    "#",
    "<script>",
    "日本 語",
    "🙈🙉",
    "-1",
    "@",
    "a@b@c",
    "..",
    "--help",
    "-o evil=1",
    "!ls",
    "*",
    "~root",
    "a,b;c",
    "root, |/bin/sh",
    ":include:/etc/shadow",
    "/dev/null",
)
PROGRAM = """
import contextlib, io, json, sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
from wizard import session
from wizard.__main__ import main
begin, begun = session.begin, []
def begin_once(*given, **named):
    begun.extend(() if begun else (begin(*given, **named),))
    return begun[0]
session.begin = begin_once
given = json.loads(sys.stdin.read())
found = []
for key, value in given:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            mailbox = ["--set", "mailbox=home_mbox"] if key == "home_mailbox" else []
            code = main(["--profile", "local_only", *mailbox, "--set", f"{key}={value}", "--dry-run", "--json"])
        except BaseException as error:
            code = repr(error)
    last = out.getvalue().strip().splitlines()[-1:] or [err.getvalue()]
    found.append([key, value, code, last[0]])
json.dump(found, sys.stdout)
"""
TEXTS = (
    "hostname",
    "root_mail_to",
    "postmaster_to",
    "message_size_limit",
    "mailbox_size_limit",
    "bounce_text",
    "home_mailbox",
    "spool_folder",
)
CHOICES = ("listener", "inet_protocols", "mailbox", "recipient_delimiter", "second_lock")
LISTS = ("other_names", "forwards")
# What may be said in words, or is the name of a folder, has no other form.
FREE = frozenset({"bounce_text", "home_mailbox", "spool_folder"})


def test_every_hostile_value_is_refused_with_a_reason_and_changes_nothing(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    before = fingerprint(machine)
    given = [(key, value) for key in (*TEXTS, *CHOICES) for value in ALWAYS]
    given += [(key, value) for key in ("message_size_limit", "mailbox_size_limit") for value in ("0x10", "1e9", "NaN")]
    given += [(key, value) for key in (*TEXTS, *CHOICES, *LISTS) if key not in FREE for value in OF_NO_FORM]
    assert len(given) >= 20 * (len(TEXTS) + len(CHOICES))
    result = machine.run("python3", "-P", "-c", PROGRAM, stdin=json.dumps(given).encode(), timeout=300)
    assert result.ok, result.error_text
    answers = json.loads(result.stdout)
    taken = [(key, value[:40]) for key, value, code, _last in answers if code != 2]
    assert not taken, "\n".join(map(repr, taken))
    for key, value, _code, last in answers:
        report = json.loads(last)["report"]
        assert report.get("refused") or report.get("problem"), (key, value, last)
    assert differences(before, fingerprint(machine)) == {}
