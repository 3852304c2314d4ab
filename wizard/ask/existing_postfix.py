"""What the Postfix that is already here says, and what a set-up makes of it; read from facts alone."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from wizard.ask.question import Choice, ChoiceQuestion, SoFar
from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.words import _

# Names of parameters by which mail can take a way that default_transport does not rule, and how (postconf(5)).
OUTSIDE_ROUTES: Mapping[str, str] = {
    "relayhost": _("It names a machine that mail is handed to."),
    "sender_dependent_relayhost_maps": _("For some senders it names a machine that mail is handed to."),
    "sender_dependent_default_transport_maps": _("For some senders it takes the place of default_transport."),
    "transport_maps": _("It comes before default_transport, so what it lists could still leave."),
    "relay_transport": _("It is a second way out, for the domains of relay_domains."),
    "local_transport": _("It could hand mail for this machine to another one; the default is local(8)."),
    "virtual_mailbox_domains": _(
        "Mail for these domains goes through virtual_transport, not to users of this machine."
    ),
    "virtual_transport": _("It could hand mail to another machine."),
    "fallback_transport": _("Mail for unknown users could go to another machine."),
    "fallback_transport_maps": _("Mail for unknown users could go to another machine."),
    "smtp_fallback_relay": _("It names a machine to try when others do not answer."),
    "fallback_relay": _("It is the old name of smtp_fallback_relay."),
    "content_filter": _("It comes before every other way and hands each message to another program or machine."),
    "soft_bounce": _("It would keep refused mail in the queue instead of returning it."),
}
# Each hands delivery to the users' mailboxes to something else; the first that is set wins (local(8)).
OTHER_DELIVERY: Mapping[str, str] = {
    "mailbox_transport_maps": _("It hands delivery to something else than the mailboxes chosen here."),
    "mailbox_transport": _("It hands delivery to something else than the mailboxes chosen here."),
    "mailbox_command_maps": _("It hands delivery to programs instead of the mailboxes chosen here."),
    "mailbox_command": _("It hands delivery to a program instead of the mailboxes chosen here."),
}
_OLD_TYPES = frozenset({"hash", "btree", "dbm", "sdbm"})
_INDEXED = frozenset({"lmdb", "cdb", *_OLD_TYPES})
_ITEM = re.compile(r"(?:\{[^{}]*\}|[^\s,{}])+")


def setting(facts: Facts, name: str) -> str:
    """What main.cf says for a parameter, as it stands there; empty when it says nothing."""
    return facts.settings.get(name, "").strip()


def items_of(value: str) -> tuple[str, ...]:
    """The items of a list in main.cf, which are separated by commas or blanks."""
    return tuple(_ITEM.findall(value))


def release_level(version: str) -> str:
    """The compatibility level of a Postfix release (postconf(5)); empty when the version is not known."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found:
        return ""
    major, minor = int(found[1]), int(found[2])
    # The levels are named after releases since 3.6; before, there were only 0, 1 and 2.
    return f"{major}.{minor}" if (major, minor) >= (3, 6) else "2"


def release_at_least(facts: Facts, release: tuple[int, int]) -> bool:
    """Whether the Postfix that is installed, or else the newest that a package brings, is of this release or later."""
    return not facts.postfix_version or _comparable(release_level(facts.postfix_version)) >= release


def _comparable(level: str) -> tuple[int, ...]:
    return tuple(int(part) for part in level.split(".") if part.isascii() and part.isdigit())


def _level_may_move(so_far: SoFar) -> bool:
    facts = so_far.facts
    level = release_level(facts.postfix_version)
    here = setting(facts, "compatibility_level")
    return facts.postfix_installed and bool(level) and _comparable(here or "0") != _comparable(level)


def _level_default(so_far: SoFar) -> str:
    here = setting(so_far.facts, "compatibility_level")
    higher = _comparable(here) > _comparable(release_level(so_far.facts.postfix_version))
    return "keep" if here and not higher else "match"


def _level_choices(so_far: SoFar) -> tuple[Choice, ...]:
    level, here = release_level(so_far.facts.postfix_version), setting(so_far.facts, "compatibility_level")
    return (
        Choice(
            "match",
            _("{level}, as of the Postfix that is installed").format(level=level),
            _("The defaults of today; the log no longer speaks of backwards-compatible settings."),
        ),
        Choice(
            "keep",
            _("{level}, as it is now").format(level=here or _("none, which means 0")),
            _("Defaults that you rely on stay; Postfix says in the log where it uses one."),
        ),
    )


def _level_seen(so_far: SoFar) -> str:
    here = setting(so_far.facts, "compatibility_level")
    if here:
        return _("main.cf says {level}; Postfix {version} is installed.").format(
            level=here, version=so_far.facts.postfix_version
        )
    return _("main.cf says nothing, so Postfix uses the defaults of before 2015.")


