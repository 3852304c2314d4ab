"""What putting back leaves alone below the folders that it otherwise restores to the byte, each with its reason."""

from collections.abc import Mapping
from pathlib import PurePosixPath

LEFT_ALONE: Mapping[PurePosixPath, str] = {
    PurePosixPath("/var/lib/postwizard"): "the wizard's own state: journals and snapshots outlive what they describe",
    PurePosixPath("/var/lib/systemd"): "systemd's own clocks and seeds, written by systemd while the machine runs",
    PurePosixPath("/var/cache"): "caches, which their programs make anew from what is there (FHS 3.0, 5.5)",
    PurePosixPath("/var/lib/pacman/db.lck"): "pacman's lock, there only while pacman runs",
    PurePosixPath(
        "/etc/.pwd.lock"
    ): "the empty lock file of lckpwdf(3), made by the first program that locks passwd(5)",
    PurePosixPath("/etc/.updated"): "systemd-update-done(8)'s time stamp of the last offline update",
}

# Contents below these are not copied into a snapshot: pacman takes its own records back, and daemons their queues.
NOT_COPIED: Mapping[PurePosixPath, str] = {
    PurePosixPath("/var/lib/pacman"): "pacman adds and removes its own records",
    PurePosixPath("/var/spool"): "mail is never copied or put back; it is delivered or kept",
    PurePosixPath("/var/mail"): "mail is never copied or put back; it is delivered or kept",
    PurePosixPath("/var/log"): "logs only grow",
}


def is_below(path: PurePosixPath, folders: Mapping[PurePosixPath, str]) -> bool:
    """Whether the path is one of these folders or lies in one."""
    return any(path == folder or folder in path.parents for folder in folders)
