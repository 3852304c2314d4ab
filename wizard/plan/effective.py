"""What a plan changes in the values that Postfix goes by, beside what it changes in the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Kind, Look
from wizard.syntax.main_cf import MainCf


@dataclass(frozen=True)
class EffectiveChange:
    """A parameter whose explicit value differs; None means that the built-in default holds (postconf(5))."""

    name: str
    before: str | None
    after: str | None


def effective_changes(before: Look, after: Look, paths: Iterable[PurePosixPath]) -> tuple[EffectiveChange, ...]:
    """The parameters that differ between two machines in any main.cf among these paths, as `postconf -n` would say."""
    changes: list[EffectiveChange] = []
    for path in paths:
        if path.name != "main.cf":
            continue
        old, new = _main_cf(before, path), _main_cf(after, path)
        for name in dict.fromkeys((*old.names(), *new.names())):
            if old.value(name) != new.value(name):
                changes.append(EffectiveChange(name, old.value(name), new.value(name)))
    return tuple(changes)


def _main_cf(look: Look, path: PurePosixPath) -> MainCf:
    state = look.file(look.real_path(path))
    return MainCf.parse(state.content if state is not None and state.kind is Kind.FILE else b"")
