"""Why an answer is refused: each function takes the text as typed and returns a Problem, or None; fast and pure.

They are called at every key press, so none looks anything up. Each idea has a file of its own; all are found here.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from wizard.ask.host_names import domain, hostname, local_name
from wizard.ask.mail_addresses import alias_target, alias_targets, forward, local_user, mail_address
from wizard.ask.networks import network, port
from wizard.ask.paths import home_place, mail_folder, path
from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.ask.question import SoFar
from wizard.ask.sizes import size
from wizard.problem import Problem
from wizard.words import _

# RFC 5321, section 4.5.3.1.5: 512 octets for a reply, of which an address of 254 and Postfix's own words take the rest.
LONGEST_BOUNCE = 200
_STATUS_CODE = re.compile(r"[245]\.\d+\.\d+|[245]\d\d\b")


Objection: TypeAlias = Callable[[str], Problem | None]


def alone(objection: Objection) -> Callable[[str, SoFar], Problem | None]:
    """The objection as a question wants it, for one that needs to know nothing else."""

    def judged(value: str, _so_far: SoFar) -> Problem | None:
        return objection(value)

    return judged


def yes_or_no(value: str) -> Problem | None:
    """`yes` or `no`, as Postfix writes them."""
    if (problem := unfit(value, 10)) is not None:
        return problem
    if value not in {"yes", "no"}:
        return Problem(_("“{text}” is neither yes nor no.").format(text=shown(value)), _("Write yes or no."))
    return None


def bounce_words(value: str) -> Problem | None:
    """The words in which mail is refused: one line of an SMTP reply, in US-ASCII (RFC 5321, section 4.2)."""
    if not value:
        return nothing_given("outside mail is not deliverable")
    if (problem := unfit(value, LONGEST_BOUNCE, _("the length of an SMTP reply (RFC 5321)"))) is not None:
        return problem
    if not value.isascii():
        return Problem(
            _("There are letters in it that an SMTP reply cannot carry."),
            _("Use plain letters a to z: other programs would show question marks (RFC 5321, section 4.2)."),
        )
    if _STATUS_CODE.match(value):
        return Problem(
            _("It begins with a status code."), _("Leave it out: the fitting one, 5.7.1, is put before the words.")
        )
    if not any(char.isalpha() for char in value):
        return Problem(_("There are no words in it."), _("Say in a few words why the mail was not delivered."))
    return None


__all__ = [
    "LONGEST_BOUNCE",
    "Objection",
    "alias_target",
    "alias_targets",
    "alone",
    "bounce_words",
    "domain",
    "forward",
    "home_place",
    "hostname",
    "local_name",
    "local_user",
    "mail_address",
    "mail_folder",
    "network",
    "path",
    "port",
    "size",
    "yes_or_no",
]
