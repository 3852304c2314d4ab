"""A scratch copy of a configuration folder, on which the files of a plan are tried before the live ones change."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard import places
from wizard.machine.machine import FileState, Kind, Look, Machine
from wizard.problem import Trouble
from wizard.steps.file_edit import FileEdit
from wizard.steps.remove_file import RemoveFile
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Step
from wizard.steps.table_index import SUFFIXES
from wizard.syntax.main_cf import MainCf

PRIVATE: Final = 0o700
LARGEST: Final = 4 * 1024 * 1024
# Parameters whose folders a copy has for itself: the name below the copy, and the live one where main.cf has none.
OWN_FOLDERS: Final = {
    "queue_directory": ("queue", "/var/spool/postfix"),
    "data_directory": ("data", "/var/lib/postfix"),
}
_SAYS_WHERE: Final = re.compile(r"(\b(?:mysql|pgsql|sqlite|ldap|mongodb|memcache):)(/[^\s,{}()]+)")
Files = Mapping[PurePosixPath, FileState | None]
# Postfix waits while main.cf is younger than two seconds, in case it is still being written (dict_load_file_xt of
# util/dict.c); a copy that nobody else writes need not be waited for.
LONG_AGO_NS: Final = 10**9


@dataclass(frozen=True)
class Stage:
    """Where the copy lies, and the copy of each file by its live path; files from elsewhere are copied along."""

    folder: PurePosixPath
    config_directory: PurePosixPath
    copies: Mapping[PurePosixPath, PurePosixPath]
    own_folders: tuple[tuple[str, str], ...] = ()

    def as_live(self, text: str) -> str:
        """A text that names paths of the copy, with the live paths instead."""
        for live, copy in sorted(self.copies.items(), key=lambda item: len(str(item[1])), reverse=True):
            text = text.replace(str(copy), str(live))
        for usual, own in self.own_folders:
            text = text.replace(own, usual)
        return text.replace(str(self.folder), str(self.config_directory))


def changed_files(steps: Iterable[Step], look: Look) -> dict[PurePosixPath, FileState | None]:
    """Each file that these steps change, as it will be; None where it goes."""
    files: dict[PurePosixPath, FileState | None] = {}
    for step in steps:
        match step:
            case FileEdit():
                real = look.real_path(step.path)
                current = files[real] if real in files else _file(look, real)
                files[real] = step.edited(current) if step.differs_from(current) else current
            case RemoveFile():
                files[step.path] = None
            case RestoreFile():
                files[step.path] = step.before
    return files


def _file(look: Look, path: PurePosixPath) -> FileState | None:
    state = look.file(path)
    return state if state is not None and state.kind is Kind.FILE else None


@contextmanager
def scratch_folder(machine: Machine) -> Iterator[PurePosixPath]:
    """A folder that only root can enter; gone afterwards, unless it was there before or something lies in it."""
    made = tuple(path for path in (places.RUNTIME, places.STAGE) if machine.file(path) is None)
    for path in made:
        machine.write_file(path, FileState(Kind.DIRECTORY, mode=PRIVATE))
    try:
        yield places.STAGE
    finally:
        for path in reversed(made):
            if not machine.names_in(path):
                machine.remove(path)


@contextmanager
def staged(machine: Machine, config_directory: PurePosixPath, name: str, changed: Files) -> Iterator[Stage]:
    """A copy of the folder with these files changed, in a scratch folder; gone afterwards.

    Its queue and data folders are its own, because postfix(1) check makes what is missing in them.
    """
    with scratch_folder(machine) as scratch:
        root = scratch / name
        _clear(machine, root)
        try:
            for path in (root, root / "files"):
                machine.write_file(path, FileState(Kind.DIRECTORY, mode=PRIVATE))
            yield _laid_out(machine, config_directory, root, changed)
        finally:
            _clear(machine, root)


def _laid_out(machine: Machine, config_directory: PurePosixPath, root: PurePosixPath, changed: Files) -> Stage:
    folder = root / "postfix"
    copies: dict[PurePosixPath, PurePosixPath] = {}
    live = look_through(machine, config_directory)
    for path, state in live.items():
        copy = folder / path.relative_to(config_directory)
        if state.kind is Kind.DIRECTORY:
            machine.write_file(copy, FileState(Kind.DIRECTORY, mode=PRIVATE if copy == folder else 0o755))
            continue
        real = machine.real_path(path)
        new = changed.get(real, state)
        if new is None:
            continue
        copies[path] = copy
        _write(machine, copy, _with_own_folders(new, root) if path == config_directory / "main.cf" else new)
    if machine.file(folder) is None:
        machine.write_file(folder, FileState(Kind.DIRECTORY, mode=PRIVATE))
    for number, (path, new) in enumerate(changed.items()):
        if new is None or path in copies or any(machine.real_path(live_path) == path for live_path in copies):
            continue
        inside = config_directory in path.parents
        copy = folder / path.relative_to(config_directory) if inside else root / "files" / f"{number}-{path.name}"
        for parent in reversed(copy.parents):
            if machine.file(parent) is None:
                machine.write_file(parent, FileState(Kind.DIRECTORY, mode=0o755))
        copies[path] = copy
        _write(machine, copy, _with_own_folders(new, root) if path == config_directory / "main.cf" else new)
    _point_to_copies(machine, copies, config_directory / "main.cf")
    mail_owner: str | int = "postfix" if machine.user("postfix") is not None else 0
    machine.write_file(root / "queue", FileState(Kind.DIRECTORY, mode=0o755))
    machine.write_file(root / "data", FileState(Kind.DIRECTORY, mode=PRIVATE, owner=mail_owner))
    main_cf = changed.get(machine.real_path(config_directory / "main.cf"), live.get(config_directory / "main.cf"))
    return Stage(folder, config_directory, copies, _own_folders(main_cf, root))


def look_through(look: Look, folder: PurePosixPath) -> dict[PurePosixPath, FileState]:
    """Files and folders below a folder, links as what they lead to, but no compiled tables or very large files."""
    found: dict[PurePosixPath, FileState] = {}
    suffixes = tuple(suffix for every in SUFFIXES.values() for suffix in every)
    entries = look.manifest((folder,))
    for path, entry in entries.items():
        if entry.size > LARGEST or path.name.endswith(suffixes):
            continue
        state = look.file(path)
        if state is not None and state.kind is Kind.LINK:
            with suppress(Trouble):
                state = look.file(look.real_path(path))
        if state is not None and (state.kind is Kind.FILE or (state.kind is Kind.DIRECTORY and path in entries)):
            found[path] = state
    return dict(sorted(found.items()))


def _write(machine: Machine, path: PurePosixPath, state: FileState) -> None:
    machine.write_file(path, FileState(content=state.content, mode=state.mode & 0o700 | 0o600, mtime_ns=LONG_AGO_NS))


def _with_own_folders(main_cf: FileState, root: PurePosixPath) -> FileState:
    own = {name: str(root / part) for name, (part, _usual) in OWN_FOLDERS.items()}
    return FileState(content=MainCf.parse(main_cf.content).set_many(own).render(), mode=main_cf.mode)


def _point_to_copies(machine: Machine, copies: Mapping[PurePosixPath, PurePosixPath], main_cf: PurePosixPath) -> None:
    """Makes the copy of main.cf name the copies of files that say where a table's entries are.

    postconf(1) reads them, to see which parameters are used, and they may not be there yet (DATABASE_README).
    """

    def copied(found: re.Match[str]) -> str:
        return f"{found[1]}{copies.get(PurePosixPath(found[2]), found[2])}"

    state = machine.file(copies[main_cf]) if main_cf in copies else None
    if state is not None:
        text = state.content.decode("utf-8", "surrogateescape")
        pointed = _SAYS_WHERE.sub(copied, text).encode("utf-8", "surrogateescape")
        if pointed != state.content:
            _write(machine, copies[main_cf], FileState(content=pointed, mode=state.mode))


def _own_folders(main_cf: FileState | None, root: PurePosixPath) -> tuple[tuple[str, str], ...]:
    """Each folder of the live configuration, with the one of the copy that stands in for it."""
    live = MainCf.parse(main_cf.content if main_cf is not None else b"")
    return tuple((live.value(name) or usual, str(root / part)) for name, (part, usual) in OWN_FOLDERS.items())


def _clear(machine: Machine, root: PurePosixPath) -> None:
    for path in sorted(machine.manifest((root,)), key=lambda path: len(path.parts), reverse=True):
        machine.remove(path)
