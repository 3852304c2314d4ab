"""Makes a Debian tree look like a fresh Arch machine to programs and people."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wizard.practice.chroot import in_tree, run_tool
from wizard.practice.copy_files import copy_files
from wizard.practice.identity import give_identity, settle
from wizard.practice.pacman_package import make_repository, pack
from wizard.practice.recipe import ARCH_FACE_FILES, BASE_PACKAGES, BASE_PROVIDES, REPOSITORY, Package
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
    "etc/debian_version", "etc/vconsole.conf", "etc/logcheck", "etc/update-motd.d", "etc/debconf.conf",
    "etc/apt", "etc/.pwd.lock", "etc/environment",  "etc/dpkg", "etc/issue.net", "etc/default",
    "etc/cron.daily", "etc/motd", "etc/adduser.conf", "etc/deluser.conf", "etc/init.d", "etc/rc0.d", "etc/rc1.d",
    "etc/rc2.d", "etc/rc3.d", "etc/rc4.d", "etc/rc5.d", "etc/rc6.d", "etc/rcS.d", "etc/mailname", "etc/aliases",
    "etc/resolv.conf", "var/lib/apt", "var/cache/apt", "var/cache/debconf", "var/log/apt", "var/log/dpkg.log",
    "var/log/bootstrap.log", "var/log/alternatives.log", "var/lib/systemd/deb-systemd-helper-enabled",
    "var/lib/systemd/deb-systemd-user-helper-enabled", "var/backups", "usr/share/doc", "usr/share/locale",
)  # fmt: skip


def look_like_arch(tree: Path, workshop: Path) -> None:
    """Everything that makes the difference, in order."""
    versions = installed_versions(tree / "var/lib/dpkg")
    merge_sbin(tree)
    drop_debian(tree)
    copy_files(ARCH_FACE_FILES, tree)
    set_accounts(tree)
    set_mail_spool(tree)
    disable_units(tree)
    give_identity(tree)
    shutil.rmtree(tree / "usr/share/i18n")
    (tree / "usr/bin/python").symlink_to("python3")
    (tree / "usr/lib/os-release").write_text((tree / "etc/os-release").read_text())
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


def drop_debian(tree: Path) -> None:
    """Removes what only Debian's tools read, and whatever names a mirror."""
    for name in NOT_ON_ARCH:
        path = tree / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def set_accounts(tree: Path) -> None:
    """Arch's users and numbers."""
    kept = {"passwd": ("systemd-", "messagebus"), "group": ("systemd-", "messagebus", "adm", "disk", "input", "kvm",
            "render", "sgx", "clock", "video", "audio", "lp", "kmem", "cdrom", "tape", "dialout")}  # fmt: skip
    for name, ours in (("passwd", USERS), ("group", GROUPS)):
        file = tree / "etc" / name
        others = [line for line in file.read_text().splitlines(True) if line.startswith(kept[name])]
        file.write_text(ours + "".join(others).replace("/usr/sbin/nologin", "/usr/bin/nologin"))
    names = [line.split(":")[0] for line in (tree / "etc/passwd").read_text().splitlines()]
    (tree / "etc/shadow").write_text("".join(f"{name}:!*:20000::::::\n" for name in names))
    groups = [line.split(":") for line in (tree / "etc/group").read_text().splitlines()]
    (tree / "etc/gshadow").write_text("".join(f"{name}:!*::{members}\n" for name, _, _, members in groups))


def set_mail_spool(tree: Path) -> None:
    """On Arch /var/spool/mail is the folder, which everybody may write to, and /var/mail the link."""
    spool, link = tree / "var/spool/mail", tree / "var/mail"
    for path in (spool, link):
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
    spool.mkdir(parents=True)
    spool.chmod(0o1777)
    link.symlink_to("spool/mail")


def disable_units(tree: Path) -> None:
    """Nothing is enabled, and the timers of Debian's own tools are gone."""
    wanted, units = tree / "etc/systemd/system", tree / "usr/lib/systemd/system"
    for folder in wanted.glob("*.wants"):
        shutil.rmtree(folder)
    for link in wanted.glob("*"):
        if link.is_symlink():
            link.unlink()
    for pattern in ("apt-*", "dpkg-*", "e2scrub*"):
        for unit in (*units.glob(pattern), *units.glob(f"*.wants/{pattern}")):
            unit.unlink()
    # Links /etc/default/locale and the like, which Arch does not have.
    (tree / "usr/lib/tmpfiles.d/debian.conf").unlink(missing_ok=True)


def fill_pacman_database(tree: Path, workshop: Path, versions: dict[str, str]) -> None:
    """Enters the base packages through pacman itself, so that `pacman -Q` and dependencies answer as on Arch."""
    repository = tree / REPOSITORY.lstrip("/")

    def pack_entry(name: str, debian: str) -> Path:
        # A library's Debian name moves with its ABI: libicu78.
        stem = re.sub(r"\d.*", "", debian)
        version = versions.get(debian) or next((v for known, v in versions.items() if known.startswith(stem)), "1")
        contents = workshop / f"base-{name}"
        contents.mkdir(parents=True)
        about = f"Part of the base system ({name})"
        package = Package(name=name, about=about, provides=BASE_PROVIDES.get(name, ()))
        return pack(contents, package, arch_version(version), repository)

    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        archives = list(at_once.map(pack_entry, BASE_PACKAGES.keys(), BASE_PACKAGES.values()))
    names = [f"{REPOSITORY}/{path.name}" for path in archives]
    in_tree(tree, "pacman", "--upgrade", "--noconfirm", "--noscriptlet", *names)
    # The repository has them too, so that asking for one of them is "up to date", not "target not found".
    make_repository(repository, "extra", archives)
    in_tree(tree, "pacman", "--sync", "--refresh")
    settle(tree)
    run_tool("chmod", "-R", "a+rX", str(tree / REPOSITORY.lstrip("/")))
