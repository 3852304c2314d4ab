"""The journal of a run: JSON lines, each on the disk before the step it speaks of is begun."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Machine

Record = Mapping[str, object]


@dataclass(frozen=True)
class Journal:
    """Writes records at the end of one file; a record that returned survives a crash or a power loss."""

    machine: Machine
    path: PurePosixPath

    def write(self, kind: str, **fields: object) -> None:
        """Adds one record; raises Trouble when the disk does not take it."""
        self.machine.append_line(self.path, json.dumps({"kind": kind, **fields}, ensure_ascii=True))


def read_journal(content: bytes) -> tuple[Record, ...]:
    """The records in order; a last line that was cut short by a crash is not a record, since its step never began."""
    records: list[Record] = []
    for line in content.split(b"\n")[:-1]:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("kind"), str):
            records.append(record)
    return tuple(records)


def of_kind(records: Iterable[Record], *kinds: str) -> tuple[Record, ...]:
    """The records of these kinds."""
    return tuple(record for record in records if record["kind"] in kinds)


def strings(value: object) -> tuple[str, ...]:
    """The words of a list in a record."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def begun_without(records: Iterable[Record], *ends: str) -> tuple[Record, ...]:
    """What was begun and came to none of these ends; going on has taken up what it left."""
    begun: dict[int, Record] = {}
    for record in records:
        match record["kind"]:
            case "doing":
                begun[number_of(record)] = record
            case "went-on":
                begun.clear()
            case kind if kind in ends:
                begun.pop(number_of(record), None)
    return tuple(begun.values())


def number_of(record: Record) -> int:
    """The step that the record speaks of, from 1."""
    number = record.get("number", 0)
    return number if isinstance(number, int) else 0
