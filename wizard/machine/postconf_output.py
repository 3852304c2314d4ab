"""The output of postconf(1), as values."""

from collections.abc import Mapping


def read_settings(text: str) -> Mapping[str, str]:
    """`postconf -n`, `-d` or `-x`: `name = value` lines; a folded value (-f) is joined again."""
    settings: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line[:1] in {" ", "\t"} and name:
            settings[name] = f"{settings[name]} {line.strip()}".strip()
        elif " =" in line:
            name, _equals, value = line.partition(" =")
            settings[name] = value.strip()
    return settings


def read_words(text: str) -> tuple[str, ...]:
    """`postconf -m`, `-a` or `-A`: one word a line."""
    return tuple(text.split())
