"""Makes a Debian tree look like a fresh Arch machine to programs and people."""

import os
import re
import shutil
from pathlib import Path

from wizard.practice.chroot import in_tree, run_tool
from wizard.practice.pacman_package import pack
from wizard.practice.recipe import (
    ADMIN, BASE_PACKAGES, BASE_PROVIDES, HOSTNAME, MACHINE_FILES, REPOSITORY, Package,
)  # fmt: skip
from wizard.practice.repack import arch_version, installed_versions

# Arch's filesystem package; Debian's other numbers stay where files of the tree have them.
USERS = """\
root:x:0:0::/root:/usr/bin/bash
bin:x:1:1::/:/usr/bin/nologin
daemon:x:2:2::/:/usr/bin/nologin
mail:x:8:12::/var/spool/mail:/usr/bin/nologin
ftp:x:14:11::/srv/ftp:/usr/bin/nologin
http:x:33:33::/srv/http:/usr/bin/nologin
nobody:x:65534:65534:Kernel Overflow User:/:/usr/bin/nologin
dbus:x:81:81:System Message Bus:/:/usr/bin/nologin
"""
GROUPS = """\
root:x:0:root
sys:x:3:bin
mem:x:8:
ftp:x:11:
mail:x:12:
log:x:19:
smmsp:x:25:
proc:x:26:
games:x:50:
lock:x:54:
network:x:90:
floppy:x:94:
scanner:x:96:
power:x:98:
nobody:x:65534:
dbus:x:81:
bin:x:1:daemon
daemon:x:2:bin
http:x:33:
tty:x:5:
shadow:x:42:
utmp:x:43:
wheel:x:970:admin
users:x:971:
"""
NOT_ON_ARCH = (
    "etc/debian_version", "etc/dpkg", "etc/issue.net", "etc/apt/sources.list", "etc/apt/sources.list.d", "etc/default",
    "etc/cron.daily", "etc/motd", "etc/adduser.conf", "etc/deluser.conf", "etc/init.d", "etc/rc0.d", "etc/rc1.d",
    "etc/rc2.d", "etc/rc3.d", "etc/rc4.d", "etc/rc5.d", "etc/rc6.d", "etc/rcS.d", "etc/mailname", "etc/aliases",
    "etc/resolv.conf", "var/lib/apt", "var/cache/apt", "var/cache/debconf", "var/log/apt", "var/log/dpkg.log",
    "var/log/bootstrap.log", "var/log/alternatives.log", "var/lib/systemd/deb-systemd-helper-enabled",
    "var/lib/systemd/deb-systemd-user-helper-enabled", "var/backups", "usr/share/doc", "usr/share/locale",
)  # fmt: skip


def look_like_arch(tree: Path, workshop: Path) -> None:
    """Everything that makes the difference, in order."""
    versions = installed_versions(tree / "var/lib/dpkg")
    make_locale(tree)
    merge_sbin(tree)
    drop_debian(tree)
    shutil.copytree(MACHINE_FILES, tree, symlinks=True, dirs_exist_ok=True)
    set_accounts(tree)
    set_units(tree)
    fill_pacman_database(tree, workshop, versions)


def merge_sbin(tree: Path) -> None:
    """/usr/sbin becomes a link to /usr/bin, as on Arch."""
    sbin, binaries = tree / "usr/sbin", tree / "usr/bin"
    for entry in sbin.iterdir():
        if not os.path.lexists(binaries / entry.name):
            entry.rename(binaries / entry.name)
    shutil.rmtree(sbin)
    sbin.symlink_to("bin")
    for entry in binaries.iterdir():
        # A relative link that pointed into the other folder.
        if entry.is_symlink() and (aim := os.readlink(entry)).startswith("../sbin/"):  # noqa: PTH115
            entry.unlink()
            entry.symlink_to(aim.removeprefix("../sbin/"))


def make_locale(tree: Path) -> None:
    """Japanese beside the built-in C.UTF-8, which has every character but no words."""
    in_tree(tree, "localedef", "-i", "ja_JP", "-f", "UTF-8", "ja_JP.UTF-8")
    shutil.rmtree(tree / "usr/share/i18n", ignore_errors=True)


