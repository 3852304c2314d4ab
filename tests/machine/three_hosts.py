"""A small internet: an outside sender, a server, an outside receiver, and names for all of them (RFC 2606: .test)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from tests.machine.the_wizard import put_file
from wizard.practice.network import connect
from wizard.practice.practice_machine import Frozen, PracticeMachine
from wizard.problem import Trouble

# The address that every machine's resolv.conf names.
NAME_SERVER = "192.0.2.53"
RECORDS = "/etc/unbound/records.conf"
NAME_SERVER_CONF = f"""\
server:
	interface: {NAME_SERVER}
	access-control: 0.0.0.0/0 allow
	module-config: "iterator"
	local-zone: "." static
	include: {RECORDS}
"""


@dataclass(frozen=True, kw_only=True)
class Host:
    """One of the three, with its domain and its addresses (RFC 5737, RFC 3849)."""

    machine: PracticeMachine
    domain: str
    name: str
    ipv4: str
    ipv6: str

    def run(self, *argv: str, stdin: bytes = b"") -> str:
        """The output of a command that succeeds."""
        ended = self.machine.run(*argv, stdin=stdin)
        assert ended.ok, f"{self.name}: {argv}: {ended.text}{ended.error_text}"
        return ended.text

    @property
    def records(self) -> tuple[str, ...]:
        """Its own names and numbers, and where mail for its domain goes."""
        both = (f"{self.name}. A {self.ipv4}", f"{self.name}. AAAA {self.ipv6}")
        back = tuple(f"{ip_address(number).reverse_pointer}. PTR {self.name}." for number in (self.ipv4, self.ipv6))
        return (f"{self.domain}. MX 10 {self.name}.", *both, *back)


@dataclass(frozen=True, kw_only=True)
class ThreeHosts:
    """The server is a fresh machine; the other two have Postfix, and mail for `admin` goes to /var/mail/admin."""

    sender: Host
    server: Host
    receiver: Host

    @property
    def all(self) -> tuple[Host, Host, Host]:
        """All three."""
        return self.sender, self.server, self.receiver

    def answer(self, *more: str) -> None:
        """The name server knows the three hosts and these records besides: `_25._tcp.box.practice.test. TLSA 3 1 1 …`.

        No other name exists.
        """
        self.publish(*(record for host in self.all for record in host.records), *more)

    def publish(self, *records: str) -> None:
        """The name server knows these records, and nothing else."""
        split = [record.split(maxsplit=2) for record in records]
        # A zone of its own is named with each answer that there is nothing (RFC 2308, section 3).
        lines = [f'local-zone: "{owner}" static\n' for owner, kind, _value in split if kind == "SOA"]
        lines.extend(f"local-data: '{owner} 60 IN {kind} {value}'\n" for owner, kind, value in split)
        put_file(self.sender.machine, RECORDS, "".join(lines))
        self.sender.run("unbound-checkconf")
        # systemd.unit(5), StartLimitBurst=: so many restarts in a short time are refused, unless counted anew. Before
        # the first start there is nothing to count, and systemctl(1) says so.
        self.sender.machine.run("systemctl", "reset-failed", "unbound")
        self.sender.run("systemctl", "restart", "unbound")


def make_outside_host() -> Frozen:
    """A machine with Postfix and a name server, neither of them started, for the hosts outside to start from."""
    machine = PracticeMachine.fresh()
    installed = machine.run("pacman", "-S", "--noconfirm", "postfix", "unbound")
    if not installed.ok:
        machine.destroy()
        raise Trouble(f"The outside hosts have no Postfix: {installed.error_text}")
    return machine.freeze()


@contextmanager
def boot_three_hosts(outside: Frozen) -> Iterator[ThreeHosts]:
    """The three of them, on one link, with names and running mail outside."""
    with ExitStack() as until_the_end:
        with ThreadPoolExecutor() as at_once:
            booting = [at_once.submit(PracticeMachine.fresh, base=base) for base in (outside, None, outside)]
        machines = [until_the_end.enter_context(boot.result()) for boot in booting]
        sender, server, receiver = (
            Host(machine=machine, domain=domain, name=name, ipv4=f"{network}.25", ipv6=f"2001:db8:{number}::25")
            for number, (machine, domain, name, network) in enumerate((
                (machines[0], "sender.test", "mail.sender.test", "198.51.100"),
                (machines[1], "practice.test", "box.practice.test", "192.0.2"),
                (machines[2], "receiver.test", "mail.receiver.test", "203.0.113"),
            ), start=1)
        )  # fmt: skip
        hosts = ThreeHosts(sender=sender, server=server, receiver=receiver)
        addresses = {host.machine: f"{host.ipv4}/32 {host.ipv6}/128" for host in hosts.all}
        addresses[sender.machine] += f" {NAME_SERVER}/32"
        connect(addresses)
        put_file(sender.machine, "/etc/unbound/unbound.conf", NAME_SERVER_CONF)
        hosts.answer()
        for host in (sender, receiver):
            _run_mail(host)
        yield hosts


def _run_mail(host: Host) -> None:
    """Postfix under the host's own name, for its own domain."""
    host.run("hostname", host.name)
    put_file(host.machine, "/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {host.name}\n")
    host.run("postconf", "-e", f"myhostname = {host.name}", f"mydestination = {host.domain}, {host.name}, localhost")
    host.run("newaliases")
    host.run("systemctl", "start", "postfix")
