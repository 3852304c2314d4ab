"""Whole test sends, against a machine whose Postfix is a recording: the story, and the finding."""

import re
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from tests.unit.test_check_mailbox import MailMachine
from wizard.ask.question import SoFar
from wizard.check import local_mail
from wizard.check.finding import Finding, Stage, Verdict
from wizard.check.outside_mail import words_of_refusal
from wizard.machine.facts import Facts
from wizard.machine.machine import CommandResult, Conversation, ConversationCut, Cut, Tell, UnitDetails, silent
from wizard.problem import Trouble

LOGS = Path(__file__).parent.parent / "recorded" / "logs"
PATIENCE = 0.6
GREETING = "220 localhost ESMTP Postfix"
CAPABILITIES = ("250-localhost", "250-PIPELINING", "250-SIZE 10240000", "250-DSN", "250 CHUNKING")
REFUSED = "550 5.1.1 <someone@outside.example>: Recipient address rejected: outside mail is not deliverable"


class Postfix(MailMachine):
    """Postfix as a recording tells it: `log` is what it logs once it has the mail, `delivers` whether it arrives.

    Recorded Message-IDs become that of the mail that was really handed over.
    """

    def __init__(
        self, log: str, *, delivers: bool = True, replies: dict[str, str] | None = None, **settings: str
    ) -> None:
        usual = {
            "myhostname": "localhost",
            "mydestination": "localhost",
            "inet_protocols": "all",
            "default_transport": "error:outside mail is not deliverable",
        }
        super().__init__(**{**usual, **settings})
        self.log, self.delivers, self.replies = log, delivers, replies or {}
        self.is_running, self.readable, self.queue, self.sendmail = True, True, b"", CommandResult(0)
        self.refuses: Cut | None = None
        self.message = ""
        self.arguments: list[tuple[tuple[str, ...], str]] = []

    def recording(self) -> str:
        """The recorded log with our Message-ID in it; empty until it has a mail or was asked in vain."""
        text = (LOGS / f"{self.log}.jsonl").read_text() if self.log else ""
        marker = re.search(r"(?m)^Message-ID: <(.*)>$", self.message)
        return re.sub(r"postwizard-\d+@box\.test", marker[1], text) if marker else text

    def take(self, message: str) -> None:
        """Has the mail, and delivers it."""
        self.message = message
        if self.delivers:
            notice = ""
            if "outside.example" in message:
                notice = "Auto-Submitted: auto-replied\n\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: X-Postfix; "
                notice += "outside mail is not\n    deliverable\n\n"
            self.put("/var/spool/mail/alice", f"From root@localhost now\n{notice}{message}\n".encode())

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        match argv:
            case ("journalctl", *words):
                if not self.readable:
                    raise Trouble("The program journalctl is not installed.")
                is_ours = any(word.startswith("--after-cursor") for word in words) and (self.message or self.replies)
                return CommandResult(0, self.recording().encode() if is_ours else b'{"__CURSOR":"s=1"}\n')
            case ("postfix", "status"):
                return CommandResult(0 if self.is_running else 1, stderr=b"the Postfix mail system is not running\n")
            case ("postconf", "-M", *_service):
                return CommandResult(0, b"smtp inet n - n - - smtpd\n")
            case ("postqueue", "-j"):
                return CommandResult(0, self.queue)
            case ("postcat", *_words):
                return CommandResult(0, self.message.encode())
            case ("ss", *_words):
                return CommandResult(0)
            case _:
                return super().output_of(*argv, stdin=stdin, timeout=timeout)

    def unit(self, name: str) -> UnitDetails:
        return UnitDetails("loaded", "active" if self.is_running else "inactive", "dead", main_pid=7)

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float | None = 60, user: str = "", tell: Tell = silent
    ) -> CommandResult:
        self.arguments.append((argv, user))
        if argv[0] == "sendmail" and self.sendmail.ok:
            self.take(stdin.decode())
        return self.sendmail if argv[0] == "sendmail" else CommandResult(0)

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        if self.refuses is not None:
            raise ConversationCut(self.refuses, f"{host}:{port} refused the connection.")
        return Talk(self)


