"""Test sends on a real Postfix: they arrive, each thing that is broken is named, and nothing of them stays."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from wizard.practice.practice_machine import Frozen, PracticeMachine

pytestmark = pytest.mark.real_machine

SEND = """\
import json, sys
sys.path[:0] = ["/usr/lib/postwizard/app", "/usr/lib/postwizard/site"]
from wizard.ask.question import SoFar
from wizard.check import local_mail
from wizard.check.take_away import take_away
from wizard.machine.facts import Facts
from wizard.machine.this_machine import ThisMachine
machine, so_far, told = ThisMachine(), SoFar({}, Facts()), []
runs = {"smtp": local_mail.by_smtp, "sendmail": local_mail.by_sendmail, "outside": local_mail.outside}
checks = {"listens": local_mail.nothing_listens_outside, "leaves": local_mail.nothing_can_leave}
def finding_of(name):
    stages = []
    tell = lambda stage: stages.append([stage.name, stage.verdict.value])
    found = runs[name](machine, so_far, tell, 10) if name in runs else checks[name].look(machine, so_far)
    taken = [str(path) for path in take_away(machine, found.left)]
    return {"verdict": found.verdict.value, "what": found.what, "hint": found.hint, "evidence": found.evidence,
            "stages": stages, "taken": taken}
print(json.dumps([finding_of(name) for name in sys.argv[1:]]))
"""

MAILBOXES = "find /var/spool/mail/ /home -type f -exec sha256sum {} + | sort; find /var/spool/mail/ /home | sort"


@pytest.fixture(scope="module")
def installed(practice_tree: object) -> Iterator[Frozen]:
    """A machine with Postfix for local mail, two users, and root's mail going to the first."""
    machine = PracticeMachine.fresh()
    try:
        must(machine, "pacman", "-Sy", "--noconfirm", "postfix")
        for user in ("ann", "ben"):
            must(machine, "useradd", "-m", user)
        must(machine, "postconf", "myhostname=localhost", "mydomain=localdomain", "inet_interfaces=loopback-only")
        must(machine, "postconf", "mynetworks_style=host", "default_transport=error:outside mail is not deliverable")
        must(machine, "tee", "/etc/postfix/aliases", stdin=b"postmaster: root\nroot: ann\n")
        must(machine, "newaliases")
        must(machine, "systemctl", "enable", "--now", "postfix.service")
        frozen = machine.freeze()
    except BaseException:
        machine.destroy()
        raise
    yield frozen
    frozen.destroy()


@pytest.fixture
def machine(installed: Frozen) -> Iterator[PracticeMachine]:
    """A fresh copy of it, running."""
    with PracticeMachine.fresh(base=installed) as running:
        must(running, "postfix", "status")
        yield running


def must(machine: PracticeMachine, *argv: str, stdin: bytes = b"") -> str:
    """What a command says; it must go well."""
    result = machine.run(*argv, stdin=stdin)
    assert result.ok, (argv, result.text, result.error_text)
    return result.text


def send(machine: PracticeMachine, *names: str) -> list[dict[str, Any]]:
    """The findings of these sends and checks, each with its stages; test mails are taken away again."""
    findings: list[dict[str, Any]] = json.loads(must(machine, "python3", "-W", "error", "-c", SEND, *names))
    return findings


def bad_stages(finding: dict[str, Any]) -> list[str]:
    """The names of the stages that failed."""
    return [name for name, verdict in finding["stages"] if verdict == "failed"]


def mailboxes(machine: PracticeMachine) -> str:
    """Every file and folder where mail may lie."""
    return must(machine, "sh", "-c", MAILBOXES)


def queue(machine: PracticeMachine) -> str:
    """What waits."""
    return machine.run("postqueue", "-j").text


@pytest.mark.parametrize("home_mailbox", ["", "Maildir/", "mbox"])
def test_every_send_arrives_and_leaves_the_mailboxes_as_they_were(machine: PracticeMachine, home_mailbox: str) -> None:
    must(machine, "postconf", f"home_mailbox={home_mailbox}")
    must(machine, "systemctl", "restart", "postfix.service")
    before = mailboxes(machine)
    findings = send(machine, "smtp", "sendmail", "outside", "listens", "leaves")
    assert [finding["verdict"] for finding in findings] == ["ok"] * 5, findings
    wanted = {"": "mail/ann", "Maildir/": "/home/ann/Maildir/new/", "mbox": "/home/ann/mbox"}[home_mailbox]
    assert all(wanted in finding["what"] for finding in findings[:3]), findings
    assert [len(finding["taken"]) for finding in findings] == [1, 1, 1, 0, 0]
    assert "127.0.0.1:25" in findings[3]["what"]
    assert mailboxes(machine) == before
    assert queue(machine) == ""


