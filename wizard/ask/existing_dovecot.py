"""What there is of Dovecot on this machine: its release, its syntax, and whether its configuration may be replaced."""

import re

from wizard.ask.question import Choice, ChoiceQuestion, SoFar
from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.words import _

# Arch has the 2.3 line under a name of its own.
_NAMES = ("dovecot", "dovecot23")


def dovecot_release(facts: Facts) -> str:
    """The release that is installed, such as 2.4.5; empty where none is."""
    return next((facts.packages[name].partition("-")[0] for name in _NAMES if name in facts.packages), "")


def is_before_2_4(facts: Facts) -> bool:
    """Whether the Dovecot here reads the syntax of 2.3; 2.4 reads another one, and neither reads the other's."""
    found = re.match(r"(?:\d+:)?(\d+)\.(\d+)", dovecot_release(facts))
    return found is not None and (int(found[1]), int(found[2])) < (2, 4)


def of_this_line(facts: Facts, package: str) -> str:
    """The package of the line of releases that is installed: beside dovecot23 stands pigeonhole23."""
    return f"{package}23" if "dovecot23" in facts.packages else package


def _keeps_dovecot(value: str, _so_far: SoFar) -> Problem | None:
    if value == "replace":
        return None
    return Problem(
        _("Dovecot would not know the mailboxes that are made here."),
        _("Let its configuration be replaced, or choose another profile; nothing has been changed."),
    )


def _seen(so_far: SoFar) -> str:
    """The release, whether it can read the file that is there, and what its package laid beside it."""
    facts = so_far.facts
    said = []
    if release := dovecot_release(facts):
        said.append(_("Dovecot {version} is installed.").format(version=release))
    if facts.dovecot_syntax == "2.3" and not is_before_2_4(facts):
        said.append(_("Its configuration is in the syntax of 2.3, which 2.4 does not read: it would not start."))
    elif facts.dovecot_syntax not in {"", "2.3"} and is_before_2_4(facts):
        said.append(_("Its configuration is in the syntax of 2.4, which this release does not read."))
    beside = [path for path in facts.pacnew_files if path.startswith("/etc/dovecot/")]
    if beside:
        said.append(_("What its package would bring lies in {paths}.").format(paths=", ".join(beside)))
    return " ".join(said)


dovecot_configuration = ChoiceQuestion(
    key="dovecot_configuration",
    ask=_("Shall the configuration that Dovecot has now be replaced?"),
    why=_(
        "The main file of Dovecot is written whole, in the syntax of the release that is here. If you set it up by "
        "hand, your settings no longer hold. The preview shows the difference, and `postwizard undo` brings the file "
        "back."
    ),
    manual="doveconf(1)",
    section=_("What is there already"),
    when=lambda so_far: bool(
        (dovecot_release(so_far.facts) or so_far.facts.dovecot_syntax) and not so_far.facts.mailboxes
    ),
    seen=_seen,
    choices=lambda _so_far: (
        Choice("replace", _("Replace it"), _("Other files below /etc/dovecot stay, and are not read.")),
        Choice("keep", _("Keep it"), _("Then this profile does not fit, and is not applied.")),
    ),
    default=lambda _so_far: "replace",
    objection=_keeps_dovecot,
)
