"""Commands inside a tree that is being built: with their own mounts and processes, which end with them."""

import os
import subprocess
from pathlib import Path

from wizard.problem import Trouble

ALONE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")

# $1 is the tree, the rest is the command. The bind makes the tree a mount point, where pacman looks for free space.
# /dev is the tree's own, so that no build can touch a device of the host.
ENTER = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
exec chroot "$@"
"""


def in_tree(tree: Path, *argv: str, timeout: float = 900) -> str:
    """Runs a command with the tree as its root and gives its output; Trouble with the last lines when it fails."""
    return run_tool(*ALONE, "sh", "-ec", ENTER, "sh", str(tree), *argv, timeout=timeout, shown=argv)


def run_alone(*argv: str, timeout: float = 900) -> str:
    """Runs a program of the host that starts others and mounts things: both end with it, also when we are killed."""
    return run_tool(*ALONE, "--mount-proc", *argv, timeout=timeout, shown=argv)


def run_tool(*argv: str, timeout: float = 900, shown: tuple[str, ...] = (), folder: Path | None = None) -> str:
    """Runs a program of the host for its standard output; Trouble with the last lines when it fails."""
    environment = {
        **{name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")},
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
        # The tree is a cache and has its name only when it is complete: dpkg need not wait for the disk.
        "DEBIAN_FRONTEND": "noninteractive", "DPKG_FORCE": "unsafe-io",
    }  # fmt: skip
    try:
        ended = subprocess.run(
            argv, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, env=environment,
            timeout=timeout, check=False, cwd=folder,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Trouble(f"{' '.join(shown or argv)} did not end within {timeout:.0f} s") from None
    if ended.returncode != 0:
        last = "\n".join((ended.stdout + ended.stderr).splitlines()[-8:])
        raise Trouble(f"{' '.join((shown or argv)[:4])} failed while the practice machine was built:\n{last}")
    return ended.stdout
