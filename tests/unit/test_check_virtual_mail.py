"""The test sends of virtual mail against servers that do right, and against each thing that they could do wrong."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.unit.test_check_mailbox import MailMachine
from wizard.ask.question import Answer, SoFar
from wizard.check import virtual_mail
from wizard.check.finding import Finding, Stage, Verdict
from wizard.machine.facts import Facts
from wizard.machine.machine import CommandResult, Conversation, ConversationCut, Cut, UnitDetails
from wizard.secret import Secret

PATIENCE = 0.4
ADDRESS, PASSWORD = "taro@home.example", "correct horse battery"
HOME = "/var/vmail/home.example/taro"
WORD = base64.b64encode(f"\0{ADDRESS}\0{PASSWORD}".encode()).decode()
UNKNOWN = "550 5.1.1 <x>: Recipient address rejected: User unknown in virtual mailbox table"
RELAY = "554 5.7.1 <someone@outside.example>: Relay access denied"
Run = Callable[..., Finding]


@dataclass
class Servers(MailMachine):
    """Postfix and Dovecot that do right, but for what `wrong` names."""

    wrong: str = ""
    said: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(
            myhostname="mail.home.example", mydestination="localhost", inet_protocols="all", default_transport="smtp"
        )

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        match argv:
            case ("journalctl", *_words):
                return CommandResult(0, b'{"__CURSOR":"s=1"}\n')
            case ("postmap", "-q", key, table):
                if self.wrong == "postmap":
                    return CommandResult(1)
                found = ADDRESS if "aliases" in table or "senders" in table else key
                return CommandResult(0, f"{found}\n".encode())
            case ("doveadm", "user", *words):
                if self.wrong == "doveadm":
                    return CommandResult(67, stderr=b"user doesn't exist\n")
                return CommandResult(0, f"{HOME}\n".encode() if "home" in words else b"uid\tvmail\n")
            case ("postfix" | "postqueue" | "ss", *_words):
                return CommandResult(0)
            case _:
                return super().output_of(*argv, stdin=stdin, timeout=timeout)

    def unit(self, name: str) -> UnitDetails:
        return UnitDetails("loaded", "active", "running", main_pid=7)

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        if self.wrong == f"closed {port}":
            raise ConversationCut(Cut.REFUSED, f"{host}:{port} refused the connection.")
        return Imap(self) if port == 993 else Smtp(self, port)


class Smtp:
    """One of the three ports of SMTP."""

    def __init__(self, servers: Servers, port: int) -> None:
        self.servers, self.port, self.waiting = servers, port, ["220 mail.home.example ESMTP Postfix"]
        self.in_tls, self.data, self.lines, self.sender = False, False, list[str](), ""

    def read_line(self) -> str:
        if not self.waiting:
            raise ConversationCut(Cut.TIMED_OUT, "no answer in time.")
        return self.waiting.pop(0)

    def write_line(self, line: str) -> None:
        self.servers.said.append((self.port, line))
        if self.data:
            self.lines.append(line)
            if line == ".":
                self.data = False
                content = "\n".join(self.lines[:-1]).encode()
                if self.servers.wrong != "delivery":
                    self.servers.put(f"{HOME}/Maildir/new/{len(self.servers.said)}.M1.mail", content)
                self.waiting.append("250 2.0.0 Ok: queued as 4B3ACD1908")
            return
        verb = line.partition(":")[0].partition(" ")[0].upper()
        self.waiting += self.answers(verb, line)
        self.data = verb == "DATA"

    def answers(self, verb: str, line: str) -> list[str]:
        wrong = self.servers.wrong
        match verb:
            case "EHLO":
                offers_login = self.port != 25 and (self.in_tls or wrong == "login in clear")
                return ["250-mail", *(("250-AUTH PLAIN LOGIN",) if offers_login else ()), "250-DSN", "250 CHUNKING"]
            case "STARTTLS":
                return ["454 4.7.0 TLS not available" if wrong == "no TLS" else "220 2.0.0 Ready to start TLS"]
            case "AUTH":
                right = line.endswith(WORD) or wrong == "any password"
                return ["235 2.7.0 Authentication successful" if right else "535 5.7.8 Error: authentication failed"]
            case "MAIL":
                self.sender = line
                return ["250 2.1.0 Ok"]
            case "RCPT":
                return [self.recipient(line)]
            case "DATA":
                return ["354 End data with <CR><LF>.<CR><LF>"]
            case "QUIT":
                return ["221 2.0.0 Bye"]
            case _:
                return ["250 2.0.0 Ok"]

    def recipient(self, line: str) -> str:
        if self.port != 25:
            is_other = "nobody" in self.sender and self.servers.wrong != "any sender"
            return "553 5.7.1 <x>: Sender address rejected: not owned by user" if is_other else "250 2.1.5 Ok"
        if "outside.example" in line:
            return "250 2.1.5 Ok" if self.servers.wrong == "open relay" else RELAY
        if "nobody" in line:
            return {"any user": "250 2.1.5 Ok", "unsure": "450 4.1.1 try later"}.get(self.servers.wrong, UNKNOWN)
        return "250 2.1.5 Ok"

    def start_tls(self, verify_as: str = "") -> str:
        self.in_tls = True
        return "TLSv1.3"

    def close(self) -> None:
        self.waiting.clear()


class Imap:
    """The port of IMAP."""

    def __init__(self, servers: Servers) -> None:
        self.servers, self.waiting = servers, ["* OK ready"]

    def read_line(self) -> str:
        if not self.waiting:
            raise ConversationCut(Cut.TIMED_OUT, "no answer in time.")
        return self.waiting.pop(0)

    def write_line(self, line: str) -> None:
        self.servers.said.append((993, line))
        tag, verb, *_rest = line.split(" ")
        right = f'"{PASSWORD}"' in line or verb != "LOGIN" or self.servers.wrong == "any password"
        if verb == "EXAMINE" and self.servers.wrong == "no INBOX":
            self.waiting.append(f"{tag} NO no such mailbox")
            return
        self.waiting += [f"{tag} OK done" if right else f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed."]

    def start_tls(self, verify_as: str = "") -> str:
        return "TLSv1.3"

    def close(self) -> None:
        self.waiting.clear()


def told(run: Run, machine: Servers, password: str = PASSWORD) -> tuple[Finding, list[Stage]]:
    answers: dict[str, Answer] = {
        "mail_domains": ("home.example",),
        "mailbox_address": ADDRESS,
        "mailbox_password": Secret(password),
        "role_mail_to": ADDRESS,
    }
    stages: list[Stage] = []
    finding = run(machine, SoFar(answers, Facts()), stages.append, PATIENCE)
    shown = repr(finding) + repr(stages)
    assert PASSWORD not in shown
    assert WORD not in shown
    return finding, stages


RUNS = (virtual_mail.to_mailbox, virtual_mail.by_submission, virtual_mail.by_imap, virtual_mail.refusals)


@pytest.mark.parametrize("run", [virtual_mail.by_imap, virtual_mail.refusals])
def test_servers_that_do_right_are_found_good(run: Run) -> None:
    finding, _stages = told(run, Servers())
    assert finding.verdict is Verdict.GOOD, finding


@pytest.mark.parametrize(
    ("run", "wrong", "stage"),
    [
        (virtual_mail.refusals, "open relay", "relay"),
        (virtual_mail.refusals, "any user", "unknown user"),
        (virtual_mail.refusals, "unsure", "unknown user"),
        (virtual_mail.refusals, "closed 25", "connect"),
        (virtual_mail.by_submission, "any password", "wrong password"),
        (virtual_mail.by_submission, "login in clear", "EHLO"),
        (virtual_mail.by_submission, "no TLS", "STARTTLS"),
        (virtual_mail.by_submission, "any sender", "other sender"),
        (virtual_mail.by_submission, "closed 587", "connect"),
        (virtual_mail.by_submission, "delivery", "mailbox"),
        (virtual_mail.by_submission, "doveadm", "doveadm"),
        (virtual_mail.by_imap, "any password", "wrong password"),
        (virtual_mail.by_imap, "no INBOX", "EXAMINE"),
        (virtual_mail.by_imap, "closed 993", "connect"),
        (virtual_mail.to_mailbox, "delivery", "mailbox"),
        (virtual_mail.to_mailbox, "doveadm", "doveadm"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(run: Run, wrong: str, stage: str) -> None:
    finding, stages = told(run, Servers(wrong=wrong))
    assert finding.verdict is Verdict.BAD, finding
    assert f"“{stage}”" in finding.what
    assert finding.hint
    assert any(told.name == stage and told.verdict is Verdict.BAD for told in stages)


@pytest.mark.parametrize("run", [virtual_mail.by_submission, virtual_mail.by_imap])
def test_without_the_password_only_the_refusal_is_tried_and_it_is_never_called_good(run: Run) -> None:
    machine = Servers()
    finding, _stages = told(run, machine, password="")
    assert finding.verdict is Verdict.UNKNOWN
    assert not any(WORD in line for _port, line in machine.said)


def test_a_login_is_only_ever_tried_in_tls() -> None:
    machine = Servers()
    told(virtual_mail.by_submission, machine)
    lines = [line for port, line in machine.said if port == 587]
    assert "STARTTLS" in lines[: next(place for place, line in enumerate(lines) if line.startswith("AUTH"))]


def test_what_cannot_be_looked_up_is_said_with_what_was_asked() -> None:
    so_far = SoFar({"mail_domains": ("home.example",), "mailbox_address": ADDRESS, "role_mail_to": ADDRESS}, Facts())
    good = virtual_mail.look_up_accounts(Servers(), so_far)
    assert good.verdict is Verdict.GOOD
    assert re.search(r"postmap -q taro@home.example proxy:sqlite:/etc/postfix/sqlite/mailboxes.cf", good.evidence)
    for wrong in ("postmap", "doveadm"):
        assert virtual_mail.look_up_accounts(Servers(wrong=wrong), so_far).verdict is Verdict.BAD
