"""Debian's packages turned into Arch's: same programs, at Arch's paths."""

import fnmatch
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wizard.practice.chroot import run_tool
from wizard.practice.copy_files import copy_files
from wizard.practice.pacman_package import make_repository, pack
from wizard.practice.postfix_package import finish_postfix
from wizard.practice.recipe import PACKAGE_FILES, PACKAGES, Package
from wizard.problem import Trouble

# What only Debian's other tools read.
DEBIAN_ONLY = (
    "etc/init.d", "etc/insserv.conf.d", "etc/network", "etc/ppp", "etc/resolvconf", "etc/rsyslog.d", "etc/ufw",
    "etc/default", "etc/logcheck", "etc/apparmor.d", "usr/lib/NetworkManager", "usr/lib/networkd-dispatcher",
    "usr/share/lintian", "usr/share/bug", "usr/share/initramfs-tools", "usr/share/doc/*/changelog*",
    "usr/share/doc/*/NEWS*", "usr/share/doc/*/README.Debian*",
)  # fmt: skip


def make_packages(debs: Path, workshop: Path, repository: Path) -> None:
    """All packages of the recipe, and their repository."""
    repository.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        archives = at_once.map(lambda package: repack(package, debs, workshop / package.name, repository), PACKAGES)
        make_repository(repository, "extra", list(archives))


def repack(package: Package, debs: Path, folder: Path, repository: Path) -> Path:
    """One package: Debian's files, chosen and moved; then ours over them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = "1-1"
    for name in package.from_debian:
        deb = find_deb(debs, name)
        run_tool("dpkg-deb", "--extract", str(deb), str(folder))
        if name == package.from_debian[0]:
            version = arch_version(run_tool("dpkg-deb", "--field", str(deb), "Version").strip())
    if (folder / "usr/sbin").is_dir():
        _move_into(folder / "usr/sbin", folder / "usr/bin")
    _choose(folder, package)
    for there, here in package.moved:
        (folder / here).mkdir(parents=True, exist_ok=True)
        _move_into(folder / there, folder / here)
    for path, aim in package.links:
        (folder / path).symlink_to(aim)
    for program in folder.glob("usr/lib/postgresql/*/bin/*"):
        # A link, since PostgreSQL finds its libraries from where its programs really are.
        (folder / "usr/bin").mkdir(exist_ok=True)
        (folder / "usr/bin" / program.name).symlink_to(f"/{program.relative_to(folder)}")
    for unit in folder.glob("usr/lib/systemd/system/*.service"):
        unit.write_text(unit.read_text().replace("/usr/sbin/", "/usr/bin/"))
    if package.name == "postfix":
        finish_postfix(folder)
    ours = PACKAGE_FILES / package.name
    if ours.is_dir():
        copy_files(ours, folder)
    return pack(folder, package, version, repository)


def find_deb(folder: Path, name: str) -> Path:
    """The downloaded file of a package."""
    found = sorted(path for path in folder.glob("*.deb") if re.fullmatch(name, path.name.split("_")[0]))
    if not found:
        raise Trouble(f"The package {name} could not be downloaded")
    return found[-1]


def arch_version(debian: str) -> str:
    """`1:2.4.5+dfsg1-4` is `2.4.5-1`: no epoch, upstream's part, the first release of it."""
    upstream = debian.split(":")[-1].rsplit("-", 1)[0]
    return re.split(r"[+~]|\.dfsg|\.stable", upstream)[0].replace("-", ".") + "-1"


def _move_into(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for entry in source.iterdir():
        place = target / entry.name
        if entry.is_symlink():
            aim = os.readlink(entry).replace("../sbin/", "").replace("/usr/sbin/", "")  # noqa: PTH115
            place.unlink(missing_ok=True)
            place.symlink_to(aim)
        else:
            entry.rename(place)
    shutil.rmtree(source)
    for entry in target.iterdir():
        if entry.is_symlink() and "sbin/" in (aim := os.readlink(entry)):  # noqa: PTH115
            entry.unlink()
            entry.symlink_to(aim.replace("../sbin/", "").replace("/usr/sbin/", ""))


def _choose(folder: Path, package: Package) -> None:
    """Removes the paths that the recipe leaves out, and folders that are empty for it."""
    left_out = (*DEBIAN_ONLY, *package.without)
    for path in sorted(folder.rglob("*"), reverse=True):
        name = str(path.relative_to(folder))
        unwanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in left_out)
        not_chosen = package.only and not any(fnmatch.fnmatchcase(name, pattern) for pattern in package.only)
        if path.is_dir() and not path.is_symlink():
            if unwanted or (not_chosen and not any(path.iterdir())):
                shutil.rmtree(path)
        elif unwanted or not_chosen:
            path.unlink()
    for path in sorted((folder / "etc").rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def installed_versions(status: Path) -> dict[str, str]:
    """Package names and versions out of dpkg's database."""
    listed = subprocess.run(
        ["dpkg-query", f"--admindir={status}", "--show", "--showformat", "${Package} ${Version}\n"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split(" ", 1) for line in listed.stdout.splitlines())
