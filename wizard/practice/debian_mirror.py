"""The Debian mirror that this computer itself uses, read from apt's sources (sources.list(5))."""

import os
from collections.abc import Iterator
from pathlib import Path

from wizard.problem import Trouble

SOURCES = Path("/etc/apt")


def debian_mirror(folder: Path = SOURCES) -> str:
    """The address of the first Debian archive among apt's sources, or of POSTWIZARD_DEBIAN_MIRROR."""
    if named := os.environ.get("POSTWIZARD_DEBIAN_MIRROR"):
        return named
    for address in archive_addresses(folder):
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Trouble("apt on this computer has no Debian archive", "Set POSTWIZARD_DEBIAN_MIRROR to the address of one")


def archive_addresses(folder: Path) -> Iterator[str]:
    """The addresses of all binary archives in both of apt's formats, in apt's order."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix == ".list" and path.is_file():
            yield from _one_line(path.read_text(errors="replace"))
        elif path.suffix == ".sources" and path.is_file():
            yield from _deb822(path.read_text(errors="replace"))


def _one_line(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words[:1] != ["deb"]:
            continue
        if words[1].startswith("["):
            end = next((at for at, word in enumerate(words) if word.endswith("]")), 1)
            del words[1 : end + 1]
        yield words[1]


def _deb822(text: str) -> Iterator[str]:
    for stanza in text.split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            else:
                name, _, value = line.partition(":")
                name = name.lower()
                fields[name] = value.strip()
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no":
            yield from fields.get("uris", "").split()
