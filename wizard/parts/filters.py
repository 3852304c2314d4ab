"""Filters that users make for their own mail: Sieve at delivery, and ManageSieve to bring and change them."""

from typing import Final

from wizard.ask.existing_dovecot import of_this_line
from wizard.ask.filter_questions import sieve
from wizard.ask.question import SoFar
from wizard.check.filters import look_after_filters
from wizard.plan.part import Part, Wishes
from wizard.words import _


def _wishes(so_far: SoFar) -> Wishes:
    if not so_far.yes("sieve"):
        return Wishes()
    return Wishes(
        packages=(
            (of_this_line(so_far.facts, "pigeonhole"), _("Pigeonhole gives Dovecot the users' filters (RFC 5228).")),
        )
    )


# What Dovecot does with them stands in its one file, which the mail store writes.
filters: Final = Part(questions=(sieve,), wishes=_wishes, probes=(look_after_filters,))
