"""Mail addresses, and what an alias may lead to: users, aliases, addresses; programs and files only if allowed."""

import re

from wizard.ask.host_names import address_of, domain
from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.problem import Problem
from wizard.words import _

LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3: a path of 256 octets with its < and >
LONGEST_LOCAL_PART = 64  # RFC 5321, section 4.5.3.1.1
LONGEST_TARGETS = 1000
_ATOM = r"[A-Za-z0-9!#%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=-]*")
_IN_BRACKETS = re.compile(r"<([^<>]*)>$")


def mail_address(value: str, *, smtputf8: bool = False) -> Problem | None:
    """One address, `local-part@domain`, without a name beside it (RFC 5321, section 4.1.2)."""
    if not value:
        return nothing_given("taro@example.org")
    if (problem := unfit(value, LONGEST_ADDRESS, "RFC 5321")) is not None:
        return problem
    if found := _IN_BRACKETS.search(value):
        return Problem(
            _("There is more than an address here."), _("Give the address alone: {address}").format(address=found[1])
        )
    if value.lower().startswith("mailto:"):
        return Problem(_("This is a link, not an address."), _("Leave out mailto:."))
    local_part, at, host = split_address(value)
    if not at:
        return Problem(
            _("“{text}” is not a mail address: there is no @ in it.").format(text=shown(value)),
            _("An address looks like taro@example.org."),
        )
    return _local_part_problem(local_part, smtputf8) or _address_domain_problem(host)


def split_address(value: str) -> tuple[str, str, str]:
    """Local part, `@` and domain, split at the last @ outside of quotes; no `@` when there is none."""
    if value.startswith('"') and (end := value.rfind('"')) > 0:
        local_part, rest = value[: end + 1], value[end + 1 :]
        return (local_part, "@", rest[1:]) if rest.startswith("@") else (value, "", "")
    return value.rpartition("@") if "@" in value else (value, "", "")


def alias_target(value: str, *, programs: bool = False, files: bool = False) -> Problem | None:
    """One thing that an alias leads to (aliases(5)): a user, an alias or an address; others only where allowed."""
    if not value:
        return nothing_given("taro")
    if (problem := unfit(value, LONGEST_ADDRESS, "RFC 5321")) is not None:
        return problem
    bare = value.strip('"')
    if bare.startswith("|"):
        return None if programs else _refused_kind(_("a program"))
    if bare.lower().startswith(":include:"):
        return None if files else _refused_kind(_("a list of addresses in a file"))
    if bare.startswith(("/", "~", "./", "../")):
        return None if files else _refused_kind(_("a file"))
    if value.startswith("-"):
        return Problem(
            _("A name cannot begin with a hyphen."),
            _("Programs would take it for an option, so Postfix refuses such mail (postconf(5): allow_min_user)."),
        )
    if value.startswith("\\"):
        return Problem(_("A backslash before a name is not possible here."), _("Write the name alone."))
    if "@" in value or value.startswith('"') or "<" in value:
        return mail_address(value)
    return local_user(value)


def local_user(value: str) -> Problem | None:
    """The name of a user or alias of this machine, by its form; whether there is one is asked elsewhere."""
    if not value:
        return nothing_given("taro")
    if (problem := unfit(value, LONGEST_LOCAL_PART, "RFC 5321")) is not None:
        return problem
    if " " in value:
        return Problem(
            _("There is a blank in “{name}”.").format(name=shown(value)), _("Put a comma between two names.")
        )
    if value.isdigit():
        return Problem(
            _("“{name}” is a number, but a name is wanted.").format(name=shown(value)), _("Give the user's name.")
        )
    if not _USER.fullmatch(value) or not value.isascii():
        return Problem(
            _("“{name}” has characters that a user's name cannot have.").format(name=shown(value)),
            _("Letters a to z, digits, and . _ - + = are possible."),
        )
    if value.endswith(".") or ".." in value:
        return Problem(_("A dot is at the end, or beside another dot."), _("Write one dot between two parts."))
    return None


