"""The ledger: each thing the wizard ever set, with its value before, so that it can be told from a person's work."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from wizard.machine.machine import Kind, Look, ServiceState
from wizard.machine.sql_servers import SQL_SERVERS
from wizard.problem import Trouble
from wizard.steps.account_paths import user_text
from wizard.steps.file_edit import FileEdit
from wizard.steps.firewall_ports import ClosePorts
from wizard.steps.firewall_rules import is_open
from wizard.steps.remove_directory import RemoveDirectory
from wizard.steps.remove_file import RemoveFile
from wizard.steps.remove_group import RemoveGroup
from wizard.steps.remove_packages import RemovePackages
from wizard.steps.remove_user import RemoveUser
from wizard.steps.set_mail_accounts import account_now
from wizard.steps.set_master_entries import SetMasterEntries, field_of, line_of
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_service import SetService
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Claim, Step
from wizard.syntax.main_cf import MainCf
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.service import FIELDS, Service
from wizard.syntax.table_file import Form, TableFile
from wizard.words import _

# Kinds that are kept in the ledger; an index is built from its source and has no value of its own.
KEPT_KINDS = frozenset(
    {
        "parameter", "service_entry", "table_line", "file", "directory", "package", "unit", "user", "group", "drop_in",
        "mail_account", "firewall_port",
    }
)  # fmt: skip
# Those of which a person is asked before another value is written over theirs.
_ASKED_ABOUT = frozenset({"parameter", "table_line", "mail_account"})


@dataclass(frozen=True)
class LedgerEntry:
    """One thing that we set: the claim, the value before (None: it was not there), and who asked for it."""

    claim: Claim
    before: str | None
    profile_id: str
    run_id: str


@dataclass(frozen=True)
class Conflict:
    """A setting that we wrote as `ours`, that a person changed to `now`, and that a plan would make `wanted`."""

    name: str
    ours: str
    now: str | None
    wanted: str


@dataclass(frozen=True)
class Ledger:
    """All entries by the name of their claim."""

    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)

    def with_step(self, step: Step, before: Mapping[str, str | None], profile_id: str, run_id: str) -> "Ledger":
        """The ledger after this step; what was so before us already is not ours, and the first value before stays."""
        return self.with_claims(step.claims, before, profile_id, run_id)

    def with_claims(
        self, claims: Iterable[Claim], before: Mapping[str, str | None], profile_id: str, run_id: str
    ) -> "Ledger":
        """The ledger after these claims were made so; those without a value before were so already."""
        entries = dict(self.entries)
        for claim in claims:
            if claim.name in before and claim.kind in KEPT_KINDS:
                earlier = entries.get(claim.name)
                value = earlier.before if earlier else before[claim.name]
                entries[claim.name] = LedgerEntry(claim, value, profile_id, run_id)
        return Ledger(entries)

    def without(self, claims: Iterable[Claim]) -> "Ledger":
        """The ledger without these claims, which were taken back."""
        gone: set[str] = set()
        for claim in claims:
            gone |= {claim.name, Claim("drop_in", claim.key).name} if claim.kind == "file" else {claim.name}
        return Ledger({name: entry for name, entry in self.entries.items() if name not in gone})

    def leaving(self, entries: Iterable[LedgerEntry]) -> "Ledger":
        """The ledger to plan with where these are left as they are."""
        left = {entry.claim.name for entry in entries}
        return Ledger({name: entry for name, entry in self.entries.items() if name not in left})

    def without_run(self, run_id: str, earlier: "Ledger") -> "Ledger":
        """The ledger once this run is put back, before which it was the `earlier` one; what other runs set stays."""
        others = {name: entry for name, entry in self.entries.items() if entry.run_id != run_id}
        return Ledger({**earlier.entries, **others})

    def steps_to_take_back(self, desired: tuple[Step, ...], look: Look) -> tuple[Step, ...]:
        """The steps that put back what we set and nobody wants any more; what a person changed since is left."""
        wanted = {claim.name for step in desired for claim in step.claims}
        # Accounts are people's, and stay when no answer names them any more.
        stale = [
            entry
            for name, entry in self.entries.items()
            if name not in wanted and entry.claim.kind != "mail_account" and _is_still_ours(entry, look)
        ]
        stale = [entry for entry in stale if not _holds_databases(entry, look)]
        stale = [entry for entry in stale if entry.claim.kind != "user" or not _has_things_at_home(entry, look)]
        going = {entry.claim.key for entry in stale if entry.claim.kind == "user" and entry.before is None}
        stale = [entry for entry in stale if entry.claim.kind != "group" or _people_of(entry, look) <= going]
        return tuple(_steps_for(stale))

    def staying(self, desired: tuple[Step, ...], ahead: Look) -> tuple[str, ...]:
        """What we made and nobody wants any more, but is there once the rest is taken back; a sentence with why."""
        wanted = {claim.name for step in desired for claim in step.claims}
        left = (entry for name, entry in self.entries.items() if name not in wanted and entry.before is None)
        return tuple(note for entry in left if (note := _why_it_stays(entry, ahead)))

    def render(self) -> bytes:
        """The ledger as JSON, the same bytes for the same entries."""
        entries = [asdict(self.entries[name]) for name in sorted(self.entries)]
        return (json.dumps({"format": 1, "entries": entries}, indent=1, ensure_ascii=False) + "\n").encode(
            "utf-8", "surrogateescape"
        )


def read_ledger(content: bytes) -> Ledger:
    """The ledger from its JSON; raises Trouble when it is damaged."""
    try:
        found = json.loads(content.decode("utf-8", "surrogateescape"))
        entries = [
            LedgerEntry(Claim(**entry["claim"]), entry["before"], entry["profile_id"], entry["run_id"])
            for entry in found["entries"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(
            _("The ledger of earlier runs cannot be read: {error}").format(error=error),
            _("See `postwizard snapshots`; putting the last run back restores the ledger that was kept with it."),
        ) from error
    return Ledger({entry.claim.name: entry for entry in entries})


def value_now(claim: Claim, look: Look) -> str | None:
    """What stands on the machine for this claim, in the words a claim uses; None when there is nothing."""
    place = PurePosixPath(claim.place or "/")
    match claim.kind:
        case "parameter":
            return MainCf.parse(_content(look, place)).value(claim.key)
        case "service_entry":
            return _service_now(claim, MasterCf.parse(_content(look, place)))
        case "table_line":
            return TableFile.parse(_content(look, place), Form(_style(place))).get(claim.key)
        case "unit":
            return service_text(look.service(claim.key))
        case "mail_account":
            return account_now(claim, look)
        case "package":
            return look.package(claim.key)
        case "user":
            user = look.user(claim.key)
            return user_text(user) if user is not None else None
        case "group":
            group = look.group(claim.key)
            return str(group.gid) if group is not None else None
        case "firewall_port":
            kind, *chains = claim.place.split(",")
            return claim.value if is_open(look, kind, tuple(chains), int(claim.key)) else None
        case "file" | "drop_in":
            return _digest(look, PurePosixPath(claim.key), claim.value)
        case _:
            return claim.value if look.file(PurePosixPath(claim.key)) else None


def _service_now(claim: Claim, file: MasterCf) -> str | None:
    """The service as its line, or one setting of it; one that means what the claim says has the claim's own words."""
    name, kind, *setting = claim.key.split("/", 2)
    found = file.service(f"{name}/{kind}")
    if found is None:
        return None
    if not setting:
        return claim.value if claim.value and found == Service.parse(claim.value) else line_of(found)
    return field_of(found, setting[0]) if setting[0] in FIELDS else found.options.get(setting[0])