class Talk:
    """The server's side of a dialogue."""

    def __init__(self, postfix: Postfix) -> None:
        self.postfix, self.waiting, self.data, self.said = postfix, [GREETING], [], []

    def read_line(self) -> str:
        if not self.waiting:
            raise ConversationCut(Cut.TIMED_OUT, "127.0.0.1:25 did not answer in time.")
        return self.waiting.pop(0)

    def write_line(self, line: str) -> None:
        verb = line.partition(":")[0].partition(" ")[0].upper()
        if self.said[-1:] == ["DATA"] and line != ".":
            self.data.append(line)
            return
        self.said.append(verb)
        recorded = re.search(r"([0-9A-F]{6,}): client=", self.postfix.recording())
        usual = {
            "EHLO": CAPABILITIES,
            "DATA": ("354 End data with <CR><LF>.<CR><LF>",),
            ".": (f"250 2.0.0 Ok: queued as {recorded[1] if recorded else 'none'}",),
            "QUIT": ("221 2.0.0 Bye",),
        }
        reply = self.postfix.replies.get(verb)
        if "outside.example" in line and verb not in self.postfix.replies:
            reply = REFUSED
        if verb == "." and reply is None:
            self.postfix.take("\n".join(self.data) + "\n")
        if reply != "":
            self.waiting += [reply] if reply else usual.get(verb, ("250 2.1.0 Ok",))

    def start_tls(self, verify_as: str = "") -> str:
        raise ConversationCut(Cut.NO_TLS, "no")

    def close(self) -> None:
        self.waiting.clear()


Run = Callable[..., Finding]


def told(run: Run, machine: Postfix) -> tuple[Finding, list[Stage]]:
    """The finding and the stages of one send."""
    stages: list[Stage] = []
    return run(machine, SoFar({}, Facts()), stages.append, PATIENCE), stages


def names(stages: list[Stage], verdict: Verdict = Verdict.GOOD) -> list[str]:
    """The names of the stages with this verdict, in order."""
    return [stage.name for stage in stages if stage.verdict is verdict]


def test_a_mail_by_smtp_is_told_from_the_greeting_to_the_mailbox() -> None:
    finding, stages = told(local_mail.by_smtp, Postfix("good_smtp"))
    assert names(stages) == [
        "master", "connect", "EHLO", "MAIL FROM", "RCPT TO", "DATA", "end of data", "QUIT",
        "cleanup", "qmgr", "local", "removed", "mailbox",
    ]  # fmt: skip
    assert finding.verdict is Verdict.GOOD
    assert "/var/spool/mail/alice" in finding.what
    assert re.fullmatch(r"\s*\d+\.\d{3} s  C: EHLO localhost", stages[2].lines[0])
    assert "S: 250-SIZE 10240000" in stages[2].lines[3]
    assert [left.was_there for left in finding.left] == [False]
    seconds = [stage.seconds for stage in stages]
    assert seconds == sorted(seconds)


def test_a_mail_by_sendmail_takes_the_way_of_an_ordinary_user() -> None:
    machine = Postfix("good_sendmail")
    finding, stages = told(local_mail.by_sendmail, machine)
    assert names(stages) == ["master", "sendmail", "pickup", "cleanup", "qmgr", "local", "removed", "mailbox"]
    assert finding.verdict is Verdict.GOOD
    assert machine.arguments[0] == (("sendmail", "-i", "-N", "never", "-f", "root", "-t"), "alice")


def test_outside_mail_is_refused_by_smtp_and_comes_back_from_sendmail() -> None:
    machine = Postfix("outside_sendmail")
    finding, stages = told(local_mail.outside, machine)
    assert finding.verdict is Verdict.GOOD, finding
    assert "outside mail is not deliverable" in finding.what
    assert names(stages) == [
        "master", "connect", "EHLO", "RCPT TO", "sendmail", "pickup", "cleanup", "qmgr", "error", "removed",
        "bounce", "cleanup", "qmgr", "local", "removed", "mailbox", "notice", "queue",
    ]  # fmt: skip
    assert "-N" not in machine.arguments[0][0], "a notice is what this send is about"


FAILURES = {  # recording: how it is sent, and the stage that is named
    "aliases_missing_sendmail": (local_mail.by_sendmail, "local", "never built"),
    "alias_to_nobody": (local_mail.by_sendmail, "local", "no such user"),
    "alias_loop": (local_mail.by_sendmail, "local", "circle"),
    "mailbox_is_directory": (local_mail.by_sendmail, "local", "there is a folder"),
    "mailbox_of_another": (local_mail.by_sendmail, "local", "Permission denied"),
    "mailbox_command_fails": (local_mail.by_sendmail, "local", "command"),
    "mailbox_limit_smaller": (local_mail.by_sendmail, "local", "mailbox_size_limit"),
    "mailbox_disk_full": (local_mail.by_smtp, "local", "full"),
    "home_missing": (local_mail.by_smtp, "local", "Maildir"),
    "maildir_not_writable": (local_mail.by_smtp, "local", "Maildir"),
    "spool_missing": (local_mail.by_smtp, "local", "No such file or directory"),
    "lmtp_missing": (local_mail.by_smtp, "lmtp", "private/dovecot-lmtp"),
}


