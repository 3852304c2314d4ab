"""The question about filters that users make for their own mail."""

from wizard.ask.mail_domains import MAILBOXES
from wizard.ask.question import YesNoQuestion
from wizard.words import _

sieve = YesNoQuestion(
    key="sieve",
    ask=_("May users sort their mail with filters, and answer when away?"),
    why=_(
        "Filters in Sieve (RFC 5228) file mail into folders, send it on, or answer that somebody is away (RFC 5230). "
        "Mail programs bring them over ManageSieve on port 4190, with TLS and the mailbox's password. With no, that "
        "port is not open; filters that there are stay, and do nothing."
    ),
    manual="sievec(1)",
    section=MAILBOXES,
    default=lambda _so_far: True,
)
