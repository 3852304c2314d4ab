"""A certificate of our own is made, kept as long as it can be used, and made anew when not."""

from pathlib import Path

import pytest

from tests.unit.with_openssl import CERTIFICATE, KEY, WithOpenssl, certificate_for, new_key, with_files
from wizard.machine.machine import FileState, Kind
from wizard.steps.certificate_files import key_fits
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.make_certificate import MakeCertificate

NAME = "mail.example.org"
STEP = MakeCertificate(host_name=NAME, certificate=CERTIFICATE, key=KEY, why="w")
CHECK = CheckCertificate(host_name=NAME, certificate=CERTIFICATE, key=KEY, why="w")


def test_what_is_made_passes_every_check_and_is_kept() -> None:
    machine = WithOpenssl()
    machine.lay(CERTIFICATE.parent, FileState(Kind.DIRECTORY, mode=0o755))
    STEP.apply(machine)
    assert CHECK.problem(machine) is None
    assert CHECK.cautions(machine) == ()
    assert STEP.differs(machine) == frozenset()
    assert STEP.preview(machine) == ""


@pytest.mark.parametrize("fault", ["another key", "soon over", "over", "no key", "no certificate"])
def test_what_cannot_be_used_is_made_anew_and_said_why(fault: str, tmp_path: Path) -> None:
    key = new_key()
    days = {"soon over": 29, "over": -1}.get(fault, 60)
    machine = with_files(certificate_for(NAME, tmp_path, key, days=days), key)
    if fault == "another key":
        machine.lay(KEY, FileState(content=new_key(), mode=0o600))
    elif fault.startswith("no "):
        machine.remove(KEY if fault == "no key" else CERTIFICATE)
    told = {"another key": "is not that of", "soon over": "within 30 days", "over": "within 30 days"}
    assert STEP.differs(machine) == {claim.name for claim in STEP.claims}
    assert told.get(fault, "is missing") in STEP.preview(machine)
    STEP.apply(machine)
    assert STEP.verify(machine) is None
    assert key_fits(machine, KEY, CERTIFICATE)
    assert CHECK.problem(machine) is None


def test_one_that_is_good_for_longer_is_kept(tmp_path: Path) -> None:
    key = new_key()
    assert STEP.differs(with_files(certificate_for(NAME, tmp_path, key, days=31), key)) == frozenset()
