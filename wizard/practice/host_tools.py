"""The programs of this computer that a build needs, and how to get them."""

import shutil
import subprocess
from pathlib import Path

from wizard.machine.machine import Tell
from wizard.problem import Trouble

# program: the package that brings it
ON_DEBIAN = {
    "debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "bsdtar": "libarchive-tools",
    "zstd": "zstd", "repo-add": "makepkg", "unshare": "util-linux", "nsenter": "util-linux",
}  # fmt: skip
ON_ARCH = {
    "pacstrap": "arch-install-scripts", "systemd-nspawn": "systemd", "repo-add": "pacman", "bsdtar": "libarchive",
    "pip": "python-pip", "unshare": "util-linux", "nsenter": "util-linux",
}  # fmt: skip


def is_arch() -> bool:
    """Whether the packages of this computer are Arch's: its pacman comes with Arch's own keys and mirrors."""
    return Path("/etc/pacman.d/mirrorlist").exists() and shutil.which("pacman") is not None


def get_tools(tell: Tell) -> None:
    """Installs what is missing, and says so in a line."""
    wanted = ON_ARCH if is_arch() else ON_DEBIAN
    missing = sorted({package for program, package in wanted.items() if shutil.which(program) is None})
    if not missing:
        return
    if is_arch():
        commands = [["pacman", "-S", "--needed", "--noconfirm", *missing]]
    elif shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
        commands = [["apt-get", "update"], install]
    else:
        raise Trouble(f"These programs are missing: {', '.join(missing)}", "Install them and try again")
    tell(f"Installing tools on this computer: {' '.join(missing)} ...")
    for command in commands:
        ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if ended.returncode != 0 and command is commands[-1]:
            last = "\n".join((ended.stdout + ended.stderr).splitlines()[-5:])
            raise Trouble(f"{' '.join(command[:2])} failed: {last}", f"Install them by hand: {' '.join(missing)}")
