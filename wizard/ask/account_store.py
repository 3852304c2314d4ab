"""The question where the accounts of virtual mail are kept."""

from typing import Final

from wizard.ask.existing_dovecot import is_before_2_4
from wizard.ask.mail_domains import MAILBOXES
from wizard.ask.question import Choice, ChoiceQuestion, SoFar
from wizard.machine.account_store import FILES, SQLITE
from wizard.machine.sql_servers import SQL_SERVERS
from wizard.problem import Problem
from wizard.words import _


def store_of(so_far: SoFar) -> str:
    """The store in the answers, one of STORE_PLACES."""
    return so_far.text("account_store") or SQLITE


def store_silent(store: str) -> Problem:
    """What is said where the accounts are kept by a server that does not answer, or in a file that is not there."""
    server = SQL_SERVERS.get(store)
    if server is None:
        return Problem(_("The mail accounts cannot be read."), _("Look at `ls -l /var/lib/virtual_mail`."))
    return Problem(
        _("{server} keeps the mail accounts, and does not answer.").format(server=server.label),
        _("Start it: `systemctl start {unit}`; see why it does not run: `journalctl -u {unit} -e`.").format(
            unit=server.unit
        ),
    )


def _objection(value: str, so_far: SoFar) -> Problem | None:
    if not so_far.facts.account_store_answers:  # what is there could be neither kept nor carried over
        return store_silent(so_far.facts.account_store)
    if value != SQLITE and is_before_2_4(so_far.facts):
        return Problem(
            _("Dovecot 2.3 is installed here, for which the wizard keeps accounts in SQLite only."),
            _("Keep SQLite, or bring Dovecot up to 2.4 first."),
        )
    return None


def _choices(_so_far: SoFar) -> tuple[Choice, ...]:
    return (
        Choice(SQLITE, "SQLite", _("One file, and nothing that has to run. Fits up to some thousand mailboxes.")),
        *(
            Choice(
                name,
                server.label,
                _("A server, which is installed and closed to the network; Postfix and Dovecot can only read in it."),
            )
            for name, server in SQL_SERVERS.items()
        ),
        Choice(
            FILES,
            _("Plain tables"),
            _("Files that the wizard makes anew for each change. Postfix's have no passwords in them."),
        ),
    )


account_store: Final = ChoiceQuestion(
    key="account_store",
    ask=_("Where shall domains, mailboxes and aliases be kept?"),
    why=_(
        "Postfix and Dovecot look every address up there. The tables are PostfixAdmin's wherever they are kept. With "
        "another answer later, all accounts are carried over, and the old store stays where it is until you remove it."
    ),
    manual="postconf(5): virtual_mailbox_maps",
    section=MAILBOXES,
    choices=_choices,
    default=lambda so_far: so_far.facts.account_store or SQLITE,
    objection=_objection,
    seen=lambda so_far: (
        _("There are {count} mailboxes in it now.").format(count=len(so_far.facts.mailboxes))
        if so_far.facts.account_store and so_far.facts.mailboxes
        else ""
    ),
)
