"""Packages of a machine that exists only in memory: what each brings, needs and cannot stand beside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.account_files import group_line, passwd_line, read_groups, with_member
from wizard.machine.machine import FileState, Kind, Look
from wizard.machine.package_refusals import beside_rivals, in_no_repository, still_needed
from wizard.machine.pretend_files import GROUP, PASSWD, PretendFiles
from wizard.machine.sysusers import HIGHEST_SYSTEM_ID, read_sysusers
from wizard.problem import Trouble

# Only these are looked for in real packages: what a plan may read. Programs and manuals are never previewed.
READ_IN_PLANS: Final = ("/etc/", "/var/", "/usr/lib/systemd/", "/usr/lib/sysusers.d/", "/usr/lib/tmpfiles.d/")


@dataclass(frozen=True)
class PretendPackage:
    """A package that can be installed."""

    version: str
    files: Mapping[PurePosixPath, FileState] = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


class PretendPackages:
    """The installed packages, and those that could be."""

    def __init__(
        self, files: PretendFiles, installed: Mapping[str, str], available: Mapping[str, PretendPackage]
    ) -> None:
        self.files = files
        self.installed = dict(installed)
        self.available = dict(available)
        self.below: Look | None = files.below
        self._targets: dict[str, Mapping[str, str]] = {}

    def is_missing_program(self, program: str) -> bool:
        """Whether a package that is not installed would bring the program."""
        owners = [name for name, package in self.available.items() if program in package.programs]
        return bool(owners) and not any(name in self.installed for name in owners)

    def packaged_file(self, package: str, path: PurePosixPath) -> FileState | None:
        """The file as the package brings it."""
        known = self.available.get(package)
        if known is not None:
            return known.files.get(path)
        return self.below.packaged_file(package, path) if self.below is not None else None

    def packaged_paths(self, package: str) -> tuple[PurePosixPath, ...]:
        """The paths of a package; of its programs, only where they lie is known."""
        known = self.available.get(package)
        if known is not None:
            return (*known.files, *(PurePosixPath("/usr/bin", program) for program in known.programs))
        return self.below.packaged_paths(package) if self.below is not None else ()

    def with_dependencies(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The packages, and those that they need, that are not installed, each with its version."""
        wanted: dict[str, str] = {}
        todo = list(names)
        while todo:
            name = todo.pop(0)
            if name in self.installed or name in wanted:
                continue
            known = self.available.get(name)
            if known is not None:
                wanted[name] = known.version
                todo += known.depends
            elif self.below is not None:
                if name not in self._targets:  # asked once: each question to pacman is a program to start
                    self._targets[name] = _targets_of(self.below, name)
                wanted.update(self._targets[name])
            else:
                raise Trouble(in_no_repository((name,)))
        return tuple((name, version) for name, version in wanted.items() if name not in self.installed)

    def install(self, names: tuple[str, ...]) -> None:
        """Lays down the files of the packages, and makes their users."""
        coming = self.with_dependencies(names)
        for name, _version in coming:
            known = self.available.get(name)
            rivals = [rival for rival in (known.conflicts if known else ()) if rival in self.installed]
            if rivals:
                raise Trouble(beside_rivals((name,), rivals))
        for name, version in coming:
            self.installed[name] = version
            for path in self.packaged_paths(name):
                if not str(path).startswith(READ_IN_PLANS):
                    continue
                state = self.packaged_file(name, path)
                if state is not None and self.files.file(path) is None:
                    self.files.lay(path, state)
                    if path.parent == PurePosixPath("/usr/lib/sysusers.d"):
                        self._make_accounts(state.content.decode("utf-8", "replace"))

    def _make_accounts(self, text: str) -> None:
        users, groups, members = read_sysusers(text, self._free_id, self._group_id)
        passwd, group = self._text(PASSWD), self._text(GROUP)
        for new_group in groups:
            if self.files.group(new_group.name) is None:
                group += group_line(new_group)
        for user in users:
            if self.files.user(user.name) is None:
                passwd += passwd_line(user)
        for name, group_name in members:
            group = with_member(group, group_name, name)
        for path, content in ((GROUP, group), (PASSWD, passwd)):
            if content != self._text(path):
                standing = self.files.file(path)
                self.files.lay(path, FileState(Kind.FILE, content.encode(), standing.mode if standing else 0o644))

    def _text(self, path: PurePosixPath) -> str:
        state = self.files.file(path)
        return state.content.decode("utf-8", "replace") if state is not None else ""

    def _free_id(self) -> int:
        taken = {user.uid for user in self.files.users()} | {group.gid for group in read_groups(self._text(GROUP))}
        return next(number for number in range(HIGHEST_SYSTEM_ID, 0, -1) if number not in taken)

    def _group_id(self, name: str) -> int | None:
        found = self.files.group(name)
        return found.gid if found is not None else None

    def uninstall(self, names: tuple[str, ...]) -> None:
        """Takes the packages and their files away, changed or not (pacman -Rn); what came later stays."""
        leaving = [name for name in names if name in self.installed]
        users = [
            name
            for name in self.installed
            if name not in leaving and name in self.available and set(self.available[name].depends) & set(leaving)
        ]
        if users:
            raise Trouble(still_needed(leaving, users))
        for name in leaving:
            paths = [path for path in self.packaged_paths(name) if str(path).startswith(READ_IN_PLANS)]
            shared = {path for other in self.installed if other != name for path in self._known_paths(other)}
            for path in sorted(set(paths) - shared, key=lambda path: len(path.parts), reverse=True):
                state = self.files.file(path)
                if state is not None and not self.files.names_in(path):
                    self.files.put(path, None)
            del self.installed[name]

    def _known_paths(self, name: str) -> tuple[PurePosixPath, ...]:
        known = self.available.get(name)
        return tuple(known.files) if known is not None else ()


def _targets_of(below: Look, name: str) -> Mapping[str, str]:
    """What pacman would install for the name; only the name itself where it cannot say."""
    try:
        asked = below.output_of("pacman", "-Sp", "--print-format=%n %v", "--", name)
    except Trouble:
        return {name: ""}
    lines = [line.split() for line in asked.text.splitlines()]
    found = {line[0]: line[1] for line in lines if asked.ok and len(line) == 2}
    return found or {name: ""}
