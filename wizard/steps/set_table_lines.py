"""Set and remove lines of an alias file or a table source, one by one; everything else in the file stays."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.machine import FileState, Look, Machine, Tell, silent
from wizard.render import render
from wizard.steps.file_edit import FileEdit
from wizard.steps.in_turn import InTurn
from wizard.steps.restore_file import RestoreFile
from wizard.steps.restore_table import RestoreTable
from wizard.steps.step import Claim, Step
from wizard.steps.table_index import build_again, index_paths
from wizard.syntax.table_file import Form, TableFile, destinations
from wizard.words import ngettext


@dataclass(frozen=True, kw_only=True)
class SetTableLines(FileEdit):
    """Gives keys their values and takes others out; `style` is `aliases` (`key: value`) or `table` (`key value`).

    With `still`, a key is only changed as long as it has the value named there (None: is not there). With `rebuild`,
    the compiled tables that lie beside the source are built again. A `secret` source is made readable to root alone.
    """

    style: str = "table"
    wanted: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    still: tuple[tuple[str, str | None], ...] = ()
    secret: bool = False
    rebuild: bool = False
    count: int = 0

    def needed_after(self, changed: frozenset[str], look: Look) -> Self:
        """The same edit, which knows the file behind the path, and how many lines it changes."""
        return replace(super().needed_after(changed, look), count=len(self.differs(look)))

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        count = self.count or len(self.wanted) + len(self.removed)
        return ngettext("Set {count} line in {path}", "Set {count} lines in {path}", count).format(
            count=count, path=self.path
        )

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The source, and what is built from it where that is asked for."""
        return (*super().touches, *(index_paths(self.path) if self.rebuild else ()))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for each key; one that is removed has no value."""
        wanted = tuple(
            Claim("table_line", key, "" if self.secret else value, str(self.path)) for key, value in self.wanted
        )
        return wanted + tuple(Claim("table_line", key, "", str(self.path)) for key in self.removed)

    def is_secret(self) -> bool:
        """Whether the values are passwords."""
        return self.secret

    def _parsed(self, current: FileState | None) -> TableFile:
        return TableFile.parse(current.content if current else b"", Form(self.style))

    def _left_to_do(self, file: TableFile) -> tuple[dict[str, str], tuple[str, ...]]:
        still = dict(self.still)
        free = {key for key in (*dict(self.wanted), *self.removed) if key not in still or file.get(key) == still[key]}
        values = {key: value for key, value in self.wanted if key in free and not self._is_so(file.get(key), value)}
        return values, tuple(key for key in self.removed if key in free and file.get(key) is not None)

    def _is_so(self, found: str | None, wanted: str) -> bool:
        if found is None or self.style != Form.ALIASES.value:
            return found == wanted
        return found == wanted or destinations(found) == destinations(wanted)

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """The keys that have another value, or are there and should not be."""
        values, removed = self._left_to_do(self._parsed(current))
        return frozenset(claim.name for claim in self.claims if claim.key in values or claim.key in removed)

    def edited(self, current: FileState | None) -> FileState:
        """The file with the lines set; those that are so already stay as they are."""
        before = current or FileState(content=render(f"etc/postfix/{self.style}"), mode=0o600 if self.secret else 0o644)
        file = self._parsed(before)
        values, removed = self._left_to_do(file)
        for key in removed:
            file = file.remove(key)
        for key, value in values.items():
            file = file.set(key, value)
        return replace(before, content=file.render())

    def undone_in_part(self, before: FileState | None) -> Step:
        """Each line back to what it was, unless a person changed it since; and what was built from it."""
        file = self._parsed(before)
        values, removed = self._left_to_do(file)
        changed: dict[str, str | None] = {**values, **dict.fromkeys(removed)}
        return replace(
            self,
            wanted=tuple((key, value) for key in changed if (value := file.get(key)) is not None),
            removed=tuple(key for key in changed if file.get(key) is None),
            still=tuple(changed.items()),
            behind=None,
            rebuild=True,
            count=0,
        )

    def inverse(self, look: Look) -> Step:
        """Puts the source back, after what was built from it."""
        back = super().inverse(look)
        indexes = tuple((path, state) for path in index_paths(self.path) if (state := look.file(path)) is not None)
        if not self.rebuild or not indexes or not isinstance(back, RestoreFile):
            return back
        table = RestoreTable(source=self.path, indexes=indexes, built_from=back.ours, why=self.why)
        return InTurn(steps=(table, back), why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Edits the source, if it is not so yet."""
        if not self.differs(machine):
            return
        super().apply(machine, tell)
        if self.rebuild:
            build_again(machine, self.path, Form(self.style))
