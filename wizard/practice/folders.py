"""Where practice machines are kept: a cache that can be deleted at any time when no machine runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def practice_folder() -> Path:
    """The folder of everything here; XDG Base Directory: data that can be made again belongs below the cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "postwizard" / "practice"


def trees_folder() -> Path:
    """Built root trees, one per recipe."""
    return practice_folder() / "trees"


def machines_folder() -> Path:
    """One folder for each machine: what it changed, its console, its keeper's lock."""
    return practice_folder() / "machines"


def layers_folder() -> Path:
    """Frozen machines: the changes that others start from."""
    return practice_folder() / "layers"


def downloads_folder() -> Path:
    """Packages that a build fetched, kept for the next build."""
    return practice_folder() / "downloads"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the one lock of this name; a process that is killed gives it back by dying."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
