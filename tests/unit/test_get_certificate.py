"""A certificate by ACME: what is asked, what certbot is told, what its words become, and what stays."""

from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

import pytest

from tests.answers.machines import FRESH, PACKAGED
from tests.unit.test_virtual_mail import PROFILE, QUESTIONS, answered, parameters, refusal
from tests.unit.with_openssl import openssl
from wizard.ask.question import Answer, SoFar
from wizard.machine.certbot_output import read_reason, read_server
from wizard.machine.facts import Listener
from wizard.machine.machine import CommandResult, FileState
from wizard.machine.pretend_commands import PRETENDED_CERTIFICATE, PRETENDED_KEY
from wizard.machine.pretend_machine import PretendMachine
from wizard.parts.encryption import INTERMEDIATE
from wizard.problem import Trouble
from wizard.steps.get_certificate import GetCertificate
from wizard.steps.install_packages import InstallPackages
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile

P = PurePosixPath
NAME = "mail.example.org"
SERVER = "https://acme.example/directory"
LIVE = P("/etc/letsencrypt/live") / NAME
STEP = GetCertificate(host_name=NAME, server=SERVER, why="w")
HOOK = P("/etc/letsencrypt/renewal-hooks/deploy/postwizard")


def by_acme(**given: Answer) -> SoFar:
    return answered(FRESH, certificate="acme", acme_terms="agreed", hostname=NAME, **given)


def steps_of(so_far: SoFar) -> tuple[Step, ...]:
    return PROFILE.desired(so_far)


class WithCertbot(PretendMachine):
    """A machine whose certbot(1) leaves an account behind and ends in this way."""

    ended: CommandResult | None = None

    def run(self, *argv: str, **given: object) -> CommandResult:  # type: ignore[override]
        if argv[0] == "certbot" and self.ended is not None:
            self.commands.append(argv)
            self.lay(P("/etc/letsencrypt/accounts/key.json"), FileState(content=b"key", mode=0o400))
            self.lay(P("/var/log/letsencrypt/letsencrypt.log"), FileState(content=b"log"))
            return self.ended
        return super().run(*argv, **given)  # type: ignore[arg-type]


def test_certbot_is_told_all_that_was_answered_and_asks_nothing_itself() -> None:
    machine = PretendMachine()
    STEP.apply(machine)
    (argv,) = machine.commands
    assert argv[:4] == ("certbot", "certonly", "--non-interactive", "--agree-tos")
    assert ("--server", SERVER) in pairwise(argv)
    assert ("--domain", NAME) in pairwise(argv)
    assert {"--standalone", "--register-unsafely-without-email"} <= {*argv}
    assert "--force-renewal" not in argv
    machine = PretendMachine()
    replace(STEP, contact="me@example.org", webroot=P("/srv/http")).apply(machine)
    (argv,) = machine.commands
    assert ("--email", "me@example.org") in pairwise(argv)
    assert ("--webroot-path", "/srv/http") in pairwise(argv)
    assert "--standalone" not in argv


def test_one_that_certbot_has_already_is_used_and_one_of_another_server_is_replaced() -> None:
    machine = PretendMachine()
    STEP.apply(machine)
    assert STEP.differs(machine) == frozenset()
    assert STEP.preview(machine) == ""
    other = replace(STEP, server="https://other.example/directory")
    assert other.differs(machine)
    assert "https://other.example/directory" in other.preview(machine)
    other.apply(machine)
    assert "--force-renewal" in machine.commands[-1]
    assert other.verify(machine) is None
    assert STEP.verify(machine) is not None


def test_a_certificate_that_cannot_be_used_does_not_count() -> None:
    machine = PretendMachine()
    STEP.apply(machine)
    machine.lay(LIVE / "fullchain.pem", FileState(content=PRETENDED_CERTIFICATE.format(name="other.example").encode()))
    assert STEP.differs(machine)
    assert "is not for" in str(STEP.verify(machine))
    machine.lay(LIVE / "fullchain.pem", FileState(content=PRETENDED_CERTIFICATE.format(name=NAME).encode()))
    assert STEP.differs(machine) == frozenset()
    machine.lay(LIVE / "privkey.pem", FileState(content=PRETENDED_KEY, mode=0o644))
    assert "Others than root can read" in str(STEP.verify(machine))


def test_when_none_comes_the_reason_is_told_and_nothing_is_left_but_what_was_there() -> None:
    machine = WithCertbot()
    machine.lay(P("/etc/letsencrypt/accounts/other.json"), FileState(content=b"other"))
    machine.ended = CommandResult(
        1, b"", b"Saving debug log to /x\nThe server is out of ink.\nAsk for help or search\n"
    )
    step = STEP.needed_after(frozenset(), machine)
    before = machine.manifest((P("/"),))
    inverse = step.inverse(machine)
    assert inverse is not None
    with pytest.raises(Trouble, match="The server is out of ink") as caught:
        step.apply(machine)
    assert "Ask for help" not in caught.value.problem.what
    assert machine.file(P("/etc/letsencrypt/accounts/key.json")) is not None
    inverse.apply(machine)
    left = machine.manifest((P("/"),))
    assert left.keys() - {P("/var"), P("/var/log")} == before.keys() - {P("/var"), P("/var/log")}


