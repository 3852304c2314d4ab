"""Local only: mail of cron, root and users is delivered on this machine; nothing listens outside, nothing leaves."""

from pathlib import PurePosixPath

from wizard.ask.existing_postfix import (
    OUTSIDE_ROUTES,
    alias_database,
    alias_maps,
    compatibility,
    compatibility_level,
    items_of,
    outside_routes,
    setting,
)
from wizard.ask.mail_questions import hostname, other_names
from wizard.ask.mailbox_questions import (
    STANDARD_SPOOLS,
    delivery_parameters,
    home_mailbox,
    mailbox,
    recipient_delimiter,
    spool_folder,
)
from wizard.ask.question import SoFar
from wizard.ask.readers import aliases_of_people, aliases_wanted, forwards, keep_aliases, postmaster_to, root_mail_to
from wizard.ask.size_questions import mailbox_size_limit, message_size_limit
from wizard.ask.sizes import bytes_of
from wizard.ask.staying_here import (
    LOCKS,
    STATUS,
    bounce_text,
    inet_protocols,
    listener,
    protocols_default,
    second_lock,
)
from wizard.check.local_mail import (
    nothing_can_leave,
    nothing_listens_outside,
    outside_mail_bounces,
    send_by_sendmail,
    send_by_smtp,
)
from wizard.plan.postfix_steps import (
    build_aliases,
    postfix_files,
    refresh_postfix,
    run_postfix,
    services_without,
    set_parameters,
    still,
    try_configuration,
)
from wizard.plan.profile import Profile
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.words import _

# What carries mail to and from other machines is not needed.
_SERVICES = services_without("tlsmgr/unix", "smtp/unix", "lmtp/unix")


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    """Each parameter with its value, and why it has this one."""
    facts = so_far.facts
    level = compatibility_level(so_far)
    names = ("$myhostname", "localhost.$mydomain", "localhost", *so_far.items("other_names"))
    not_loopback = tuple(
        item
        for item in items_of(setting(facts, "master_service_disable"))
        if item not in {"inet", "smtp/inet", "smtp.inet"}
    )
    disabled = ("inet", *not_loopback) if so_far.text("listener") == "none" else not_loopback
    sign = so_far.text("recipient_delimiter")
    delivery, _removed = delivery_parameters(so_far)
    wanted = (
        ("compatibility_level", level, _("The defaults of the release you have (postconf(5): compatibility_level).")),
        ("myhostname", so_far.text("hostname"), _("The full name of this machine (postconf(5): myhostname).")),
        (
            "myorigin",
            "$myhostname",
            _("Senders get this machine's name, so that bounces and replies come back here (postconf(5): myorigin)."),
        ),
        ("mydestination", ", ".join(names), _("Mail for these names is delivered here (postconf(5): mydestination).")),
        (
            "inet_interfaces",
            "loopback-only",
            _("No other machine can connect (postconf(5): inet_interfaces)."),
        ),
        (
            "inet_protocols",
            so_far.text("inet_protocols") or protocols_default(so_far),
            _("The kinds of address that this machine has (postconf(5): inet_protocols)."),
        ),
        (
            "master_service_disable",
            " ".join(disabled),
            _("These services of master.cf are not offered (postconf(5): master_service_disable)."),
        ),
        ("mynetworks_style", "host", _("Only this machine is trusted (postconf(5): mynetworks_style).")),
        (
            "smtpd_relay_restrictions",
            "permit_mynetworks, reject_unauth_destination",
            _("Nobody else may use it to send (postconf(5): smtpd_relay_restrictions)."),
        ),
        ("relay_domains", "", _("No mail is taken for other domains (postconf(5): relay_domains).")),
        (
            "default_transport",
            f"error:{STATUS} {so_far.text('bounce_text')}",
            _("Whatever is not for this machine is refused, with your words (error(8); RFC 3463: X.7.1)."),
        ),
        *((name, value if so_far.yes("second_lock") else "", _lock_reason(name)) for name, value in LOCKS),
        (
            "alias_maps",
            alias_maps(facts),
            _("Where aliases are looked up, in a type that Postfix has (postconf(5): alias_maps)."),
        ),
        ("alias_database", alias_database(facts), _("What newaliases(1) builds (postconf(5): alias_database).")),
        *delivery,
        (
            "recipient_delimiter",
            "" if sign == "none" else sign,
            _("What may follow a name in an address (postconf(5): recipient_delimiter)."),
        ),
        (
            "message_size_limit",
            str(bytes_of(so_far.text("message_size_limit"))),
            _("Larger messages are refused (postconf(5): message_size_limit)."),
        ),
        (
            "mailbox_size_limit",
            str(bytes_of(so_far.text("mailbox_size_limit"))),
            _("Never below message_size_limit, or local(8) delivers nothing (postconf(5): mailbox_size_limit)."),
        ),
        ("biff", "no", _("Nothing here listens for the “you have mail” signals (postconf(5): biff).")),
    )
    return tuple(entry for entry in wanted if entry[1] or entry[0] == "relay_domains")


