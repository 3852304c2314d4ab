"""Dovecot: it puts mail into the mailboxes, lets their users read it, and knows their passwords."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.account_store import store_of
from wizard.ask.certificates import certificate_paths
from wizard.ask.existing_dovecot import dovecot_configuration, is_before_2_4, of_this_line
from wizard.ask.mail_domains import domains_of
from wizard.ask.question import SoFar
from wizard.ask.staying_here import protocols_default
from wizard.check.dns_needs import DnsNeeds
from wizard.check.virtual_mail import log_in_by_imap
from wizard.machine.machine import GroupState, ServiceState, UserState
from wizard.machine.sql_servers import DATABASE_NAME, SQL_SERVERS
from wizard.parts.account_stores import PASSWORD_FILE, READERS, claims_of_accounts
from wizard.parts.encryption import INTERMEDIATE, certificate_claims
from wizard.plan.part import Part, Wishes
from wizard.render import render
from wizard.steps.add_group import AddGroup
from wizard.steps.add_user import AddUser
from wizard.steps.check_dovecot import CheckDovecot
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.syntax.mail_accounts import DATABASE, MAIL_FOLDER
from wizard.words import _

# All mail belongs to this user, which can do nothing else; 5000 is above what useradd(8) gives to system users.
_USER: Final = "vmail"
_NUMBER: Final = 5000
_CONFIGURATION: Final = PurePosixPath("/etc/dovecot/dovecot.conf")
# Dovecot 2.3 has what it asks the database in a file of its own.
_SQL_FILE: Final = PurePosixPath("/etc/dovecot/dovecot-sql.conf.ext")
_QUEUE_FOLDER: Final = "/var/spool/postfix"
# Dovecot's words for what inet_protocols says of Postfix; a kind of address that is missing must not be named.
_LISTEN: Final = {"all": "*, ::", "ipv4": "*", "ipv6": "::"}


def _owner_of_mail() -> tuple[Step, ...]:
    return (
        AddGroup(group=GroupState(_USER, _NUMBER), why=_("The group of the mail itself (group(5)).")),
        AddUser(
            user=UserState(_USER, _NUMBER, _NUMBER, str(MAIL_FOLDER)),
            why=_("All mail belongs to one user who cannot log in (passwd(5)). It stays while mail lies in its home."),
        ),
        MakeDirectory(
            path=MAIL_FOLDER,
            mode=0o700,
            owner=_USER,
            group=_USER,
            private=True,
            why=_("The mailboxes are made in it, for Dovecot alone to read (dovecot(1))."),
        ),
    )


def _configuration(so_far: SoFar) -> bytes:
    """The main file in the syntax of the release that is here: 2.4 takes no file of 2.3, nor the other way round."""
    certificate_path, key_path = certificate_paths(so_far)
    before_2_4 = is_before_2_4(so_far.facts)
    return render(
        "etc/dovecot/dovecot-2.3.conf" if before_2_4 else "etc/dovecot/dovecot.conf",
        **({"sql_file": str(_SQL_FILE)} if before_2_4 else _store(so_far)),
        listen=_LISTEN[protocols_default(so_far)],
        user=_USER,
        uid=_NUMBER,
        mail_folder=str(MAIL_FOLDER),
        certificate=str(certificate_path),
        key=str(key_path),
        ciphers=":".join(INTERMEDIATE),
        readers=READERS,
        queue_folder=_QUEUE_FOLDER,
        postmaster=f"postmaster@{domains_of(so_far)[0]}",
        sieve=so_far.yes("sieve"),
    )


def _store(so_far: SoFar) -> dict[str, str]:
    """What Dovecot asks for accounts."""
    server = SQL_SERVERS.get(store_of(so_far))
    return {
        "store": store_of(so_far),
        "database": str(DATABASE) if server is None else DATABASE_NAME,
        "socket": server.socket if server is not None else "",
        "password_file": str(PASSWORD_FILE),
    }


def _sql_file(so_far: SoFar) -> tuple[Step, ...]:
    if not is_before_2_4(so_far.facts):
        return ()
    return (
        WriteFile(
            path=_SQL_FILE,
            content=render("etc/dovecot/dovecot-sql.conf.ext", database=str(DATABASE), mail_folder=str(MAIL_FOLDER)),
            why=_("It tells Dovecot 2.3 what to ask the database (sqlite_table(5))."),
        ),
    )


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        packages=((of_this_line(so_far.facts, "dovecot"), _("Dovecot keeps the mailboxes.")),),
        ground=_owner_of_mail(),
        gates=(
            CheckDovecot(
                path=_CONFIGURATION,
                why=_("What is wanted is tried in a copy first; if Dovecot objects, nothing is changed (doveconf(1))."),
            ),
        ),
        files=(
            MakeDirectory(path=_CONFIGURATION.parent, why=_("Dovecot's configuration lies in it (dovecot(1)).")),
            *_sql_file(so_far),
            WriteFile(
                path=_CONFIGURATION,
                content=_configuration(so_far),
                why=_("So that mailboxes are filled over LMTP and read over IMAP (dovecot(1))."),
            ),
        ),
        recipient_checks=("check_policy_service unix:private/quota-status",),
        parameters=(
            (
                "virtual_transport",
                "lmtp:unix:private/dovecot-lmtp",
                _("Dovecot puts mail into the mailboxes, RFC 2033 (postconf(5): virtual_transport)."),
            ),
        ),
        units=(
            SetService(
                unit="dovecot.service",
                state=ServiceState(enabled=True, running=True),
                why=_("So that Dovecot runs, now and after each start of the machine (systemctl(1))."),
            ),
        ),
        refreshed=(
            RefreshService(
                unit="dovecot.service",
                reload_for=(
                    *certificate_claims(so_far),
                    claims_of_accounts(so_far),
                    f"file:{_CONFIGURATION}",
                    f"file:{_SQL_FILE}",
                ),
                why=_("So that Dovecot takes up what is written, and opens the new database (doveadm-reload(1))."),
            ),
        ),
    )


mail_store: Final = Part(
    questions=(dovecot_configuration,),
    wishes=_wishes,
    probes=(log_in_by_imap,),
    dns_needs=lambda _look, _so_far: DnsNeeds(services=("imaps",)),
)
