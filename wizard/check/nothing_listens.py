"""The proof that Postfix listens to nobody but this machine, by its open sockets and not by its configuration."""

import ipaddress
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from wizard.ask.question import SoFar
from wizard.check.finding import Check, Finding, Verdict
from wizard.machine.machine import Look
from wizard.machine.ss_output import Socket, read_sockets
from wizard.problem import Trouble
from wizard.words import _


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches it (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3)."""
    try:
        bound = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = bound.ipv4_mapped if isinstance(bound, ipaddress.IPv6Address) else None
    return (mapped or bound).is_loopback


def sockets_of(pid: int, text: str) -> Iterator[Socket]:
    """The sockets in the output of `ss -ltnpH` that this process holds, alone or with the children it gave them to."""
    for socket in read_sockets(text):
        if any(holder.pid == pid for holder in socket.holders):
            yield socket


def look_for_listeners(look: Look, _so_far: SoFar) -> Finding:
    """Every socket that Postfix's master holds must be bound to loopback."""
    try:
        result = look.output_of("ss", "-ltnpH")
    except Trouble as trouble:
        return _unknown(trouble.problem.what)
    if not result.ok:
        return _unknown(result.error_text.strip())
    master = _pid_of_master(look)
    if master is None:
        return _unknown(
            _("Postfix does not run, so nothing can be seen of what it would listen on."),
            _("Start it with `systemctl start postfix`, then look again."),
        )
    ours = tuple(sockets_of(master, result.text))
    if not ours and any(not socket.holders for socket in read_sockets(result.text)):
        return _unknown(_("Who holds the listening sockets is shown to root only."))
    outside = [socket for socket in ours if not is_loopback(socket.address)]
    if outside:
        return Finding(
            Verdict.BAD,
            _("Postfix can be reached from outside on {addresses}.").format(addresses=_named(outside)),
            result.text,
            _("Set `inet_interfaces = loopback-only`, then `systemctl restart postfix`: a reload is not enough."),
        )
    if not ours:
        return Finding(Verdict.GOOD, _("Postfix runs and listens on no TCP port at all."), result.text)
    return Finding(
        Verdict.GOOD,
        _("Postfix listens on this machine only: {addresses}.").format(addresses=_named(ours)),
        "\n".join(line for line in result.text.splitlines() if f"pid={master}," in line),
    )


def _named(sockets: Iterable[Socket]) -> str:
    return ", ".join(
        f"[{held.address}]:{held.port}" if ":" in held.address else f"{held.address}:{held.port}" for held in sockets
    )


def _pid_of_master(look: Look) -> int | None:
    """The process of master(8): what systemd says, else what its pid file says; None when it does not run."""
    unit = look.unit("postfix.service")
    if unit.active_state == "active" and unit.main_pid:
        return unit.main_pid
    try:
        if not look.output_of("postfix", "status").ok:
            return None
        queue = look.output_of("postconf", "-h", "queue_directory").text.strip() or "/var/spool/postfix"
        state = look.file(PurePosixPath(queue) / "pid" / "master.pid")
    except Trouble:
        return None
    words = state.content.decode("ascii", "replace").split() if state is not None else []
    return int(words[0]) if words and words[0].isdecimal() else None


def _unknown(why: str, hint: str = "") -> Finding:
    return Finding(
        Verdict.UNKNOWN,
        _("Whether Postfix listens to the outside could not be told."),
        why,
        hint or _("Look as root with: ss -ltnp"),
    )


nothing_listens_outside = Check(symptom=_("Postfix can be reached from other machines"), look=look_for_listeners)
