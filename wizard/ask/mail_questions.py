"""Questions that more than one profile asks: by which names the machine is known."""

import re
from collections.abc import Callable, Iterable

from wizard.ask.existing_postfix import items_of, setting
from wizard.ask.objections import alone, local_name
from wizard.ask.objections import hostname as full_name
from wizard.ask.question import ListQuestion, SoFar, TextQuestion
from wizard.problem import Problem
from wizard.words import _

MACHINE = _("This machine")
_MYDOMAIN = re.compile(r"\$(?:mydomain(?!\w)|\{mydomain\}|\(mydomain\))")


def first_accepted(candidates: Iterable[str], objection: Callable[[str], Problem | None]) -> str:
    """The first candidate that is not refused; the last one where all are, so that the question shows why."""
    found = tuple(candidates)
    return next((candidate for candidate in found if objection(candidate) is None), found[-1])


def _name_default(so_far: SoFar) -> str:
    facts = so_far.facts
    short = facts.host_name.partition(".")[0]
    candidates = (
        setting(facts, "myhostname"),
        facts.fully_qualified_name,
        facts.host_name,
        f"{short}.{facts.domain or 'localdomain'}",
        f"{short}.localdomain",
        "localhost.localdomain",
    )
    return first_accepted(candidates, full_name)


def _name_seen(so_far: SoFar) -> str:
    facts = so_far.facts
    proposed = _name_default(so_far)
    if proposed == setting(facts, "myhostname"):
        return _("The proposal is what main.cf says now.")
    if proposed == facts.fully_qualified_name and facts.name_source:
        return _("The proposal comes from {source}.").format(source=facts.name_source)
    if facts.host_name:
        return _(
            "This machine calls itself {name}; .localdomain is what Postfix adds where no domain is known."
        ).format(name=facts.host_name)
    return _("This machine does not say its name.")


hostname = TextQuestion(
    key="hostname",
    ask=_("What is the full name of this machine?"),
    why=_(
        "It stands behind the @ in the addresses of this machine's users, and Postfix greets with it. If it is the "
        "name of another machine, mail for that one stays here, and nobody sees that it does."
    ),
    manual="postconf(5): myhostname",
    section=MACHINE,
    default=_name_default,
    objection=alone(full_name),
    seen=_name_seen,
)


def names_of_this_machine(so_far: SoFar) -> frozenset[str]:
    """The domains whose mail is delivered here, in lower case, given the answers."""
    name = (so_far.text("hostname") or _name_default(so_far)).lower()
    domain = setting(so_far.facts, "mydomain") or name.partition(".")[2]
    more = {item.lower() for item in so_far.items("other_names")}
    return frozenset({name, "localhost", f"localhost.{domain}", *more})


def _other_names_default(so_far: SoFar) -> tuple[str, ...]:
    """The domains that main.cf lists beyond the usual ones; a table or another reference cannot be shown as a name."""
    return tuple(dict.fromkeys(item for item in _destinations(so_far) if local_name(item) is None))


def _destinations(so_far: SoFar) -> tuple[str, ...]:
    """What main.cf lists beyond the usual names, `$mydomain` as Postfix reads it there (postconf(5): mydomain)."""
    facts = so_far.facts
    here = setting(facts, "myhostname") or facts.fully_qualified_name
    domain = setting(facts, "mydomain") or here.partition(".")[2] or facts.domain
    found = (_MYDOMAIN.sub(domain, item) for item in items_of(setting(facts, "mydestination")))
    usual = {"$myhostname", "localhost", f"localhost.{domain}", so_far.text("hostname").lower()}
    return tuple(item for item in found if item not in usual)


def _other_names_seen(so_far: SoFar) -> str:
    left_out = ", ".join(item for item in _destinations(so_far) if local_name(item) is not None)
    return (
        _("mydestination has {items} too, which is no name and is left out.").format(items=left_out) if left_out else ""
    )


def _names_together(items: tuple[str, ...], _so_far: SoFar) -> Problem | None:
    if len({item.lower() for item in items}) < len(items):
        return Problem(_("The same name is there twice."), _("Take one of them away."))
    if len(items) > 100:
        return Problem(
            _("There are more than 100 names."), _("So many belong into a table (postconf(5): mydestination).")
        )
    return None


other_names = ListQuestion(
    key="other_names",
    ask=_("By which other names is mail addressed to this machine?"),
    why=_(
        "Mail for these names is delivered to the users here, as for the machine's own name. A name that belongs to "
        "another machine would never get its mail from here. None is usual."
    ),
    manual="postconf(5): mydestination",
    section=MACHINE,
    item_name=_("name"),
    seen=_other_names_seen,
    default=_other_names_default,
    objection=alone(local_name),
    list_objection=_names_together,
)
