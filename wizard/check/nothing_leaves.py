"""The proof that no mail can leave this machine: every transport that routing can choose keeps it here."""

from collections.abc import Iterator, Mapping
from typing import Final

from wizard.ask.question import SoFar
from wizard.check.finding import Check, Finding, Verdict
from wizard.check.postfix_settings import items_of, settings_of
from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.words import _

NAMES: Final = (
    "content_filter", "default_transport", "local_transport", "relay_domains", "relay_transport",
    "sender_dependent_default_transport_maps", "transport_maps", "virtual_mailbox_domains", "virtual_transport",
    "fallback_transport", "fallback_transport_maps", "mailbox_transport", "mailbox_transport_maps",
)  # fmt: skip
# The programs behind a transport that hand mail to nobody outside (their manual pages in section 8).
STAY_HERE: Final = frozenset({"error", "discard", "local", "virtual"})
LISTED: Final = frozenset({"lmdb", "cdb", "hash", "btree", "dbm", "sdbm", "texthash"})  # postmap -s can list these


def look_for_ways_out(look: Look, _so_far: SoFar) -> Finding:
    """Goes through all that trivial-rewrite(8) and local(8) choose a transport from."""
    try:
        settings = settings_of(look.output_of, NAMES)
        programs = _programs(look)
        doors, unsure = [], []
        for name, transport in _transports(settings):
            if (door := _way_out(transport, programs)) is not None:
                doors.append(f"{name} = {settings[name]} ({door})")
        for name in NAMES:
            for table in items_of(settings[name]) if name.endswith("_maps") else ():
                found, could_list = _ways_out_of_table(look, table, programs)
                doors += [f"{name}: {table}: {way}" for way in found]
                unsure += [] if could_list else [f"{name} = {table}"]
    except Trouble as trouble:
        return Finding(
            Verdict.UNKNOWN,
            _("Whether mail can leave this machine could not be told."),
            trouble.problem.what,
            trouble.problem.hint,
        )
    if doors:
        return Finding(
            Verdict.BAD,
            _("Mail can leave this machine."),
            "\n".join(doors),
            _("Set `default_transport = error:outside mail is not deliverable`, and take out what leads elsewhere."),
        )
    if unsure:
        return Finding(
            Verdict.UNKNOWN,
            _("Whether mail can leave this machine could not be told: a table cannot be listed."),
            "\n".join(unsure),
            _("Look into the table yourself; each entry must lead to error:, discard:, local: or virtual:."),
        )
    return Finding(
        Verdict.GOOD,
        _("No mail can leave this machine: it goes to a mailbox here, or back to its sender."),
        f"default_transport = {settings['default_transport']}",
    )


def _transports(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The settings that are in force, with the transport that each names (postconf(5))."""
    yield "default_transport", settings["default_transport"]
    if settings["relay_domains"]:
        yield "relay_transport", settings["relay_transport"]
    if settings["virtual_mailbox_domains"]:
        yield "virtual_transport", settings["virtual_transport"]
    for name in ("local_transport", "content_filter", "fallback_transport", "mailbox_transport"):
        if settings[name]:
            yield name, settings[name]


def _programs(look: Look) -> Mapping[str, str]:
    """The program behind each transport of master.cf."""
    result = look.output_of("postconf", "-M")
    if not result.ok:
        raise Trouble(result.error_text.strip() or "postconf -M")
    rows = [line.split() for line in result.text.splitlines()]
    return {row[0]: row[7] for row in rows if len(row) > 7 and row[1] == "unix"}


def _way_out(transport: str, programs: Mapping[str, str]) -> str | None:
    """Why mail could leave by this `transport:nexthop`; None when it cannot, as by an LMTP socket here."""
    name, _colon, nexthop = transport.partition(":")
    program = programs.get(name.strip())
    if program is None:
        return None  # no such service: the mail waits in the queue, with a complaint
    if program in STAY_HERE or (program == "lmtp" and nexthop.startswith("unix:")):
        return None
    return program


def _ways_out_of_table(look: Look, table: str, programs: Mapping[str, str]) -> tuple[list[str], bool]:
    """The entries of a table by which mail could leave; and whether the table could be listed at all (postmap(1))."""
    if table.partition(":")[0] not in LISTED:
        return [], False
    listed = look.output_of("postmap", "-s", table)
    if not listed.ok:
        return [], False
    found = []
    for line in listed.text.splitlines():
        _key, _space, value = line.partition("\t")
        if ":" in value and (program := _way_out(value.strip(), programs)) is not None and value.strip() != ":":
            found.append(f"{line.strip()} ({program})")
    return found, True


nothing_can_leave: Final = Check(symptom=_("Mail leaves this machine"), look=look_for_ways_out)
