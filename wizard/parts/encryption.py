"""The certificate with which the mail services show who they are, and TLS with other mail servers and programs."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.acme_questions import acme_challenge, acme_contact, acme_server, acme_terms, acme_webroot
from wizard.ask.certificates import (
    by_acme,
    certificate,
    certificate_file,
    certificate_paths,
    key_file,
    lineage,
    made_here,
    outgoing_tls,
)
from wizard.ask.existing_postfix import release_at_least
from wizard.ask.question import SoFar
from wizard.machine.machine import ServiceState
from wizard.plan.part import Part, Wishes
from wizard.render import render
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.get_certificate import GetCertificate
from wizard.steps.make_certificate import MakeCertificate
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.words import _

_HOOK: Final = PurePosixPath("/etc/letsencrypt/renewal-hooks/deploy/postwizard")
# Mozilla, Server Side TLS 5.7, “intermediate”: for TLS 1.2 an exchange of keys that is forgotten afterwards, and
# AES-GCM or ChaCha20-Poly1305.
INTERMEDIATE: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-CHACHA20-POLY1305",
)
# Without these, the same is left of tls_high_cipherlist, which stays as it is: postconf(5) asks for that.
_NOT_INTERMEDIATE: Final = "aNULL, kRSA, PSK, SRP, SHA1, SHA256, SHA384, CAMELLIA, ARIA, AESCCM"


def certificate_claims(so_far: SoFar) -> tuple[str, ...]:
    """The claims of the files after whose change every service that shows the certificate is to be reloaded."""
    certificate_path, key_path = certificate_paths(so_far)
    if by_acme(so_far):
        return (f"certificate:{certificate_path}",)
    return f"file:{key_path}", f"file:{certificate_path}"


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
        # RFC 7435 would rather have old TLS than none. But RFC 8996, section 4, forbids 1.0 and 1.1 to all, and who can
        # do no better sends in clear, as to a server without TLS: no mail is lost.
        (
            "smtpd_tls_protocols",
            oldest_tls,
            _(
                "On port 25 too, 1.2 is the oldest; older servers send in clear, RFC 8996 "
                "(postconf(5): smtpd_tls_protocols)."
            ),
        ),
        (
            "smtpd_tls_mandatory_protocols",
            oldest_tls,
            _("Where TLS is a must, 1.2 is the oldest, RFC 8996 (postconf(5): smtpd_tls_mandatory_protocols)."),
        ),
        # There is a certificate, so nobody has to do without one; servers that do not check it take it all the same.
        (
            "smtpd_tls_exclude_ciphers",
            "aNULL",
            _(
                "No TLS without a certificate; against FREAK and Logjam nothing more is needed: OpenSSL 3 has none of "
                "the ciphers they are about (postconf(5): smtpd_tls_exclude_ciphers)."
            ),
        ),
        (
            "smtpd_tls_mandatory_ciphers",
            "high",
            _("For users' mail programs, what Mozilla calls intermediate (postconf(5): smtpd_tls_mandatory_ciphers)."),
        ),
        (
            "smtpd_tls_mandatory_exclude_ciphers",
            _NOT_INTERMEDIATE,
            _("Of the high ones, those that are not among these (postconf(5): smtpd_tls_mandatory_exclude_ciphers)."),
        ),
        (
            "smtpd_tls_received_header",
            "yes",
            _("The trace says whether it came with TLS (postconf(5): smtpd_tls_received_header)."),
        ),
        _outgoing(so_far),
        (
            "smtp_tls_mandatory_protocols",
            oldest_tls,
            _("Where TLS is a must on the way out, 1.2 is the oldest (postconf(5): smtp_tls_mandatory_protocols)."),
        ),
    )


def _outgoing(so_far: SoFar) -> tuple[str, str, str]:
    if so_far.text("outgoing_tls") == "encrypt":
        reason = _("Mail goes out with TLS or not at all (postconf(5): smtp_tls_security_level).")
        return "smtp_tls_security_level", "encrypt", reason
    reason = _("TLS to every server that offers it, RFC 7435 (postconf(5): smtp_tls_security_level).")
    return "smtp_tls_security_level", "may", reason


def _removed() -> tuple[tuple[str, str], ...]:
    """Each parameter that is taken out of main.cf where it stands, and why."""
    reasons = {
        # postconf(5): smtpd_tls_chain_files overrides these, so they would only mislead.
        "smtpd_tls_cert_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_cert_file)."),
        "smtpd_tls_key_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_key_file)."),
        # DEPRECATION_README; RFC 7919: groups that are known take the place of made ones.
        "smtpd_tls_dh1024_param_file": _(
            "OpenSSL 3 takes a group that fits the key by itself, so no file of parameters is needed against Logjam "
            "(postconf(5): smtpd_tls_dh1024_param_file)."
        ),
        "smtpd_tls_dh512_param_file": _("Such short keys are gone (postconf(5): smtpd_tls_dh512_param_file)."),
        "smtpd_tls_eecdh_grade": _("OpenSSL takes the curve (postconf(5): smtpd_tls_eecdh_grade)."),
        # postconf(5) on both lists: "You are strongly encouraged not to change this setting".
        "tls_high_cipherlist": _("Postfix's own list follows what OpenSSL has (postconf(5): tls_high_cipherlist)."),
        "tls_medium_cipherlist": _("Postfix's own list follows what OpenSSL has (postconf(5): tls_medium_cipherlist)."),
        "smtpd_tls_ciphers": _("Its default is what it should be (postconf(5): smtpd_tls_ciphers)."),
        "smtpd_use_tls": _("smtpd_tls_security_level takes its place (postconf(5): smtpd_use_tls)."),
        "smtp_use_tls": _("smtp_tls_security_level takes its place (postconf(5): smtp_use_tls)."),
    }
    taken_out = _("Taken out. {reason}")
    return tuple((name, taken_out.format(reason=reason)) for name, reason in reasons.items())


def _certificate_steps(so_far: SoFar) -> tuple[Step, ...]:
    certificate_path, key_path = certificate_paths(so_far)
    if made_here(so_far):
        return (
            MakeDirectory(
                path=certificate_path.parent, why=_("The certificate that is made here lies in it (x509(1)).")
            ),
            MakeCertificate(
                host_name=so_far.text("hostname").lower(),
                certificate=certificate_path,
                key=key_path,
                why=_("Without one, passwords and mail would go in clear (RFC 8314, section 3)."),
            ),
        )
    if by_acme(so_far):
        return (_get_certificate(so_far),)
    return (
        CheckCertificate(
            host_name=so_far.text("hostname"),
            certificate=certificate_path,
            key=key_path,
            why=_("A certificate that is over, for another name or of another key serves nobody (x509(1))."),
        ),
    )


def _get_certificate(so_far: SoFar) -> Step:
    webroot = so_far.text("acme_webroot")
    return GetCertificate(
        host_name=so_far.text("hostname").lower(),
        server=so_far.text("acme_server"),
        contact=so_far.text("acme_contact"),
        webroot=PurePosixPath(webroot) if webroot else None,
        why=_("So that mail programs trust this machine without asking (RFC 8555; certbot(1))."),
    )


def _renewal(so_far: SoFar) -> tuple[Step, ...]:
    """What makes the services take up a certificate that certbot(1) renews, whoever got it."""
    folder = lineage(so_far)
    if folder is None:
        return ()
    return (
        MakeDirectory(path=_HOOK.parent, why=_("certbot looks here for what is to be done after it (certbot(1)).")),
        WriteFile(
            path=_HOOK,
            content=render(str(_HOOK)[1:], lineage=str(folder)),
            mode=0o755,
            why=_("So that Postfix and Dovecot show a renewed certificate at once (certbot(1): --deploy-hook)."),
        ),
    )


def _timer(so_far: SoFar) -> tuple[Step, ...]:
    if not by_acme(so_far):
        return ()
    return (
        SetService(
            unit="certbot-renew.timer",
            state=ServiceState(enabled=True, running=True),
            why=_("So that the certificate is renewed before it is over (certbot(1): renew)."),
        ),
    )


def _wishes(so_far: SoFar) -> Wishes:
    certbot = (("certbot", _("certbot gets the certificate, and renews it.")),) if by_acme(so_far) else ()
    return Wishes(
        packages=certbot,
        ground=(*_certificate_steps(so_far), *_renewal(so_far)),
        parameters=_parameters(so_far),
        removed_parameters=_removed(),
        units=_timer(so_far),
        read_by_postfix=certificate_claims(so_far),
    )


encryption: Final = Part(
    questions=(
        certificate,
        acme_server,
        acme_terms,
        acme_contact,
        acme_challenge,
        acme_webroot,
        certificate_file,
        key_file,
        outgoing_tls,
    ),
    wishes=_wishes,
)