def alias_targets(value: str, *, programs: bool = False, files: bool = False) -> Problem | None:
    """What an alias leads to, separated by commas (aliases(5))."""
    if not value:
        return nothing_given("taro, hana@localhost")
    if (problem := unfit(value, LONGEST_TARGETS)) is not None:
        return problem
    items = split_targets(value)
    for item in items:
        if not item:
            return Problem(_("Between two commas nothing is written."), _("Take one comma away, or add a name."))
        if (problem := alias_target(item, programs=programs, files=files)) is not None:
            return problem
    if len({item.lower() for item in items}) < len(items):
        return Problem(_("The same name is there twice."), _("Take one away: each gets the message once."))
    return None


def split_targets(value: str) -> tuple[str, ...]:
    """The targets of an alias, split at commas outside of quotes."""
    items, quoted, escaped = [""], False, False
    for char in value:
        if char == "," and not quoted:
            items.append("")
            continue
        quoted = quoted != (char == '"' and not escaped)
        escaped = char == "\\" and not escaped
        items[-1] += char
    return tuple(item.strip() for item in items)


def forward(value: str) -> Problem | None:
    """One alias as `name: targets`, the name without a domain (aliases(5))."""
    if not value:
        return nothing_given("info: taro, hana")
    if (problem := unfit(value, LONGEST_TARGETS)) is not None:
        return problem
    name, colon, targets = value.partition(":")
    if not colon:
        return Problem(
            _("There is no colon in “{text}”.").format(text=shown(value)),
            _("Write a name, a colon, and who reads its mail: info: taro"),
        )
    if "@" in name:
        return Problem(
            _("The name before the colon has a domain."),
            _("Write the part before the @ alone; it holds for every name of this machine (aliases(5))."),
        )
    return local_user(name.strip()) or alias_targets(targets.strip())


def split_forward(value: str) -> tuple[str, tuple[str, ...]]:
    """The name in lower case and the targets of `name: targets`."""
    name, _colon, targets = value.partition(":")
    return name.strip().lower(), split_targets(targets.strip())


def _refused_kind(kind: str) -> Problem:
    return Problem(
        _("Mail would go to {kind}, and that is not done by an answer here.").format(kind=kind),
        _("Give a user, another alias or an address. By hand it can be written into the alias file (aliases(5))."),
    )


def _local_part_problem(local_part: str, smtputf8: bool) -> Problem | None:
    if not local_part:
        return Problem(_("There is nothing before the @."), _("An address looks like taro@example.org."))
    if len(local_part.encode("utf-8", "replace")) > LONGEST_LOCAL_PART:
        return Problem(_("There are more than 64 bytes before the @."), _("The limit comes from RFC 5321."))
    if local_part.startswith("-"):
        return Problem(
            _("An address cannot begin with a hyphen."),
            _("Programs would take it for an option, so Postfix refuses such mail (postconf(5): allow_min_user)."),
        )
    if not local_part.isascii():
        if smtputf8:
            return None
        return Problem(
            _("There are letters before the @ that not every mail server takes."),
            _("Such addresses need SMTPUTF8 all the way (RFC 6531). Give an address of plain letters."),
        )
    if local_part.startswith('"'):
        if _QUOTED.fullmatch(local_part):
            return None
        return Problem(
            _("The quotes before the @ do not fit together."), _('Such an address looks like "a b"@example.org.')
        )
    if "%" in local_part or "!" in local_part:
        return Problem(
            _("There is a % or ! before the @."),
            _("Postfix takes it for a route to another machine (postconf(5): allow_percent_hack, swap_bangpath)."),
        )
    if local_part.startswith(("|", "/")):
        return Problem(
            _("An address cannot begin with | or /."), _("An alias file would take it for a program or a file.")
        )
    if not _DOT_ATOM.fullmatch(local_part):
        return Problem(
            _("“{text}” cannot stand before the @.").format(text=shown(local_part)),
            _("No blanks, commas or brackets, and single dots only between other characters (RFC 5321)."),
        )
    return None


def _address_domain_problem(host: str) -> Problem | None:
    if not host:
        return Problem(_("There is nothing after the @."), _("An address looks like taro@example.org."))
    if host.startswith("[") and host.endswith("]"):
        address = address_of(host)
        if address is None or (":" in address) != host.lower().startswith("[ipv6:"):
            return Problem(
                _("“{text}” is not an address in brackets.").format(text=shown(host)),
                _("It looks like [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, section 4.1.3)."),
            )
        return None
    return None if host.lower() == "localhost" else domain(host)
