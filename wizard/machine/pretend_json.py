"""A pretended machine as JSON: files by path, packages, running units, recorded outputs."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, TypedDict, cast

from wizard.machine.machine import FileState, Kind
from wizard.machine.pretend_packages import PretendPackage
from wizard.problem import BadInput
from wizard.words import _

USUAL_MODES: Final = {Kind.FILE: 0o644, Kind.DIRECTORY: 0o755, Kind.LINK: 0o777, Kind.OTHER: 0o644}


class MachineData(TypedDict, total=False):
    """The members of the JSON object; all may be missing. A text is a list of lines, or one string."""

    packages: dict[str, str]
    available: dict[str, dict[str, Any]]
    files: dict[str, Any]
    running: list[str]
    outputs: dict[str, str | list[str]]


def read_machine(text: str) -> MachineData:
    """The object; raises BadInput when it is no object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(_("This is no description of a machine: {error}").format(error=error)) from error
    if not isinstance(found, dict):
        raise BadInput(_("This is no description of a machine: {error}").format(error=type(found).__name__))
    return cast(MachineData, found)


def read_files(data: Mapping[str, Any]) -> dict[PurePosixPath, FileState]:
    """The states, outermost folders first."""
    return {PurePosixPath(path): _state(data[path]) for path in sorted(data, key=lambda path: (path.count("/"), path))}


def _state(data: Any) -> FileState:
    if isinstance(data, (str, list)):
        return FileState(content=text_of(data).encode("utf-8", "surrogateescape"))
    if "link" in data:
        kind, content = Kind.LINK, data["link"].encode("utf-8", "surrogateescape")
    elif data.get("folder"):
        kind, content = Kind.DIRECTORY, b""
    elif data.get("other"):
        kind, content = Kind.OTHER, b""
    elif "base64" in data:
        kind, content = Kind.FILE, b64decode(data["base64"])
    else:
        kind, content = Kind.FILE, text_of(data.get("text", "")).encode("utf-8", "surrogateescape")
    return FileState(
        kind,
        content,
        int(data["mode"], 8) if "mode" in data else USUAL_MODES[kind],
        data.get("owner", 0),
        data.get("group", 0),
        data.get("mtime_ns"),
        tuple((name, b64decode(value)) for name, value in sorted(data.get("xattrs", {}).items())),
    )


def text_of(data: str | list[str]) -> str:
    """A text that is given as a list of its lines, or as it is."""
    return data if isinstance(data, str) else "".join(f"{line}\n" for line in data)


def as_text(text: str) -> str | list[str]:
    """The other way round: a list of lines where that says it all."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" and len(lines) > 2 else text


def files_data(files: Mapping[PurePosixPath, FileState]) -> dict[str, Any]:
    """The member `files`."""
    return {str(path): _state_data(files[path]) for path in sorted(files)}


def _state_data(state: FileState) -> Any:
    data: dict[str, Any] = {}
    match state.kind:
        case Kind.LINK:
            data["link"] = state.content.decode("utf-8", "surrogateescape")
        case Kind.DIRECTORY:
            data["folder"] = True
        case Kind.OTHER:
            data["other"] = True
        case Kind.FILE:
            try:
                data["text"] = as_text(state.content.decode())
            except UnicodeDecodeError:
                data["base64"] = b64encode(state.content).decode()
    if state.mode != USUAL_MODES[state.kind]:
        data["mode"] = f"{state.mode:04o}"
    if state.owner != 0:
        data["owner"] = state.owner
    if state.group != 0:
        data["group"] = state.group
    if state.mtime_ns is not None:
        data["mtime_ns"] = state.mtime_ns
    if state.xattrs:
        data["xattrs"] = {name: b64encode(value).decode() for name, value in state.xattrs}
    return data["text"] if data.keys() == {"text"} else data


def read_available(data: Mapping[str, Mapping[str, Any]]) -> dict[str, PretendPackage]:
    """The packages that can be installed."""
    return {
        name: PretendPackage(
            package.get("version", "1-1"),
            read_files(package.get("files", {})),
            tuple(package.get("depends", ())),
            tuple(package.get("conflicts", ())),
            tuple(package.get("programs", ())),
        )
        for name, package in data.items()
    }


def available_data(available: Mapping[str, PretendPackage]) -> dict[str, dict[str, Any]]:
    """The member `available`."""
    found = {}
    for name in sorted(available):
        package = available[name]
        data: dict[str, Any] = {"version": package.version}
        for key in ("depends", "conflicts", "programs"):
            if getattr(package, key):
                data[key] = list(getattr(package, key))
        data["files"] = files_data(package.files)
        found[name] = data
    return found