def _lock_reason(name: str) -> str:
    return _("A connection from here reaches no other machine (postconf(5): {name}).").format(name=name)


def _removed(so_far: SoFar) -> tuple[tuple[str, str], ...]:
    """Each parameter that is taken out of main.cf where it stands, and why; the same ones whatever stands there now."""
    unwanted = (*OUTSIDE_ROUTES.items(), *delivery_parameters(so_far)[1])
    reasons = {name: f"{reason.removesuffix('.')} (postconf(5): {name})." for name, reason in unwanted}
    reasons["mynetworks"] = _(
        "It comes before mynetworks_style, and could trust other machines (postconf(5): mynetworks)."
    )
    if so_far.text("mailbox") != "keep" and not setting(so_far.facts, "luser_relay"):
        reasons["local_recipient_maps"] = _(
            "The default knows the users and aliases of this machine (postconf(5): local_recipient_maps)."
        )
    reasons["recipient_delimiter"] = _("No word may follow a name in an address (postconf(5): recipient_delimiter).")
    reasons["master_service_disable"] = _("The listener on localhost is wanted (postconf(5): master_service_disable).")
    reasons |= {
        name: _("The second lock is not wanted (postconf(5): {name}).").format(name=name) for name, _value in LOCKS
    }
    written = {name for name, _value, _reason in _parameters(so_far)}
    taken_out = _("Taken out. {reason}")
    return tuple((name, taken_out.format(reason=reason)) for name, reason in reasons.items() if name not in written)


def desired(so_far: SoFar) -> tuple[Step, ...]:
    """The steps for these answers, in the order in which a first set-up must take them."""
    facts = so_far.facts
    files = postfix_files(facts)
    services = tuple(line for line in _SERVICES if so_far.text("listener") == "loopback" or " inet " not in line)
    parameters, removed = _parameters(so_far), _removed(so_far)
    unwanted_aliases = aliases_of_people(so_far) if so_far.answers.get("keep_aliases") is False else ()
    wanted_aliases = aliases_wanted(so_far)
    own_mailboxes = ("root",) if "root" not in wanted_aliases else ()
    return (
        InstallPackages(packages=("postfix",), why=_("Postfix is the mail system that is set up here.")),
        try_configuration(files),
        *_mail_folder(so_far),
        set_parameters(
            files,
            parameters,
            removed,
            _("So that mail is delivered on this machine and goes nowhere else (postconf(5))."),
        ),
        SetMasterEntries(
            path=files.master_cf,
            wanted=services,
            still=still(services),
            why=_("So that no service is missing that local mail passes through (master(5)); those there stay."),
        ),
        SetTableLines(
            path=files.aliases,
            style="aliases",
            wanted=tuple((name, ", ".join(targets)) for name, targets in wanted_aliases.items()),
            removed=(*own_mailboxes, *unwanted_aliases),
            why=_("So that mail for root, postmaster and the other names is read by somebody (aliases(5))."),
        ),
        *build_aliases(files),
        run_postfix(),
        refresh_postfix(files),
    )


def _mail_folder(so_far: SoFar) -> tuple[Step, ...]:
    folder = PurePosixPath(so_far.text("spool_folder") or "/var/spool/mail")
    if not so_far.text("mailbox").startswith("spool_") or folder in STANDARD_SPOOLS:
        return ()
    # local(8) makes each Maildir with its user's rights (postconf(5): mail_spool_directory), hence the mode of /tmp.
    why = _("Users' mailboxes are made in it with the users' own rights (postconf(5): mail_spool_directory).")
    return (MakeDirectory(path=folder, mode=0o1777, owner="root", group="root", why=why),)


PROFILE = Profile(
    title=_("Local only"),
    summary=_(
        "Mail between the users and programs of this machine: cron's reports, warnings for root.\n"
        "No port is open to others and nothing is sent to the internet; not for mail with the outside."
    ),
    questions=(
        compatibility,
        outside_routes,
        hostname,
        other_names,
        listener,
        inet_protocols,
        root_mail_to,
        postmaster_to,
        forwards,
        keep_aliases,
        mailbox,
        home_mailbox,
        spool_folder,
        recipient_delimiter,
        message_size_limit,
        mailbox_size_limit,
        bounce_text,
        second_lock,
    ),
    desired=desired,
    checks=(nothing_listens_outside, nothing_can_leave),
    probes=(send_by_smtp, send_by_sendmail, outside_mail_bounces),
)
