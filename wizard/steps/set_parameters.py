"""Set and remove parameters of main.cf, one by one; everything else in the file stays."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from wizard.machine.machine import FileState, Look
from wizard.render import render
from wizard.steps.file_edit import FileEdit
from wizard.steps.step import Claim, Step
from wizard.syntax.main_cf import Entry, MainCf
from wizard.words import ngettext


@dataclass(frozen=True, kw_only=True)
class SetParameters(FileEdit):
    """Gives parameters their values and takes others out.

    `reasons` says for a parameter why it has this value. With `still`, a parameter is only changed as long as it has
    the value named there (None: is not there), so that taking back leaves what a person changed since. `count` is how
    many parameters change, as make_plan found it.
    """

    wanted: tuple[tuple[str, str], ...]
    removed: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    still: tuple[tuple[str, str | None], ...] = ()
    count: int = 0
    age_ns: ClassVar[int] = 2_500_000_000

    def needed_after(self, changed: frozenset[str], look: Look) -> Self:
        """The same edit, which knows the file behind the path, and how many parameters it changes."""
        return replace(super().needed_after(changed, look), count=len(self.differs(look)))

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        count = self.count or len(self.wanted)
        return ngettext("Set {count} parameter in {path}", "Set {count} parameters in {path}", count).format(
            count=count, path=self.path
        )

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for each parameter; one that is removed has no value."""
        wanted = tuple(Claim("parameter", name, value, str(self.path)) for name, value in self.wanted)
        return wanted + tuple(Claim("parameter", name, "", str(self.path)) for name in self.removed)

    def _left_to_do(self, file: MainCf) -> tuple[dict[str, str], tuple[str, ...]]:
        still = dict(self.still)
        free = {
            name for name in (*dict(self.wanted), *self.removed) if name not in still or file.value(name) == still[name]
        }
        present = {entry.name: entry for entry in file.entries()}
        values = {name: value for name, value in self.wanted if name in free and not _is_so(present.get(name), value)}
        return values, tuple(name for name in self.removed if name in free and name in present)

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """The parameters that have another value, or are there and should not be."""
        values, removed = self._left_to_do(MainCf.parse(current.content if current else b""))
        return frozenset(claim.name for claim in self.claims if claim.key in values or claim.key in removed)

    def edited(self, current: FileState | None) -> FileState:
        """The file with the parameters set; those that are so already keep their lines."""
        before = current or FileState(content=render("etc/postfix/main.cf"))
        file = MainCf.parse(before.content)
        values, removed = self._left_to_do(file)
        for name in removed:
            file = file.remove(name)
        return replace(before, content=file.set_many(values).render())

    def undone_in_part(self, before: FileState | None) -> Step:
        """Each parameter back to its value before, unless a person changed it since."""
        file = MainCf.parse(before.content if before else b"")
        values, removed = self._left_to_do(file)
        changed = {**values, **dict.fromkeys(removed)}
        return SetParameters(
            path=self.path,
            wanted=tuple((name, value) for name in changed if (value := file.value(name)) is not None),
            removed=tuple(name for name in changed if file.value(name) is None),
            still=tuple(changed.items()),
            why=self.why,
        )

    def preview(self, look: Look) -> str:
        """The diff of the file, after the reasons for what it changes."""
        different = self.differs(look)
        if not different:
            return ""
        changed = {claim.key for claim in self.claims if claim.name in different}
        reasons = [f"{name}: {reason}" for name, reason in self.reasons if name in changed and reason]
        return "".join(f"{reason}\n" for reason in reasons) + ("\n" if reasons else "") + super().preview(look)


def _is_so(entry: Entry | None, value: str) -> bool:
    """Whether the value stands there; one that a person spread over lines is the same value."""
    if entry is None:
        return False
    return entry.value == value or (len(entry.line_numbers) > 1 and entry.value.split() == value.split())
