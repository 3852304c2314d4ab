"""Virtual mail: mailboxes whose users have no account on this machine; taken by SMTP, read by IMAP, sent by login."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.certificates import certificate, certificate_file, certificate_paths, key_file, made_here
from wizard.ask.existing_postfix import (
    alias_database,
    alias_maps,
    compatibility,
    compatibility_level,
    release_at_least,
)
from wizard.ask.mail_accounts import (
    AccountChange,
    AddAlias,
    AddMailbox,
    RemoveAlias,
    RemoveMailbox,
    SetPassword,
    quota_of,
)
from wizard.ask.mail_domains import (
    domains_of,
    dovecot_configuration,
    first_mailbox,
    mail_domains,
    mailbox_address,
    mailbox_password,
    role_aliases,
    role_mail_to,
)
from wizard.ask.mail_questions import hostname
from wizard.ask.question import SoFar
from wizard.ask.size_questions import mailbox_quota, message_size_limit
from wizard.ask.sizes import bytes_of
from wizard.ask.staying_here import protocols_default
from wizard.check.virtual_mail import (
    accounts_can_be_read,
    log_in_by_imap,
    send_by_submission,
    send_to_mailbox,
    strangers_are_refused,
)
from wizard.machine.machine import GroupState, ServiceState, UserState
from wizard.plan.postfix_steps import (
    build_aliases,
    postfix_files,
    refresh_postfix,
    run_postfix,
    service_key,
    services_without,
    set_parameters,
    try_configuration,
)
from wizard.plan.profile import Profile
from wizard.render import render
from wizard.secret import Secret
from wizard.steps.add_group import AddGroup
from wizard.steps.add_user import AddUser
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.check_dovecot import CheckDovecot
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_certificate import MakeCertificate
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_mail_accounts import SetMailAccounts
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_service import SetService
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.syntax.mail_accounts import DATABASE
from wizard.syntax.password_hash import hashed, is_password_of
from wizard.words import _

# All mail belongs to this user, which can do nothing else; 5000 is above what useradd(8) gives to system users.
_MAIL_USER: Final = "vmail"
_MAIL_NUMBER: Final = 5000
_MAIL_FOLDER: Final = PurePosixPath("/var/vmail")
# proxymap(8) runs as the user postfix, whose own group this is; Dovecot's auth workers get it as one group more.
_READERS: Final = "postfix"
_DOVECOT: Final = PurePosixPath("/etc/dovecot/dovecot.conf")
_QUEUE_FOLDER: Final = "/var/spool/postfix"
# Dovecot's words for what inet_protocols says of Postfix; a kind of address that is missing must not be named.
_LISTEN: Final = {"all": "*, ::", "ipv4": "*", "ipv6": "::"}
# The words with which the claims of all accounts begin.
_ACCOUNTS: Final = f"mail_account:{DATABASE}#"
_TABLES: Final = ("domains", "mailboxes", "aliases", "alias_domains", "senders")


def _logged_in(so_far: SoFar, name: str, tls: str) -> str:
    """A service for users' mail programs, which log in: the block of Postfix's own master.cf, bound to the sender."""
    hides = release_at_least(so_far.facts, (3, 10))
    options = (
        f"syslog_name=postfix/{name}",
        "smtpd_forbid_unauth_pipelining=no",
        tls,
        "smtpd_sasl_auth_enable=yes",
        "smtpd_tls_auth_only=yes",
        "local_header_rewrite_clients=static:all",
        *(("smtpd_hide_client_session=yes",) if hides else ()),
        "smtpd_reject_unlisted_recipient=no",
        "smtpd_client_restrictions=",
        "smtpd_helo_restrictions=",
        "smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch",
        "smtpd_relay_restrictions=",
        "smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
        "milter_macro_daemon_name=ORIGINATING",
    )
    return f"{name} inet n - n - - smtpd " + " ".join(f"-o {option}" for option in options)


def _map(name: str, so_far: SoFar) -> str:
    return f"proxy:sqlite:{_table(name, so_far)}"


def _table(name: str, so_far: SoFar) -> PurePosixPath:
    return PurePosixPath(so_far.facts.config_directory) / "sqlite" / f"{name}.cf"


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    """Each parameter with its value, and why it has this one."""
    facts = so_far.facts
    certificate_path, key_path = certificate_paths(so_far)
    oldest_tls = ">=TLSv1.2" if release_at_least(facts, (3, 6)) else "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1"
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
            "smtpd_recipient_restrictions",
            "reject_unauth_destination, check_policy_service unix:private/quota-status",
            _("Mail for a full mailbox is refused at once (postconf(5): smtpd_recipient_restrictions)."),
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
            "virtual_mailbox_domains",
            _map("domains", so_far),
            _("The domains, looked up in the database (postconf(5): virtual_mailbox_domains)."),
        ),
        (
            "virtual_mailbox_maps",
            _map("mailboxes", so_far),
            _("The mailboxes, looked up in the database (postconf(5): virtual_mailbox_maps)."),
        ),
        (
            "virtual_alias_maps",
            f"{_map('aliases', so_far)}, {_map('alias_domains', so_far)}",
            _("Addresses that lead to others, looked up in the database (postconf(5): virtual_alias_maps)."),
        ),
        (
            "virtual_alias_domains",
            "",
            _("No domain has aliases alone; each is in one class only (postconf(5): virtual_alias_domains)."),
        ),
        (
            "virtual_transport",
            "lmtp:unix:private/dovecot-lmtp",
            _("Dovecot puts mail into the mailboxes, RFC 2033 (postconf(5): virtual_transport)."),
        ),
        ("smtpd_sasl_type", "dovecot", _("Dovecot knows the passwords (postconf(5): smtpd_sasl_type).")),
        ("smtpd_sasl_path", "private/auth", _("Where Dovecot answers (postconf(5): smtpd_sasl_path).")),
        (
            "smtpd_sasl_auth_enable",
            "no",
            _("Nobody logs in on port 25, only on the ports for it (postconf(5): smtpd_sasl_auth_enable)."),
        ),
        (
            "smtpd_sender_login_maps",
            _map("senders", so_far),
            _("Who logs in sends in the own name only (postconf(5): smtpd_sender_login_maps)."),
        ),
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
        ("smtpd_tls_auth_only", "yes", _("No password goes in clear (postconf(5): smtpd_tls_auth_only).")),
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
        (
            "message_size_limit",
            str(bytes_of(so_far.text("message_size_limit"))),
            _("Larger messages are refused (postconf(5): message_size_limit)."),
        ),
        (
            "mailbox_size_limit",
            "0",
            _("Never below message_size_limit, or local(8) delivers nothing (postconf(5): mailbox_size_limit)."),
        ),
        (
            "virtual_mailbox_limit",
            "0",
            _("What a mailbox may hold stands in the database (postconf(5): virtual_mailbox_limit)."),
        ),
        ("biff", "no", _("Nothing here listens for the “you have mail” signals (postconf(5): biff).")),
    )
    return tuple(entry for entry in wanted if entry[1] or entry[0] == "virtual_alias_domains")


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


def _removed() -> tuple[tuple[str, str], ...]:
    """Each parameter that is taken out of main.cf where it stands, and why."""
    reasons = {
        "master_service_disable": _("Other servers must be able to connect (postconf(5): master_service_disable)."),
        # postconf(5): smtpd_tls_chain_files overrides these, so they would only mislead.
        "smtpd_tls_cert_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_cert_file)."),
        "smtpd_tls_key_file": _("smtpd_tls_chain_files takes its place (postconf(5): smtpd_tls_key_file)."),
        "smtpd_use_tls": _("smtpd_tls_security_level takes its place (postconf(5): smtpd_use_tls)."),
        "smtp_use_tls": _("smtp_tls_security_level takes its place (postconf(5): smtp_use_tls)."),
    }
    taken_out = _("Taken out. {reason}")
    return tuple((name, taken_out.format(reason=reason)) for name, reason in reasons.items())


def _first_password(so_far: SoFar) -> Secret:
    given = so_far.answers.get("mailbox_password")
    if not isinstance(given, Secret):
        raise TypeError("mailbox_password is not a secret")
    return _stored_password(first_mailbox(so_far), given, so_far)


def _stored_password(address: str, given: Secret | None, so_far: SoFar) -> Secret:
    """The hash for the database: the one that is there where the password is its own or none was given."""
    stored = so_far.facts.mailboxes.get(address)
    if stored is not None and (given is None or given == Secret("") or is_password_of(given, stored)):
        return stored
    if given is None:
        raise TypeError("a new mailbox has no password")
    return hashed(given)


def desired(so_far: SoFar) -> tuple[Step, ...]:
    """The steps for these answers, in the order in which a first set-up must take them."""
    facts = so_far.facts
    files, services = postfix_files(facts), services_without()
    certificate_path, key_path = certificate_paths(so_far)
    parameters, removed = _parameters(so_far), _removed()
    of_certificate = (f"file:{key_path}", f"file:{certificate_path}")
    login_services = (
        _logged_in(so_far, "submission", "smtpd_tls_security_level=encrypt"),
        _logged_in(so_far, "submissions", "smtpd_tls_wrappermode=yes"),
    )
    return (
        InstallPackages(
            packages=("postfix", "postfix-sqlite", "dovecot"),
            why=_("Postfix takes and sends mail, Dovecot keeps the mailboxes, SQLite the accounts (sqlite_table(5))."),
        ),
        AddGroup(group=GroupState(_MAIL_USER, _MAIL_NUMBER), why=_("The group of the mail itself (group(5)).")),
        AddUser(
            user=UserState(_MAIL_USER, _MAIL_NUMBER, _MAIL_NUMBER, str(_MAIL_FOLDER)),
            why=_("All mail belongs to one user who cannot log in (passwd(5)). It stays while mail lies in its home."),
        ),
        MakeDirectory(
            path=_MAIL_FOLDER,
            mode=0o700,
            owner=_MAIL_USER,
            group=_MAIL_USER,
            private=True,
            why=_("The mailboxes are made in it, for Dovecot alone to read (dovecot(1))."),
        ),
        MakeDirectory(
            path=DATABASE.parent,
            mode=0o750,
            owner="root",
            group=_READERS,
            why=_("Only the programs that look accounts up can enter it (sqlite_table(5))."),
        ),
        *_certificate_steps(so_far),
        try_configuration(files),
        CheckDovecot(
            path=_DOVECOT,
            why=_("What is wanted is tried in a copy first; if Dovecot objects, nothing is changed (doveconf(1))."),
        ),
        SetMailAccounts(
            path=DATABASE,
            domains=domains_of(so_far),
            mailboxes=(
                (
                    first_mailbox(so_far),
                    _first_password(so_far).reveal(),
                    bytes_of(so_far.text("mailbox_quota")),
                ),
            ),
            aliases=tuple(role_aliases(so_far).items()),
            group=_READERS,
            why=_("Postfix and Dovecot look accounts up there, and can only read it (sqlite_table(5))."),
        ),
        MakeDirectory(
            path=files.folder / "sqlite", why=_("What Postfix asks the database lies in it (sqlite_table(5)).")
        ),
        *(
            WriteFile(
                path=_table(name, so_far),
                content=render(f"etc/postfix/sqlite/{name}.cf", database=str(DATABASE)),
                why=_("It tells Postfix what to ask the database (sqlite_table(5))."),
            )
            for name in _TABLES
        ),
        MakeDirectory(path=_DOVECOT.parent, why=_("Dovecot's configuration lies in it (dovecot(1)).")),
        WriteFile(
            path=_DOVECOT,
            content=render(
                "etc/dovecot/dovecot.conf",
                listen=_LISTEN[protocols_default(so_far)],
                user=_MAIL_USER,
                uid=_MAIL_NUMBER,
                mail_folder=str(_MAIL_FOLDER),
                certificate=str(certificate_path),
                key=str(key_path),
                database=str(DATABASE),
                readers=_READERS,
                queue_folder=_QUEUE_FOLDER,
                postmaster=f"postmaster@{domains_of(so_far)[0]}",
            ),
            why=_("So that mailboxes are filled over LMTP and read over IMAP (dovecot(1))."),
        ),
        set_parameters(
            files,
            parameters,
            removed,
            _("So that mail for the domains comes in, and mail of who logs in goes out (postconf(5))."),
        ),
        SetMasterEntries(
            path=files.master_cf,
            wanted=(*services, *login_services),
            reasons=(
                ("submission/inet", _("Port 587: TLS by STARTTLS, then a login (RFC 6409).")),
                ("submissions/inet", _("Port 465: TLS from the start, then a login (RFC 8314).")),
            ),
            still=tuple((service_key(line), None) for line in services),
            why=_("So that users' mail programs can hand in mail, and no service is missing (master(5))."),
        ),
        SetTableLines(
            path=files.aliases,
            style="aliases",
            wanted=(("root", so_far.text("role_mail_to")), ("postmaster", "root")),
            why=_("So that mail of this machine for root is read by somebody (aliases(5))."),
        ),
        *build_aliases(files),
        SetService(
            unit="dovecot.service",
            state=ServiceState(enabled=True, running=True),
            why=_("So that Dovecot runs, now and after each start of the machine (systemctl(1))."),
        ),
        run_postfix(),
        RefreshService(
            unit="dovecot.service",
            reload_for=(*of_certificate, _ACCOUNTS, f"file:{_DOVECOT}"),
            why=_("So that Dovecot takes up what is written, and opens the new database (doveadm-reload(1))."),
        ),
        refresh_postfix(files, *of_certificate, _ACCOUNTS, f"file:{files.folder}/sqlite/"),
    )


def account_steps(change: AccountChange, so_far: SoFar) -> tuple[Step, ...]:
    """The steps for one change to the accounts; which domains are served stays as it is."""
    facts = so_far.facts
    mailboxes: tuple[tuple[str, str, int], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    match change:
        case AddMailbox():
            password = _stored_password(change.address, change.password, so_far)
            mailboxes = ((change.address, password.reveal(), quota_of(change, so_far)),)
        case SetPassword():
            password = _stored_password(change.address, change.password, so_far)
            mailboxes = ((change.address, password.reveal(), facts.mailbox_quotas[change.address]),)
        case RemoveMailbox() | RemoveAlias():
            removed = (change.address,)
        case AddAlias():
            aliases = ((change.address, ",".join(change.targets)),)
    return (
        SetMailAccounts(
            path=DATABASE,
            domains=facts.mail_domains,
            mailboxes=mailboxes,
            aliases=aliases,
            removed=removed,
            group=_READERS,
            why=_("Postfix and Dovecot look accounts up there, and can only read it (sqlite_table(5))."),
        ),
        RefreshService(
            unit="dovecot.service",
            reload_for=(_ACCOUNTS,),
            why=_("So that Dovecot opens the new database, and forgets what it knew (doveadm-reload(1))."),
        ),
        RefreshService(
            unit="postfix.service",
            reload_for=(_ACCOUNTS,),
            why=_("So that Postfix opens the new database (postfix(1): reload)."),
        ),
    )


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


PROFILE = Profile(
    title=_("Virtual mail"),
    summary=_(
        "A mail server for domains of your own: users have a mailbox, read over IMAP, and no account here.\n"
        "Ports 25, 465, 587 and 993 are open to others; the DNS is yours to set, and spam is not filtered."
    ),
    questions=(
        compatibility,
        dovecot_configuration,
        hostname,
        mail_domains,
        mailbox_address,
        mailbox_password,
        role_mail_to,
        certificate,
        certificate_file,
        key_file,
        message_size_limit,
        mailbox_quota,
    ),
    desired=desired,
    checks=(accounts_can_be_read,),
    probes=(send_to_mailbox, log_in_by_imap, send_by_submission, strangers_are_refused),
    account_steps=account_steps,
)
