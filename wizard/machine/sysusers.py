"""The lines of sysusers.d(5): the users and groups that a package brings."""

import shlex
from collections.abc import Callable

from wizard.machine.machine import GroupState, UserState

HIGHEST_SYSTEM_ID = 999  # login.defs(5): SYS_UID_MAX
NOLOGIN = "/usr/bin/nologin"


def read_sysusers(
    text: str, free_id: Callable[[], int], group_id: Callable[[str], int | None]
) -> tuple[tuple[UserState, ...], tuple[GroupState, ...], tuple[tuple[str, str], ...]]:
    """Users, groups, and memberships (user, group); `free_id` gives a number where the file leaves it open."""
    users: list[UserState] = []
    groups: dict[str, GroupState] = {}
    members: list[tuple[str, str]] = []
    lines = [shlex.split(line, comments=True) for line in text.splitlines()]
    for kind, name, *rest in sorted((line for line in lines if len(line) >= 2), key=lambda line: line[0] != "g"):
        number, gecos, home, shell = (*rest, *("-",) * 4)[:4]
        match kind.rstrip("!"):
            case "g":
                groups[name] = GroupState(name, int(number) if number.isdigit() else free_id())
            case "u":
                uid_text, _colon, group_text = number.partition(":")
                uid = int(uid_text) if uid_text.isdigit() else free_id()
                gid = int(group_text) if group_text.isdigit() else None
                if gid is None and group_text:
                    gid = groups[group_text].gid if group_text in groups else group_id(group_text)
                if gid is None:
                    gid = uid
                    groups.setdefault(name, GroupState(name, gid))
                    gid = groups[name].gid
                users.append(
                    UserState(
                        name,
                        uid,
                        gid,
                        "/" if home == "-" else home,
                        NOLOGIN if shell == "-" else shell,
                        "" if gecos == "-" else gecos,
                    )
                )
            case "m":
                members.append((name, number))
    return tuple(users), tuple(groups.values()), tuple(members)
