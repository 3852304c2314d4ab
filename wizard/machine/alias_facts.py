"""Where this machine keeps its mail aliases, in which type of table, and what they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Kind, Look
from wizard.problem import BadInput, Trouble
from wizard.syntax.expand import expand
from wizard.syntax.table_file import Form, TableFile
from wizard.words import _

# Arch's main.cf: alias_maps = lmdb:/etc/postfix/aliases, alias_database = $alias_maps.
SOURCE: Final = "/etc/postfix/aliases"
TYPE: Final = "lmdb"


@dataclass(frozen=True)
class AliasTable:
    """The source of the alias table, its type, and its entries; `warnings` says what could not be read."""

    source: str = SOURCE
    type: str = TYPE
    entries: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def alias_table(look: Look, settings: Mapping[str, str], types: tuple[str, ...]) -> AliasTable:
    """The first table of alias_maps, one that newaliases(1) builds if there is one (postconf(5): alias_database)."""
    source, kind = SOURCE, settings.get("default_database_type") or TYPE
    looked_up, built = (_tables_in(settings.get(name, ""), settings) for name in ("alias_maps", "alias_database"))
    places = {place for _kind, place in built}
    found = [table for table in looked_up if table[1] in places] or looked_up or built
    usable = [table for table in found if not types or table[0] in types] or found
    if usable:
        source = usable[0][1]
        kind = usable[0][0] if not types or usable[0][0] in types else kind
    try:
        state = look.file(look.real_path(PurePosixPath(source)))
    except Trouble as trouble:
        return AliasTable(source, kind, {}, (trouble.problem.what,))
    table = TableFile.parse(state.content if state is not None and state.kind is Kind.FILE else b"", Form.ALIASES)
    entries: dict[str, str] = {}
    for entry in table.entries():
        entries.setdefault(entry.key, entry.value)
    warnings = tuple(
        _("{path}, line {number}: {problem}").format(path=source, number=number, problem=problem.what)
        for number, problem in table.problems()
    )
    return AliasTable(source, kind, entries, warnings)


def _tables_in(value: str, settings: Mapping[str, str]) -> list[tuple[str, str]]:
    try:
        value = expand(value, settings.get)
    except BadInput:
        return []
    return re.findall(r"(?:^|[\s,])(?:proxy:)?(\w+):(/[^\s,]+)", value)
