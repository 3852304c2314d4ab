"""Look whether a certificate and its key can be used; nothing is left to do when they can."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Kind, Look, Machine, Tell, silent
from wizard.machine.openssl_output import certificates_in, is_named, read_names, read_subject_and_issuer
from wizard.problem import BadInput, Problem, Trouble
from wizard.steps.certificate_files import is_good_for, public_key_of, public_part_of
from wizard.steps.nothing import Nothing
from wizard.steps.step import Claim, Step
from wizard.words import _

OTHERS: Final = 0o077
WRITE_OF_OTHERS: Final = 0o022
SOON_DAYS: Final = 14


@dataclass(frozen=True, kw_only=True)
class CheckCertificate:
    """Refuses a plan whose certificate is missing, over, for another name, not of this key, or in no chain."""

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
        return (
            self._wrong_file(look)
            or self._wrong_key(look)
            or self._wrong_time(look)
            or self._wrong_name(look)
            or self._wrong_chain(look)
        )

    def cautions(self, look: Look) -> tuple[str, ...]:
        """What is to be thought of with a certificate that can be used."""
        return tuple(filter(None, (self._soon_over(look), self._issuer_missing(look))))

    def _wrong_file(self, look: Look) -> Problem | None:
        for path, others in ((self.certificate, WRITE_OF_OTHERS), (self.key, OTHERS)):
            state = look.file(look.real_path(path))
            if state is None or state.kind is not Kind.FILE:
                return Problem(_("There is no file {path}.").format(path=path), _("Give the path of a PEM file."))
            if not state.mode & others and state.owner == 0:
                continue
            if path == self.key:
                return Problem(
                    _("Others than root can read the key {path}.").format(path=path),
                    _("Make it root's alone: `chown root: {path}; chmod 600 {path}`.").format(path=path),
                )
            return Problem(
                _("Others than root can change the certificate {path}.").format(path=path),
                _("Make it root's: `chown root: {path}; chmod 644 {path}`.").format(path=path),
            )
        return None

    def _wrong_key(self, look: Look) -> Problem | None:
        of_certificate = public_key_of(look, self.certificate)
        if of_certificate is None:
            return Problem(
                _("{path} is not a certificate in PEM form.").format(path=self.certificate),
                _("It begins with -----BEGIN CERTIFICATE-----, the server's own first and its issuers after it."),
            )
        of_key = public_part_of(look, self.key)
        if of_key is None:
            return Problem(
                _("{path} is not a key in PEM form, or is encrypted.").format(path=self.key),
                _("Postfix and Dovecot start without asking anybody, so the key has no password."),
            )
        if of_key.split() != of_certificate.split():
            return Problem(
                _("The key {key} is not that of {path}.").format(key=self.key, path=self.certificate),
                _("Give the key that the certificate was asked for with. The server's own certificate comes first."),
            )
        return None

    def _wrong_time(self, look: Look) -> Problem | None:
        if is_good_for(look, self.certificate, 0):
            return None
        return Problem(_("The certificate {path} is over.").format(path=self.certificate), _("Renew it first."))

    def _wrong_name(self, look: Look) -> Problem | None:
        names = read_names(self._x509(look, "-ext", "subjectAltName", "-in", str(self.certificate)))
        if is_named(self.host_name, names):
            return None
        return Problem(
            _("The certificate {path} is not for {name}.").format(path=self.certificate, name=self.host_name),
            _("It is for {names}. Have one made with the subject alternative name {name} (RFC 9525).").format(
                names=", ".join(names) or _("no name at all"), name=self.host_name
            ),
        )

    def _wrong_chain(self, look: Look) -> Problem | None:
        """RFC 8446, section 4.4.2: the server's own comes first; most clients want each issuer right after it."""
        chain = self._chain(look)
        if len(chain) < 2:
            return None
        named = [self._subject_and_issuer(look, certificate) for certificate in chain]
        is_in_order = all(issuer == subject for (_own, issuer), (subject, _issuer) in pairwise(named))
        # openssl-verification-options(1): the issuers of the file are trusted, so that only its own chain is looked at.
        issuers = b"\n".join(chain[1:]) + b"\n"
        checked = look.output_of(
            "openssl", "verify", "-partial_chain", "-no-CApath", "-no-CAfile", "-no-CAstore", "-no_check_time",
            "-trusted", "/dev/stdin", str(self.certificate), stdin=issuers,
        )  # fmt: skip
        if is_in_order and checked.ok:
            return None
        return Problem(
            _("The certificates in {path} are no chain.").format(path=self.certificate),
            _(
                "After the server's own comes the one that issued it, then the one that issued that, and no other "
                "(RFC 8446, section 4.4.2). An ACME client writes it so in fullchain.pem."
            ),
        )

    def _soon_over(self, look: Look) -> str:
        if is_good_for(look, self.certificate, SOON_DAYS):
            return ""
        return _(
            "The certificate {path} is over within {days} days, and then mail programs refuse to connect. Renew it, "
            "and reload Postfix and Dovecot."
        ).format(path=self.certificate, days=SOON_DAYS)

    def _issuer_missing(self, look: Look) -> str:
        chain = self._chain(look)
        if len(chain) != 1:
            return ""
        subject, issuer = self._subject_and_issuer(look, chain[0])
        if subject == issuer or look.output_of("openssl", "verify", str(self.certificate)).ok:
            return ""
        return _(
            "The certificate {path} stands alone. Who does not know {issuer} cannot trust it; if that is not a root, "
            "its certificate belongs into the file, after the server's own."
        ).format(path=self.certificate, issuer=issuer)

    def _chain(self, look: Look) -> tuple[bytes, ...]:
        state = look.file(look.real_path(self.certificate))
        return certificates_in(state.content) if state is not None else ()

    def _subject_and_issuer(self, look: Look, certificate: bytes) -> tuple[str, str]:
        return read_subject_and_issuer(self._x509(look, "-subject", "-issuer", stdin=certificate + b"\n"))

    def _x509(self, look: Look, *asked: str, stdin: bytes = b"") -> str:
        return look.output_of("openssl", "x509", "-noout", *asked, stdin=stdin).text

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
