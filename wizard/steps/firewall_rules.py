"""How ports are opened and closed again in each firewall: in its own files, by its own tool, and in what runs."""

import json
import re
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.firewall import MARK, SERVICES, commands
from wizard.machine.machine import FileState, Kind, Look, Machine
from wizard.problem import Trouble
from wizard.words import _

_NFTABLES_CONF: Final = PurePosixPath("/etc/nftables.conf")
_UFW: Final = PurePosixPath("/etc/ufw")
_FIREWALLD: Final = PurePosixPath("/etc/firewalld")

__all__ = ["close_ports", "commands", "is_open", "open_ports", "shown", "touched", "written"]


def shown(ports: tuple[int, ...]) -> str:
    """Ports as a person reads them."""
    return ", ".join(map(str, ports))


def touched(kind: str) -> tuple[PurePosixPath, ...]:
    """The files of a firewall that change."""
    return ({"nftables": _NFTABLES_CONF, "ufw": _UFW, "firewalld": _FIREWALLD}[kind],)


def written(look: Look, kind: str, place: tuple[str, ...]) -> tuple[PurePosixPath, ...]:
    """Those of its files that hold the rules."""
    if kind == "nftables":
        return (look.real_path(_NFTABLES_CONF),)
    return (_UFW / "user.rules", _UFW / "user6.rules") if kind == "ufw" else (_zone_file(place[0]),)


def is_open(look: Look, kind: str, place: tuple[str, ...], port: int) -> bool:
    """Whether a rule of ours lets the port in, by the files of the firewall, which hold after a start too."""
    if kind == "nftables":
        return all(port in _written(_nftables_conf(look), chain) for chain in place)
    if kind == "ufw":
        return all(port in _ufw_ports(look, name) for name in ("user.rules", "user6.rules"))
    return _zone_has(look, place[0], port)


def open_ports(machine: Machine, kind: str, place: tuple[str, ...], ports: tuple[int, ...]) -> None:
    """Adds the rules; raises Trouble where the firewall's own tool does not take them."""
    if kind == "nftables":
        for chain in place:
            _nft_set(machine, chain, _written(_nftables_conf(machine), chain) | set(ports))
    else:
        for command in commands(kind, place, ports):
            _must(machine, *command.split(" "))


def close_ports(machine: Machine, kind: str, place: tuple[str, ...], ports: tuple[int, ...]) -> None:
    """Takes rules of ours out again; those that are not there are passed over."""
    if kind == "nftables":
        for chain in place:
            _nft_set(machine, chain, _written(_nftables_conf(machine), chain) - set(ports))
    elif kind == "ufw":
        for port in ports:
            if is_open(machine, kind, place, port):
                _must(machine, "ufw", "delete", "allow", f"{port}/tcp")
    else:
        still = tuple(port for port in ports if is_open(machine, kind, place, port))
        # What is kept for the next start goes last: it tells what is left to do.
        for command in reversed(commands(kind, place, still) if still else ()):
            _must(machine, *command.replace("--add-", "--remove-").split(" "))


def _must(machine: Machine, *argv: str) -> None:
    ended = machine.run(*argv)
    if not ended.ok:
        raise Trouble(
            _("{command} failed: {said}").format(command=" ".join(argv), said=(ended.error_text or ended.text).strip()),
            _("Leave the firewall as it is, and open the ports yourself."),
        )


# nftables: nft(8)


def _nftables_conf(look: Look) -> FileState:
    state = look.file(look.real_path(_NFTABLES_CONF))
    return state if state is not None and state.kind is Kind.FILE else FileState()


def _is_ours(line: str, chain: str) -> bool:
    return line.startswith(f"insert rule {chain} ") and line.endswith(f"comment {MARK}")


def _written(state: FileState, chain: str) -> set[int]:
    """The ports in our lines of the file for a chain."""
    ours = [line for line in state.content.decode("utf-8", "replace").splitlines() if _is_ours(line, chain)]
    return {int(number) for line in ours for number in re.findall(r"\d+", line.partition("{")[2].partition("}")[0])}


def _nft_set(machine: Machine, chain: str, ports: set[int]) -> None:
    """Makes the file and what runs let these ports in by a rule of ours, and no others."""
    rule = commands("nftables", (chain,), tuple(sorted(ports))) if ports else ()
    state = _nftables_conf(machine)
    content = _with_rule(state.content, chain, rule)
    if content != state.content:
        machine.write_file(
            machine.real_path(_NFTABLES_CONF),
            FileState(state.kind, content, state.mode, state.owner, state.group, xattrs=state.xattrs),
        )
        # nft(8): --check looks whether the whole file would be taken, and changes nothing.
        _must(machine, "nft", "--check", "--file", str(_NFTABLES_CONF))
    for handle in _handles(machine, chain):
        _must(machine, "nft", "delete", "rule", *chain.split(" "), "handle", handle)
    for line in rule:
        _must(machine, "nft", *line.split(" "))


def _with_rule(content: bytes, chain: str, rule: tuple[str, ...]) -> bytes:
    """The file with our rule for a chain at its end, after all tables are made, or without; the rest to the byte."""
    lines = content.splitlines(keepends=True)
    others = [line for line in lines if not _is_ours(line.decode("utf-8", "replace").rstrip("\n"), chain)]
    kept = b"".join(others)
    if others != lines and others and not content.endswith(b"\n"):
        kept = kept.removesuffix(b"\n")
    ours = "\n".join(rule).encode()
    if not ours:
        return kept
    # A file whose last line has no end gets it back so when the rule is taken out.
    return kept + (ours + b"\n" if not kept or kept.endswith(b"\n") else b"\n" + ours)


def _handles(look: Look, chain: str) -> tuple[str, ...]:
    """The numbers of our rules in a chain as it is in force (libnftables-json(5))."""
    said = look.output_of("nft", "-j", "-a", "list", "chain", *chain.split(" "))
    rules = [entry.get("rule", {}) for entry in json.loads(said.text or "{}").get("nftables", [])]
    return tuple(str(rule["handle"]) for rule in rules if rule.get("comment") == MARK)


# ufw(8)


def _ufw_ports(look: Look, name: str) -> set[int]:
    """The ports of ours in a file of ufw's, whose lines begin `### tuple ### allow tcp 25 0.0.0.0/0 any …`."""
    state = look.file(_UFW / name)
    text = state.content.decode("utf-8", "replace") if state is not None and state.kind is Kind.FILE else ""
    ours = re.findall(rf"^### tuple ### allow tcp (\d+) .* comment={MARK.encode().hex()}$", text, re.MULTILINE)
    return {int(port) for port in ours}


# firewalld: firewall-cmd(1)


def _zone_file(zone: str) -> PurePosixPath:
    return _FIREWALLD / "zones" / f"{zone}.xml"


def _zone_has(look: Look, zone: str, port: int) -> bool:
    """Whether the zone lets it in; the file below /etc counts, and where there is none, the package's own."""
    for path in (_zone_file(zone), PurePosixPath(f"/usr/lib/firewalld/zones/{zone}.xml")):
        state = look.file(path)
        if state is not None and state.kind is Kind.FILE:
            text = state.content.decode("utf-8", "replace")
            named = (
                f'<service name="{SERVICES[port]}"/>' if port in SERVICES else f'<port port="{port}" protocol="tcp"/>'
            )
            return named in text
    return False
