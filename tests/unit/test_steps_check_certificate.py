"""A certificate that cannot be used is refused before anything changes, each fault with its own words."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.with_openssl import CERTIFICATE, KEY, WithOpenssl, certificate_for, new_key, openssl, with_files
from wizard.machine.machine import FileState
from wizard.machine.openssl_output import is_named
from wizard.plan.make_plan import make_plan
from wizard.problem import BadInput, Trouble
from wizard.steps.check_certificate import CheckCertificate

NAME = "mail.example.org"
STEP = CheckCertificate(host_name=NAME, certificate=CERTIFICATE, key=KEY, why="w")


def refused(machine: WithOpenssl, what: str) -> None:
    assert STEP.differs(machine)
    with pytest.raises(BadInput, match=what) as caught:
        STEP.preview(machine)
    assert caught.value.problem.hint
    with pytest.raises(Trouble, match=what):
        STEP.apply(machine)


@pytest.fixture
def key() -> bytes:
    return new_key()


@pytest.fixture
def good(key: bytes, tmp_path: Path) -> WithOpenssl:
    return with_files(certificate_for(NAME, tmp_path, key), key)


class Chain:
    """A server's certificate, issued by one that a root issued; and one of the same name that signed nothing."""

    def __init__(self, folder: Path, key: bytes) -> None:
        of_root, of_middle, of_other = new_key(), new_key(), new_key()
        self.root = certificate_for("root", folder, of_root, is_ca=True, names="")
        self.middle = certificate_for("mid", folder, of_middle, issuer=(self.root, of_root), is_ca=True, names="")
        self.other = certificate_for("mid", folder, of_other, issuer=(self.root, of_root), is_ca=True, names="")
        self.own = certificate_for(NAME, folder, key, issuer=(self.middle, of_middle))
        # RFC 5280, section 4.1.2.6: the subject may be empty where the names are elsewhere; ACME servers do it so.
        self.nameless = certificate_for(NAME, folder, key, issuer=(self.middle, of_middle), subject="/")


@pytest.fixture
def chain(key: bytes, tmp_path: Path) -> Chain:
    return Chain(tmp_path, key)


def test_one_that_can_be_used_leaves_nothing_to_do(good: WithOpenssl) -> None:
    assert STEP.problem(good) is None
    assert STEP.preview(good) == ""
    assert STEP.cautions(good) == ()
    plan = make_plan((STEP,), good)
    assert (plan.steps, plan.notes) == ((), ())


def test_what_is_no_certificate_or_no_key_is_refused(good: WithOpenssl, key: bytes) -> None:
    good.lay(KEY, FileState(content=b"no key\n", mode=0o600))
    refused(good, "not a key in PEM form, or is encrypted")
    encrypted = openssl("pkey", "-aes128", "-passout", "pass:word", stdin=key).stdout
    good.lay(KEY, FileState(content=encrypted, mode=0o600))
    refused(good, "not a key in PEM form, or is encrypted")
    good.lay(CERTIFICATE, FileState(content=b"no certificate\n"))
    refused(good, "not a certificate")


def test_a_key_of_another_certificate_is_refused(good: WithOpenssl) -> None:
    good.lay(KEY, FileState(content=new_key(), mode=0o600))
    refused(good, "is not that of")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_read_or_that_is_not_there_is_refused(good: WithOpenssl, mode: int) -> None:
    state = good.file(KEY)
    assert state is not None
    good.lay(KEY, replace(state, mode=mode))
    refused(good, "Others than root can read")
    good.lay(KEY, replace(state, owner=1000))
    refused(good, "Others than root can read")
    good.remove(KEY)
    refused(good, "There is no file")


def test_a_certificate_that_others_can_change_is_refused(good: WithOpenssl) -> None:
    state = good.file(CERTIFICATE)
    assert state is not None
    good.lay(CERTIFICATE, replace(state, mode=0o664))
    refused(good, "Others than root can change")


def test_one_that_is_over_is_refused_and_one_that_soon_will_be_is_told(key: bytes, tmp_path: Path) -> None:
    refused(with_files(certificate_for(NAME, tmp_path, key, days=-1), key), "is over")
    soon = with_files(certificate_for(NAME, tmp_path, key, days=13), key)
    assert STEP.problem(soon) is None
    (said,) = make_plan((STEP,), soon).notes
    assert "within 14 days" in said
    later = with_files(certificate_for(NAME, tmp_path, key, days=15), key)
    assert STEP.cautions(later) == ()


@pytest.mark.parametrize("names", ["DNS:other.example.org", "DNS:*.mail.example.org", "DNS:*.org", ""])
def test_one_for_another_name_is_refused_and_a_common_name_does_not_count(
    names: str, key: bytes, tmp_path: Path
) -> None:
    refused(with_files(certificate_for(NAME, tmp_path, key, names=names), key), f"is not for {NAME}")


@pytest.mark.parametrize("names", ["DNS:a.example, DNS:Mail.Example.org", "DNS:*.example.org"])
def test_any_of_its_names_may_be_that_of_the_machine(names: str, key: bytes, tmp_path: Path) -> None:
    assert STEP.problem(with_files(certificate_for("a.example", tmp_path, key, names=names), key)) is None


@pytest.mark.parametrize(
    ("host", "names", "fits"),
    [
        ("mail.example.org", ("mail.example.org",), True),
        ("MAIL.example.org", ("mail.example.org",), True),
        ("mail.example.org", ("*.example.org",), True),
        ("a.mail.example.org", ("*.example.org",), False),
        ("example.org", ("*.example.org",), False),
        ("mail.example.org", ("m*.example.org",), False),
        ("mail.example.org", ("mail.*.org",), False),
        ("example.org", ("*.org",), False),
        ("mail.example.org", ("*",), False),
        ("mail.example.org", (), False),
    ],
)
def test_a_wildcard_stands_for_the_first_label_and_no_more(host: str, names: tuple[str, ...], fits: bool) -> None:
    assert is_named(host, names) is fits


def test_a_chain_is_taken_with_its_issuers_in_order(chain: Chain, key: bytes) -> None:
    for own, *issuers in (
        (chain.own, chain.middle),
        (chain.own, chain.middle, chain.root),
        (chain.nameless, chain.middle),
    ):
        machine = with_files(b"".join((own, *issuers)), key)
        assert STEP.problem(machine) is None
        assert STEP.cautions(machine) == ()


def test_a_chain_out_of_order_or_with_a_wrong_issuer_is_refused(chain: Chain, key: bytes) -> None:
    for issuers in ((chain.root, chain.middle), (chain.root,), (chain.other,), (chain.middle, chain.middle)):
        refused(with_files(b"".join((chain.own, *issuers)), key), "are no chain")
    refused(with_files(chain.middle + chain.own, key), "is not that of")


def test_one_without_its_issuer_is_taken_and_told(chain: Chain, key: bytes) -> None:
    machine = with_files(chain.own, key)
    assert STEP.problem(machine) is None
    (said,) = STEP.cautions(machine)
    assert "stands alone" in said
    assert "mid" in said
