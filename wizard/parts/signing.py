"""Signing outgoing mail, and judging by whom incoming mail was really sent: Rspamd, or OpenDKIM with OpenDMARC."""

from typing import Final

from wizard.ask.question import SoFar
from wizard.ask.signing_questions import (
    dkim_selector,
    is_signed,
    signing,
    signing_keys,
    unauthenticated_mail,
    when_signing_fails,
)
from wizard.check.dns_needs import DkimKey as PublishedKey
from wizard.check.dns_needs import DnsNeeds
from wizard.machine.dkim_keys import public_keys
from wizard.machine.machine import Look
from wizard.parts.opendkim import opendkim_wishes
from wizard.parts.rspamd import rspamd_wishes
from wizard.plan.part import Part, Wishes, together
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.make_dkim_key import MakeDkimKey
from wizard.steps.step import Step
from wizard.syntax.dkim import FOLDER
from wizard.words import _


def _keys(so_far: SoFar, group: str) -> tuple[Step, ...]:
    return (
        MakeDirectory(
            path=FOLDER,
            mode=0o750,
            owner="root",
            group=group,
            private=True,
            why=_("Only the program that signs can look for keys in it (RFC 6376, section 8.3)."),
        ),
        *(
            MakeDkimKey(
                path=key.path,
                group=group,
                why=_("Whoever has it can sign in the name of {domain} (RFC 6376, section 8.3).").format(
                    domain=key.domain
                ),
            )
            for key in signing_keys(so_far)
        ),
    )


def _wishes(so_far: SoFar) -> Wishes:
    if not is_signed(so_far):
        return Wishes()
    program = rspamd_wishes if so_far.text("signing") == "rspamd" else opendkim_wishes
    return together((_shared_wishes(so_far), program(so_far)))


def _shared_wishes(so_far: SoFar) -> Wishes:
    """What is wanted whichever program it is."""
    return Wishes(
        # The user of either program has a group of its own, and both have the program's name.
        ground=_keys(so_far, so_far.text("signing")),
        parameters=(
            (
                "milter_default_action",
                so_far.text("when_signing_fails"),
                _("What becomes of mail while the program does not answer (postconf(5): milter_default_action)."),
            ),
        ),
    )


def _dns_needs(look: Look, so_far: SoFar) -> DnsNeeds:
    """The records by which others verify the signatures, with the keys that lie on the machine."""
    keys = signing_keys(so_far) if is_signed(so_far) else ()
    found = [public for public in public_keys(look) if public.key in keys] if keys else []
    return DnsNeeds(
        dkim_keys=tuple(PublishedKey(public.key.selector, public.key.domain, public.record) for public in found)
    )


mail_signing: Final = Part(
    questions=(signing, dkim_selector, unauthenticated_mail, when_signing_fails),
    wishes=_wishes,
    dns_needs=_dns_needs,
)
