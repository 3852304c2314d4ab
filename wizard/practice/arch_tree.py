"""The tree on Arch Linux itself: pacstrap's base system, and a local repository of Arch's own packages."""

import shutil
from pathlib import Path

from wizard.machine.machine import Tell
from wizard.practice.chroot import in_tree, run_alone, run_tool
from wizard.practice.folders import downloads_folder
from wizard.practice.identity import give_identity, settle
from wizard.practice.pacman_package import make_repository
from wizard.practice.recipe import BASE_ARCH, PACKAGES, REPOSITORY
from wizard.practice.wizard_inside import put_wizard_inside


def make_tree(tree: Path, workshop: Path, tell: Tell) -> None:
    """Fills an empty folder with a whole machine."""
    workshop.mkdir()
    tell("Fetching the base system (a few minutes) ...")
    # -c: this computer's package cache; -G, -M: neither keyring nor mirrors, since the machine has no network.
    run_alone("pacstrap", "-c", "-G", "-M", str(tree), *BASE_ARCH, timeout=3600)
    tell("Fetching mail packages ...")
    fetch_repository(tree, tree / REPOSITORY.lstrip("/"))
    tell("Setting the machine up ...")
    give_identity(tree)
    in_tree(tree, "pacman", "--sync", "--refresh")
    tell("Fetching what the wizard itself needs ...")
    put_wizard_inside(tree)
    settle(tree)


def fetch_repository(tree: Path, repository: Path) -> None:
    """The packages of the recipe and everything they depend on that the tree lacks, as one repository."""
    cache = downloads_folder() / "arch"
    cache.mkdir(parents=True, exist_ok=True)
    names = [package.name for package in PACKAGES]
    # --downloadonly does not mind that rival mail servers conflict.
    run_tool(
        "pacman", "--sync", "--refresh", "--downloadonly", "--noconfirm", "--root", str(tree),
        "--cachedir", str(cache), *names, timeout=3600,
    )  # fmt: skip
    wanted = run_tool(
        "pacman", "--sync", "--print", "--print-format", "%f", "--nodeps", "--nodeps", "--root", str(tree),
        "--cachedir", str(cache), *dependencies(tree, names),
    )  # fmt: skip
    repository.mkdir(parents=True)
    archives = []
    for name in sorted(set(wanted.split())):
        shutil.copy2(cache / name, repository / name)
        archives.append(repository / name)
    make_repository(repository, "extra", archives)


def dependencies(tree: Path, names: list[str]) -> list[str]:
    """These packages with all that each of them would bring, asked one by one since some exclude each other."""
    found: set[str] = set()
    for name in names:
        printed = run_tool("pacman", "--sync", "--print", "--print-format", "%n", "--root", str(tree), name)
        found |= set(printed.split())
    return sorted(found)
