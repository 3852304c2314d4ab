"""When root may write at a path: who else could change the way to it decides."""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.problem import Problem
from wizard.words import _


@dataclass(frozen=True)
class Way:
    """Who besides root could change the way to a path.

    `strangers` own a folder on it; `loose` is the first folder where others may write and no sticky bit protects
    (inode(7)); `planted` is the first link on it that a stranger could have made.
    """

    strangers: Set[int] = frozenset()
    loose: PurePosixPath | None = None
    planted: PurePosixPath | None = None


SAFE: Final = Way()


def is_loose(mode: int, group: int) -> bool:
    """Whether others than the owner may rename and remove what lies in a folder of this mode and group."""
    writable = mode & 0o002 or (mode & 0o020 and group != 0)
    return bool(writable) and not mode & 0o1000


def refuses_link(way: Way, path: PurePosixPath) -> Problem | None:
    """Why nothing of root's is done at the end of this way; None when no link on it can be planted."""
    if way.planted is None:
        return None
    return Problem(
        _("{path} is reached through {link}, a link that somebody other than root could have made.").format(
            path=path, link=way.planted
        ),
        _("Replace the link, or make it and its folder belong to root."),
    )


def refuses_write(way: Way, path: PurePosixPath, owner: int) -> Problem | None:
    """Why root does not write what shall belong to `owner` at this path; None when it is safe.

    A folder that a user owns may at any moment hold a link, or a hard link, that the user made; so only what belongs to
    that very user is written there, and with that user's rights.
    """
    if (problem := refuses_link(way, path)) or way.strangers == {owner}:
        return problem
    if way.strangers:
        return Problem(
            _(
                "{path} lies in a folder that belongs to another user (number {uid}), so root does not write there."
            ).format(path=path, uid=min(way.strangers)),
            _("Look who owns each folder on the way: `namei -l {path}`.").format(path=path),
        )
    if way.loose is not None:
        return Problem(
            _("{path} lies in {folder}, where other users may write, so root does not write there.").format(
                path=path, folder=way.loose
            ),
            _("Take the right away: `chmod go-w {folder}`.").format(folder=way.loose),
        )
    return None


def no_folder(path: PurePosixPath) -> Problem:
    """What is said when a path is to be written and its folder is missing."""
    return Problem(_("{path} cannot be written: there is no folder {folder}.").format(path=path, folder=path.parent))


def not_empty(path: PurePosixPath) -> Problem:
    """What is said when a folder that is not empty is to be removed or replaced."""
    return Problem(
        _("{path}: a folder with something in it is in the way.").format(path=path),
        _("Look what is in it, and move it elsewhere if you do not need it there."),
    )


def unusable_path(path: PurePosixPath) -> Problem | None:
    """Why this cannot be a path of a machine at all."""
    if path.is_absolute() and ".." not in path.parts and "\0" not in str(path):
        return None
    return Problem(_("{path!r} is not an absolute path.").format(path=str(path)))


def not_written(path: PurePosixPath) -> Problem:
    """What is said of sockets, pipes and devices."""
    return Problem(_("{path}: sockets, pipes and devices are not written.").format(path=path))


def not_ours(path: PurePosixPath) -> Problem:
    """What is said when a line is to be added to what is not a file of root's."""
    return Problem(_("{path} is not a file of our own, so nothing is added to it.").format(path=path))


def is_planted(link: PurePosixPath) -> Problem:
    """What is said of a link that cannot be trusted."""
    return Problem(
        _("{link} is a link that somebody other than root could have made.").format(link=link),
        _("Replace the link, or make it and its folder belong to root."),
    )
