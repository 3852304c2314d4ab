"""Signing: keys by their names, the selector that stays, and what each program is told."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from profiles.virtual_mail import PROFILE
from tests.answers.machines import FRESH
from tests.unit.test_virtual_mail import answered, parameters
from wizard.ask.question import SoFar
from wizard.machine.dkim_keys import dkim_keys, public_keys
from wizard.machine.facts import Facts
from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_dkim_key import MakeDkimKey
from wizard.steps.write_file import WriteFile
from wizard.syntax.dkim import DkimKey, key_of, public_part

PUBLIC = "-----BEGIN PUBLIC KEY-----\nTUlJ\nQklq\n-----END PUBLIC KEY-----\n"
P = PurePosixPath


def files(so_far: SoFar) -> dict[str, str]:
    steps = [step for step in PROFILE.desired(so_far) if isinstance(step, WriteFile)]
    return {str(step.path): step.content.decode() for step in steps}


@pytest.mark.parametrize("name", ["s1._domainkey.a.example.key", "2026.mail._domainkey.b.a.example.key"])
def test_a_key_is_known_by_the_name_of_its_file(name: str) -> None:
    key = key_of(name)
    assert key is not None
    assert key.path == P("/etc/dkim") / name
    assert key.name == name.removesuffix(".key")


@pytest.mark.parametrize("name", ["", "opendkim", "s1.key", "s1._domainkey.a.example", "_domainkey.a.key"])
def test_other_files_are_no_keys(name: str) -> None:
    assert key_of(name) is None


def test_the_public_part_is_told_and_what_is_no_key_is_passed_over() -> None:
    machine = PretendMachine(
        outputs={"openssl pkey -pubout -passin stdin -in /etc/dkim/s1._domainkey.a.example.key": PUBLIC}
    )
    for name in ("s1._domainkey.a.example.key", "s1._domainkey.broken.example.key", "other"):
        machine.lay(P("/etc/dkim") / name, FileState(content=b"-----BEGIN PRIVATE KEY-----\n"))
    assert dkim_keys(machine) == (DkimKey("s1", "a.example"), DkimKey("s1", "broken.example"))
    (found,) = public_keys(machine)
    assert found.key == DkimKey("s1", "a.example")
    assert found.record == "v=DKIM1; k=rsa; p=TUlJQklq"
    assert public_part("-----BEGIN PRIVATE KEY-----\nTUlJ\n-----END PRIVATE KEY-----\n") == ""


def test_the_selector_is_the_month_at_first_and_stays_afterwards() -> None:
    first = answered(replace(FRESH, month="202611"))
    assert first.text("dkim_selector") == "202611"
    used = (DkimKey("202601", "home.example"), DkimKey("other", "elsewhere.example"))
    assert answered(replace(FRESH, month="202611", dkim_keys=used)).text("dkim_selector") == "202601"


def test_who_has_opendkim_already_is_proposed_to_keep_it() -> None:
    assert answered(FRESH).text("signing") == "rspamd"
    assert answered(replace(FRESH, packages={"opendkim": "2.11"})).text("signing") == "opendkim"


@pytest.mark.parametrize(("program", "milters"), [
    ("rspamd", "inet:127.0.0.1:11332"), ("opendkim", "inet:127.0.0.1:8891, inet:127.0.0.1:8893"),
])  # fmt: skip
def test_each_domain_has_a_key_and_postfix_asks_the_program(program: str, milters: str) -> None:
    so_far = answered(FRESH, signing=program, mail_domains=("Home.example", "club.example"), dkim_selector="S1")
    keys = [step for step in PROFILE.desired(so_far) if isinstance(step, MakeDkimKey)]
    assert [str(key.path) for key in keys] == [
        "/etc/dkim/s1._domainkey.home.example.key", "/etc/dkim/s1._domainkey.club.example.key",
    ]  # fmt: skip
    assert {key.group for key in keys} == {program}
    wanted = parameters(so_far)
    assert wanted["smtpd_milters"] == milters
    assert wanted["non_smtpd_milters"] == "$smtpd_milters"
    assert wanted["milter_default_action"] == "tempfail"


def test_without_a_signer_nothing_of_it_is_wanted() -> None:
    so_far = answered(FRESH, signing="none")
    assert "dkim_selector" not in so_far.answers
    assert "smtpd_milters" not in parameters(so_far)
    installed = next(step for step in PROFILE.desired(so_far) if isinstance(step, InstallPackages))
    assert not {"rspamd", "opendkim", "opendmarc"} & set(installed.packages)


def test_mail_is_refused_only_where_that_was_chosen() -> None:
    marks, refuses = (answered(FRESH, unauthenticated_mail=answer) for answer in ("mark", "reject"))
    assert "reject" not in files(marks)["/etc/rspamd/local.d/dmarc.conf"].partition("\n")[2]
    assert 'reject = "reject";' in files(refuses)["/etc/rspamd/local.d/dmarc.conf"]
    old = answered(FRESH, unauthenticated_mail="reject", signing="opendkim")
    assert "RejectFailures              true" in files(old)["/etc/opendmarc/opendmarc.conf"]


def test_opendkim_finds_the_key_of_each_address() -> None:
    so_far = answered(Facts(host_name="box.home.example"), signing="opendkim", mail_domains=("club.example",),
                      mailbox_address="taro@club.example", dkim_selector="s1")  # fmt: skip
    written = files(so_far)
    assert "*@club.example club.example\n" in written["/etc/dkim/opendkim/signing_table"]
    line = "club.example club.example:s1:/etc/dkim/s1._domainkey.club.example.key\n"
    assert line in written["/etc/dkim/opendkim/key_table"]


def test_the_records_of_the_keys_are_among_those_that_the_dns_shall_have() -> None:
    machine = PretendMachine(
        outputs={"openssl pkey -pubout -passin stdin -in /etc/dkim/s1._domainkey.home.example.key": PUBLIC}
    )
    machine.lay(P("/etc/dkim/s1._domainkey.home.example.key"), FileState(content=b"-----BEGIN PRIVATE KEY-----\n"))
    so_far = answered(FRESH, mail_domains=("home.example",), dkim_selector="s1")
    assert PROFILE.dns_needs is not None
    found = [key for needs in PROFILE.dns_needs(machine, so_far) for key in needs.dkim_keys]
    assert [(key.selector, key.domain, key.public) for key in found] == [
        ("s1", "home.example", "v=DKIM1; k=rsa; p=TUlJQklq")
    ]
    without = answered(FRESH, mail_domains=("home.example",), signing="none")
    assert not any(needs.dkim_keys for needs in PROFILE.dns_needs(machine, without))
