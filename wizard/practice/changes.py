"""What a machine changed: read from the upper folder of its overlay, without disturbing it."""

import filecmp
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

OPAQUE = "trusted.overlay.opaque"


@dataclass(frozen=True)
class Changes:
    """Paths of the machine, sorted: new ones, those whose content or metadata differ, and those that are gone."""

    added: tuple[PurePosixPath, ...] = ()
    changed: tuple[PurePosixPath, ...] = ()
    removed: tuple[PurePosixPath, ...] = ()

    def below(self, *folders: str) -> "Changes":
        """Only what lies in these folders."""
        return Changes(*(tuple(p for p in paths if _is_below(p, folders)) for paths in self._all()))

    def without(self, *folders: str) -> "Changes":
        """All but what lies in these folders."""
        return Changes(*(tuple(p for p in paths if not _is_below(p, folders)) for paths in self._all()))

    def __bool__(self) -> bool:
        return any(self._all())

    def _all(self) -> tuple[tuple[PurePosixPath, ...], ...]:
        return self.added, self.changed, self.removed


def changes_in(upper: Path, lower: tuple[Path, ...]) -> Changes:
    """Compares an upper folder with the layers below it, the topmost first."""
    added: list[PurePosixPath] = []
    changed: list[PurePosixPath] = []
    removed: list[PurePosixPath] = []
    for path in _walk(upper):
        name = path.relative_to(upper)
        state = path.lstat()
        before = _in_layers(name, lower)
        if _is_whiteout(state):
            if before is not None:
                removed.append(_inside(name))
        elif before is None:
            added.append(_inside(name))
        else:
            if not _is_same(path, before):
                changed.append(_inside(name))
            if stat.S_ISDIR(state.st_mode) and _is_opaque(path):
                removed += [_inside(name / child) for child in _names_in(before) if not _exists(path / child)]
    return Changes(*(tuple(sorted(paths)) for paths in (added, changed, removed)))


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))


def _in_layers(name: Path, lower: tuple[Path, ...]) -> Path | None:
    """The path as the layers below show it; a whiteout or an opaque folder on the way hides deeper layers."""
    for layer in lower:
        place = layer
        hidden = False
        for part in name.parts:
            place = place / part
            try:
                state = place.lstat()
            except (FileNotFoundError, NotADirectoryError):
                break
            if _is_whiteout(state):
                return None
            hidden = hidden or (stat.S_ISDIR(state.st_mode) and _is_opaque(place))
        else:
            return place
        if hidden:
            return None
    return None


def _is_same(one: Path, other: Path) -> bool:
    first, second = one.lstat(), other.lstat()
    if (first.st_mode, first.st_uid, first.st_gid) != (second.st_mode, second.st_uid, second.st_gid):
        return False
    if stat.S_ISDIR(first.st_mode):
        return True
    if stat.S_ISLNK(first.st_mode):
        return os.readlink(one) == os.readlink(other)  # noqa: PTH115
    return not stat.S_ISREG(first.st_mode) or filecmp.cmp(one, other, shallow=False)


def _is_whiteout(state: os.stat_result) -> bool:
    return stat.S_ISCHR(state.st_mode) and state.st_rdev == 0


def _is_opaque(folder: Path) -> bool:
    try:
        return os.getxattr(folder, OPAQUE) == b"y"
    except OSError:
        return False


def _names_in(place: Path) -> list[str]:
    return sorted(os.listdir(place)) if place.is_dir() and not place.is_symlink() else []  # noqa: PTH208


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _inside(name: Path) -> PurePosixPath:
    return PurePosixPath("/", name.as_posix())


def _is_below(path: PurePosixPath, folders: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
