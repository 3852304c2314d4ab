"""Mail that users hand in from their mail programs, who log in on ports 587 and 465."""

from typing import Final

from wizard.ask.question import SoFar
from wizard.ask.service_names import listens_as
from wizard.check.dns_needs import DnsNeeds
from wizard.check.virtual_mail import send_by_submission
from wizard.plan.part import Part, Wishes
from wizard.words import _

# The ports for users, with all names by which a master.cf may have them (postconf(5): known_tcp_ports).
_PORTS: Final = {465: ("submissions", "smtps"), 587: ("submission",)}


def _login_service(so_far: SoFar, port: int, tls: str) -> str:
    """A service for users' mail programs, which log in: the block of Postfix's own master.cf, bound to the sender."""
    name = _PORTS[port][0]
    options = (
        f"syslog_name=postfix/{name}",
        "smtpd_forbid_unauth_pipelining=no",
        tls,
        "smtpd_sasl_auth_enable=yes",
        "smtpd_tls_auth_only=yes",
        "local_header_rewrite_clients=static:all",
        "smtpd_reject_unlisted_recipient=no",
        "smtpd_client_restrictions=",
        "smtpd_helo_restrictions=",
        "smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch",
        "smtpd_relay_restrictions=",
        "smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
        "milter_macro_daemon_name=ORIGINATING",
    )
    return f"{listens_as(so_far.facts, name, port)} inet n - n - - smtpd " + " ".join(
        f"-o {option}" for option in options
    )


def _other_names(so_far: SoFar) -> tuple[str, ...]:
    """The same ports under other names; two services on one port keep master(8) from starting."""
    used = {listens_as(so_far.facts, names[0], port) for port, names in _PORTS.items()}
    return tuple(f"{name}/inet" for port, names in _PORTS.items() for name in (*names, str(port)) if name not in used)


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        parameters=(
            ("smtpd_sasl_type", "dovecot", _("Dovecot knows the passwords (postconf(5): smtpd_sasl_type).")),
            ("smtpd_sasl_path", "private/auth", _("Where Dovecot answers (postconf(5): smtpd_sasl_path).")),
            (
                "smtpd_sasl_auth_enable",
                "no",
                _("Nobody logs in on port 25, only on the ports for it (postconf(5): smtpd_sasl_auth_enable)."),
            ),
            ("smtpd_tls_auth_only", "yes", _("No password goes in clear (postconf(5): smtpd_tls_auth_only).")),
        ),
        removed_services=_other_names(so_far),
        login_services=(
            (
                _login_service(so_far, 587, "smtpd_tls_security_level=encrypt"),
                _("Port 587: TLS by STARTTLS, then a login (RFC 6409)."),
            ),
            (
                _login_service(so_far, 465, "smtpd_tls_wrappermode=yes"),
                _("Port 465: TLS from the start, then a login (RFC 8314)."),
            ),
        ),
    )


submission: Final = Part(
    wishes=_wishes,
    probes=(send_by_submission,),
    dns_needs=lambda _look, _so_far: DnsNeeds(services=("submissions", "submission")),
)