@pytest.mark.parametrize("log", FAILURES)
def test_the_first_stage_that_failed_is_named_with_what_to_do(log: str) -> None:
    run, stage, words = FAILURES[log]
    finding, stages = told(run, Postfix(log, delivers=False))
    assert finding.verdict is Verdict.BAD
    assert names(stages, Verdict.BAD)[0] == stage
    assert f"“{stage}”" in finding.what
    assert words in finding.what
    assert finding.hint
    assert finding.evidence


REFUSALS = {
    "aliases_missing_smtp": (
        "RCPT TO",
        {"RCPT": "451 4.3.0 <root@localhost>: Temporary lookup failure"},
        "aliases.lmdb",
    ),
    "message_limit_1": ("MAIL FROM", {"MAIL": "552 5.3.4 Message size exceeds fixed limit"}, "message_size_limit"),
    "queue_full": ("MAIL FROM", {"MAIL": "452 4.3.1 Insufficient system storage"}, "too little room"),
    "smtp_unknown_user": (
        "RCPT TO",
        {"RCPT": "550 5.1.1 <x>: User unknown in local recipient table"},
        "neither a user",
    ),
    "": ("EHLO", {"EHLO": ""}, "did not answer in time"),
}


@pytest.mark.parametrize("log", REFUSALS)
def test_a_refusal_by_smtp_is_named_with_its_cause(log: str) -> None:
    stage, replies, words = REFUSALS[log]
    finding, stages = told(local_mail.by_smtp, Postfix(log, delivers=False, replies=replies))
    assert finding.verdict is Verdict.BAD
    assert names(stages, Verdict.BAD) == [stage]
    assert words in finding.what


def test_a_port_that_nobody_listens_on_is_told_with_the_state_of_the_unit() -> None:
    machine = Postfix("")
    machine.refuses = Cut.REFUSED
    finding, stages = told(local_mail.by_smtp, machine)
    assert names(stages, Verdict.BAD) == ["connect"]
    assert "postfix.service: active" in finding.evidence


@pytest.mark.parametrize("run", [local_mail.by_smtp, local_mail.by_sendmail, local_mail.outside])
def test_nothing_is_sent_to_a_postfix_that_does_not_run(run: Run) -> None:
    machine = Postfix("")
    machine.is_running = False
    finding, stages = told(run, machine)
    assert [(stage.name, stage.verdict) for stage in stages] == [("master", Verdict.BAD)]
    assert "systemctl start postfix" in finding.hint
    assert not machine.arguments


def test_a_log_that_says_delivered_is_not_believed_when_the_mailbox_is_empty() -> None:
    finding, stages = told(local_mail.by_sendmail, Postfix("good_sendmail", delivers=False))
    assert finding.verdict is Verdict.BAD
    assert names(stages, Verdict.BAD) == ["mailbox"]


def test_without_a_log_the_mailbox_is_the_proof() -> None:
    machine = Postfix("good_sendmail")
    machine.readable = False
    finding, stages = told(local_mail.by_sendmail, machine)
    assert names(stages, Verdict.UNKNOWN) == ["pickup"]
    assert finding.verdict is Verdict.GOOD
    assert "journalctl" in finding.evidence


def test_without_a_log_and_without_the_mail_nothing_is_called_good() -> None:
    machine = Postfix("good_sendmail", delivers=False)
    machine.readable = False
    finding, _stages = told(local_mail.by_sendmail, machine)
    assert finding.verdict is Verdict.UNKNOWN


def test_without_a_log_the_queue_says_why_the_mail_waits_and_the_mail_is_taken_out_of_it() -> None:
    machine = Postfix("", delivers=False)
    machine.readable = False
    machine.queue = (
        b'{"queue_name": "deferred", "queue_id": "393BC97", "arrival_time": 1, "message_size": 2, "sender": "root",'
        b' "recipients": [{"address": "root@localhost", "delay_reason": "alias database unavailable"}]}\n'
    )
    finding, _stages = told(local_mail.by_sendmail, machine)
    assert finding.verdict is Verdict.BAD
    assert "alias database unavailable" in finding.what
    assert (("postsuper", "-d", "393BC97"), "") in machine.arguments


