"""Questions that more than one profile asks: who reads the mail for root, postmaster and other names."""

from collections.abc import Callable, Mapping

from wizard.ask.mail_addresses import split_address, split_forward, split_targets
from wizard.ask.mail_questions import first_accepted, names_of_this_machine
from wizard.ask.objections import alias_targets, alone, forward
from wizard.ask.plain_text import shown
from wizard.ask.question import ListQuestion, SoFar, TextQuestion, YesNoQuestion
from wizard.problem import Problem
from wizard.words import _

READERS = _("Who reads mail")
_OWN_MAILBOX = "root"


def aliases_wanted(so_far: SoFar) -> Mapping[str, tuple[str, ...]]:
    """The aliases that the answers ask for, by name; a name that keeps its own mailbox is not among them."""
    found = {
        "root": split_targets(so_far.text("root_mail_to") or _OWN_MAILBOX),
        "postmaster": split_targets(so_far.text("postmaster_to") or _OWN_MAILBOX),
    }
    found |= dict(split_forward(item) for item in so_far.items("forwards"))
    return {name: targets for name, targets in found.items() if targets != (name,)}


def _readers_known(so_far: SoFar) -> frozenset[str]:
    users = {user.name.lower() for user in so_far.facts.users}
    aliases = {name.lower() for name in so_far.facts.aliases}
    return frozenset({"root", "postmaster", *users, *aliases, *aliases_wanted(so_far)})


def _readers_problem(targets: tuple[str, ...], so_far: SoFar) -> Problem | None:
    """Whether each target is somebody on this machine."""
    inside, known = names_of_this_machine(so_far), _readers_known(so_far)
    for target in targets:
        local_part, at, domain = split_address(target)
        if at and domain.lower() not in inside:
            return Problem(
                _("{address} is not on this machine, and no mail leaves it.").format(address=shown(target)),
                _("Give a user of this machine, or choose a profile that sends mail."),
            )
        name = (local_part if at else target).strip('"').lower()
        if name not in known and name.partition("+")[0] not in known:
            names = ", ".join(user.name for user in so_far.facts.users) or _OWN_MAILBOX
            return Problem(
                _("There is no user or alias named {name} on this machine.").format(name=shown(name)),
                _("Give one of: {names}. Or make the user first, with useradd(8).").format(names=names),
            )
    return None


def _loop_problem(name: str, so_far: SoFar) -> Problem | None:
    """Whether an alias leads back to itself; local(8) then returns the mail."""
    existing = {key.lower(): split_targets(value) for key, value in so_far.facts.aliases.items()}
    aliases = {**existing, **{key: value for key, value in aliases_wanted(so_far).items() if value}}
    if so_far.text("root_mail_to") == _OWN_MAILBOX:
        aliases.pop("root", None)
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        for target in aliases.get(current, ()):
            here = target.partition("@")[0].strip('"').lower()
            if here == current:
                continue  # an alias that names itself means the user's own mailbox (aliases(5))
            if here == name:
                return Problem(
                    _("Mail for {name} would go round in a circle.").format(name=name),
                    _("Let it end at a user. What leads back to {name}: {target}").format(
                        name=name, target=shown(target)
                    ),
                )
            if here not in seen:
                seen.add(here)
                waiting.append(here)
    return None


def _reader_objection(key: str, name: str) -> Callable[[str, SoFar], Problem | None]:
    def judged(value: str, so_far: SoFar) -> Problem | None:
        if (problem := alias_targets(value)) is not None:
            return problem
        with_it = SoFar({**so_far.answers, key: value}, so_far.facts)
        if value.lower() == name:
            return None
        return _readers_problem(split_targets(value), with_it) or _loop_problem(name, with_it)

    return judged


_root_objection = _reader_objection("root_mail_to", "root")
_postmaster_objection = _reader_objection("postmaster_to", "postmaster")


def _root_default(so_far: SoFar) -> str:
    users = sorted(so_far.facts.users, key=lambda user: user.uid)
    names = (user.name for user in users if user.name != "root")
    candidates = (so_far.facts.aliases.get("root", ""), *names, _OWN_MAILBOX)
    return first_accepted(candidates, lambda value: _root_objection(value, so_far))


def _root_seen(so_far: SoFar) -> str:
    if _root_default(so_far) == so_far.facts.aliases.get("root"):
        return _("The proposal is what the alias file says now.")
    if _root_default(so_far) == _OWN_MAILBOX:
        return _("Nobody but root can log in here, so the proposal is root's own mailbox.")
    return _("The proposal is the first user who can log in.")


