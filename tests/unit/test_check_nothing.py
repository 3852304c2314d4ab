"""The proofs that nothing listens to the outside and that nothing can leave."""

import pytest

from wizard.ask.question import SoFar
from wizard.check.finding import Verdict
from wizard.check.local_mail import nothing_can_leave, nothing_listens_outside
from wizard.check.nothing_listens import is_loopback
from wizard.machine.facts import Facts
from wizard.machine.machine import CommandResult, UnitDetails
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import Trouble

SO_FAR = SoFar({}, Facts())
# ss -ltnpH while a client was served: the child stands before master.
LOOPBACK = (
    'LISTEN 0      100    127.0.0.1:25 0.0.0.0:* users:(("smtpd",pid=5784,fd=6),("master",pid=5764,fd=13))\n'
    'LISTEN 0      100        [::1]:25    [::]:* users:(("smtpd",pid=5784,fd=7),("master",pid=5764,fd=14))\n'
)
OTHERS = 'LISTEN 0      128      0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=400,fd=3))\n'
EVERYWHERE = (
    'LISTEN 0      100    0.0.0.0:25 0.0.0.0:* users:(("master",pid=5764,fd=13))\n'
    'LISTEN 0      100       [::]:25    [::]:* users:(("master",pid=5764,fd=14))\n'
)
SUBMISSION = 'LISTEN 0 100 192.0.2.5:587 0.0.0.0:* users:(("master",pid=5764,fd=20))\n'
UNSEEN = "LISTEN 0      100    0.0.0.0:25 0.0.0.0:*\n"


class Listening(PretendMachine):
    """A machine with these sockets, whose master has the number 5764."""

    def __init__(self, sockets: str, *, is_running: bool = True) -> None:
        super().__init__()
        self.sockets, self.is_running = sockets, is_running

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        if argv[0] == "ss":
            return CommandResult(0, self.sockets.encode())
        return CommandResult(0 if self.is_running else 1)

    def unit(self, name: str) -> UnitDetails:
        return UnitDetails("loaded", "active", "running", main_pid=5764) if self.is_running else UnitDetails()


@pytest.mark.parametrize(
    ("sockets", "verdict", "words"),
    [
        (LOOPBACK + OTHERS, Verdict.GOOD, "[::1]:25"),
        (OTHERS, Verdict.GOOD, "no TCP port"),
        (EVERYWHERE + OTHERS, Verdict.BAD, "0.0.0.0:25, [::]:25"),
        (LOOPBACK + SUBMISSION, Verdict.BAD, "192.0.2.5:587"),
        (UNSEEN, Verdict.UNKNOWN, "could not be told"),
    ],
)
def test_what_listens_is_judged_by_the_sockets(sockets: str, verdict: Verdict, words: str) -> None:
    finding = nothing_listens_outside.look(Listening(sockets), SO_FAR)
    assert finding.verdict is verdict
    assert words in finding.what
    assert "22" not in finding.what, "what others listen on is none of Postfix's"


def test_a_stopped_postfix_proves_nothing_and_is_to_be_started() -> None:
    finding = nothing_listens_outside.look(Listening(OTHERS, is_running=False), SO_FAR)
    assert finding.verdict is Verdict.UNKNOWN
    assert "systemctl start postfix" in finding.hint