def drop_debian(tree: Path) -> None:
    """Removes what only Debian's tools read, and whatever names a mirror."""
    for name in NOT_ON_ARCH:
        path = tree / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def set_accounts(tree: Path) -> None:
    """Arch's users and numbers, and one person who may become root."""
    kept = {"passwd": ("systemd-", "messagebus"), "group": ("systemd-", "messagebus", "adm", "disk", "input", "kvm",
            "render", "sgx", "clock", "video", "audio", "lp", "kmem", "cdrom", "tape", "dialout")}  # fmt: skip
    for name, ours in (("passwd", USERS), ("group", GROUPS)):
        file = tree / "etc" / name
        others = [line for line in file.read_text().splitlines(True) if line.startswith(kept[name])]
        text = ours + "".join(others).replace("/usr/sbin/nologin", "/usr/bin/nologin")
        if name == "passwd":
            text += f"{ADMIN}:x:1000:1000::/home/{ADMIN}:/usr/bin/bash\n"
        else:
            text += f"{ADMIN}:x:1000:\n"
        file.write_text(text)
    names = [line.split(":")[0] for line in (tree / "etc/passwd").read_text().splitlines()]
    (tree / "etc/shadow").write_text("".join(f"{name}:!*:20000::::::\n" for name in names))
    groups = [line.split(":") for line in (tree / "etc/group").read_text().splitlines()]
    (tree / "etc/gshadow").write_text("".join(f"{name}:!*::{members}\n" for name, _, _, members in groups))
    for leftover in ("passwd-", "group-", "shadow-", "gshadow-", "subuid", "subgid"):
        (tree / "etc" / leftover).unlink(missing_ok=True)
    home = tree / "home" / ADMIN
    shutil.copytree(tree / "etc/skel", home, dirs_exist_ok=True)
    for path in (home, *home.rglob("*")):
        os.chown(path, 1000, 1000)
    home.chmod(0o700)
    (tree / "etc/sudoers.d/wheel").chmod(0o440)
    # FHS on Arch: /var/mail is the link, /var/spool/mail the folder.
    spool, link = tree / "var/spool/mail", tree / "var/mail"
    for path in (spool, link):
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
    spool.mkdir(parents=True)
    spool.chmod(0o1777)
    link.symlink_to("spool/mail")
    journal = tree / "var/log/journal"
    journal.mkdir(parents=True, exist_ok=True)


def set_units(tree: Path) -> None:
    """Nothing is enabled but what Arch's own base enables; names and identity of the machine."""
    wanted = tree / "etc/systemd/system"
    for folder in wanted.glob("*.wants"):
        shutil.rmtree(folder)
    for link in wanted.glob("*"):
        if link.is_symlink():
            link.unlink()
    for unit in ("apt-daily.service", "apt-daily.timer", "apt-daily-upgrade.service", "apt-daily-upgrade.timer",
                 "dpkg-db-backup.service", "dpkg-db-backup.timer", "e2scrub_all.service", "e2scrub_all.timer",
                 "e2scrub_reap.service", "e2scrub@.service", "e2scrub_fail@.service"):  # fmt: skip
        (tree / "usr/lib/systemd/system" / unit).unlink(missing_ok=True)
    for folder in ("multi-user.target.wants", "timers.target.wants"):
        for link in (tree / "usr/lib/systemd/system" / folder).glob("*"):
            if link.is_symlink() and not link.exists() and not os.readlink(link).startswith("/"):  # noqa: PTH115
                link.unlink()
    (wanted / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    (tree / "etc/hostname").write_text(f"{HOSTNAME}\n")
    short = HOSTNAME.split(".")[0]
    (tree / "etc/hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {HOSTNAME} {short}\n")
    # One identity for all copies; an empty file would make systemd take each boot for the first.
    (tree / "etc/machine-id").write_text("b0b0b0b0b0b04b0b8b0b0b0b0b0b0b0b\n")
    (tree / "usr/bin/python").symlink_to("python3")
    (tree / "usr/lib/os-release").write_text((tree / "etc/os-release").read_text())


def fill_pacman_database(tree: Path, workshop: Path, versions: dict[str, str]) -> None:
    """Enters the base packages through pacman itself, so that `pacman -Q` and dependencies answer as on Arch."""
    archives = tree / "srv/practice/base"
    archives.mkdir(parents=True)
    for name, debian in BASE_PACKAGES.items():
        found = versions.get(debian) or next(
            (version for known, version in versions.items() if known.startswith(re.sub(r"\d.*", "", debian))), "1"
        )
        folder = workshop / f"base-{name}"
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        about = f"Part of the base system ({name})"
        package = Package(name=name, about=about, provides=BASE_PROVIDES.get(name, ()))
        pack(folder, package, arch_version(found), archives)
    names = [f"/srv/practice/base/{path.name}" for path in sorted(archives.iterdir())]
    in_tree(tree, "pacman", "--upgrade", "--noconfirm", "--noscriptlet", *names)
    shutil.rmtree(archives)
    in_tree(tree, "pacman", "--sync", "--refresh")
    (tree / "var/log/pacman.log").unlink(missing_ok=True)
    run_tool("chmod", "-R", "a+rX", str(tree / REPOSITORY.lstrip("/")))
