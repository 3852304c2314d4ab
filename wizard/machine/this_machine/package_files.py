"""What a package brings, read from the package itself: pacman's database knows names of files, not their contents."""

import io
import tarfile
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind
from wizard.machine.this_machine.pacman import Pacman
from wizard.machine.this_machine.spawn import read_from
from wizard.machine.this_machine.writing import Writing
from wizard.problem import Trouble

CACHE: Final = PurePosixPath("/var/cache/pacman/pkg")
# Not below /run: pacman's download user must be able to enter it, and a package is no secret.
OWN_CACHE: Final = PurePosixPath("/var/cache/postwizard")
ENDINGS: Final = (".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar")
READ_TIMEOUT: Final = 60
DOWNLOAD_TIMEOUT: Final = 45


class PackageFiles(Pacman, Writing):
    """Finds the file of a package in a cache or a local repository, downloads it otherwise, and looks inside."""

    _archives: dict[str, str | None]
    _packaged: dict[tuple[str, PurePosixPath], FileState | None]

    def packaged_file(self, package: str, path: PurePosixPath) -> FileState | None:
        """The file as the package that would be installed brings it; None when that cannot be told."""
        key = (package, path)
        if key not in self._packaged:
            archive = self._archive(package)
            self._packaged[key] = self._member(archive, path) if archive else None
        return self._packaged[key]

    def packaged_paths(self, package: str) -> tuple[PurePosixPath, ...]:
        """The files and folders that the package, installed or to be installed, owns; empty when that cannot be told."""
        try:
            if self.package(package) is not None:
                listed = self.output_of("pacman", *self._pacman_root(), "-Qlq", "--", package)
                return tuple(PurePosixPath(line) for line in listed.text.splitlines())
            archive = self._archive(package)
            listed_in = self._bsdtar("-tf", archive) if archive else b""
        except Trouble:
            return ()
        names = listed_in.decode("utf-8", "surrogateescape").splitlines()
        return tuple(PurePosixPath("/", name) for name in names if not name.startswith("."))

    def _archive(self, package: str) -> str | None:
        if package not in self._archives:
            try:
                self._archives[package] = self._find_archive(package)
            except Trouble:
                self._archives[package] = None
        return self._archives[package]

    def _find_archive(self, package: str) -> str | None:
        installed = self.package(package)
        if installed is not None:
            return self._cached(f"{package}-{installed}-") or self._downloaded(package, installed)
        asked = self.output_of(
            "pacman", *self._pacman_root(), "-Sp", "--nodeps", "--nodeps", "--print-format=%l", "--", package
        )
        location = next((line for line in reversed(asked.text.splitlines()) if "://" in line), "")
        if not asked.ok or not location:
            return None
        if location.startswith("file://") and self._is_whole:
            local = PurePosixPath(location.removeprefix("file://"))
            if self.tail(local, 0) is not None:
                return str(local)
        return self._cached(location.rpartition("/")[2]) or self._downloaded(package)

    def _cached(self, beginning: str) -> str | None:
        for folder in (CACHE, OWN_CACHE):
            for name in self.names_in(folder):
                if name.startswith(beginning) and name.endswith(ENDINGS):
                    return str(self._root / str(folder / name).lstrip("/"))
        return None

    def _downloaded(self, package: str, version: str = "") -> str | None:
        """Has pacman put the package into a cache of our own; needs root, the databases and the network."""
        if not self._is_whole or not self.is_root():
            return None
        self.write_file(OWN_CACHE, FileState(kind=Kind.DIRECTORY, mode=0o755))
        download = (
            "pacman",
            "-Sw",
            "--noconfirm",
            "--noprogressbar",
            "--nodeps",
            "--nodeps",
            f"--cachedir={OWN_CACHE}",
        )
        self.run(*download, "--", package, timeout=DOWNLOAD_TIMEOUT)
        return self._cached(f"{package}-{version}-" if version else f"{package}-")

    def _member(self, archive: str, path: PurePosixPath) -> FileState | None:
        name = str(path).lstrip("/")
        pattern = "".join(f"[{char}]" if char in "*?[" else char for char in name)
        try:
            converted = self._bsdtar("-cf", "-", "--format=pax", f"--include={pattern}", f"@{archive}")
            with tarfile.open(fileobj=io.BytesIO(converted)) as tar:
                for member in tar:
                    if member.name.rstrip("/").removeprefix("./") == name:
                        return _state(tar, member)
        except (Trouble, tarfile.TarError):
            return None
        return None

    def _bsdtar(self, *arguments: str) -> bytes:
        done = read_from(("bsdtar", *arguments), self._environment(), b"", READ_TIMEOUT)
        return done.stdout if done.ok else b""


def _state(tar: tarfile.TarFile, member: tarfile.TarInfo) -> FileState | None:
    if member.isfile():
        stream = tar.extractfile(member)
        kind, content = Kind.FILE, stream.read() if stream is not None else b""
    elif member.isdir():
        kind, content = Kind.DIRECTORY, b""
    elif member.issym():
        kind, content = Kind.LINK, member.linkname.encode("utf-8", "surrogateescape")
    else:
        return None
    return FileState(kind, content, member.mode & 0o7777, member.uid, member.gid, int(member.mtime * 10**9))
