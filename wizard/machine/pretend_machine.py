"""PretendMachine: a whole machine in memory, alone or laid over another Look; for previews, the demo and tests."""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.account_files import group_line, passwd_line, with_member, without_line, without_member
from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.machine.machine import (
    CommandResult,
    Conversation,
    ConversationCut,
    Cut,
    FileState,
    GroupState,
    Kind,
    Look,
    Manifest,
    ServiceState,
    Stranger,
    Tell,
    UnitDetails,
    UserState,
    silent,
)
from wizard.machine.postconf_output import read_settings
from wizard.machine.pretend_commands import PretendCommands
from wizard.machine.pretend_files import GROUP, PASSWD, ROOT, PretendFiles
from wizard.machine.pretend_json import (
    as_text,
    available_data,
    files_data,
    read_available,
    read_files,
    read_machine,
    text_of,
)
from wizard.machine.pretend_packages import PretendPackage, PretendPackages
from wizard.machine.pretend_units import PretendUnits
from wizard.machine.read_only import can_change_something, missing_program
from wizard.machine.systemctl_output import service_state
from wizard.problem import Problem, Trouble
from wizard.words import _

PLENTY: Final = 50 * 10**9
Converse = Callable[[str, int, float], Conversation]
# Server, name and kind, to what it answers.
KnowNames = Callable[[str, str, str], DnsAnswer]


