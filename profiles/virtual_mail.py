"""Virtual mail: mailboxes whose users have no account on this machine; taken by SMTP, read by IMAP, sent by login."""

from wizard.ask.certificates import by_acme
from wizard.ask.question import SoFar
from wizard.parts.accounts import account_steps, accounts
from wizard.parts.encryption import encryption
from wizard.parts.filters import filters
from wizard.parts.firewall import firewall_for
from wizard.parts.limits import limits
from wizard.parts.mail_store import mail_store
from wizard.parts.postscreen import postscreen
from wizard.parts.privacy import privacy
from wizard.parts.receiving import receiving
from wizard.parts.signing import mail_signing
from wizard.parts.submission import submission
from wizard.plan.part import profile_of
from wizard.words import _


def _ports(so_far: SoFar) -> tuple[int, ...]:
    """What others have to reach: port 80 for the renewal of a certificate (RFC 8555, section 8.3)."""
    return (25, 465, 587, 993, *((4190,) if so_far.yes("sieve") else ()), *((80,) if by_acme(so_far) else ()))


PROFILE = profile_of(
    receiving,
    # Before the mail store, so that its test mail comes before the first login: what that makes for a mailbox is kept.
    accounts,
    # Started first of all, since it takes a moment until it answers Postfix.
    mail_signing,
    mail_store,
    filters,
    encryption,
    limits,
    submission,
    privacy,
    postscreen,
    firewall_for(_ports),
    title=_("Virtual mail"),
    summary=_(
        "A mail server for domains of your own: users have a mailbox, read over IMAP, and no account here.\n"
        "Ports 25, 465, 587 and 993 are open to others; the DNS is yours to set, and spam is not filtered."
    ),
    account_steps=account_steps,
)