def test_without_ss_nothing_is_said() -> None:
    machine = Listening("")

    def missing(*_argv: str, **_more: object) -> CommandResult:
        raise Trouble("The program ss is not installed.")

    machine.output_of = missing  # type: ignore[method-assign,assignment]
    finding = nothing_listens_outside.look(machine, SO_FAR)
    assert finding.verdict is Verdict.UNKNOWN
    assert "ss is not installed" in finding.evidence


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_all_of_it(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "*", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1", "localhost", ""])  # noqa: S104
def test_nothing_else_is_loopback(address: str) -> None:
    assert not is_loopback(address)


MASTER = """\
smtp       inet  n       -       n       -       -       smtpd
smtp       unix  -       -       n       -       -       smtp
relay      unix  -       -       n       -       -       smtp
error      unix  -       -       n       -       -       error
retry      unix  -       -       n       -       -       error
discard    unix  -       -       n       -       -       discard
local      unix  -       n       n       -       -       local
virtual    unix  -       n       n       -       -       virtual
lmtp       unix  -       -       n       -       -       lmtp
uucp       unix  -       n       n       -       -       pipe flags=F user=uucp argv=uux
"""
USUAL = {
    "default_transport": "error:outside mail is not deliverable",
    "local_transport": "local:localhost",
    "relay_transport": "relay",
    "virtual_transport": "virtual",
}


class Routing(PretendMachine):
    """A machine whose Postfix is set up so; `tables` are what postmap -s lists."""

    def __init__(self, tables: dict[str, str], **settings: str) -> None:
        super().__init__()
        self.tables, self.settings = tables, {**USUAL, **settings}

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        match argv:
            case ("postconf", "-M"):
                return CommandResult(0, MASTER.encode())
            case ("postconf", "-x", *names):
                return CommandResult(0, "".join(f"{name} = {self.settings.get(name, '')}\n" for name in names).encode())
            case ("postmap", "-s", table) if table in self.tables:
                return CommandResult(0, self.tables[table].encode())
            case _:
                return CommandResult(1, stderr=b"fatal: no such table\n")


CASES = [  # settings, tables, verdict, what stands in the evidence
    ({}, {}, Verdict.GOOD, "error:"),
    ({"default_transport": "smtp"}, {}, Verdict.BAD, "default_transport = smtp"),
    ({"default_transport": "discard"}, {}, Verdict.GOOD, "discard"),
    ({"default_transport": "uucp:far"}, {}, Verdict.BAD, "uucp"),
    ({"relay_domains": "a.example"}, {}, Verdict.BAD, "relay_transport = relay"),
    ({"relay_domains": "a.example", "relay_transport": "error:no"}, {}, Verdict.GOOD, ""),
    ({"virtual_mailbox_domains": "a.test", "virtual_transport": "lmtp:unix:private/lmtp"}, {}, Verdict.GOOD, ""),
    ({"virtual_mailbox_domains": "a.test", "virtual_transport": "lmtp:inet:a.example"}, {}, Verdict.BAD, "lmtp"),
    ({"content_filter": "smtp:[192.0.2.1]:25"}, {}, Verdict.BAD, "content_filter"),
    ({"transport_maps": "lmdb:/t"}, {"lmdb:/t": "a.example\tsmtp:[b.example]\n"}, Verdict.BAD, "a.example"),
    ({"transport_maps": "lmdb:/t"}, {"lmdb:/t": "a.example\terror:no\n.b.example\tlocal:\n"}, Verdict.GOOD, ""),
    ({"transport_maps": "pcre:/t"}, {}, Verdict.UNKNOWN, "pcre:/t"),
    ({"transport_maps": "lmdb:/missing"}, {}, Verdict.UNKNOWN, "lmdb:/missing"),
]


@pytest.mark.parametrize(("settings", "tables", "verdict", "evidence"), CASES)
def test_every_way_out_is_seen(
    settings: dict[str, str], tables: dict[str, str], verdict: Verdict, evidence: str
) -> None:
    finding = nothing_can_leave.look(Routing(tables, **settings), SO_FAR)
    assert finding.verdict is verdict
    assert evidence in finding.evidence


def test_a_postfix_that_cannot_be_asked_proves_nothing() -> None:
    machine = Routing({})
    machine.output_of = lambda *_argv, **_more: CommandResult(1, stderr=b"fatal: x\n")  # type: ignore[method-assign]
    assert nothing_can_leave.look(machine, SO_FAR).verdict is Verdict.UNKNOWN
