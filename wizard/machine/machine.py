"""Look and Machine: reading and changing are two types, so that what is given a Look cannot change anything."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Protocol

from wizard.machine.dns_answer import DnsAnswer
from wizard.problem import Problem, Trouble

Tell = Callable[[str], None]


def silent(_line: str) -> None:
    """Hears a line of progress and drops it."""


class Kind(Enum):
    """What lies at a path, by lstat(2); sockets, pipes and devices are OTHER and are never written by us."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True)
class FileState:
    """All that makes a path what it is; equal states are indistinguishable to any program but for inode and ctime.

    `content` is the bytes of a file or the target of a link. `owner` and `group` are numbers when read; a step may
    give a name, which is looked up when it is written. `mtime_ns` None means "when written". `xattrs` holds extended
    attributes, the POSIX ACLs among them (acl(5), xattr(7)).
    """

    kind: Kind = Kind.FILE
    content: bytes = field(default=b"", repr=False)
    mode: int = 0o644
    owner: int | str = 0
    group: int | str = 0
    mtime_ns: int | None = None
    xattrs: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class ServiceState:
    """One systemd unit: None means "not said" when wanted, "unit not known" when read (systemctl(1))."""

    enabled: bool | None = None
    running: bool | None = None
    masked: bool = False


@dataclass(frozen=True)
class UnitDetails:
    """What `systemctl show` says of a unit beyond ServiceState."""

    load_state: str = "not-found"
    active_state: str = "inactive"
    sub_state: str = "dead"
    unit_file_state: str = ""
    fragment: str = ""
    drop_ins: tuple[str, ...] = ()
    result: str = ""
    main_pid: int = 0


@dataclass(frozen=True)
class UserState:
    """One line of passwd(5), and the names of the groups that list the user."""

    name: str
    uid: int
    gid: int
    home: str = "/"
    shell: str = "/usr/bin/nologin"
    gecos: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupState:
    """One line of group(5)."""

    name: str
    gid: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandResult:
    """How a command ended: its exit code (128 + signal when killed) and all of its output."""

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the exit code is 0; many mail tools warn on standard error all the same, so read that too."""
        return self.exit_code == 0

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text; bytes that are not UTF-8 are replaced."""
        return self.stderr.decode("utf-8", "replace")


@dataclass(frozen=True)
class Entry:
    """One path of a manifest: everything of its FileState but the content, which is given by its SHA-256 digest."""

    kind: Kind
    mode: int
    owner: int
    group: int
    size: int
    mtime_ns: int
    digest: str = ""
    xattrs: tuple[tuple[str, str], ...] = ()


Manifest = Mapping[PurePosixPath, Entry]


class Cut(Enum):
    """Why a conversation over TCP did not begin, or ended before its end (connect(2), recv(2))."""

    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    NO_TLS = "no TLS"


