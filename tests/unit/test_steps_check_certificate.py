"""A certificate that cannot be used is refused before anything changes, each fault with its own words."""

from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import CommandResult, FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import BadInput, Trouble
from wizard.steps.check_certificate import CheckCertificate

CERTIFICATE, KEY = PurePosixPath("/etc/ssl/a.crt"), PurePosixPath("/etc/ssl/a.key")
STEP = CheckCertificate(host_name="mail.example.org", certificate=CERTIFICATE, key=KEY, why="w")


class WithOpenssl(PretendMachine):
    """A machine whose openssl(1) says that all is well, but for the call with this word in it."""

    def __init__(self, wrong: str = "", said: str = "") -> None:
        super().__init__()
        self.wrong, self.said = wrong, said
        self.lay(CERTIFICATE, FileState(content=b"c"))
        self.lay(KEY, FileState(content=b"k", mode=0o600))

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        if self.wrong and self.wrong in argv:
            return CommandResult(0 if self.said else 1, self.said.encode())
        if "-checkhost" in argv:
            return CommandResult(0, b"Hostname mail.example.org does match certificate\n")
        return CommandResult(0, b"a public key\n")


def test_one_that_can_be_used_leaves_nothing_to_do() -> None:
    assert STEP.differs(WithOpenssl()) == frozenset()
    assert STEP.preview(WithOpenssl()) == ""


@pytest.mark.parametrize(
    ("wrong", "said", "what"),
    [
        ("-pubkey", "", "not a certificate"),
        ("pkey", "", "not a key in PEM form, or is encrypted"),
        ("pkey", "another key", "is not that of"),
        ("-checkend", "", "is over"),
        ("-checkhost", "Hostname mail.example.org does NOT match certificate", "is not for mail.example.org"),
    ],
)
def test_each_fault_has_its_own_words(wrong: str, said: str, what: str) -> None:
    machine = WithOpenssl(wrong, said)
    assert STEP.differs(machine)
    with pytest.raises(BadInput, match=what) as caught:
        STEP.preview(machine)
    assert caught.value.problem.hint
    with pytest.raises(Trouble, match=what):
        STEP.apply(machine)


def test_a_key_that_others_read_or_that_is_not_there_is_refused() -> None:
    machine = WithOpenssl()
    machine.lay(KEY, FileState(content=b"k", mode=0o640))
    with pytest.raises(BadInput, match="Others than root"):
        STEP.preview(machine)
    machine.remove(KEY)
    with pytest.raises(BadInput, match="There is no file"):
        STEP.preview(machine)
