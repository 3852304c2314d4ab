"""The settings that this machine's Postfix really uses, asked of postconf(1) and never assumed."""

from collections.abc import Callable, Mapping
from typing import Final

from wizard.machine.machine import CommandResult
from wizard.machine.postconf_output import read_settings
from wizard.problem import Trouble
from wizard.words import _

Ask = Callable[..., CommandResult]

NEEDED: Final = (
    "alias_maps", "config_directory", "default_transport", "fallback_transport", "forward_path", "home_mailbox",
    "inet_interfaces", "inet_protocols", "local_transport", "luser_relay", "mail_name", "mail_spool_directory",
    "mailbox_command", "mailbox_command_maps", "mailbox_transport", "mailbox_transport_maps", "maillog_file",
    "master_service_disable", "mydestination", "mydomain", "myhostname", "myorigin", "queue_directory",
    "recipient_delimiter", "relay_transport", "relayhost", "sendmail_path", "sender_dependent_default_transport_maps",
    "sender_dependent_relayhost_maps", "syslog_facility", "transport_maps",
)  # fmt: skip


class BrokenConfiguration(Trouble):
    """Postfix cannot read its own configuration, so no mail can be sent at all."""


def settings_of(ask: Ask, names: tuple[str, ...] = NEEDED) -> Mapping[str, str]:
    """The effective values, `$name` expanded (postconf -x); raises Trouble when Postfix cannot say.

    A parameter that this version does not know is empty here; postconf(1) warns of it and exits with 0.
    """
    result = ask("postconf", "-x", *names)
    if not result.ok:
        raise BrokenConfiguration(
            _("Postfix cannot read its own configuration: {reason}").format(reason=result.error_text.strip()),
            _("Correct what it names, then look again with: postconf -n"),
        )
    told = read_settings(result.text)
    return {name: told.get(name, "") for name in names}


def items_of(value: str) -> tuple[str, ...]:
    """The items of a list value, parted by commas and white space; `{ … }` keeps one together (postconf(5))."""
    items, word, depth = [], "", 0
    for character in value:
        if not depth and (character.isspace() or character == ","):
            items.append(word)
            word = ""
            continue
        depth += (character == "{") - (character == "}")
        word += character
    return tuple(item for item in (*items, word) if item)