class PretendMachine:
    """Keeps the same contract as the real machine, and changes nothing outside its own memory.

    `fail_at` makes the change of that number fail (from 1; `changes` counts them), before it has any effect, or with
    `fails_late` after it had all of it. `commands` lists what `run` was given.
    """

    def __init__(
        self,
        below: Look | None = None,
        *,
        packages: Mapping[str, str] | None = None,
        available: Mapping[str, PretendPackage] | None = None,
        running: Iterable[str] = (),
        outputs: Mapping[str, str] | None = None,
        fail_at: int | None = None,
        fails_late: bool = False,
        converse: Converse | None = None,
        know_names: KnowNames | None = None,
        locked_by: str | None = None,
    ) -> None:
        self.below = below
        self.fail_at, self.fails_late = fail_at, fails_late
        self.converse, self.know_names, self.locked_by = converse, know_names, locked_by
        self.changes = 0
        self.commands: list[tuple[str, ...]] = []
        self.outputs = dict(outputs or {})
        self.bytes_free = PLENTY
        self._offered: dict[tuple[str, ...], CommandResult] = {}
        self._files = PretendFiles(below)
        installed = packages if packages is not None else below.packages() if below is not None else {}
        self._packages = PretendPackages(self._files, installed, available or {})
        self._units = PretendUnits(self._files, running)

    def lay(self, path: PurePosixPath, state: FileState) -> None:
        """Puts a file there as a beginning, with the folders above it; this is not counted as a change."""
        self._files.lay(path, state)

    @classmethod
    def from_json(cls, text: str) -> "PretendMachine":
        """The machine that a JSON text describes; a file without a time was there from the start."""
        data = read_machine(text)
        machine = cls(
            packages=data.get("packages", {}),
            available=read_available(data.get("available", {})),
            running=data.get("running", ()),
            outputs={command: text_of(said) for command, said in data.get("outputs", {}).items()},
        )
        files = read_files(data.get("files", {}))
        for path in sorted(files, key=lambda path: path not in {PASSWD, GROUP}):  # owners are looked up there
            machine.lay(path, files[path])
        machine._files.settle_times(
            {path: state.mtime_ns for path, state in files.items() if state.mtime_ns is not None}
        )
        return machine

    def to_json(self) -> str:
        """The machine as JSON; what lies only in the machine below is not part of it."""
        data = {
            "packages": dict(sorted(self._packages.installed.items())),
            "running": sorted(name for name, runs in self._units.running.items() if runs),
            "files": files_data({path: state for path, state in self._files.over.items() if state is not None}),
            "outputs": {command: as_text(said) for command, said in sorted(self.outputs.items())},
            "available": available_data(self._packages.available),
        }
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"

    def differences(self, other: "PretendMachine", ignoring: Iterable[PurePosixPath] = ()) -> tuple[str, ...]:
        """What is not the same on two machines, in words; empty when nothing is."""
        ignored = tuple(ignoring)
        ours, theirs = self.manifest((ROOT,)), other.manifest((ROOT,))
        found = [
            f"{path}: {ours.get(path)} / {theirs.get(path)}"
            for path in sorted({*ours, *theirs})
            if ours.get(path) != theirs.get(path) and not any(path == top or top in path.parents for top in ignored)
        ]
        for what, mine, yours in (
            ("packages", self._packages.installed, other._packages.installed),
            ("running", self._running(), other._running()),
        ):
            if mine != yours:
                found.append(f"{what}: {sorted(mine)} / {sorted(yours)}")
        return tuple(found)

    def _running(self) -> set[str]:
        return {name for name, runs in self._units.running.items() if runs}

    def copy(self) -> "PretendMachine":
        """The same machine as it is now, that goes its own way from here."""
        other = PretendMachine(self.below, packages=self._packages.installed, available=self._packages.available)
        other._files = self._files.copy_files()
        other._packages.files = other._files
        other._units = PretendUnits(other._files)
        other._units.running = dict(self._units.running)
        other.outputs, other.bytes_free, other.converse = dict(self.outputs), self.bytes_free, self.converse
        other.know_names = self.know_names
        return other

    @contextmanager
    def _change(self, what: str) -> Iterator[None]:
        self.changes += 1
        fails = Trouble(_("{what} failed, because it was asked to.").format(what=what))
        if self.changes == self.fail_at and not self.fails_late:
            raise fails
        yield
        if self.changes == self.fail_at:
            raise fails

    # Look

    def file(self, path: PurePosixPath) -> FileState | None:
        """What lies at this path (a link is not followed); None when nothing does, or a parent is missing."""
        return self._files.file(path)

    def real_path(self, path: PurePosixPath) -> PurePosixPath:
        """The path behind any symbolic links; a missing last part is taken as it stands."""
        return self._files.real_path(path)

    def tail(self, path: PurePosixPath, size: int) -> tuple[int, bytes] | None:
        """Where the last `size` bytes of a regular file begin, and these bytes; None when no such file lies there."""
        return self._files.tail(path, size)

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        """The sorted names in a folder; empty when it is not there."""
        return self._files.names_in(folder)

    def manifest(self, roots: Iterable[PurePosixPath]) -> Manifest:
        """Every path at and below these roots, with digests; a root that is missing adds nothing."""
        return self._files.manifest(roots)

    def free_space(self, path: PurePosixPath) -> int | None:
        """Bytes that may still be written below this path."""
        return self.below.free_space(path) if self.below is not None else self.bytes_free

    def package(self, name: str) -> str | None:
        """The installed version of a package (pacman -Q), or None."""
        return self._packages.installed.get(name)

    def packages(self) -> Mapping[str, str]:
        """All installed packages with their versions."""
        return dict(self._packages.installed)

    def packaged_file(self, package: str, path: PurePosixPath) -> FileState | None:
        """The file as the package that would be installed brings it; None when that cannot be told."""
        return self._packages.packaged_file(package, path)

    def packaged_paths(self, package: str) -> tuple[PurePosixPath, ...]:
        """The files and folders that the package owns; empty when that cannot be told."""
        return self._packages.packaged_paths(package)

    def service(self, name: str) -> ServiceState:
        """Whether a unit is enabled, running and masked."""
        return service_state(self._units.details(name))

    def unit(self, name: str) -> UnitDetails:
        """What systemd knows of the unit."""
        return self._units.details(name)

    def user(self, name: str) -> UserState | None:
        """The user of that name, or None."""
        return self._files.user(name)

    def users(self) -> tuple[UserState, ...]:
        """All local users, in the order of passwd(5)."""
        return self._files.users()

    def group(self, name: str) -> GroupState | None:
        """The group of that name, or None."""
        return self._files.group(name)

    def is_root(self) -> bool:
        """A pretended change needs no rights."""
        return True

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """What a program says that cannot change anything; others are refused with Trouble."""
        if problem := can_change_something(argv):
            raise Trouble(problem)
        if self.below is not None and not self.changes:
            return self._said_below(self.below, argv, stdin, timeout)
        answer = self._answer(argv, stdin)
        if answer is not None:
            return answer
        if self.below is not None:
            try:
                return self._said_below(self.below, argv, stdin, timeout)
            except Trouble:
                if set(self._packages.installed) <= set(self.below.packages()):
                    raise
        return CommandResult(0)

    def ask_name_server(
        self, server: str, name: str, kind: str, *, recursive: bool = False, timeout: float = 3
    ) -> DnsAnswer:
        """What `know_names` answers, else the machine below; without both nobody can be reached."""
        if self.know_names is not None:
            return self.know_names(server, name, kind)
        if self.below is not None:
            return self.below.ask_name_server(server, name, kind, recursive=recursive, timeout=timeout)
        return DnsAnswer(DnsStatus.UNREACHABLE)

    def _said_below(self, below: Look, argv: tuple[str, ...], stdin: bytes, timeout: float) -> CommandResult:
        """What the machine below says; what its repositories offer is asked once, as each question is a program."""
        if argv[:2] != ("pacman", "-Sp"):
            return below.output_of(*argv, stdin=stdin, timeout=timeout)
        if argv not in self._offered:
            self._offered[argv] = below.output_of(*argv, stdin=stdin, timeout=timeout)
        return self._offered[argv]

    def _answer(self, argv: tuple[str, ...], stdin: bytes) -> CommandResult | None:
        recorded = self.outputs.get(shlex.join(argv))
        program = argv[0].rpartition("/")[2]
        if self._packages.is_missing_program(program):
            raise Trouble(missing_program(program))
        if recorded is not None:
            return CommandResult(0, recorded.encode())
        if program == "pacman" and argv[1:2] == ("-Sp",) and "--print-format=%n %v" in argv:
            names = argv[argv.index("--") + 1 :] if "--" in argv else ()
            if all(name in self._packages.available for name in names):
                arriving = self._packages.with_dependencies(names)
                return CommandResult(0, "".join(f"{name} {version}\n" for name, version in arriving).encode())
        return PretendCommands(self._files, self.unit, self._defaults).answer(argv, stdin)

    def _defaults(self) -> Mapping[str, str]:
        text = self.outputs.get("postconf -d", "")
        if not text and self.below is not None:
            try:
                text = self.below.output_of("postconf", "-d").text
            except Trouble:
                text = ""
        return read_settings(text)

    # Machine

    def write_file(self, path: PurePosixPath, state: FileState) -> None:
        """Makes the path be exactly this state."""
        with self._change(f"write {path}"):
            self._files.do_write(path, state)

    def write_own_files(self, folder: PurePosixPath, contents: Mapping[str, bytes]) -> None:
        """Writes files of our own, mode 0600, by their names in a folder; each counts as a change."""
        for name, content in contents.items():
            self.write_file(folder / name, FileState(content=content, mode=0o600))

    def set_metadata(self, path: PurePosixPath, state: FileState) -> None:
        """Gives a path mode, owner, extended attributes and mtime of this state; content and kind stay."""
        with self._change(f"set metadata of {path}"):
            self._files.do_describe(path, state)

    def remove(self, path: PurePosixPath) -> None:
        """Removes a file, link, or empty folder; does nothing when it is not there."""
        with self._change(f"remove {path}"):
            self._files.do_remove(path)

    def append_line(self, path: PurePosixPath, line: str) -> None:
        """Adds a line to a file of our own; creates it with mode 0600."""
        with self._change(f"append to {path}"):
            self._files.do_append(path, line)

    def cut_from_mailbox(self, path: PurePosixPath, start: int, content: bytes) -> bool:
        """Takes these bytes out of an mbox file if they stand at `start`."""
        with self._change(f"cut from {path}"):
            state = self.file(path)
            if state is None or state.kind is not Kind.FILE or not content:
                return False
            if state.content[start : start + len(content)] != content:
                return False
            left = state.content[:start] + state.content[start + len(content) :]
            self._files.lay(path, FileState(state.kind, left, state.mode, state.owner, state.group, None, state.xattrs))
            return True

    def install(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Installs packages, whole or not at all; progress line by line."""
        with self._change(f"install {' '.join(packages)}"):
            for name, version in self._packages.with_dependencies(packages):
                tell(f"installing {name} {version}".rstrip())
            self._packages.install(packages)

    def uninstall(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Removes packages without their configuration backups; those not installed are passed over."""
        if not any(name in self._packages.installed for name in packages):
            return
        with self._change(f"uninstall {' '.join(packages)}"):
            for name in packages:
                if name in self._packages.installed:
                    tell(f"removing {name}")
            self._packages.uninstall(packages)

    def set_service(self, name: str, state: ServiceState) -> None:
        """Enables or disables, masks or unmasks, starts or stops a unit, as far as `state` says so."""
        with self._change(f"set {name}"):
            now = self.service(name)
            if now.masked and not state.masked:
                _raise(self._units.mask(name, masked=False))
            if state.running is False and now.running:
                _raise(self._units.stop(name))
            if state.enabled is not None and state.enabled != self.service(name).enabled:
                _raise(self._units.enable(name) if state.enabled else self._units.disable(name))
            if state.masked and not now.masked:
                _raise(self._units.mask(name, masked=True))
            if state.running and not now.running:
                _raise(self._units.start(name))

    def refresh_service(self, name: str, action: str) -> None:
        """`reload` or `restart` a running unit, or `daemon-reload` the manager; remembered in `commands`."""
        if action not in {"daemon-reload", "reload", "restart"}:
            raise ValueError(action)
        with self._change(f"{action} {name}"):
            if action == "daemon-reload" or self.service(name).running:
                self.commands.append(
                    ("systemctl", action) if action == "daemon-reload" else ("systemctl", action, name)
                )

    def add_user(self, user: UserState) -> None:
        """Creates a system user (and nothing else)."""
        with self._change(f"add user {user.name}"):
            if self.user(user.name) is not None:
                raise Trouble(_("There is a user {name} already.").format(name=user.name))
            self._edit(PASSWD, lambda text: text + passwd_line(user))
            for group in user.groups:
                self._edit(GROUP, partial(with_member, group=group, user=user.name))

    def remove_user(self, name: str) -> None:
        """Removes a user and never a home folder; does nothing when there is none."""
        with self._change(f"remove user {name}"):
            if self.user(name) is not None:
                self._edit(PASSWD, lambda text: without_line(text, name))
                self._edit(GROUP, lambda text: without_member(text, name))

    def add_group(self, group: GroupState) -> None:
        """Creates a group."""
        with self._change(f"add group {group.name}"):
            if self.group(group.name) is not None:
                raise Trouble(_("There is a group {name} already.").format(name=group.name))
            self._edit(GROUP, lambda text: text + group_line(group))

    def remove_group(self, name: str) -> None:
        """Removes a group; does nothing when there is none."""
        with self._change(f"remove group {name}"):
            if self.group(name) is not None:
                self._edit(GROUP, lambda text: without_line(text, name))

    def _edit(self, path: PurePosixPath, change: Callable[[str], str]) -> None:
        state = self.file(path) or FileState()
        before = state.content.decode("utf-8", "surrogateescape")
        after = change(before)
        if after != before:
            content = after.encode("utf-8", "surrogateescape")
            self._files.lay(path, FileState(Kind.FILE, content, state.mode, state.owner, state.group))

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float | None = 60, user: str = "", tell: Tell = silent
    ) -> CommandResult:
        """Does what is known of the program, and answers with success for what is not."""
        del timeout  # nothing here takes time
        with self._change(" ".join(argv)):
            self.commands.append(argv)
            if user and self.user(user) is None:
                raise Trouble(_("There is no user named {name}.").format(name=user))
            answer = self._answer(argv, stdin) or CommandResult(0)
            for line in (answer.text + answer.error_text).splitlines():
                tell(line)
            return answer

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        """Whatever `converse` offers; without it nobody listens."""
        if self.converse is None:
            raise ConversationCut(Cut.REFUSED, _("{place} refused the connection.").format(place=f"{host}:{port}"))
        return self.converse(host, port, timeout)

    @contextmanager
    def stranger(self) -> Iterator[Stranger]:
        """Whoever `converse` talks to; without it there is no network to come from."""
        if self.converse is None:
            raise Trouble(_("A pretended machine has no network, so that no stranger can come from there."))
        yield _PretendStranger(self.converse)

    def try_lock(self) -> str | None:
        """Takes the wizard's lock; otherwise says who holds it."""
        return self.locked_by

    def unlock(self) -> None:
        """Gives the lock back."""


class _PretendStranger:
    """A stranger in memory."""

    ends = (("198.18.0.2", "198.18.0.1"), ("2001:2::2", "2001:2::1"))

    def __init__(self, converse: Converse) -> None:
        self._converse = converse

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        """Whatever is offered."""
        return self._converse(host, port, timeout)


def _raise(problem: Problem | None) -> None:
    if problem is not None:
        raise Trouble(problem)