class ConversationCut(Trouble):
    """A conversation was refused, cut off or went silent; `why` says which, so that nobody reads the words for it."""

    def __init__(self, why: Cut, problem: Problem | str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.why = why


class Conversation(Protocol):
    """A TCP connection on which both sides send lines that end in CRLF; every method raises ConversationCut."""

    def read_line(self) -> str:
        """The next line without its end; bytes that are not UTF-8 come back as \\xNN."""
        ...

    def write_line(self, line: str) -> None:
        """Sends one line; an end of line inside it is refused, so that a value never becomes a command."""
        ...

    def start_tls(self, verify_as: str = "") -> str:
        """Goes on in TLS and says in which (version, cipher); the certificate must be for `verify_as` where given."""
        ...

    def close(self) -> None:
        """Ends the connection; does nothing when it has ended."""
        ...


class Stranger(Protocol):
    """Somebody who is none of this machine's own addresses, as a mail server elsewhere is none."""

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """For IPv4 and IPv6, as far as they are there: the address of the stranger, and ours that it can reach."""
        ...

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        """As that of the Machine, from the stranger's address."""
        ...


class Look(Protocol):
    """Reading a machine; nothing here changes anything on it."""

    def file(self, path: PurePosixPath) -> FileState | None:
        """What lies at this path (a link is not followed); None when nothing does, or a parent is missing."""
        ...

    def real_path(self, path: PurePosixPath) -> PurePosixPath:
        """The path behind any symbolic links.

        Raises Trouble where a link on the way, or its folder, could have been planted by somebody who is not root.
        """
        ...

    def tail(self, path: PurePosixPath, size: int) -> tuple[int, bytes] | None:
        """Where the last `size` bytes of a regular file begin, and these bytes; None when no such file lies there.

        Follows no link in the last component and never waits for a pipe, so that a large mailbox can be looked into.
        """
        ...

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        """The sorted names in a folder; empty when it is not there."""
        ...

    def manifest(self, roots: Iterable[PurePosixPath]) -> Manifest:
        """Every path at and below these roots, with digests; a root that is missing adds nothing."""
        ...

    def free_space(self, path: PurePosixPath) -> int | None:
        """Bytes that an unprivileged program may still write below this path; None when it cannot be told."""
        ...

    def package(self, name: str) -> str | None:
        """The installed version of a package (pacman -Q), or None."""
        ...

    def packages(self) -> Mapping[str, str]:
        """All installed packages with their versions."""
        ...

    def packaged_file(self, package: str, path: PurePosixPath) -> FileState | None:
        """The file as the package that would be installed brings it; None when that cannot be told."""
        ...

    def packaged_paths(self, package: str) -> tuple[PurePosixPath, ...]:
        """The files and folders that the package owns or would own; empty when that cannot be told."""
        ...

    def service(self, name: str) -> ServiceState:
        """Whether a unit is enabled, running and masked."""
        ...

    def unit(self, name: str) -> UnitDetails:
        """What systemd knows of the unit."""
        ...

    def user(self, name: str) -> UserState | None:
        """The user of that name, or None."""
        ...

    def users(self) -> tuple[UserState, ...]:
        """All local users, in the order of passwd(5)."""
        ...

    def group(self, name: str) -> GroupState | None:
        """The group of that name, or None."""
        ...

    def is_root(self) -> bool:
        """Whether changes can be made at all."""
        ...

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """What a program says that cannot change anything; others are refused with Trouble. `timeout` in seconds."""
        ...

    def ask_name_server(
        self, server: str, name: str, kind: str, *, recursive: bool = False, timeout: float = 3
    ) -> DnsAnswer:
        """What the name server at this address says of a name; `recursive` has it ask others, as resolvers do.

        `kind` is the type of record, such as MX; `timeout` in seconds, after each of two tries. Never raises Trouble.
        """
        ...


class Machine(Look, Protocol):
    """Changing a machine; only steps, probes and the apply room are handed one. Every method raises Trouble."""

    def write_file(self, path: PurePosixPath, state: FileState) -> None:
        """Makes the path be exactly this state: beside, synced, renamed; a folder's own entry when state is one.

        Never follows a link in the last component (a link there is replaced); give `real_path` to keep it.
        """
        ...

    def write_own_files(self, folder: PurePosixPath, contents: Mapping[str, bytes]) -> None:
        """Writes files of our own, mode 0600, by their names in a folder; all are on the disk when it returns.

        They are one wait for the disk, not one each; where it is cut short, a name has a whole file or none.
        """
        ...

    def set_metadata(self, path: PurePosixPath, state: FileState) -> None:
        """Gives a path mode, owner, extended attributes and mtime of this state; content and kind stay."""
        ...

    def remove(self, path: PurePosixPath) -> None:
        """Removes a file, link, or empty folder; does nothing when it is not there."""
        ...

    def append_line(self, path: PurePosixPath, line: str) -> None:
        """Adds a line to a file of our own and does not return before it is on the disk; creates it with mode 0600."""
        ...

    def install(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Installs packages by pacman, whole or not at all; progress line by line."""
        ...

    def uninstall(self, packages: tuple[str, ...], tell: Tell = silent) -> None:
        """Removes packages by pacman, without their configuration backups; those not installed are passed over."""
        ...

    def set_service(self, name: str, state: ServiceState) -> None:
        """Enables or disables, masks or unmasks, starts or stops a unit, as far as `state` says so."""
        ...

    def refresh_service(self, name: str, action: str) -> None:
        """`reload` or `restart` a running unit, or `daemon-reload` the manager (name is then ignored)."""
        ...

    def add_user(self, user: UserState) -> None:
        """Creates a system user (and nothing else)."""
        ...

    def remove_user(self, name: str) -> None:
        """Removes a user and never a home folder; does nothing when there is none."""
        ...

    def add_group(self, group: GroupState) -> None:
        """Creates a group."""
        ...

    def remove_group(self, name: str) -> None:
        """Removes a group; does nothing when there is none."""
        ...

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float | None = 60, user: str = "", tell: Tell = silent
    ) -> CommandResult:
        """Runs a program by its argument list, as `user` when given; seconds until it is killed, None for never."""
        ...

    def cut_from_mailbox(self, path: PurePosixPath, start: int, content: bytes) -> bool:
        """Takes these bytes out of an mbox file if they stand at `start`, under the locks of local(8); False if not."""
        ...

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        """Connects to a TCP port; `timeout` in seconds for connecting and for each line. Raises ConversationCut."""
        ...

    def stranger(self) -> AbstractContextManager[Stranger]:
        """A stranger for as long as the block lasts, gone even after a crash; raises Trouble where there can be none.

        Whoever looks at the addresses of this machine meanwhile sees two more (ip(8)).
        """
        ...

    def try_lock(self) -> str | None:
        """Takes the wizard's lock for the life of this process; otherwise says who holds it (pid and since when)."""
        ...

    def unlock(self) -> None:
        """Gives the lock back."""
        ...
