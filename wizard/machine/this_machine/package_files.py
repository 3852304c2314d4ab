"""What a package brings, read from the package itself: pacman's database knows names of files, not their contents."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind
from wizard.machine.this_machine.pacman import INSTALLED, SYNCED, Pacman
from wizard.machine.this_machine.spawn import read_from
from wizard.machine.this_machine.writing import Writing
from wizard.problem import Trouble

CACHE: Final = PurePosixPath("/var/cache/pacman/pkg")
# Not below /run: pacman's download user must be able to enter it, and a package is no secret.
OWN_CACHE: Final = PurePosixPath("/var/cache/postwizard")
ENDINGS: Final = (".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar")
# What a plan reads of a package; all of it is read in one go, since each look unpacks the whole package.
READ_AT_ONCE: Final = ("/etc/", "/var/", "/usr/lib/systemd/", "/usr/lib/sysusers.d/", "/usr/lib/tmpfiles.d/")
READ_TIMEOUT: Final = 60
DOWNLOAD_TIMEOUT: Final = 45


class PackageFiles(Pacman, Writing):
    """Finds the file of a package in a cache or a local repository, downloads it otherwise, and looks inside."""

    _archives: dict[str, str | None]
    _contents: dict[str, Mapping[PurePosixPath, FileState]]
    _paths: dict[str, tuple[PurePosixPath, ...]]

    def packaged_file(self, package: str, path: PurePosixPath) -> FileState | None:
        """The file as the package that would be installed brings it; None when that cannot be told."""
        archive = self._archive(package)
        if archive is None:
            return None
        # What it takes to read archives is loaded only where one is read.
        from wizard.machine.this_machine.archive import members

        if not str(path).startswith(READ_AT_ONCE):
            return members(archive, (path,), self._bsdtar).get(path)
        if package not in self._contents:
            parts = tuple(PurePosixPath(f"{part}*") for part in READ_AT_ONCE)
            self._contents[package] = members(archive, parts, self._bsdtar)
        return self._contents[package].get(path)

    def packaged_paths(self, package: str) -> tuple[PurePosixPath, ...]:
        """The files and folders that the package owns or would own; empty when that cannot be told."""
        try:
            if self.package(package) is not None:
                listed = self.output_of("pacman", *self._pacman_root(), "-Qlq", "--", package)
                return tuple(PurePosixPath(line) for line in listed.text.splitlines())
            archive = self._archive(package)
        except (Trouble, OSError, ValueError):
            return ()
        if archive is None:
            return ()
        if archive not in self._paths:  # each look unpacks the whole package
            from wizard.machine.this_machine.archive import paths_in

            self._paths[archive] = paths_in(archive, self._bsdtar)
        return self._paths[archive]

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
        ask = ("pacman", *self._pacman_root(), *self._databases(), "-Sp", "--nodeps", "--nodeps", "--print-format=%l")
        asked = self.output_of(*ask, "--", package)
        location = next((line for line in reversed(asked.text.splitlines()) if "://" in line), "")
        if not asked.ok or not location:
            return None
        if location.startswith("file://") and self._is_whole:
            local = PurePosixPath(location.removeprefix("file://"))
            if self.tail(local, 0) is not None:
                return str(local)
        return self._cached(location.rpartition("/")[2]) or self._downloaded(package)

    def _databases(self) -> tuple[str, ...]:
        """Options that let pacman know what the repositories have, where no database was ever fetched."""
        if self._has_databases() or not self._is_whole or not self.is_root():
            return ()
        return self._own_database()

    def _has_databases(self) -> bool:
        return any(name.endswith(".db") for name in self.names_in(SYNCED))

    def _own_database(self) -> tuple[str, ...]:
        """Options by which pacman works in a folder of our own, as checkupdates(8) lets it.

        So a look at the machine neither changes what pacman knows of it nor takes its lock. The databases are those of
        the machine where it has any, and fetched otherwise.
        """
        shared = self._has_databases()
        folder = OWN_CACHE / ("shared" if shared else "db")
        options = (f"--dbpath={folder}", "--logfile=/dev/null")
        if not self.names_in(folder / "sync"):
            for path in (OWN_CACHE, folder):
                self.write_file(path, FileState(kind=Kind.DIRECTORY, mode=0o755))
            self.write_file(folder / "local", FileState(Kind.LINK, str(INSTALLED).encode()))
            if shared:
                self.write_file(folder / "sync", FileState(Kind.LINK, str(SYNCED).encode()))
            else:
                self.run("pacman", *options, "-Sy", "--noconfirm", "--noprogressbar", timeout=DOWNLOAD_TIMEOUT)
        return options

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
        download = ("-Sw", "--noconfirm", "--noprogressbar", "--nodeps", "--nodeps", f"--cachedir={OWN_CACHE}")
        self.run("pacman", *self._own_database(), *download, "--", package, timeout=DOWNLOAD_TIMEOUT)
        return self._cached(f"{package}-{version}-" if version else f"{package}-")

    def _bsdtar(self, *arguments: str) -> bytes:
        done = read_from(("bsdtar", *arguments), self._environment(), b"", READ_TIMEOUT)
        return done.stdout if done.ok else b""
