"""build(): the root tree of a fresh machine, made once for each recipe and kept."""

import json
import os
import platform
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from wizard.machine.machine import Tell
from wizard.practice.can_host import can_host
from wizard.practice.folders import locked, machines_folder, trees_folder
from wizard.practice.host_tools import get_tools, is_arch
from wizard.practice.recipe import digest_of_recipe
from wizard.practice.wizard_inside import requirements
from wizard.problem import Trouble

UNUSED_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class BuiltTree:
    """A complete tree; it is never written to again."""

    folder: Path

    @property
    def root(self) -> Path:
        """The lowest layer of every machine."""
        return self.folder / "root"


def build(tell: Tell) -> BuiltTree:
    """The tree of the present recipe, built first when it is not there; one builder at a time."""
    if problem := can_host():
        raise Trouble(problem)
    digest = digest_of_recipe(*requirements(), platform.machine(), "arch" if is_arch() else "debian")
    tree = BuiltTree(trees_folder() / digest)
    if tree.root.is_dir():
        os.utime(tree.folder)
        return tree
    trees_folder().mkdir(parents=True, exist_ok=True)
    tell("Waiting for another build to end ..." if _is_busy() else "Building the practice machine, once ...")
    with locked(trees_folder() / ".lock"):
        if tree.root.is_dir():
            return tree
        for left_over in trees_folder().glob("*.unfinished"):
            shutil.rmtree(left_over)
        unfinished = trees_folder() / f"{digest}.unfinished"
        (unfinished / "root").mkdir(parents=True)
        begun = time.monotonic()
        get_tools(tell)
        if is_arch():
            from wizard.practice.arch_tree import make_tree
        else:
            from wizard.practice.debian_tree import make_tree
        make_tree(unfinished / "root", unfinished / "workshop", tell)
        shutil.rmtree(unfinished / "workshop", ignore_errors=True)
        seconds = round(time.monotonic() - begun)
        (unfinished / "about.json").write_text(json.dumps({"digest": digest, "seconds": seconds}))
        # Only a complete tree ever has this name.
        unfinished.rename(tree.folder)
        forget_old_trees()
        tell(f"The practice machine is built ({seconds} s). The next one starts at once.")
    return tree


def forget_old_trees() -> None:
    """Removes trees of older recipes that nobody started a machine from for a week, and that no machine lies on."""
    records = [path.read_text() for path in machines_folder().glob("*/machine.json")]
    for folder in trees_folder().iterdir():
        is_old = time.time() - folder.stat().st_mtime > UNUSED_SECONDS
        if folder.is_dir() and is_old and not any(str(folder) in record for record in records):
            shutil.rmtree(folder)


def _is_busy() -> bool:
    import fcntl

    descriptor = os.open(trees_folder() / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
