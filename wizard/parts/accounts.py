"""Domains, mailboxes and aliases: where they are kept, and how Postfix looks them up."""

from typing import Final

from wizard.ask.account_store import account_store
from wizard.ask.mail_accounts import (
    AccountChange,
    AddAlias,
    AddMailbox,
    ImportMailboxes,
    RemoveAlias,
    RemoveMailbox,
    SetPassword,
    SetQuota,
    quota_of,
)
from wizard.ask.mail_domains import (
    domains_of,
    first_mailbox,
    mail_domains,
    mailbox_address,
    mailbox_password,
    role_aliases,
    role_mail_to,
)
from wizard.ask.question import SoFar
from wizard.ask.sizes import bytes_of
from wizard.check.dns_needs import DnsNeeds
from wizard.check.virtual_mail import accounts_can_be_read, send_to_mailbox
from wizard.parts.account_stores import (
    accounts_of,
    alias_maps,
    claims_of_accounts,
    claims_of_tables,
    ground,
    in_store,
    is_opened_anew,
    map_of,
    packages,
    place,
    table_files,
    tables_made_from_accounts,
    why_accounts,
)
from wizard.places import MAIL_ARCHIVES
from wizard.plan.part import Part, Wishes
from wizard.secret import Secret
from wizard.steps import import_mailboxes
from wizard.steps.account_edit import AccountEdit
from wizard.steps.archive_mail import ArchiveMail
from wizard.steps.delete_mail import DeleteMail
from wizard.steps.refresh_service import RefreshService
from wizard.steps.step import Step
from wizard.syntax.mail_accounts import MAIL_FOLDER
from wizard.syntax.password_hash import hashed, is_password_of
from wizard.words import _


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


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    return (
        (
            "virtual_mailbox_domains",
            map_of("domains", so_far),
            _("The domains, looked up in the database (postconf(5): virtual_mailbox_domains)."),
        ),
        (
            "virtual_mailbox_maps",
            map_of("mailboxes", so_far),
            _("The mailboxes, looked up in the database (postconf(5): virtual_mailbox_maps)."),
        ),
        (
            "virtual_alias_maps",
            alias_maps(so_far),
            _("Addresses that lead to others, looked up in the database (postconf(5): virtual_alias_maps)."),
        ),
        (
            "virtual_alias_domains",
            "",
            _("No domain has aliases alone; each is in one class only (postconf(5): virtual_alias_domains)."),
        ),
        (
            "smtpd_sender_login_maps",
            map_of("senders", so_far),
            _("Who logs in sends in the own name only (postconf(5): smtpd_sender_login_maps)."),
        ),
    )


def _accounts(so_far: SoFar) -> Step:
    edit = accounts_of(
        so_far,
        domains=domains_of(so_far),
        mailboxes=((first_mailbox(so_far), _first_password(so_far), bytes_of(so_far.text("mailbox_quota"))),),
        aliases=tuple(role_aliases(so_far).items()),
    )
    return in_store(edit, so_far)


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        packages=packages(so_far),
        ground=ground(so_far),
        files=(_accounts(so_far), *table_files(so_far)),
        parameters=_parameters(so_far),
        aliases=(("root", so_far.text("role_mail_to")), ("postmaster", "root")),
        read_by_postfix=(claims_of_accounts(so_far), claims_of_tables(so_far)),
    )


def account_steps(change: AccountChange, so_far: SoFar) -> tuple[Step, ...]:
    """The steps for one change to the accounts; which domains are served stays as it is."""
    edit = in_store(_account_edit(change, so_far), so_far)
    told = (*tables_made_from_accounts(so_far), *_told(so_far)) if is_opened_anew(so_far) else ()
    return (edit, *told, *_mail_steps(change))


def _told(so_far: SoFar) -> tuple[Step, ...]:
    """The steps by which the programs open the accounts anew."""
    return (
        RefreshService(
            unit="dovecot.service",
            reload_for=(claims_of_accounts(so_far),),
            why=_("So that Dovecot opens the new database, and forgets what it knew (doveadm-reload(1))."),
        ),
        RefreshService(
            unit="postfix.service",
            reload_for=(claims_of_accounts(so_far),),
            why=_("So that Postfix opens the new database (postfix(1): reload)."),
        ),
    )


def _mail_steps(change: AccountChange) -> tuple[Step, ...]:
    """What becomes of the mail of a mailbox that is removed; no more of it comes by then."""
    if not isinstance(change, RemoveMailbox) or not change.maildir:
        return ()
    folder, archive = MAIL_FOLDER / change.maildir, MAIL_ARCHIVES / f"{change.address}.tar.gz"
    if change.mail == "delete":
        return (DeleteMail(folder=folder, why=_("You asked for it by name, and gave the address twice.")),)
    return (
        ArchiveMail(folder=folder, archive=archive, why=_("A copy is kept of mail that nobody reads here any more.")),
    )


def _account_edit(change: AccountChange, so_far: SoFar) -> AccountEdit:
    facts = so_far.facts
    mailboxes: tuple[tuple[str, Secret, int], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    match change:
        case AddMailbox():
            password = _stored_password(change.address, change.password, so_far)
            mailboxes = ((change.address, password, quota_of(change, so_far)),)
        case SetPassword():
            password = _stored_password(change.address, change.password, so_far)
            mailboxes = ((change.address, password, facts.mailbox_quotas[change.address]),)
        case SetQuota():
            mailboxes = ((change.address, facts.mailboxes[change.address], bytes_of(change.quota)),)
        case RemoveMailbox() | RemoveAlias():
            removed = (change.address,)
        case AddAlias():
            aliases = ((change.address, ",".join(change.targets)),)
        case ImportMailboxes():
            return import_mailboxes.ImportMailboxes(path=place(so_far), rows=change.rows, why=why_accounts(so_far))
    return accounts_of(so_far, domains=facts.mail_domains, mailboxes=mailboxes, aliases=aliases, removed=removed)


accounts: Final = Part(
    questions=(account_store, mail_domains, mailbox_address, mailbox_password, role_mail_to),
    wishes=_wishes,
    checks=(accounts_can_be_read,),
    probes=(send_to_mailbox,),
    dns_needs=lambda _look, so_far: DnsNeeds(domains=domains_of(so_far)),
)
