"""Whether this computer can build and boot a practice machine."""

import os
import platform
from pathlib import Path

from wizard.practice.folders import practice_folder
from wizard.problem import Problem

OVERLAY = "overlay"


def can_host() -> Problem | None:
    """What stands in the way, in one sentence; None when a machine can be built and booted here."""
    if platform.system() != "Linux":
        return Problem("A practice machine needs Linux", "Use --pretend: it plays every step without a machine")
    if os.geteuid() != 0:
        return Problem("A practice machine needs root, to make namespaces and mounts", "Run it again with sudo")
    missing = [kind for kind in ("mnt", "pid", "net", "ipc", "uts") if not Path("/proc/self/ns", kind).exists()]
    if missing:
        return Problem(f"This kernel has no namespaces of kind {', '.join(missing)}", "Use --pretend")
    filesystems = Path("/proc/filesystems").read_text().split()
    if OVERLAY not in filesystems and not _module_exists(OVERLAY):
        return Problem("This kernel has no overlayfs", "Load it with: modprobe overlay")
    if "cgroup2" not in filesystems:
        return Problem("This kernel has no cgroup v2", "Use --pretend")
    kind = filesystem_of(practice_folder())
    if kind == OVERLAY:
        return Problem(
            f"{practice_folder()} lies on an overlay, on which another cannot be stacked",
            "Set XDG_CACHE_HOME to a folder on a disk or a tmpfs",
        )
    if not _may_unshare():
        return Problem("This environment forbids new mount namespaces", "Use --pretend, or a machine of your own")
    return None


def filesystem_of(folder: Path) -> str:
    """The type of the file system that holds a folder, or would hold it."""
    while not folder.exists():
        folder = folder.parent
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            return after.split()[0]
    return ""


def _module_exists(name: str) -> bool:
    folder = Path("/lib/modules", platform.release(), "kernel", "fs")
    return folder.is_dir() and any(folder.rglob(f"{name}.ko*"))


def _may_unshare() -> bool:
    """Asks a child to try, since the answer depends on capabilities, seccomp and containers alike."""
    child = os.fork()
    if child == 0:
        import ctypes

        os._exit(0 if ctypes.CDLL(None).unshare(0x00020000) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
