"""How large a message may be, and how much a mailbox holds."""

from typing import Final

from wizard.ask.existing_postfix import release_at_least
from wizard.ask.question import SoFar
from wizard.ask.size_questions import mailbox_quota, message_size_limit
from wizard.ask.sizes import bytes_of
from wizard.plan.part import Part, Wishes
from wizard.words import _

# Logins from one address in a minute (anvil_rate_time_unit); the default is no limit, which helps only who guesses. The
# other limits of anvil(8) hold back real mail when they are low (postconf(5) warns of it), so their defaults stay.
_MOST_LOGINS: Final = 30


def _wishes(so_far: SoFar) -> Wishes:
    limits_logins = release_at_least(so_far.facts, (3, 6))
    return Wishes(
        # postconf(5): smtpd_client_auth_rate_limit, since 3.1; this machine itself is exempt ($mynetworks).
        login_options=(f"smtpd_client_auth_rate_limit={_MOST_LOGINS}",) if limits_logins else (),
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