compatibility = ChoiceQuestion(
    key="compatibility",
    ask=_("Which defaults shall Postfix use?"),
    why=_(
        "Postfix keeps old defaults alive for old configurations. What you set yourself holds either way; with a lower "
        "level, what you did not set may be less strict than today, such as whom Postfix trusts."
    ),
    manual="postconf(5): compatibility_level",
    section=_("What is there already"),
    when=_level_may_move,
    seen=_level_seen,
    choices=_level_choices,
    default=_level_default,
)


def compatibility_level(so_far: SoFar) -> str:
    """The level to write; empty where main.cf is left to say what it says, as that of a fresh package does."""
    here = setting(so_far.facts, "compatibility_level")
    return release_level(so_far.facts.postfix_version) if so_far.text("compatibility") == "match" else here


def _routes_here(so_far: SoFar) -> tuple[str, ...]:
    return tuple(name for name in OUTSIDE_ROUTES if setting(so_far.facts, name))


def _other_instances(so_far: SoFar) -> str:
    return setting(so_far.facts, "multi_instance_directories")


def _routes_seen(so_far: SoFar) -> str:
    found = [f"{name} = {setting(so_far.facts, name)}" for name in _routes_here(so_far)]
    sentence = _("main.cf has: {settings}.").format(settings="; ".join(found)) if found else ""
    if others := _other_instances(so_far):
        more = _("Other Postfix instances are not changed, and mail may leave by them: {folders}.").format(
            folders=others
        )
        sentence = f"{sentence} {more}".strip()
    return sentence


def _keeps_a_way_out(value: str, so_far: SoFar) -> Problem | None:
    if value == "close":
        return None
    return Problem(
        _("With these settings mail could leave this machine: {names}.").format(names=", ".join(_routes_here(so_far))),
        _("Take them out, or choose a profile that sends mail; nothing has been changed."),
    )


outside_routes = ChoiceQuestion(
    key="outside_routes",
    ask=_("Shall the ways out that Postfix has now be closed?"),
    why=_(
        "Some settings send mail elsewhere, whatever is chosen here. While they stand, nobody can promise that nothing "
        "leaves. They are taken out of main.cf, shown in the preview, and come back with `postwizard undo`."
    ),
    manual="postconf(5): default_transport",
    section=_("What is there already"),
    when=lambda so_far: bool(_routes_here(so_far)),
    seen=_routes_seen,
    choices=lambda _so_far: (
        Choice("close", _("Close them"), _("The settings are removed; their tables stay where they are.")),
        Choice("keep", _("Keep them"), _("Then this profile does not fit, and is not applied.")),
    ),
    default=lambda _so_far: "close",
    objection=_keeps_a_way_out,
)


def table_type(facts: Facts) -> str:
    """The type in which the alias table is built: as now where this Postfix still offers it, else its default."""
    if facts.alias_type and (not facts.table_types or facts.alias_type in facts.table_types):
        return facts.alias_type
    return facts.default_table_type or "lmdb"


def alias_source(facts: Facts) -> PurePosixPath:
    """The alias file."""
    return PurePosixPath(facts.alias_source)


def alias_maps(facts: Facts) -> str:
    """The tables in which aliases are looked up: those of now, in types that this Postfix offers, with the alias file.

    Berkeley DB types are gone from Arch's Postfix since 3.9 (NON_BERKELEYDB_README).
    """
    ours = f"{table_type(facts)}:{alias_source(facts)}"
    found = setting(facts, "alias_maps")
    if not found:
        return ours
    usable = tuple(dict.fromkeys(kept for item in items_of(found) if (kept := _offered(item, facts))))
    if not any(item.startswith("$") or item.endswith(f":{alias_source(facts)}") for item in usable):
        usable = (ours, *usable)
    return found if usable == items_of(found) else ", ".join(usable)


def _offered(item: str, facts: Facts) -> str:
    """The table in a type that this Postfix offers; empty where it offers none, for then all local mail would wait."""
    kind, colon, place = item.partition(":")
    if not colon or not facts.table_types or item.startswith("$") or kind in facts.table_types:
        return item
    return f"{facts.default_table_type or 'lmdb'}:{place}" if kind in _OLD_TYPES else ""


def alias_database(facts: Facts) -> str:
    """The tables that newaliases(1) builds: only local, indexed ones can be built (postconf(5): alias_database)."""
    wanted = alias_maps(facts)
    maps = items_of(wanted)
    built = tuple(item for item in maps if item.startswith("$") or item.partition(":")[0] in _INDEXED)
    here = setting(facts, "alias_database")
    if items_of(here.replace("$alias_maps", wanted)) == built:
        return here
    return "$alias_maps" if built == maps else ", ".join(built)


def alias_tables(facts: Facts) -> tuple[tuple[PurePosixPath, str], ...]:
    """The alias files with the type each is built in; first the one that the answers go into."""
    found = ((PurePosixPath(place), kind) for kind, _colon, place in map(_parted, items_of(alias_maps(facts))))
    others = (table for table in found if table[1] in _INDEXED and table[0].is_absolute())
    return tuple(dict.fromkeys(((alias_source(facts), table_type(facts)), *others)))


def _parted(item: str) -> tuple[str, str, str]:
    return item.partition(":")