def _digest(look: Look, path: PurePosixPath, wanted: str) -> str | None:
    """The digest of a file's content; nothing of a secret one is kept, not even that."""
    state = look.file(look.real_path(path))
    if state is None:
        return None
    return sha256(state.content).hexdigest() if wanted else ""


def service_text(state: ServiceState) -> str:
    """A unit's state in words: `enabled running`, `disabled stopped`, …"""
    enabled = {True: "enabled", False: "disabled", None: "unknown"}[state.enabled]
    return f"{enabled} {'running' if state.running else 'stopped'}"


def conflicts_of(step: Step, changes: frozenset[str], ledger: Ledger, look: Look) -> tuple[Conflict, ...]:
    """Where a person changed what we wrote, and this step would write over it."""
    found = []
    for claim in step.claims:
        entry = ledger.entries.get(claim.name)
        if entry is None or claim.name not in changes or claim.kind not in _ASKED_ABOUT:
            continue
        if not is_told(claim, step):
            continue  # what is there now may be a password, and ours is not kept
        now = value_now(claim, look)
        if (now or "") != entry.claim.value:
            found.append(Conflict(claim.name, entry.claim.value, now, claim.value))
    return tuple(found)


def is_told(claim: Claim, step: Step) -> bool:
    """Whether the value of a claim may be shown and kept; of a mail account that is never its password."""
    if claim.kind == "mail_account":
        return bool(claim.value)
    return not (isinstance(step, FileEdit) and step.is_secret())


