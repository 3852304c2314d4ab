"""The certificate with which the mail services show who they are, and TLS with other mail servers."""

from typing import Final

from wizard.ask.certificates import certificate, certificate_file, certificate_paths, key_file, made_here
from wizard.ask.existing_postfix import release_at_least
from wizard.ask.question import SoFar
from wizard.plan.part import Part, Wishes
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.make_certificate import MakeCertificate
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.step import Step
from wizard.words import _


def certificate_claims(so_far: SoFar) -> tuple[str, ...]:
    """The claims of the files after whose change every service that shows the certificate is to be reloaded."""
    return tuple(f"file:{path}" for path in reversed(certificate_paths(so_far)))


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    certificate_path, key_path = certificate_paths(so_far)
    oldest_tls = ">=TLSv1.2" if release_at_least(so_far.facts, (3, 6)) else "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1"
    return (
        (
            "smtpd_tls_chain_files",
            f"{key_path}, {certificate_path}",
            _("The key and the certificate (postconf(5): smtpd_tls_chain_files)."),
        ),
        (
            "smtpd_tls_security_level",
            "may",
            _("TLS for every server that can, RFC 3207 (postconf(5): smtpd_tls_security_level)."),
        ),
        (
            "smtpd_tls_mandatory_protocols",
            oldest_tls,
            _("Where TLS is a must, 1.2 is the oldest, RFC 8996 (postconf(5): smtpd_tls_mandatory_protocols)."),
        ),
        (
            "smtpd_tls_received_header",
            "yes",
            _("The trace says whether it came with TLS (postconf(5): smtpd_tls_received_header)."),
        ),
        (
            "smtp_tls_security_level",
            "may",
            _("TLS to every server that offers it, RFC 7435 (postconf(5): smtp_tls_security_level)."),
        ),
    )


def _removed() -> tuple[tuple[str, str], ...]:
    """Each parameter that is taken out of main.cf where it stands, and why."""
    reasons = {
        # postconf(5): smtpd_tls_chain_files overrides these, so they would only mislead.
        "smtpd_tls_cert_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_cert_file)."),
        "smtpd_tls_key_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_key_file)."),
        "smtpd_use_tls": _("smtpd_tls_security_level takes its place (postconf(5): smtpd_use_tls)."),
        "smtp_use_tls": _("smtp_tls_security_level takes its place (postconf(5): smtp_use_tls)."),
    }
    taken_out = _("Taken out. {reason}")
    return tuple((name, taken_out.format(reason=reason)) for name, reason in reasons.items())


def _certificate_steps(so_far: SoFar) -> tuple[Step, ...]:
    certificate_path, key_path = certificate_paths(so_far)
    if not made_here(so_far):
        return (
            CheckCertificate(
                host_name=so_far.text("hostname"),
                certificate=certificate_path,
                key=key_path,
                why=_("A certificate that is over, for another name or of another key serves nobody (x509(1))."),
            ),
        )
    return (
        MakeDirectory(path=certificate_path.parent, why=_("The certificate that is made here lies in it (x509(1)).")),
        MakeCertificate(
            host_name=so_far.text("hostname").lower(),
            certificate=certificate_path,
            key=key_path,
            why=_("Without one, passwords and mail would go in clear (RFC 8314, section 3)."),
        ),
    )


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        ground=_certificate_steps(so_far),
        parameters=_parameters(so_far),
        removed_parameters=_removed(),
        read_by_postfix=certificate_claims(so_far),
    )


encryption: Final = Part(questions=(certificate, certificate_file, key_file), wishes=_wishes)
