"""The files of local accounts, and the numbers behind the names of owners."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Look, UserState

# passwd(5), group(5), shadow(5), gshadow(5), subuid(5); shadow-utils keeps the version before in a file ending in `-`.
ACCOUNT_FILES: Final = tuple(
    PurePosixPath("/etc", name + backup)
    for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
    for backup in ("", "-")
)
ACCOUNT_NAMES: Final = (PurePosixPath("/etc/passwd"), PurePosixPath("/etc/group"))


def account_names(look: Look) -> frozenset[tuple[PurePosixPath, str]]:
    """The names of all local users and groups, each with the file that it stands in."""
    return frozenset(
        (path, line.partition(b":")[0].decode("utf-8", "replace"))
        for path in ACCOUNT_NAMES
        if (state := look.file(path))
        for line in state.content.splitlines()
    )


def user_text(user: UserState) -> str:
    """All that a claim holds of a user: its numbers, home, shell, and the other groups that it is in."""
    return f"{user.uid}:{user.gid}:{user.home}:{user.shell}:{','.join(sorted(user.groups))}"


def numbered(state: FileState, look: Look) -> FileState:
    """The state with the numbers of owner and group, as it is read back; a name that is not known yet stays a name."""
    owner, group = state.owner, state.group
    if isinstance(owner, str):
        user = look.user(owner)
        owner = 0 if owner == "root" else user.uid if user else owner
    if isinstance(group, str):
        found = look.group(group)
        group = 0 if group == "root" else found.gid if found else group
    return replace(state, owner=owner, group=group)


def same_but_time(one: FileState | None, other: FileState | None) -> bool:
    """Whether two states are equal but for the time of the last change."""
    if one is None or other is None:
        return one is other
    return replace(one, mtime_ns=None) == replace(other, mtime_ns=None)
