"""The output of pacman(8), as values."""

import re
from collections.abc import Mapping


def read_packages(text: str) -> Mapping[str, str]:
    """`pacman -Q`: the installed packages with their versions."""
    return {line.split()[0]: line.split()[1] for line in text.splitlines() if len(line.split()) >= 2}


def read_record(folder: str) -> tuple[str, str] | None:
    """The name and version that a folder of pacman's local database stands for, such as `postfix-3.11.7-1`."""
    match = re.fullmatch(r"(.+)-([^-]+-[^-]+)", folder)
    return (match[1], match[2]) if match else None


def read_owners(text: str) -> Mapping[str, str]:
    """`pacman -Qo PATH…`: the package that owns each path, as far as one does."""
    found = re.finditer(r"^(\S.*) is owned by (\S+) \S+$", text, re.MULTILINE)
    return {match[1]: match[2] for match in found}


def read_targets(text: str) -> tuple[str, ...]:
    """`pacman -Sp --print-format %n`: the packages that would be installed; lines of warning are passed over."""
    return tuple(line for line in text.splitlines() if re.fullmatch(r"[\w@.+-]+", line))


def rivals_in(text: str) -> tuple[str, ...]:
    """The packages that stand in each other's way, as a refused installation names them, with or without versions."""
    pairs = re.findall(r"^:: (\S+) and (\S+) are in conflict", text, re.MULTILINE)
    names = [name for pair in pairs for whole in pair for name in (whole, (read_record(whole) or (whole,))[0])]
    return tuple(dict.fromkeys(names))


def not_found_in(text: str) -> tuple[str, ...]:
    """The packages that no repository has."""
    return tuple(re.findall(r"target not found: (\S+)", text))


def needed_by(text: str) -> tuple[str, ...]:
    """The packages that stand in the way of a removal, because they need what would be removed."""
    return tuple(dict.fromkeys(re.findall(r"required by (\S+)$", text, re.MULTILINE)))


def read_details(text: str) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """`pacman -Qi` and `-Si`: of each package the words of each field, without versions; none where it says "None"."""
    packages = []
    for block in re.split(r"\n\n+", text.strip()):
        joined = re.sub(r"\n\s+", " ", block)
        fields = (line.partition(" : ") for line in joined.splitlines())
        packages.append(
            {
                name.strip(): tuple(re.split("[<>=]", word)[0] for word in value.split() if value.strip() != "None")
                for name, colon, value in fields
                if colon
            }
        )
    return tuple(packages)
