"""What is wrong with a staged configuration: said by Postfix's own programs, and what they do not find themselves.

postconf(1) and postfix(1) end with 0 in spite of warnings, so standard error is read; and limits, restriction names and
tables are only looked at by a daemon when mail arrives, so they are looked at here.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult, Kind, Machine
from wizard.problem import Trouble
from wizard.steps.restriction_names import is_restriction_list, unknown_restrictions
from wizard.steps.stage import Stage
from wizard.steps.table_index import SUFFIXES, build, builder, index_paths
from wizard.syntax.table_file import Form
from wizard.words import _

CHECK_TIMEOUT: Final = 120
_ADVICE: Final = (
    "backwards-compatible default settings", "COMPATIBILITY_README", "To disable backwards compatibility",
    "hash/btree support is deprecated", "NON_BERKELEYDB_README",
)  # fmt: skip
# DATABASE_README: types that name a file; those of the first kind hold the entries, the others say where they are.
READ_AS_TEXT: Final = frozenset({"texthash", "cidr", "regexp", "pcre"})
ELSEWHERE: Final = frozenset({"mysql", "pgsql", "sqlite", "ldap", "mongodb", "memcache"})
_TABLE: Final = re.compile(
    rf"(?<![\w:])(?:proxy:)?({'|'.join((*SUFFIXES, *sorted(READ_AS_TEXT | ELSEWHERE)))}):(/[^\s,{{}}()]+)"
)
_PROBE: Final = "postwizard-looks-whether-this-can-be-read"
# Postfix's own programs make these tables when they first write to them (postconf(5)).
_MADE_BY_POSTFIX: Final = re.compile(r"(?:_session_cache_database|_cache_map|^address_verify_map)$")


def complaints(machine: Machine, stage: Stage) -> tuple[str, ...]:
    """Each thing that is wrong with the staged configuration, in words that name the live paths."""
    folder = str(stage.folder)
    settings = machine.run("postconf", "-c", folder, "-n")
    found = _said(settings, stage)
    if not settings.ok:
        return _unique(found)
    check = machine.run("postfix", "-c", folder, "check", timeout=CHECK_TIMEOUT)
    found += _said(check, stage)
    if not check.ok and not _said(check, stage):
        found.append(_("`postfix check` ended with exit code {code}.").format(code=check.exit_code))
    expanded = _pairs(machine.run("postconf", "-c", folder, "-nx"))
    per_service = _pairs(machine.run("postconf", "-c", folder, "-P"))
    every = [*expanded.items(), *((name.rpartition("/")[2], value) for name, value in per_service.items())]
    found += _sizes(machine, folder)
    found += _restrictions(every)
    found += _tables(machine, stage, every)
    return _unique(found)


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def is_fatal(complaint: str) -> bool:
    """Whether a program of Postfix could not go on at all, so that nothing would work."""
    return ": fatal: " in complaint


def unused_parameter(complaint: str) -> str:
    """The parameter that postconf(1) says nothing uses; empty for another complaint."""
    found = re.search(r": unused parameter: ([^=\s]+)\s*=", complaint)
    return found[1] if found else ""


def comparable(complaint: str) -> str:
    """The complaint without line numbers, which move when lines are added, and without the program that says it."""
    return re.sub(r"^\S+: (?=(?:warning|error): )", "", re.sub(r"\bline \d+", "line", complaint))


def _said(result: CommandResult, stage: Stage) -> list[str]:
    lines = stage.as_live(result.error_text).splitlines()
    return [line.strip() for line in lines if line.strip() and not _is_advice(line)]


def _is_advice(line: str) -> bool:
    # Said by every command while compatibility_level is low, or where tables are in Berkeley DB; which level and which
    # type there is to be, is the profile's to say.
    return any(words in line for words in _ADVICE)


def _pairs(result: CommandResult) -> Mapping[str, str]:
    pairs = (line.partition(" =") for line in result.text.splitlines())
    return {name.strip(): value.strip() for name, mark, value in pairs if mark}


def _sizes(machine: Machine, folder: str) -> list[str]:
    """local(8) and virtual(8) stop when a mailbox may be smaller than a message (postconf(5): mailbox_size_limit).

    virtual(8) delivers nothing where no domain has virtual mailboxes, so its limit is then of no account.
    """
    asked = ("message_size_limit", "mailbox_size_limit", "virtual_mailbox_limit", "virtual_mailbox_domains")
    values = _pairs(machine.run("postconf", "-c", folder, "-x", *asked))
    names = asked[:3] if values.get("virtual_mailbox_domains") else asked[:2]
    limits = {name: int(values[name]) for name in names if values.get(name, "").isdigit()}
    message = limits.get("message_size_limit")
    found = []
    for name in names[1:]:
        mailbox = limits.get(name, 0)
        if message is not None and mailbox and (mailbox < message or message == 0):
            found.append(
                _(
                    "{name} ({mailbox}) is smaller than message_size_limit ({message}); no mail would be delivered."
                ).format(name=name, mailbox=mailbox, message=message or _("without limit"))
            )
    return found


def _restrictions(settings: Iterable[tuple[str, str]]) -> list[str]:
    settings = tuple(settings)
    listed = next((value for name, value in settings if name == "smtpd_restriction_classes"), "")
    classes = re.findall(r"[^\s,]+", listed)
    return [
        _("{name} holds “{word}”, which is not a restriction that Postfix knows.").format(name=name, word=word)
        for name, value in settings
        if is_restriction_list(name) or name in classes
        for word in unknown_restrictions(value, classes)
    ]


def _tables(machine: Machine, stage: Stage, settings: Iterable[tuple[str, str]]) -> list[str]:
    offered = set(machine.run("postconf", "-c", str(stage.folder), "-m").text.split())
    tables: dict[tuple[str, PurePosixPath], list[str]] = {}
    for name, value in settings:
        for table_type, path in _TABLE.findall(value):
            tables.setdefault((table_type, PurePosixPath(stage.as_live(path))), []).append(name)
    found: list[str] = []
    for (table_type, path), named in tables.items():
        # What is looked up is of more account than what newaliases(1) would build.
        names = sorted(named, key=lambda name: name == "alias_database")
        if offered and table_type not in offered:
            found.append(
                _(
                    "{name} names the table type {type}, which this Postfix does not offer (it offers {offered})."
                ).format(name=names[0], type=table_type, offered=", ".join(sorted(offered)))
            )
            continue
        form = Form.ALIASES if {"alias_maps", "alias_database"} & set(names) else Form.TABLE
        found += _table(machine, stage, table_type, path, form, names[0])
    return found


def _table(machine: Machine, stage: Stage, table_type: str, path: PurePosixPath, form: Form, name: str) -> list[str]:
    copy = stage.copies.get(path) or stage.copies.get(machine.real_path(path))
    if copy is None:
        there = (path, *index_paths(path, table_type))
        made = any(machine.file(machine.real_path(place)) is not None for place in there)
        if made or _MADE_BY_POSTFIX.search(name):
            return []
        return [_("{name} names {path}, which is not there.").format(name=name, path=path)]
    state = machine.file(copy)
    if table_type in ELSEWHERE or state is None or state.kind is not Kind.FILE:
        return []
    said: list[str] = []
    if table_type in SUFFIXES:
        try:
            said += build(machine, copy, table_type, form, stage.folder)
        except Trouble as trouble:
            return [stage.as_live(trouble.problem.what)]
    asked = machine.run(builder(form), "-c", str(stage.folder), "-q", _PROBE, f"{table_type}:{copy}")
    said += _lines(asked.error_text)
    return [stage.as_live(line) for line in said if not _is_advice(line)]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