def _root_caution(value: str, _so_far: SoFar) -> Problem | None:
    if value != _OWN_MAILBOX:
        return None
    # local(8), under DELIVERY RIGHTS; default_privs is nobody.
    return Problem(
        _("Mail for root stays in root's own mailbox, where it is easily overlooked."),
        _("A user who logs in every day reads it sooner. Programs in root's .forward run as nobody, not as root."),
    )


root_mail_to = TextQuestion(
    key="root_mail_to",
    ask=_("Who reads the mail for root?"),
    why=_(
        "Cron, disk and package programs write to root when something is wrong. Name a user of this machine, an alias, "
        "or several with commas between them. If nobody reads it, failing disks and jobs go unnoticed. root alone "
        "means root's own mailbox."
    ),
    manual="aliases(5), local(8): DELIVERY RIGHTS",
    section=READERS,
    default=_root_default,
    objection=_root_objection,
    suggestions=lambda so_far: (*(user.name for user in so_far.facts.users), _OWN_MAILBOX),
    seen=_root_seen,
    caution=_root_caution,
)


postmaster_to = TextQuestion(
    key="postmaster_to",
    ask=_("Who reads the mail for postmaster?"),
    why=_(
        "Postfix reports its own troubles there, and every mail system must have one (RFC 5321, section 4.5.1). "
        "root is usual: then whoever reads root's mail reads this too."
    ),
    manual="aliases(5)",
    section=READERS,
    default=lambda so_far: first_accepted(
        (so_far.facts.aliases.get("postmaster", ""), _OWN_MAILBOX), lambda value: _postmaster_objection(value, so_far)
    ),
    objection=lambda value, so_far: _postmaster_own(value) or _postmaster_objection(value, so_far),
    suggestions=lambda so_far: (_OWN_MAILBOX, *(user.name for user in so_far.facts.users)),
)


def _postmaster_own(value: str) -> Problem | None:
    if value.lower() == "postmaster":
        return Problem(_("There is no user named postmaster to read it."), _("Give root, or the name of a user."))
    return None


def _forward_objection(value: str) -> Problem | None:
    if (problem := forward(value)) is not None:
        return problem
    name, _targets = split_forward(value)
    if name in {"root", "postmaster"}:
        return Problem(
            _("Who reads the mail for {name} is a question of its own.").format(name=name), _("Answer it there.")
        )
    return None


def _forwards_together(items: tuple[str, ...], so_far: SoFar) -> Problem | None:
    names = [split_forward(item)[0] for item in items]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return Problem(
            _("{name} is there twice.").format(name=twice), _("Put all who read it into one line, with commas.")
        )
    with_them = SoFar({**so_far.answers, "forwards": items}, so_far.facts)
    for name, targets in map(split_forward, items):
        if (problem := _readers_problem(targets, with_them) or _loop_problem(name, with_them)) is not None:
            return problem
    return None


forwards = ListQuestion(
    key="forwards",
    ask=_("Which other names shall have their mail read by somebody?"),
    why=_(
        "Each is written name: reader, such as info: taro, hana. Mail for that name goes to the readers, whether or "
        "not there is a user of that name. Wrong ones send mail to the wrong person. None is usual."
    ),
    manual="aliases(5)",
    section=READERS,
    item_name=_("name: readers"),
    objection=alone(_forward_objection),
    list_objection=_forwards_together,
)


def aliases_of_people(so_far: SoFar) -> tuple[str, ...]:
    """The names in the alias file that lead elsewhere than to root or postmaster, and that no answer speaks of."""
    asked = {"root", "postmaster", "mailer-daemon", *aliases_wanted(so_far)}
    return tuple(
        name
        for name, value in so_far.facts.aliases.items()
        if name.lower() not in asked and not set(split_targets(value.lower())) <= {"root", "postmaster"}
    )


def _aliases_seen(so_far: SoFar) -> str:
    found = [f"{name}: {so_far.facts.aliases[name]}" for name in aliases_of_people(so_far)]
    more = _(", and {count} more").format(count=len(found) - 6) if len(found) > 6 else ""
    return _("The alias file has: {lines}{more}.").format(lines="; ".join(found[:6]), more=more) if found else ""


keep_aliases = YesNoQuestion(
    key="keep_aliases",
    ask=_("Shall the aliases that are there already stay?"),
    why=_(
        "Yes leaves each line of the alias file as it is, but for the names that you gave above. No takes out those "
        "that lead to people, programs or files and that you did not name; comments and role names stay."
    ),
    manual="aliases(5)",
    section=READERS,
    when=lambda so_far: bool(aliases_of_people(so_far)),
    seen=_aliases_seen,
    default=lambda _so_far: True,
)
