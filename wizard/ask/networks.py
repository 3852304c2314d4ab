"""Networks in the forms that Postfix takes, and ports."""

import ipaddress

from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.problem import Problem
from wizard.words import _

_LONGEST = 60
_KNOWN_PORTS = {"smtp": 25, "smtps": 465, "submissions": 465, "submission": 587, "lmtp": 24, "imap": 143, "imaps": 993}


def network(value: str) -> Problem | None:
    """A network or one address, IPv6 in brackets: 192.0.2.0/24, [2001:db8::]/32 (postconf(5): mynetworks)."""
    if not value:
        return nothing_given("192.0.2.0/24")
    if (problem := unfit(value, _LONGEST)) is not None:
        return problem
    host, slash, prefix = value.partition("/")
    in_brackets = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if in_brackets else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return Problem(
            _("“{text}” is not an IP network.").format(text=shown(value)),
            _("Write 192.0.2.0/24, or [2001:db8::]/32 with the brackets. Names and tables are not possible here."),
        )
    if "%" in bare:
        return Problem(_("An interface cannot be named here."), _("Leave out the % and what follows it."))
    if address.version == 6 and not in_brackets:
        return Problem(
            _("An IPv6 network stands in brackets."), _("Write: [{host}]{rest}").format(host=bare, rest=slash + prefix)
        )
    if address.version == 4 and in_brackets:
        return Problem(
            _("Only IPv6 stands in brackets."), _("Write: {host}{rest}").format(host=bare, rest=slash + prefix)
        )
    return _prefix_problem(address, prefix) if slash else None


def _prefix_problem(address: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: str) -> Problem | None:
    longest = address.max_prefixlen
    if not (prefix.isascii() and prefix.isdigit()) or int(prefix[:4]) > longest:
        return Problem(
            _("“{text}” is not the length of a network.").format(text=shown(prefix)),
            _("Write a number from 1 to {longest} after the slash.").format(longest=longest),
        )
    if int(prefix) == 0:
        return Problem(
            _("This is every address of the internet."),
            _("Whoever is in it may send mail through this machine; name only your own networks."),
        )
    whole = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    if whole.network_address != address:
        start = f"[{whole.network_address}]" if address.version == 6 else str(whole.network_address)
        return Problem(
            _("{address} is an address within the network, not its start.").format(address=address),
            _("Write: {network}").format(network=f"{start}/{prefix}"),
        )
    return None


def port(value: str) -> Problem | None:
    """A TCP port by its number, 1 to 65535."""
    if not value:
        return nothing_given("587")
    if (problem := unfit(value, _LONGEST)) is not None:
        return problem
    if value.lower() in _KNOWN_PORTS:
        return Problem(_("Give the port as a number."), _("Write: {port}").format(port=_KNOWN_PORTS[value.lower()]))
    if not (value.isascii() and value.isdigit()) or (value.startswith("0") and value != "0"):
        return Problem(
            _("“{text}” is not a port.").format(text=shown(value)), _("Write a whole number from 1 to 65535.")
        )
    if not 1 <= int(value[:6]) <= 65535:
        return Problem(_("There is no port {port}.").format(port=shown(value)), _("Ports go from 1 to 65535."))
    return None