def test_a_mail_that_waits_is_taken_out_of_the_queue() -> None:
    machine = Postfix("aliases_missing_sendmail", delivers=False)
    told(local_mail.by_sendmail, machine)
    assert [argv[0][:2] for argv in machine.arguments] == [("sendmail", "-i"), ("postsuper", "-d")]


def test_waiting_ends() -> None:
    began = time.monotonic()
    finding, _stages = told(local_mail.by_sendmail, Postfix("", delivers=False))
    assert finding.verdict is not Verdict.GOOD
    assert time.monotonic() - began < PATIENCE + 5


def test_a_sendmail_that_fails_is_the_stage_that_failed() -> None:
    machine = Postfix("message_limit_1", replies={"x": "x"})
    machine.sendmail = CommandResult(75, stderr=b"sendmail: fatal: root(1000): message file too big\n")
    finding, stages = told(local_mail.by_sendmail, machine)
    assert names(stages, Verdict.BAD) == ["sendmail"]
    assert "message_size_limit" in finding.what


def test_mail_handed_to_a_command_is_not_called_arrived() -> None:
    machine = Postfix("good_sendmail", delivers=False)
    recording = machine.recording
    machine.recording = lambda: recording().replace("delivered to mailbox", "delivered to command: /bin/cat")  # type: ignore[method-assign]
    finding, _stages = told(local_mail.by_sendmail, machine)
    assert finding.verdict is Verdict.DOUBTFUL


def test_no_smtp_server_by_choice_is_not_a_failure() -> None:
    finding, _stages = told(local_mail.by_smtp, Postfix("", master_service_disable="inet"))
    assert finding.verdict is Verdict.UNKNOWN


def test_nothing_is_sent_outside_when_it_could_leave() -> None:
    machine = Postfix("", default_transport="smtp")
    finding, stages = told(local_mail.outside, machine)
    assert names(stages, Verdict.BAD) == ["default_transport"]
    assert not machine.arguments
    machine = Postfix("", replies={"RCPT": "250 2.1.5 Ok"})
    finding, stages = told(local_mail.outside, machine)
    assert names(stages, Verdict.BAD) == ["RCPT TO"]
    assert not machine.arguments, "sent by sendmail(1), it might really leave"
    assert finding.verdict is Verdict.BAD


def test_outside_mail_that_waits_is_bad() -> None:
    machine = Postfix("outside_deferred", delivers=False)
    finding, stages = told(local_mail.outside, machine)
    assert finding.verdict is Verdict.BAD
    assert names(stages, Verdict.BAD)[0] == "smtp"


def test_other_words_than_configured_are_bad() -> None:
    machine = Postfix("outside_sendmail", default_transport="error:no way", replies={"RCPT": "550 5.1.1 no way"})
    finding, stages = told(local_mail.outside, machine)
    assert finding.verdict is Verdict.BAD
    assert names(stages, Verdict.BAD) == ["error"]


def test_a_configuration_that_postfix_cannot_read_is_bad() -> None:
    machine = Postfix("")
    machine.output_of = lambda *_argv, **_more: CommandResult(1, stderr=b"postconf: fatal: master.cf: line 9\n")  # type: ignore[method-assign]
    finding, stages = told(local_mail.by_smtp, machine)
    assert finding.verdict is Verdict.BAD
    assert [stage.name for stage in stages] == ["postconf"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("error:outside mail is not deliverable", "outside mail is not deliverable"),
        ("error: outside", "outside"),
        ("error:5.7.1 nothing goes out", "nothing goes out"),
        ("error:", ""),
        ("smtp", None),
        ("errors:x", None),
    ],
)
def test_the_words_of_the_error_transport(value: str, words: str | None) -> None:
    assert words_of_refusal(value) == words


def test_each_probe_has_a_key_and_a_title() -> None:
    probes = (local_mail.send_by_smtp, local_mail.send_by_sendmail, local_mail.outside_mail_bounces)
    assert [probe.key for probe in probes] == ["send_by_smtp", "send_by_sendmail", "outside_mail_bounces"]
    assert all(probe.title for probe in probes)


def test_a_marker_tells_nothing_and_is_never_the_same() -> None:
    machine = Postfix("good_sendmail")
    told(local_mail.by_sendmail, machine)
    first = machine.message
    told(local_mail.by_sendmail, machine)
    assert first != machine.message
    assert PurePosixPath("/var/spool/mail/alice").name not in first
