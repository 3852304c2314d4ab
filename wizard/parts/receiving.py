"""Postfix as a mail server for others: port 25, what it takes there and what it refuses."""

from typing import Final

from wizard.ask.existing_postfix import (
    alias_database,
    alias_maps,
    compatibility,
    compatibility_level,
)
from wizard.ask.mail_questions import hostname
from wizard.ask.question import SoFar
from wizard.ask.staying_here import protocols_default
from wizard.check.open_relay import no_open_relay
from wizard.check.virtual_mail import strangers_are_refused
from wizard.plan.part import Part, Wishes
from wizard.words import _


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    """Each parameter with its value, and why it has this one."""
    facts = so_far.facts
    wanted = (
        (
            "compatibility_level",
            compatibility_level(so_far),
            _("The defaults of the release you have (postconf(5): compatibility_level)."),
        ),
        ("myhostname", so_far.text("hostname"), _("The full name of this machine (postconf(5): myhostname).")),
        ("myorigin", "$myhostname", _("Mail of this machine's own programs gets its name (postconf(5): myorigin).")),
        (
            "mydestination",
            "$myhostname, localhost.$mydomain, localhost",
            _("Only mail to the machine itself goes to its own users (postconf(5): mydestination)."),
        ),
        ("inet_interfaces", "all", _("Other mail servers can connect (postconf(5): inet_interfaces).")),
        (
            "inet_protocols",
            protocols_default(so_far),
            _("The kinds of address that this machine has (postconf(5): inet_protocols)."),
        ),
        ("mynetworks_style", "host", _("No other machine is trusted (postconf(5): mynetworks_style).")),
        (
            "smtpd_relay_restrictions",
            "reject_unauth_destination",
            _(
                "Port 25 takes mail for the domains here and no other, whoever connects; who sends logs in on another "
                "port (postconf(5): smtpd_relay_restrictions)."
            ),
        ),
        (
            "smtpd_reject_unlisted_recipient",
            "yes",
            _("Mail for nobody is refused at once, with 550 5.1.1 (postconf(5): smtpd_reject_unlisted_recipient)."),
        ),
        (
            "smtpd_helo_required",
            "yes",
            _("A mail server says its name first, RFC 5321, section 4.1.4 (postconf(5): smtpd_helo_required)."),
        ),
        (
            "disable_vrfy_command",
            "yes",
            _("Nobody can ask which mailboxes there are, RFC 5321, section 7.3 (postconf(5): disable_vrfy_command)."),
        ),
        *_against_smuggling(so_far),
        ("default_transport", "smtp", _("Mail for others goes to their servers (postconf(5): default_transport).")),
        (
            "alias_maps",
            alias_maps(facts),
            _("Where aliases are looked up, in a type that Postfix has (postconf(5): alias_maps)."),
        ),
        ("alias_database", alias_database(facts), _("What newaliases(1) builds (postconf(5): alias_database).")),
        (
            "recipient_delimiter",
            "+",
            _("What follows it in an address is the reader's own business (postconf(5): recipient_delimiter)."),
        ),
        ("biff", "no", _("Nothing here listens for the “you have mail” signals (postconf(5): biff).")),
    )
    return tuple(entry for entry in wanted if entry[1])


def _against_smuggling(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    """Guards against two mails in one (CVE-2023-51764), where the release that is installed does not have them on."""
    guards = (
        (
            "smtpd_forbid_bare_newline",
            "normalize",
            _("No mail is hidden in another (postconf(5): smtpd_forbid_bare_newline)."),
        ),
        (
            "smtpd_forbid_unauth_pipelining",
            "yes",
            _("Who does not wait for answers is cut off (postconf(5): smtpd_forbid_unauth_pipelining)."),
        ),
    )
    return tuple(guard for guard in guards if so_far.facts.defaults.get(guard[0]) == "no")


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        packages=(("postfix", _("Postfix takes and sends mail.")),),
        parameters=_parameters(so_far),
        removed_parameters=(
            (
                "master_service_disable",
                _("Taken out. Other servers must be able to connect (postconf(5): master_service_disable)."),
            ),
        ),
    )


receiving: Final = Part(
    questions=(compatibility, hostname),
    wishes=_wishes,
    # What would do harm to others is tried before all else.
    probes=(no_open_relay, strangers_are_refused),
)
