"""The open-relay self test against a server that refuses strangers, and against each form that it could let through."""

import re
from contextlib import AbstractContextManager

import pytest

from tests.unit.test_check_virtual_mail import ADDRESS, PASSWORD, PATIENCE, RELAY, WORD, Servers, Smtp
from wizard.ask.question import SoFar
from wizard.check.finding import Finding, Stage, Verdict
from wizard.check.open_relay import forms, open_relay
from wizard.machine.facts import Facts
from wizard.machine.machine import Conversation, ConversationCut, Cut, Stranger
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import Trouble
from wizard.secret import Secret


class Strict(Smtp):
    """A port that takes only what is for postmaster, or has in it what `wrong` names."""

    def recipient(self, line: str) -> str:
        wrong = self.servers.wrong
        if wrong and re.search(wrong, f"{self.port} {self.sender} {line}"):
            return "250 2.1.5 Ok"
        if self.servers.wrong == "put off":
            return "450 4.7.1 come again"
        return "250 2.1.5 Ok" if line == "RCPT TO:<postmaster>" else RELAY


class Relay(Servers):
    """A machine with such ports, which a stranger can reach."""

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        if self.wrong == "a firewall":
            raise ConversationCut(Cut.TIMED_OUT, f"{host} did not answer in time.")
        return Strict(self, port)

    def stranger(self) -> AbstractContextManager[Stranger]:
        self.converse = self.open_conversation if self.wrong != "no stranger" else None
        return PretendMachine.stranger(self)


def tried(
    wrong: str = "", aliases: dict[str, str] | None = None, **settings: str
) -> tuple[Finding, list[Stage], Relay]:
    stages: list[Stage] = []
    machine = Relay(wrong=wrong)
    machine.settings.update({"inet_interfaces": "all", **settings})
    answers = {"mail_domains": ("home.example",), "mailbox_address": ADDRESS, "mailbox_password": Secret(PASSWORD)}
    finding = open_relay(machine, SoFar(answers, Facts(mail_aliases=aliases or {})), stages.append, PATIENCE)
    assert PASSWORD not in repr((finding, stages))
    assert WORD not in repr((finding, stages))
    return finding, stages, machine


def test_a_server_that_refuses_every_form_is_good_and_is_never_given_a_message() -> None:
    finding, stages, machine = tried()
    assert finding.verdict is Verdict.GOOD, finding
    assert not [line for _port, line in machine.said if line.upper().startswith("DATA")]
    recipients = [stage.name for stage in stages]
    for place in ("198.18.0.1", "2001:2::1"):
        for form in ("percent hack", "bang path", "quoted source route", "null sender", "postmaster without a domain"):
            assert any(name.startswith(f"{place}: {form}") for name in recipients), (place, form)
        assert f"{place}:587: foreign sender with a login" in recipients
    assert all(any("RFC" in line or "postconf(5)" in line for line in stage.lines) for stage in stages[1:])


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (r"^25 .*<someone@outside", "plain address"),
        (r"^25 .*FROM:<> ", "null sender"),
        (r"^25 .*FROM:<postmaster@", "sender of ours"),
        (r"^25 .*%outside.example@mail.home", "percent hack, mail.home.example"),
        (r"^25 .*%outside.example@\[198", "percent hack, [198.18.0.1]"),
        (r"^25 .*outside.example!someone>", "bang path"),
        (r"^25 .*TO:<someone@outside.example@home", "@ in the local part, home.example"),
        (r'^25 .*TO:<"someone@outside.example">', "quoted, without a domain"),
        (r'^25 .*TO:<"someone@outside.example"@', "quoted @, home.example"),
        (r"^25 .*TO:<@home.example:", "source route, home.example"),
        (r'^25 .*TO:<"@outside', "quoted source route, home.example"),
        (r"^587 .*stranger", "587: without a login"),
        (r"^587 .*stranger", "587: foreign sender with a login"),
    ],
)
def test_a_form_that_is_taken_makes_it_an_open_relay_and_is_named(wrong: str, named: str) -> None:
    finding, _stages, _machine = tried(wrong)
    assert finding.verdict is Verdict.BAD
    assert named in finding.what
    assert "port 25" in finding.hint


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("a firewall", "did not answer in time"),
        ("put off", "Neither taken nor refused"),
        ("no stranger", "no stranger"),
    ],
)
def test_what_cannot_be_told_is_neither_good_nor_bad(wrong: str, said: str) -> None:
    finding, _stages, _machine = tried(wrong)
    assert finding.verdict is Verdict.UNKNOWN
    assert said in f"{finding.what} {finding.evidence}"


def test_a_kind_of_address_that_is_not_served_is_not_tried() -> None:
    _finding, stages, _machine = tried(inet_protocols="ipv4")
    assert not [stage for stage in stages if "2001:" in stage.name]


def test_where_only_loopback_listens_nothing_is_called_good() -> None:
    finding, _stages, _machine = tried(inet_interfaces="127.0.0.1, ::1")
    assert finding.verdict is Verdict.UNKNOWN


def test_a_domain_of_which_every_address_is_somebodys_is_not_mistaken_for_a_relay() -> None:
    finding, stages, _machine = tried(r"@home.example>", aliases={"@home.example": ADDRESS})
    assert finding.verdict is Verdict.GOOD
    assert not [stage for stage in stages if stage.name.endswith(", home.example")]


def test_each_form_is_written_once_and_has_its_source() -> None:
    written = list(forms(("box.test", "home.example"), "192.0.2.1"))
    assert len({(form.sender, form.recipient) for form in written}) == len(written)
    assert all(form.source for form in written)


def test_a_pretended_machine_without_a_network_has_no_stranger() -> None:
    with pytest.raises(Trouble, match="no network"), PretendMachine().stranger():
        pass