def test_words_of_the_server_are_found_among_those_of_certbot() -> None:
    said = """Saving debug log to /var/log/letsencrypt/letsencrypt.log
Requesting a certificate for box.example

Certbot failed to authenticate some domains (authenticator: standalone). The Certificate Authority reported these problems:
  Domain: box.example
  Type:   dns
  Detail: DNS problem: NXDOMAIN looking up A for box.example

Hint: The Certificate Authority failed to download the challenge files.

Some challenges have failed.
"""  # noqa: E501
    assert read_reason(said) == "box.example: DNS problem: NXDOMAIN looking up A for box.example (dns)"
    taken = "Could not bind TCP port 80 because it is already in use by another process on this system."
    assert read_reason(f"Saving debug log to /x\nRequesting a certificate for a\n{taken}\n") == taken
    assert read_reason("Some challenges have failed.\n") == "Some challenges have failed."
    assert read_server("[renewalparams]\naccount = 1\nserver = https://a.example/dir\n") == "https://a.example/dir"
    assert read_server("") == ""


def test_the_profile_gets_it_renews_it_and_reloads_what_shows_it() -> None:
    steps = steps_of(by_acme(acme_server=SERVER, acme_contact="me@example.org"))
    assert any(isinstance(step, InstallPackages) and "certbot" in step.packages for step in steps)
    got = next(step for step in steps if isinstance(step, GetCertificate))
    assert (got.host_name, got.server, got.contact, got.webroot) == (NAME, SERVER, "me@example.org", None)
    hook = next(step for step in steps if isinstance(step, WriteFile) and step.path == HOOK)
    assert (hook.mode, hook.owner) == (0o755, "root")
    assert hook.content.startswith(b"#!/bin/sh\n")
    assert f'"{LIVE}"'.encode() in hook.content
    assert any(isinstance(step, SetService) and step.unit == "certbot-renew.timer" for step in steps)
    assert parameters(by_acme())["smtpd_tls_chain_files"] == f"{LIVE}/privkey.pem, {LIVE}/fullchain.pem"


def test_a_certificate_of_ones_own_that_certbot_renews_is_shown_when_renewed() -> None:
    own = answered(FRESH, certificate="own", certificate_file=f"{LIVE}/fullchain.pem", key_file=f"{LIVE}/privkey.pem")
    steps = steps_of(own)
    assert any(isinstance(step, WriteFile) and step.path == HOOK for step in steps)
    assert not any(isinstance(step, GetCertificate) for step in steps)
    elsewhere = answered(FRESH, certificate="own", certificate_file="/etc/ssl/a.pem", key_file="/etc/ssl/a.key")
    assert not any(isinstance(step, WriteFile) and step.path == HOOK for step in steps_of(elsewhere))
    assert not any("certbot" in str(step.title) for step in steps_of(answered(FRESH)))


def test_the_terms_are_agreed_to_by_nobody_but_the_user() -> None:
    so_far = answered(FRESH, certificate="acme")
    assert so_far.text("acme_terms") == "not_agreed"
    assert "agreement" in refusal(so_far, "acme_terms")
    assert refusal(by_acme(), "acme_terms") == ""


@pytest.mark.parametrize(
    ("server", "is_taken"),
    [
        ("https://acme-v02.api.letsencrypt.org/directory", True),
        ("https://localhost:14000/dir", True),
        ("https://[2001:db8::1]:14000/dir", True),
        ("http://acme.example/directory", False),
        ("acme.example", False),
        ("https://", False),
        ("https:///directory", False),
        ("https://acme.example/a b", False),
        ("https://acme.example:port/", False),
        ("https://acme.example/\u2028", False),
    ],
)
def test_an_acme_server_is_reached_over_https_alone(server: str, is_taken: bool) -> None:
    assert (refusal(by_acme(acme_server=server), "acme_server") == "") is is_taken


def test_where_port_80_is_taken_its_web_server_shall_answer() -> None:
    with_web = replace(PACKAGED, listeners=(Listener("0.0.0.0", 80, "nginx", 7, "nginx.service"),))  # noqa: S104
    so_far = answered(with_web, certificate="acme", acme_terms="agreed")
    assert so_far.text("acme_challenge") == "webroot"
    assert so_far.text("acme_webroot") == "/srv/http"
    taken = answered(with_web, certificate="acme", acme_terms="agreed", acme_challenge="standalone")
    assert "nginx.service" in refusal(taken, "acme_challenge")
    assert by_acme().text("acme_challenge") == "standalone"
    assert "acme_webroot" not in by_acme().answers
    assert QUESTIONS["acme_contact"].when(by_acme())


def test_mail_goes_out_with_tls_where_it_can_or_not_at_all() -> None:
    assert parameters(answered(FRESH))["smtp_tls_security_level"] == "may"
    wanted = parameters(answered(FRESH, outgoing_tls="encrypt"))
    assert wanted["smtp_tls_security_level"] == "encrypt"
    assert wanted["smtp_tls_mandatory_protocols"] == ">=TLSv1.2"


def test_what_is_left_of_the_high_ciphers_is_what_mozilla_calls_intermediate() -> None:
    wanted = parameters(answered(FRESH))
    assert wanted["smtpd_tls_mandatory_ciphers"] == "high"
    # postconf(5): tls_high_cipherlist of Postfix 3.11; each excluded word is added with a `!` before it.
    high = "aNULL:-aNULL:HIGH:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5"
    excluded = ":".join(f"!{word}" for word in wanted["smtpd_tls_mandatory_exclude_ciphers"].split(", "))
    left = openssl("ciphers", "-tls1_2", "-s", f"{high}:{excluded}:@SECLEVEL=0").text.strip().split(":")
    assert {*left} == {*INTERMEDIATE}
