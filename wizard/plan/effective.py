"""What a plan changes in the values that Postfix goes by, beside what it changes in the text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from wizard.machine.machine import Kind, Look
from wizard.syntax.main_cf import MainCf


@dataclass(frozen=True)
class EffectiveChange:
    """A parameter whose explicit value differs; None means that the built-in default holds (postconf(5))."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Baseline:
    """Each main.cf as it first was on the way through a plan: as found, or as its package brought it."""

    files: Mapping[PurePosixPath, MainCf] = field(default_factory=dict)

    def seen(self, look: Look, paths: Iterable[PurePosixPath]) -> "Baseline":
        """The baseline with those of these paths that are a main.cf and were not seen before."""
        found = dict(self.files)
        for path in paths:
            if path.name == "main.cf" and path not in found and (file := _main_cf(look, path)) is not None:
                found[path] = file
        return Baseline(found)

    def changes(self, after: Look) -> tuple[EffectiveChange, ...]:
        """The parameters that differ now, as `postconf -n` would say."""
        changes: list[EffectiveChange] = []
        for path, old in self.files.items():
            new = _main_cf(after, path) or MainCf.parse(b"")
            for name in dict.fromkeys((*old.names(), *new.names())):
                if old.value(name) != new.value(name):
                    changes.append(EffectiveChange(name, old.value(name), new.value(name)))
        return tuple(changes)


def _main_cf(look: Look, path: PurePosixPath) -> MainCf | None:
    state = look.file(look.real_path(path))
    return MainCf.parse(state.content) if state is not None and state.kind is Kind.FILE else None
