"""The tree on a computer that is not Arch: Debian's newest packages, then made to look like Arch."""

import re
from collections.abc import Iterable
from pathlib import Path

from wizard.machine.machine import Tell
from wizard.practice.arch_face import look_like_arch
from wizard.practice.chroot import in_tree, run_alone
from wizard.practice.debian_mirror import debian_mirror
from wizard.practice.folders import downloads_folder
from wizard.practice.recipe import BASE_DEBIAN, NOT_IN_TREE, PACKAGES, REPOSITORY, SUITE, Package
from wizard.practice.repack import make_packages
from wizard.practice.wizard_inside import put_wizard_inside

# The snapshot that a mirror serves may be older than apt likes; its signature is checked all the same.
APT = ("apt-get", "-o", "Acquire::Check-Valid-Until=false", "--yes", "--no-install-recommends")


def make_tree(tree: Path, workshop: Path, tell: Tell) -> None:
    """Fills an empty folder with a whole machine."""
    workshop.mkdir()
    downloads = downloads_folder() / "debian"
    downloads.mkdir(parents=True, exist_ok=True)
    tell("Fetching the base system (about a minute) ...")
    run_alone(
        "debootstrap", "--variant=minbase", f"--cache-dir={downloads}", f"--include={','.join(BASE_DEBIAN)}", SUITE,
        str(tree), debian_mirror(),
    )  # fmt: skip
    in_tree(tree, *APT, "update")
    tell("Fetching libraries and mail packages ...")
    debs = workshop / "debs"
    debs.mkdir()
    fetch_packages(tree, debs)
    tell("Repacking them for pacman ...")
    make_packages(debs, workshop / "packages", tree / REPOSITORY.lstrip("/"))
    tell("Turning the tree into an Arch machine ...")
    look_like_arch(tree, workshop)
    tell("Fetching what the wizard itself needs ...")
    put_wizard_inside(tree)


def fetch_packages(tree: Path, debs: Path) -> None:
    """The libraries go into the tree, the packages themselves into a folder."""
    known = in_tree(tree, "apt-cache", "pkgnames").split()
    ours = {real_name(name, known) for package in PACKAGES for name in package.from_debian}
    libraries: set[str] = set()
    for group in _groups():
        names = sorted({real_name(name, known) for package in group for name in package.from_debian})
        planned = in_tree(tree, *APT, "install", "--simulate", *names)
        libraries |= {line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")}
    in_tree(tree, *APT, "install", *sorted(libraries - ours - NOT_IN_TREE))
    scratch = tree / "srv/debs"
    scratch.mkdir(parents=True)
    in_tree(tree, "sh", "-ec", 'cd /srv/debs; shift 0; apt-get download "$@"', "sh", *sorted(ours))
    for path in scratch.iterdir():
        path.rename(debs / path.name)
    scratch.rmdir()


def real_name(pattern: str, known: Iterable[str]) -> str:
    """The name that the suite has for it; of several, the one with the highest number."""
    fitting = [name for name in known if re.fullmatch(pattern, name)]
    return max(fitting, key=lambda name: [int(number) for number in re.findall(r"\d+", name)], default=pattern)


def _groups() -> list[list[Package]]:
    """Packages that may be planned together: rival mail servers one by one."""
    rivals = [package for package in PACKAGES if package.conflicts]
    others = [package for package in PACKAGES if not package.conflicts]
    return [*([rival] for rival in rivals), [*others, rivals[0]]]
