"""The text of passwd(5) and group(5), read into values and edited line by line."""

from collections.abc import Callable, Iterable

from wizard.machine.machine import GroupState, UserState


def read_groups(text: str) -> tuple[GroupState, ...]:
    """The groups of group(5), in order; lines of another form are passed over."""
    found = []
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) == 4 and fields[2].isdigit():
            found.append(GroupState(fields[0], int(fields[2]), tuple(name for name in fields[3].split(",") if name)))
    return tuple(found)


def read_users(passwd: str, groups: Iterable[GroupState] = ()) -> tuple[UserState, ...]:
    """The users of passwd(5), in order, each with the groups that list it; lines of another form are passed over."""
    groups = tuple(groups)
    found = []
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdigit() and fields[3].isdigit():
            member_of = tuple(group.name for group in groups if fields[0] in group.members)
            found.append(
                UserState(fields[0], int(fields[2]), int(fields[3]), fields[5], fields[6], fields[4], member_of)
            )
    return tuple(found)


def passwd_line(user: UserState) -> str:
    """The line of passwd(5) for a user; the password stands in shadow(5)."""
    return f"{user.name}:x:{user.uid}:{user.gid}:{user.gecos}:{user.home}:{user.shell}\n"


def group_line(group: GroupState) -> str:
    """The line of group(5) for a group."""
    return f"{group.name}:x:{group.gid}:{','.join(group.members)}\n"


def without_line(text: str, name: str) -> str:
    """The text without the lines of that name."""
    return "".join(line for line in text.splitlines(keepends=True) if line.split(":", 1)[0] != name)


def with_member(text: str, group: str, user: str) -> str:
    """The text of group(5) in which the group lists the user."""
    return _members_changed(text, group, lambda members: members if user in members else (*members, user))


def without_member(text: str, user: str) -> str:
    """The text of group(5) in which no group lists the user."""
    return _members_changed(text, "", lambda members: tuple(name for name in members if name != user))


def _members_changed(text: str, group: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> str:
    lines = []
    for line in text.splitlines(keepends=True):
        known = read_groups(line)
        if known and (not group or known[0].name == group):
            fields = line.rstrip("\n").split(":")
            line = ":".join((*fields[:3], ",".join(change(known[0].members)))) + "\n"
        lines.append(line)
    return "".join(lines)