def _content(look: Look, path: PurePosixPath) -> bytes:
    state = look.file(look.real_path(path))
    return state.content if state is not None and state.kind is Kind.FILE else b""


def _style(place: PurePosixPath) -> str:
    """Alias files are told by their name, as on every system that has them (aliases(5))."""
    return "aliases" if place.name == "aliases" else "table"


def _is_still_ours(entry: LedgerEntry, look: Look) -> bool:
    # What was taken out has the value "" in its claim, and none on the machine.
    return (value_now(entry.claim, look) or "") == entry.claim.value or entry.claim.kind == "package"


def _holds_databases(entry: LedgerEntry, look: Look) -> bool:
    """Whether it is the package of a database server in which somebody may keep something, old accounts at least."""
    servers = (server for server in SQL_SERVERS.values() if server.package == entry.claim.key)
    return entry.claim.kind == "package" and any(look.file(server.mark) is not None for server in servers)


def _has_things_at_home(entry: LedgerEntry, look: Look) -> bool:
    """Whether something lies in the user's home, such as mail; a number that comes free would own it next."""
    user = look.user(entry.claim.key)
    if user is None:
        return False
    home = look.file(PurePosixPath(user.home))
    return home is not None and home.kind is Kind.DIRECTORY and bool(look.names_in(PurePosixPath(user.home)))


def _why_it_stays(entry: LedgerEntry, ahead: Look) -> str:
    """Why this account or folder is still there; empty for what is gone, and for all else."""
    name = entry.claim.key
    changed = _("{name} is no longer wanted, but was changed since the wizard made it, and stays.").format(name=name)
    match entry.claim.kind:
        case "user" if (user := ahead.user(name)) is not None:
            in_use = _("The user {name} is no longer wanted, but something lies in {home}, and it stays.")
            return in_use.format(name=name, home=user.home) if _has_things_at_home(entry, ahead) else changed
        case "group" if ahead.group(name) is not None:
            in_use = _("The group {name} is no longer wanted, but users are in it, and it stays: {users}.")
            people = ", ".join(sorted(_people_of(entry, ahead)))
            return in_use.format(name=name, users=people) if people else changed
        case "directory" if ahead.file(PurePosixPath(name)) is not None:
            in_use = _("The folder {path} is no longer wanted, but is not empty, and stays.")
            return in_use.format(path=name) if ahead.names_in(PurePosixPath(name)) else changed
        case _:
            return ""


def _people_of(entry: LedgerEntry, look: Look) -> set[str]:
    """The users in this group, whether it is their first one or another."""
    group = look.group(entry.claim.key)
    if group is None:
        return set()
    return {*group.members, *(user.name for user in look.users() if user.gid == group.gid)}


