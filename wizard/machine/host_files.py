"""The small text files that tell what a machine is and what it is called: os-release(5), hosts(5), resolv.conf(5)."""

import re
import shlex
from collections.abc import Mapping


def read_assignments(text: str) -> Mapping[str, str]:
    """`NAME=value` lines with a shell's quoting, as in os-release(5)."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            try:
                found[name] = " ".join(shlex.split(value))
            except ValueError:
                found[name] = value
    return found


def read_resolvers(text: str) -> tuple[str, ...]:
    """The name servers of resolv.conf(5), in order."""
    return tuple(match[1] for match in re.finditer(r"^\s*nameserver\s+(\S+)", text, re.MULTILINE))


def read_dovecot_syntax(text: str) -> str:
    """The version of Dovecot's syntax that dovecot.conf names first of all; 2.3 knows none, and no setting is none."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    first = next((line for line in lines if line), "")
    name, _equals, version = (part.strip() for part in first.partition("="))
    return version if name == "dovecot_config_version" else "2.3" if first else ""


def read_service_names(text: str, port: int) -> tuple[str, ...]:
    """The names that services(5) has for a TCP port, aliases among them."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return tuple(name for line in lines if line[1:2] == [f"{port}/tcp"] for name in (line[0], *line[2:]))


def full_name_in_hosts(text: str, name: str) -> str:
    """The name with a domain that hosts(5) gives for a host name; empty when it gives none."""
    for line in text.splitlines():
        _address, *names = line.partition("#")[0].split() or [""]
        if name in names or any(other.partition(".")[0] == name for other in names[:1]):
            for candidate in names:
                if candidate.partition(".")[0] == name and "." in candidate and not candidate.endswith(".localdomain"):
                    return candidate
    return ""


def unit_of_cgroup(text: str) -> str:
    """The unit that a process belongs to, as /proc/PID/cgroup tells (cgroups(7)); empty when it tells none."""
    for line in text.splitlines():
        parts = line.rpartition(":")[2].split("/")
        units = [part for part in parts if part.endswith((".service", ".scope", ".socket"))]
        if units:
            return units[-1]
    return ""
