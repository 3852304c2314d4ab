"""What lies in a package file, read by bsdtar(1), or by Python where that is missing."""

import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind
from wizard.problem import Trouble

# What a package that was cut short or spoilt is read with: each kind of compression has its own way to say so.
DAMAGED: Final = (Trouble, OSError, EOFError, ValueError, tarfile.TarError, zlib.error, lzma.LZMAError)
# Runs bsdtar with these arguments; raises Trouble when it is not there.
Bsdtar = Callable[..., bytes]


def paths_in(archive: str, bsdtar: Bsdtar) -> tuple[PurePosixPath, ...]:
    """The files and folders that the package brings; empty when it cannot be read."""
    try:
        try:
            names = bsdtar("-tf", archive).decode("utf-8", "surrogateescape").splitlines()
        except Trouble:
            with tarfile.open(archive) as tar:
                names = tar.getnames()
    except DAMAGED:
        return ()
    return tuple(PurePosixPath("/", name) for name in names if not name.startswith("."))


def members(archive: str, paths: tuple[PurePosixPath, ...], bsdtar: Bsdtar) -> Mapping[PurePosixPath, FileState]:
    """What lies in the package at these paths; a `*` at the end stands for all below."""
    wanted = [_pattern(path) for path in paths]
    try:
        with _opened(archive, wanted, bsdtar) as tar:
            found = {
                PurePosixPath("/", member.name): _state(tar, member)
                for member in tar
                if any(fnmatchcase(member.name, pattern) for pattern in wanted)
            }
    except DAMAGED:
        return {}
    return {path: state for path, state in found.items() if state is not None}


def _opened(archive: str, patterns: list[str], bsdtar: Bsdtar) -> tarfile.TarFile:
    """The part of the package that is wanted, as a plain tar; Python itself reads zstd only from 3.14 on."""
    try:
        includes = (f"--include={pattern}" for pattern in patterns)
        return tarfile.open(fileobj=io.BytesIO(bsdtar("-cf", "-", "--format=pax", *includes, f"@{archive}")))
    except Trouble:
        return tarfile.open(archive)


def _pattern(path: PurePosixPath) -> str:
    name, star = (path.name[:-1], "*") if path.name.endswith("*") else (path.name, "")
    plain = str(path.parent / name if name else path.parent).lstrip("/") + ("/" if not name else "")
    return "".join(f"[{char}]" if char in "*?[" else char for char in plain) + star


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