def _steps_for(stale: list[LedgerEntry]) -> Iterable[Step]:
    """Steps in an order that is safe: settings, tables, ports, units, files, empty folders, users, groups, packages."""
    why = _("An earlier run set this, and it is no longer wanted.")
    parameters = [entry for entry in stale if entry.claim.kind == "parameter"]
    for place in dict.fromkeys(entry.claim.place for entry in parameters):
        here = [entry for entry in parameters if entry.claim.place == place]
        yield SetParameters(
            path=PurePosixPath(place),
            wanted=tuple((entry.claim.key, entry.before) for entry in here if entry.before is not None),
            removed=tuple(entry.claim.key for entry in here if entry.before is None),
            reasons=(),
            why=why,
        )
    services = [entry for entry in stale if entry.claim.kind == "service_entry"]
    for place in dict.fromkeys(entry.claim.place for entry in services):
        yield _services_back([entry for entry in services if entry.claim.place == place], PurePosixPath(place), why)
    lines = [entry for entry in stale if entry.claim.kind == "table_line"]
    for place in dict.fromkeys(entry.claim.place for entry in lines):
        here = [entry for entry in lines if entry.claim.place == place]
        yield SetTableLines(
            path=PurePosixPath(place),
            style=_style(PurePosixPath(place)),
            wanted=tuple((entry.claim.key, entry.before) for entry in here if entry.before is not None),
            removed=tuple(entry.claim.key for entry in here if entry.before is None),
            why=why,
        )
    ports = [entry.claim for entry in stale if entry.claim.kind == "firewall_port" and entry.before is None]
    for place in dict.fromkeys(claim.place for claim in ports):
        kind, *chains = place.split(",")
        yield ClosePorts(
            kind=kind,
            place=tuple(chains),
            ports=tuple(int(claim.key) for claim in ports if claim.place == place),
            why=why,
        )
    for entry in stale:
        if entry.claim.kind == "unit" and entry.before:
            enabled, running = entry.before.split(" ")
            yield SetService(
                unit=entry.claim.key,
                state=ServiceState(enabled=enabled == "enabled", running=running == "running"),
                why=why,
            )
    for entry in stale:
        if entry.claim.kind in {"file", "drop_in"} and entry.before is None:
            # Of a secret file the claim has no digest.
            yield RemoveFile(path=PurePosixPath(entry.claim.key), secret=not entry.claim.value, why=why)
    made = [entry for entry in stale if entry.before is None]
    folders = (PurePosixPath(entry.claim.key) for entry in made if entry.claim.kind == "directory")
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        yield RemoveDirectory(path=folder, why=why)
    for entry in made:
        if entry.claim.kind == "user":
            yield RemoveUser(name=entry.claim.key, why=why)
    for entry in made:
        if entry.claim.kind == "group":
            yield RemoveGroup(name=entry.claim.key, why=why)
    if packages := tuple(entry.claim.key for entry in stale if entry.claim.kind == "package"):
        yield RemovePackages(packages=packages, why=why)


def _services_back(stale: list[LedgerEntry], place: PurePosixPath, why: str) -> Step:
    """Whole services back to their lines, and single settings of services that stay back to their values."""
    whole = [entry for entry in stale if entry.claim.key.count("/") == 1]
    parts = [(*_parted(entry.claim.key), entry.before) for entry in stale if entry not in whole]
    return SetMasterEntries(
        path=place,
        wanted=tuple(entry.before for entry in whole if entry.before is not None),
        removed=tuple(entry.claim.key for entry in whole if entry.before is None),
        options=tuple((key, name, before) for key, name, before in parts if before is not None and name not in FIELDS),
        removed_options=tuple((key, name) for key, name, before in parts if before is None and name not in FIELDS),
        fields=tuple((key, name, before) for key, name, before in parts if before is not None and name in FIELDS),
        why=why,
    )


def _parted(key: str) -> tuple[str, str]:
    name, kind, setting = key.split("/", 2)
    return f"{name}/{kind}", setting