def test_other_mail_in_the_mailbox_stays_to_the_byte(machine: PracticeMachine) -> None:
    must(machine, "sendmail", "ann", stdin=b"Subject: hers\n\nFrom me\n")
    must(machine, "sh", "-c", "for n in $(seq 100); do test -s /var/spool/mail/ann && exit 0; sleep 0.1; done; exit 1")
    before = mailboxes(machine)
    assert [finding["verdict"] for finding in send(machine, "smtp", "sendmail", "outside")] == ["ok"] * 3
    assert mailboxes(machine) == before


BROKEN = {  # what is done; the stage named by SMTP and by sendmail(1); words of the finding
    "rm /etc/postfix/aliases.lmdb": ("RCPT TO", "local", "never built"),
    "systemctl stop postfix": ("master", "master", "does not run"),
    "mkdir /var/spool/mail/ann": ("local", "local", "there is a folder"),
    "touch /var/spool/mail/ann; chown ben /var/spool/mail/ann": ("local", "local", "Permission denied"),
    "postconf message_size_limit=1; postfix reload": ("MAIL FROM", "sendmail", "message_size_limit"),
    "postconf home_mailbox=Maildir/; mv /home/ann /home/gone; postfix reload": ("local", "local", "/home/ann/Maildir"),
    "postconf mailbox_size_limit=1000; postfix reload": ("local", "local", "mailbox_size_limit"),
    "printf 'root: nosuch\\n' >/etc/postfix/aliases; newaliases; postfix reload": ("local", "local", "no such user"),
    "postconf alias_maps=hash:/etc/postfix/aliases; postfix reload": ("RCPT TO", "local", "hash"),
    "postconf inet_interfaces=192.0.2.7; systemctl restart postfix; sleep 1": ("postconf", "postconf", "192.0.2.7"),
}


@pytest.mark.parametrize("breaking", BROKEN)
def test_what_is_broken_is_named_and_nothing_stays_in_the_queue(machine: PracticeMachine, breaking: str) -> None:
    machine.run("sh", "-c", breaking)
    smtp, sendmail, words = BROKEN[breaking]
    findings = send(machine, "smtp", "sendmail")
    assert [finding["verdict"] for finding in findings] == ["failed"] * 2, findings
    assert [bad_stages(finding)[:1] for finding in findings] == [[smtp], [sendmail]], findings
    assert all(words in finding["what"] + finding["evidence"] for finding in findings), findings
    assert all(finding["hint"] and finding["evidence"] for finding in findings)
    assert queue(machine) == ""


def test_a_way_out_is_seen_and_not_taken(machine: PracticeMachine) -> None:
    must(machine, "postconf", "default_transport=smtp", "inet_interfaces=all")
    must(machine, "systemctl", "restart", "postfix.service")
    outside, listens, leaves = send(machine, "outside", "listens", "leaves")
    assert [finding["verdict"] for finding in (outside, listens, leaves)] == ["failed"] * 3
    assert bad_stages(outside) == ["default_transport"]
    assert queue(machine) == ""


def test_a_log_file_serves_as_well_as_the_journal_and_so_do_long_ids(machine: PracticeMachine) -> None:
    must(machine, "postconf", "maillog_file=/var/log/postfix.log", "enable_long_queue_ids=yes")
    must(machine, "systemctl", "restart", "postfix.service")
    findings = send(machine, "smtp", "sendmail", "outside")
    assert [finding["verdict"] for finding in findings] == ["ok"] * 3, findings


def test_without_a_log_the_mailbox_is_the_proof(machine: PracticeMachine) -> None:
    must(machine, "mv", "/usr/bin/journalctl", "/usr/bin/journalctl.away")
    findings = send(machine, "smtp", "sendmail", "outside")
    assert [finding["verdict"] for finding in findings] == ["ok"] * 3, findings
    assert all([v for _n, v in finding["stages"] if v != "ok"] == ["not checked"] for finding in findings), findings
