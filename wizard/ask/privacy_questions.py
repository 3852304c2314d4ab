"""The question about what the headers of a sent mail tell of its sender."""

from wizard.ask.mail_domains import MAILBOXES
from wizard.ask.question import YesNoQuestion
from wizard.words import _

hide_sender_details = YesNoQuestion(
    key="hide_sender_details",
    ask=_("Shall sent mail hide from which address and program it comes?"),
    why=_(
        "Every reader of a mail can see in its headers where its sender sat and with what program it was written. Yes "
        "takes this out of mail that is sent with a login; all other mail keeps every header."
    ),
    manual="postconf(5): smtpd_hide_client_session",
    section=MAILBOXES,
    default=lambda _so_far: True,
)
