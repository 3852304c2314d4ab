"""How large a message may be, and how much a mailbox holds."""

from typing import Final

from wizard.ask.question import SoFar
from wizard.ask.size_questions import mailbox_quota, message_size_limit
from wizard.ask.sizes import bytes_of
from wizard.plan.part import Part, Wishes
from wizard.words import _


def _wishes(so_far: SoFar) -> Wishes:
    return Wishes(
        parameters=(
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
        ),
    )


limits: Final = Part(questions=(message_size_limit, mailbox_quota), wishes=_wishes)
