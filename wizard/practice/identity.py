"""The names, numbers and person that every practice machine has, whatever it was made of."""

import shutil
from pathlib import Path

from wizard.practice.chroot import in_tree
from wizard.practice.copy_files import copy_files
from wizard.practice.recipe import ADMIN, HOSTNAME, MACHINE_FILES


def give_identity(tree: Path) -> None:
    """Host name, machine id, settings; an administrator who may become root; persistent logs."""
    copy_files(MACHINE_FILES, tree)
    (tree / "etc/sudoers.d/wheel").chmod(0o440)
    (tree / "etc/hostname").unlink(missing_ok=True)
    (tree / "etc/hostname").write_text(f"{HOSTNAME}\n")
    short = HOSTNAME.split(".")[0]
    (tree / "etc/hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {HOSTNAME} {short}\n")
    # One identity for all copies; an empty file would make systemd take each boot for the first.
    (tree / "etc/machine-id").write_text("b0b0b0b0b0b04b0b8b0b0b0b0b0b0b0b\n")
    for name in ("hostname", "hosts", "machine-id"):
        (tree / "etc" / name).chmod(0o644)
    default = tree / "etc/systemd/system/default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("/usr/lib/systemd/system/multi-user.target")
    (tree / "var/log/journal").mkdir(parents=True, exist_ok=True)
    in_tree(tree, "useradd", "--create-home", "--uid", "1000", "--groups", "wheel", "--shell", "/usr/bin/bash", ADMIN)
    for leftover in ("passwd-", "group-", "shadow-", "gshadow-", "subuid-", "subgid-"):
        (tree / "etc" / leftover).unlink(missing_ok=True)
    # Japanese beside C.UTF-8, which glibc has built in.
    in_tree(tree, "localedef", "-i", "ja_JP", "-f", "UTF-8", "ja_JP.UTF-8")


def settle(tree: Path) -> None:
    """Says that caches and users are up to date (systemd-update-done(8)), so that no boot changes them."""
    (tree / "var/log/pacman.log").unlink(missing_ok=True)
    shutil.rmtree(tree / "run", ignore_errors=True)
    (tree / "run").mkdir(mode=0o755)
    in_tree(tree, "systemd-sysusers")
    in_tree(tree, "/usr/lib/systemd/systemd-update-done")
