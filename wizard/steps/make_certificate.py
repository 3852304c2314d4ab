"""Make a key and a certificate that it signs itself, by openssl(1)."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import same_but_time
from wizard.steps.certificate_files import is_good_for, key_fits
from wizard.steps.in_turn import InTurn
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _

# Mail programs refuse a certificate that is good for longer than this many days, and so may others.
DAYS: Final = 825
SOON_DAYS: Final = 30
_KEY: Final = re.compile(rb"-----BEGIN PRIVATE KEY-----\n.+?-----END PRIVATE KEY-----\n", re.DOTALL)
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----\n.+?-----END CERTIFICATE-----\n", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class MakeCertificate:
    """Makes sure that there are a key and its certificate for this host name, good for another month at least.

    The key is for root alone: Postfix and Dovecot read it before they give up root's rights.
    """

    host_name: str
    certificate: PurePosixPath
    key: PurePosixPath
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Make a certificate for {name}").format(name=self.host_name)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The two files."""
        return (self.key, self.certificate)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The two files; nothing of what is in them is kept."""
        return (Claim("file", str(self.key)), Claim("file", str(self.certificate)))

    def _reason(self, look: Look) -> str | None:
        """Why both are made anew, empty where neither is there yet; None when they can stay."""
        key, certificate = look.file(self.key), look.file(self.certificate)
        if key is None and certificate is None:
            return ""
        if key is None or certificate is None or {key.kind, certificate.kind} != {Kind.FILE}:
            return _("The key or its certificate is missing.")
        if not is_good_for(look, self.certificate, SOON_DAYS):
            return _("The certificate there is over within {days} days, or cannot be read.").format(days=SOON_DAYS)
        if not key_fits(look, self.key, self.certificate):
            return _("The key there is not that of the certificate.")
        return None

    def differs(self, look: Look) -> frozenset[str]:
        """Both, when one is missing or soon over, or they do not fit; the key where others could read it."""
        if self._reason(look) is not None:
            return frozenset(claim.name for claim in self.claims)
        key = look.file(self.key)
        is_private = key is not None and same_but_time(key, self._key(key.content))
        return frozenset() if is_private else frozenset({self.claims[0].name})

    def _key(self, content: bytes) -> FileState:
        return FileState(content=content, mode=0o600)

    def preview(self, look: Look) -> str:
        """Why, and what is made; the content of the key is never shown."""
        if not self.differs(look):
            return ""
        reason = self._reason(look)
        if reason is None:
            return _("{path} becomes readable for root alone.").format(path=self.key) + "\n"
        return (
            (reason and reason + "\n")
            + _("New key {path}, readable for root alone.").format(path=self.key)
            + "\n"
            + _("New certificate {path} for {name}, signed by itself, good for {days} days.").format(
                path=self.certificate, name=self.host_name, days=DAYS
            )
            + "\n"
        )

    def inverse(self, look: Look) -> Step:
        """Puts both files back, or removes them."""
        return InTurn(
            steps=tuple(
                RestoreFile(path=path, before=look.file(path), keep_if_changed=False, secret=True, why=self.why)
                for path in self.touches
            ),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Makes both; raises Trouble where openssl(1) does not."""
        if not self.differs(machine):
            return
        if self._reason(machine) is None:
            there = machine.file(self.key)
            if there is not None:
                machine.set_metadata(self.key, self._key(there.content))
            return
        # RFC 5280, appendix A.1: a common name has 64 characters at most. RFC 6125, section 6.4: the name is looked for
        # among the alternative names.
        common_name = self.host_name if len(self.host_name) <= 64 else "postwizard"
        made = machine.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-sha256",
            "-days", str(DAYS), "-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:{self.host_name}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth",
            "-keyout", "/dev/stdout", "-out", "/dev/stdout",
        )  # fmt: skip
        key, certificate = _KEY.search(made.stdout), _CERTIFICATE.search(made.stdout)
        if not made.ok or key is None or certificate is None:
            raise Trouble(
                _("openssl(1) made no certificate: {said}").format(said=made.error_text.strip()[-300:]),
                _("See `openssl version`; it needs 3.0 or later."),
            )
        machine.write_file(self.key, self._key(key[0]))
        machine.write_file(self.certificate, FileState(content=certificate[0]))
        tell(_("{path} is written.").format(path=self.certificate))

    def verify(self, look: Look) -> Problem | None:
        """Whether both are there."""
        if self.differs(look):
            return Problem(_("The certificate {path} is not there as it was made.").format(path=self.certificate))
        return None
