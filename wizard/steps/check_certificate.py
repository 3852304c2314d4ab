"""Look whether a certificate and its key can be used; nothing is left to do when they can."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Kind, Look, Machine, Tell, silent
from wizard.problem import BadInput, Problem, Trouble
from wizard.steps.nothing import Nothing
from wizard.steps.step import Claim, Step
from wizard.words import _

OTHERS: Final = 0o077


@dataclass(frozen=True, kw_only=True)
class CheckCertificate:
    """Refuses a plan whose certificate is missing, over, for another name, or not of this key."""

    host_name: str
    certificate: PurePosixPath
    key: PurePosixPath
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Check the certificate {path}").format(path=self.certificate)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """No path."""
        return ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """No claim."""
        return ()

    def problem(self, look: Look) -> Problem | None:
        """What is wrong with the two; None when they can be used."""
        for path in (self.certificate, self.key):
            state = look.file(look.real_path(path))
            if state is None or state.kind is not Kind.FILE:
                return Problem(_("There is no file {path}.").format(path=path), _("Give the path of a PEM file."))
            if path == self.key and (state.mode & OTHERS or state.owner != 0):
                return Problem(
                    _("Others than root can read the key {path}.").format(path=path),
                    _("Make it root's alone: `chown root: {path}; chmod 600 {path}`.").format(path=path),
                )
        certificate = str(self.certificate)
        of_certificate = look.output_of("openssl", "x509", "-noout", "-pubkey", "-in", certificate)
        if not of_certificate.ok:
            return Problem(
                _("{path} is not a certificate in PEM form.").format(path=certificate),
                _("It begins with -----BEGIN CERTIFICATE-----, the server's own first and its issuers after it."),
            )
        # An empty password on standard input: an encrypted key is refused, for no server could start with it.
        of_key = look.output_of("openssl", "pkey", "-pubout", "-passin", "stdin", "-in", str(self.key), stdin=b"\n")
        if not of_key.ok:
            return Problem(
                _("{path} is not a key in PEM form, or is encrypted.").format(path=self.key),
                _("Postfix and Dovecot start without asking anybody, so the key has no password."),
            )
        if of_key.text.split() != of_certificate.text.split():
            return Problem(
                _("The key {key} is not that of {path}.").format(key=self.key, path=certificate),
                _("Give the key that the certificate was asked for with."),
            )
        if not look.output_of("openssl", "x509", "-noout", "-checkend", "0", "-in", certificate).ok:
            return Problem(_("The certificate {path} is over.").format(path=certificate), _("Renew it first."))
        said = look.output_of("openssl", "x509", "-noout", "-checkhost", self.host_name, "-in", certificate).text
        if not re.search(r"does match certificate", said):
            return Problem(
                _("The certificate {path} is not for {name}.").format(path=certificate, name=self.host_name),
                _("`openssl x509 -noout -ext subjectAltName -in {path}` tells the names.").format(path=certificate),
            )
        return None

    def differs(self, look: Look) -> frozenset[str]:
        """One word while something is wrong."""
        return frozenset({f"certificate:{self.certificate}"}) if self.problem(look) is not None else frozenset()

    def preview(self, look: Look) -> str:
        """Nothing; raises BadInput with what is wrong."""
        if (problem := self.problem(look)) is not None:
            raise BadInput(problem)
        return ""

    def inverse(self, _look: Look) -> Step:
        """Nothing: it only looks."""
        return Nothing(why=_("the check changed nothing"))

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Raises Trouble with what is wrong."""
        if (problem := self.problem(machine)) is not None:
            raise Trouble(problem)
        tell(_("{path} can be used.").format(path=self.certificate))

    def verify(self, look: Look) -> Problem | None:
        """Whether it still can be used."""
        return self.problem(look)
