"""Domains, mailboxes and aliases: where they are kept, and how Postfix looks them up."""

from pathlib import PurePosixPath
from typing import Final

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
from wizard.places import MAIL_ARCHIVES
from wizard.plan.part import Part, Wishes
from wizard.render import render
from wizard.secret import Secret
from wizard.steps import import_mailboxes
from wizard.steps.archive_mail import ArchiveMail
from wizard.steps.delete_mail import DeleteMail
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_mail_accounts import SetMailAccounts
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.syntax.mail_accounts import DATABASE, MAIL_FOLDER
from wizard.syntax.password_hash import hashed, is_password_of
from wizard.words import _

# proxymap(8) runs as the user postfix, whose own group this is; Dovecot's auth workers get it as one group more.
READERS: Final = "postfix"
# The words with which the claims of all accounts begin.
CLAIMS: Final = f"mail_account:{DATABASE}#"
_TABLES: Final = ("domains", "mailboxes", "aliases", "alias_domains", "senders")


def _map(name: str, so_far: SoFar) -> str:
    return f"proxy:sqlite:{_table(name, so_far)}"


def _table(name: str, so_far: SoFar) -> PurePosixPath:
    return PurePosixPath(so_far.facts.config_directory) / "sqlite" / f"{name}.cf"


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
            "smtpd_sender_login_maps",
            _map("senders", so_far),
            _("Who logs in sends in the own name only (postconf(5): smtpd_sender_login_maps)."),
        ),
    )


def _files(so_far: SoFar) -> tuple[Step, ...]:
    folder = PurePosixPath(so_far.facts.config_directory) / "sqlite"
    return (
        SetMailAccounts(
            path=DATABASE,
            domains=domains_of(so_far),
            mailboxes=(
                (
                    first_mailbox(so_far),
                    _first_password(so_far),
                    bytes_of(so_far.text("mailbox_quota")),
                ),
            ),
            aliases=tuple(role_aliases(so_far).items()),
            group=READERS,
            why=_("Postfix and Dovecot look accounts up there, and can only read it (sqlite_table(5))."),
        ),
        MakeDirectory(path=folder, why=_("What Postfix asks the database lies in it (sqlite_table(5)).")),
        *(
            WriteFile(
                path=_table(name, so_far),
                content=render(f"etc/postfix/sqlite/{name}.cf", database=str(DATABASE)),
                why=_("It tells Postfix what to ask the database (sqlite_table(5))."),
            )
            for name in _TABLES
        ),
    )


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        packages=(("postfix-sqlite", _("SQLite keeps the accounts (sqlite_table(5)).")),),
        ground=(
            MakeDirectory(
                path=DATABASE.parent,
                mode=0o750,
                owner="root",
                group=READERS,
                why=_("Only the programs that look accounts up can enter it (sqlite_table(5))."),
            ),
        ),
        files=_files(so_far),
        parameters=_parameters(so_far),
        aliases=(("root", so_far.text("role_mail_to")), ("postmaster", "root")),
        read_by_postfix=(CLAIMS, f"file:{so_far.facts.config_directory}/sqlite/"),
    )


def account_steps(change: AccountChange, so_far: SoFar) -> tuple[Step, ...]:
    """The steps for one change to the accounts; which domains are served stays as it is."""
    return (
        _account_step(change, so_far),
        RefreshService(
            unit="dovecot.service",
            reload_for=(CLAIMS,),
            why=_("So that Dovecot opens the new database, and forgets what it knew (doveadm-reload(1))."),
        ),
        RefreshService(
            unit="postfix.service",
            reload_for=(CLAIMS,),
            why=_("So that Postfix opens the new database (postfix(1): reload)."),
        ),
        *_mail_steps(change),
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


def _account_step(change: AccountChange, so_far: SoFar) -> Step:
    facts = so_far.facts
    why = _("Postfix and Dovecot look accounts up there, and can only read it (sqlite_table(5)).")
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
            return import_mailboxes.ImportMailboxes(path=DATABASE, rows=change.rows, why=why)
    return SetMailAccounts(
        path=DATABASE,
        domains=facts.mail_domains,
        mailboxes=mailboxes,
        aliases=aliases,
        removed=removed,
        group=READERS,
        why=why,
    )


accounts: Final = Part(
    questions=(mail_domains, mailbox_address, mailbox_password, role_mail_to),
    wishes=_wishes,
    checks=(accounts_can_be_read,),
    probes=(send_to_mailbox,),
    dns_needs=lambda _look, so_far: DnsNeeds(domains=domains_of(so_far)),
)
