"""Packages and repositories in pacman's own formats (PKGINFO(5), repo-add(8)), made from folders."""

import os
from pathlib import Path

from wizard.practice.chroot import run_tool
from wizard.practice.recipe import Package

BUILD_DATE = 1700000000


def pack(folder: Path, package: Package, version: str, repository: Path) -> Path:
    """Writes NAME-VERSION-x86_64.pkg.tar.zst from a folder, which may hold an INSTALL script beside its tree."""
    # New folders of the machine get the mode they have here, which must not depend on an umask.
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    script = folder / "INSTALL"
    if script.exists():
        script.rename(folder / ".INSTALL")
    (folder / ".PKGINFO").write_text(pkginfo(folder, package, version))
    # pacman expects its own files first in the archive, and .MTREE for `pacman -Qkk`.
    own = [name for name in (".PKGINFO", ".INSTALL") if (folder / name).exists()]
    names = sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208
    as_root = ("--uid", "0", "--gid", "0", "--uname", "root", "--gname", "root")
    features = "!all,use-set,type,uid,gid,mode,time,size,sha256,link"
    run_tool("bsdtar", "-czf", ".MTREE", "--format=mtree", f"--options={features}", *as_root, *own, *names,
             folder=folder)  # fmt: skip
    archive = repository / f"{package.name}-{version}-{machine()}.pkg.tar.zst"
    run_tool("bsdtar", "-cf", str(archive), "--zstd", "--format=gnutar", *as_root, ".MTREE", *own, *names,
             folder=folder)  # fmt: skip
    return archive


def pkginfo(folder: Path, package: Package, version: str) -> str:
    """The package's facts, one `key = value` a line."""
    size = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    lines = [
        ("pkgname", package.name), ("pkgbase", package.name), ("xdata", "pkgtype=pkg"), ("pkgver", version),
        ("pkgdesc", package.about), ("builddate", str(BUILD_DATE)), ("packager", "practice machine"),
        ("size", str(size)), ("arch", machine()), ("license", "custom"),
        *(("conflict", name) for name in package.conflicts), *(("provides", name) for name in package.provides),
        *(("backup", path) for path in package.backup if os.path.lexists(folder / path)),
        *(("depend", name) for name in package.depends), *(("optdepend", text) for text in package.optional),
    ]  # fmt: skip
    return "".join(f"{key} = {value}\n" for key, value in lines)


def make_repository(folder: Path, name: str, archives: list[Path]) -> None:
    """The database that `Server = file://FOLDER` is asked for."""
    run_tool("repo-add", "--quiet", str(folder / f"{name}.db.tar.gz"), *map(str, archives))


def machine() -> str:
    """pacman's name of this processor."""
    return os.uname().machine
