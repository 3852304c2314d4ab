"""Get a certificate from an ACME server by certbot(1)."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.certbot_output import read_reason, read_server
from wizard.machine.machine import Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.in_turn import InTurn
from wizard.steps.nothing import Nothing
from wizard.steps.remove_directory import RemoveDirectory
from wizard.steps.remove_unfinished import RemoveUnfinished
from wizard.steps.step import Claim, Step
from wizard.words import _

# certbot(1), FILES: configuration with keys and certificates, work files, logs.
FOLDERS: Final = tuple(map(PurePosixPath, ("/etc/letsencrypt", "/var/lib/letsencrypt", "/var/log/letsencrypt")))
# Seconds; certbot gives up on a challenge after 90, and on each request after 45.
_PATIENCE: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class GetCertificate:
    """Makes sure that certbot has a certificate for this host name from this server, so that it renews it.

    The challenge is http-01: with a `webroot` a web server answers it, without one certbot itself. Once there, the
    certificate, its key and the account stay when the step is put back: a server issues only few for the same name
    in a week. What was left by an attempt that failed goes. `made` are the folders of certbot that are not there yet.
    """

    host_name: str
    server: str
    contact: str = ""
    webroot: PurePosixPath | None = None
    why: str
    made: tuple[PurePosixPath, ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Get a certificate for {name}").format(name=self.host_name)

    @property
    def certificate(self) -> PurePosixPath:
        """The certificate, with its issuers after it."""
        return FOLDERS[0] / "live" / self.host_name / "fullchain.pem"

    @property
    def _conf(self) -> PurePosixPath:
        return FOLDERS[0] / "renewal" / f"{self.host_name}.conf"

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folders of certbot."""
        return FOLDERS

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """All of them: other certificates lie there too, and this one stays."""
        return FOLDERS

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The certificate; what is in it is renewed without us."""
        return (Claim("certificate", str(self.certificate), self.server),)

    def needed_after(self, _changed: frozenset[str], look: Look) -> Step:
        """The same step, which knows the folders that are not there before the package."""
        return replace(self, made=tuple(folder for folder in FOLDERS if look.file(folder) is None))

    def _check(self) -> CheckCertificate:
        key = self.certificate.with_name("privkey.pem")
        return CheckCertificate(host_name=self.host_name, certificate=self.certificate, key=key, why=self.why)

    def _server_now(self, look: Look) -> str:
        state = look.file(look.real_path(self._conf))
        return read_server(state.content.decode("utf-8", "replace")) if state is not None else ""

    def _is_there(self, look: Look) -> bool:
        state = look.file(look.real_path(self.certificate))
        return state is not None and state.kind is Kind.FILE

    def differs(self, look: Look) -> frozenset[str]:
        """Whether there is none that can be used, or one of another server."""
        if self._is_there(look) and self._server_now(look) == self.server and self._check().problem(look) is None:
            return frozenset()
        return frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """What is asked of whom, and what stays."""
        if not self.differs(look):
            return ""
        contact = (
            _("An account with the address {contact} is made there, under the terms that you agreed to.").format(
                contact=self.contact
            )
            if self.contact
            else _("An account without an address is made there, under the terms that you agreed to.")
        )
        challenge = (
            _("The server fetches a file over HTTP, which is laid into {folder} for a moment.").format(
                folder=self.webroot
            )
            if self.webroot
            else _("The server fetches a file over HTTP; certbot answers on port 80 for a moment.")
        )
        stays = _(
            "Key, certificate and account stay in {folder} when this is put back: a server issues only few "
            "certificates for one name in a week. `certbot delete --cert-name {name}` removes them."
        ).format(folder=FOLDERS[0], name=self.host_name)
        asked = _("certbot asks {server} for a certificate for {name}.").format(server=self.server, name=self.host_name)
        return "\n".join((asked, contact, challenge, stays)) + "\n"

    def inverse(self, look: Look) -> Step:
        """Nothing for a certificate that is there; otherwise removes what an attempt left that got none."""
        if self._is_there(look):
            return Nothing(why=_("the certificate was there before, and renewing it is not taken back"))
        unfinished = RemoveUnfinished(
            folders=FOLDERS, there=tuple(look.manifest(FOLDERS)), finished=self.certificate, why=self.why
        )
        return InTurn(
            steps=(unfinished, *(RemoveDirectory(path=folder, why=self.why) for folder in self.made)), why=self.why
        )

    def _command(self, look: Look) -> tuple[str, ...]:
        contact = (
            ("--email", self.contact, "--no-eff-email") if self.contact else ("--register-unsafely-without-email",)
        )
        challenge = ("--webroot", "--webroot-path", str(self.webroot)) if self.webroot else ("--standalone",)
        # certbot keeps one that is not soon over, whoever issued it, unless it is told otherwise.
        again = ("--force-renewal",) if self._is_there(look) else ()
        return (
            "certbot", "certonly", "--non-interactive", "--agree-tos", *contact, "--server", self.server,
            "--cert-name", self.host_name, "--domain", self.host_name, *challenge, *again,
        )  # fmt: skip

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Gets it; raises Trouble with the reason that certbot or the server gives."""
        if not self.differs(machine):
            return
        ended = machine.run(*self._command(machine), timeout=_PATIENCE, tell=tell)
        if not ended.ok:
            raise Trouble(
                _("No certificate for {name} came from {server}: {reason}").format(
                    name=self.host_name, server=self.server, reason=read_reason(ended.text + "\n" + ended.error_text)
                ),
                _(
                    "The name must lead to this machine in the DNS, and port 80 be free and reachable from outside. "
                    "Or begin with a certificate that is made here."
                ),
            )
        tell(_("{path} is there.").format(path=self.certificate))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there and can be used."""
        if not self._is_there(look):
            return Problem(_("There is no certificate {path}.").format(path=self.certificate))
        if (problem := self._check().problem(look)) is not None:
            return problem
        if self.differs(look):
            return Problem(
                _("The certificate {path} is not of {server}.").format(path=self.certificate, server=self.server)
            )
        return None
