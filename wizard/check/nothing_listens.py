"""The proof that Postfix listens to nobody but this machine, by its open sockets and not by its configuration."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.ask.question import SoFar
from wizard.check.finding import Check, Finding, Verdict
from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.words import _


@dataclass(frozen=True)
class Socket:
    """One listening TCP socket: where it is bound, and the processes that hold it."""

    address: str
    port: int
    processes: tuple[tuple[str, int], ...] = ()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3)."""
        try:
            address = ipaddress.ip_address(self.address.partition("%")[0].strip("[]"))
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return (mapped or address).is_loopback

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


def read_sockets(text: str) -> Iterator[Socket]:
    """The sockets in the output of `ss -ltnpH` (ss(8)); what is not one is passed over."""
    for line in text.splitlines():
        fields = line.split()
        address, _colon, port = fields[3].rpartition(":") if len(fields) > 4 else ("", "", "")
        if address and port.isdecimal():
            holders = re.findall(r'\("([^"]*)",pid=(\d+)', line)
            yield Socket(address, int(port), tuple((name, int(pid)) for name, pid in holders))


def look_for_listeners(look: Look, _so_far: SoFar) -> Finding:
    """Every socket that Postfix's master holds must be bound to loopback."""
    try:
        result = look.output_of("ss", "-ltnpH")
    except Trouble as trouble:
        return _unknown(trouble.problem.what)
    if not result.ok:
        return _unknown(result.error_text.strip())
    sockets = tuple(read_sockets(result.text))
    master = _pid_of_master(look)
    if master is None:
        return _unknown(_("Postfix does not run, so nothing can be seen of what it would listen on."))
    ours = [socket for socket in sockets if any(pid == master for _name, pid in socket.processes)]
    if not ours and any(not socket.processes for socket in sockets):
        return _unknown(_("Who holds the listening sockets is shown to root only."))
    outside = [socket for socket in ours if not socket.is_loopback]
    if outside:
        return Finding(
            Verdict.BAD,
            _("Postfix can be reached from outside on {addresses}.").format(addresses=", ".join(map(str, outside))),
            result.text,
            _("Set `inet_interfaces = loopback-only`, then `systemctl restart postfix`: a reload is not enough."),
        )
    if not ours:
        return Finding(Verdict.GOOD, _("Postfix runs and listens on no TCP port at all."), result.text)
    return Finding(
        Verdict.GOOD,
        _("Postfix listens on this machine only: {addresses}.").format(addresses=", ".join(map(str, ours))),
        "\n".join(line for line in result.text.splitlines() if f"pid={master}," in line),
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


def _unknown(why: str) -> Finding:
    return Finding(
        Verdict.UNKNOWN,
        _("Whether Postfix listens to the outside could not be told."),
        why,
        _("Look as root with: ss -ltnp"),
    )


nothing_listens_outside = Check(symptom=_("Postfix can be reached from other machines"), look=look_for_listeners)
