"""Host names and domains: the rules of RFC 1035, RFC 1123 and RFC 5321, and what to type instead."""

import ipaddress
import re

from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.problem import Problem
from wizard.words import _

LONGEST_NAME = 253  # RFC 1035, section 2.3.4: 255 octets on the wire
LONGEST_LABEL = 63
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
# IDNA 2003 and 2008 disagree about these, so no A-label is proposed for them (RFC 5894, section 7.2).
_DISPUTED = frozenset("ßς\u200c\u200d")


def hostname(value: str) -> Problem | None:
    """The full name of a host, with at least one dot (RFC 5321, section 2.3.5)."""
    return _name(value, dots_needed=True, example="mail.example.org")


def domain(value: str) -> Problem | None:
    """A domain of the DNS, with at least one dot."""
    return _name(value, dots_needed=True, example="example.org")


def local_name(value: str) -> Problem | None:
    """A host name or domain by which this machine is known to itself; one label is enough."""
    return _name(value, dots_needed=False, example="old-name.example.org")


def a_label(value: str) -> str | None:
    """The name in the form that the DNS holds (RFC 5890, A-labels); None where that cannot be told for certain."""
    if any(char in _DISPUTED for char in value):
        return None
    try:
        found = value.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return found if _plain_problem(found) is None else None


def address_of(value: str) -> str | None:
    """The IP address that this text is, with or without brackets; None when it is none."""
    bare = value.removeprefix("[").removesuffix("]")
    bare = bare[5:] if bare[:5].lower() == "ipv6:" else bare
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def _name(value: str, *, dots_needed: bool, example: str) -> Problem | None:
    if not value:
        return nothing_given(example)
    if (problem := unfit(value, LONGEST_NAME, _("the DNS (RFC 1035)"))) is not None:
        return problem
    if (problem := _something_else(value)) is not None:
        return problem
    if not value.isascii():
        return _not_ascii(value)
    if (problem := _plain_problem(value)) is not None:
        return problem
    if dots_needed and "." not in value:
        return Problem(
            _("“{name}” is not a full name: there is no dot in it.").format(name=shown(value)),
            _("Add the domain, such as {name}.example.org, or {name}.localdomain if there is none.").format(
                name=shown(value)
            ),
        )
    return None


def _something_else(value: str) -> Problem | None:
    """A URL, mail address, IP address or host with port where a name is wanted."""
    if "@" in value:
        return Problem(_("This is a mail address, but a host name is wanted."), _("Give only what stands after the @."))
    if "://" in value or "/" in value:
        return Problem(_("There is a slash in it, and a host name has none."), _("Give the name alone, without a URL."))
    if address_of(value) is not None:
        return Problem(
            _("This is an IP address, but a name is wanted."),
            _("Mail is addressed to names; give the name that belongs to this address."),
        )
    if ":" in value:
        return Problem(
            _("There is a colon in it, and a host name has none."), _("Give the name alone, without a port.")
        )
    return None


def _not_ascii(value: str) -> Problem:
    converted = a_label(value)
    if converted is None:
        return Problem(
            _("“{name}” has letters that the DNS does not know.").format(name=shown(value)),
            _("Give the name as it is registered; it begins with xn-- where it stands for other scripts."),
        )
    return Problem(
        _("“{name}” has letters that host names in mail settings cannot have.").format(name=shown(value)),
        _("Give the form that the DNS holds: {name}").format(name=converted),
    )


def _plain_problem(value: str) -> Problem | None:
    """What is wrong with a name of ASCII characters (RFC 1123, section 2.1)."""
    if value.endswith("."):
        return Problem(
            _("There is a dot at the end."), _("Write it without: {name}").format(name=shown(value.rstrip(".")))
        )
    if value.startswith(".") or ".." in value:
        return Problem(_("Between two dots, or before the first, a part of the name is missing."), _one_dot())
    if len(value) > LONGEST_NAME:
        return Problem(_("The name is longer than 253 characters."), _("The limit comes from the DNS (RFC 1035)."))
    labels = value.split(".")
    for label in labels:
        if (problem := _label_problem(label)) is not None:
            return problem
    if labels[-1].isdigit() and len(labels) > 1:
        return Problem(
            _("The last part, “{part}”, is a number, so the name looks like an IP address.").format(part=labels[-1]),
            _("Give a name whose last part has letters."),
        )
    if value.isdigit():
        return Problem(_("A number alone is no host name."), _("Give the name of the host."))
    return None


def _one_dot() -> str:
    return _("Write one dot between two parts, such as mail.example.org.")


def _label_problem(label: str) -> Problem | None:
    if len(label) > LONGEST_LABEL:
        return Problem(
            _("The part “{part}” is longer than 63 characters.").format(part=shown(label)),
            _("The limit comes from the DNS (RFC 1035)."),
        )
    if "_" in label:
        return Problem(
            _("There is an underscore in “{part}”, and host names have none.").format(part=shown(label)),
            _("Many mail servers refuse such a name. A hyphen is possible: {part}").format(
                part=shown(label.replace("_", "-").strip("-"))
            ),
        )
    if label.startswith("-") or label.endswith("-"):
        return Problem(
            _("The part “{part}” begins or ends with a hyphen.").format(part=shown(label)),
            _("A hyphen may only stand between letters or digits (RFC 1123)."),
        )
    if not _LABEL.fullmatch(label):
        return Problem(
            _("“{part}” has characters that host names cannot have.").format(part=shown(label)),
            _("Letters a to z, digits and hyphens are possible (RFC 1123)."),
        )
    if label[:4].lower() == "xn--" and not _decodes(label):
        return Problem(
            _("“{part}” begins with xn-- but stands for no other script.").format(part=shown(label)),
            _("Type it again, or copy it from where the domain is registered (RFC 5890)."),
        )
    return None


def _decodes(label: str) -> bool:
    try:
        return bool(label[4:]) and bool(label[4:].encode("ascii").decode("punycode"))
    except UnicodeError:
        return False
