"""What tar(1), mv(1) and rm(1) do to a folder that steps pack and empty, on a machine that exists only in memory."""

import json
from base64 import b64decode, b64encode
from pathlib import PurePosixPath

from wizard.machine.machine import CommandResult, FileState, Kind
from wizard.machine.pretend_files import PretendFiles

_DONE = CommandResult(0)
_FAILED = CommandResult(2, b"", b"tar: Error is not recoverable: exiting now\n")


def tar(files: PretendFiles, arguments: tuple[str, ...]) -> CommandResult:
    """Packs, compares or unpacks one folder; what lies deeper than its own entries is hidden and shown with them.

    So nothing is read that a plan does not need, however much mail there is.
    """
    options = dict(argument.partition("=")[::2] for argument in arguments if argument.startswith("--"))
    archive, folder = PurePosixPath(options["--file"]), PurePosixPath(options["--directory"]) / arguments[-1]
    if "--create" in options:
        state = files.file(archive) or FileState(mode=0o600)
        files.do_write(archive, FileState(content=_packed(files, folder), mode=state.mode))
        return _DONE
    there = files.file(archive)
    if there is None:
        return _FAILED
    if "--compare" in options:
        return _DONE if there.content == _packed(files, folder) else CommandResult(1)
    for name, state in _unpacked(there.content):
        path = folder / name
        if files.file(path) is None:
            files.put(path, state)
    return _DONE


def _packed(files: PretendFiles, folder: PurePosixPath) -> bytes:
    names = (".", *files.names_in(folder))
    return json.dumps([[name, *_row(files.file(folder / name))] for name in names]).encode()


def _row(state: FileState | None) -> tuple[object, ...]:
    if state is None:
        raise ValueError("a folder lists what is not there")
    return state.kind.value, b64encode(state.content).decode(), state.mode, state.owner, state.group, state.mtime_ns


def _unpacked(content: bytes) -> list[tuple[str, FileState]]:
    return [
        (name, FileState(Kind(kind), b64decode(text), mode, owner, group, mtime_ns))
        for name, kind, text, mode, owner, group, mtime_ns in json.loads(content)
    ]


def move(files: PretendFiles, source: PurePosixPath, target: PurePosixPath) -> CommandResult:
    """Renames a file."""
    state = files.file(source)
    if state is None:
        return CommandResult(1, b"", f"mv: cannot stat '{source}': No such file or directory\n".encode())
    files.do_write(target, state)
    files.do_remove(source)
    return _DONE


def remove(files: PretendFiles, folder: PurePosixPath) -> CommandResult:
    """Removes a folder with all that lies in it."""
    for name in files.names_in(folder):
        files.put(folder / name, None)
    files.put(folder, None)
    return _DONE
