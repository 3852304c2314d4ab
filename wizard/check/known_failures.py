"""What Postfix's own words for a failure mean, and what to do: a table, no logic. The words are those of 3.11."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from wizard.words import _


@dataclass(frozen=True)
class KnownFailure:
    """A failure known by its words; `what` and `hint` may name groups of the pattern, as {name}."""

    key: str
    pattern: str
    what: str
    hint: str


@cache
def known_failures() -> tuple[KnownFailure, ...]:
    """The table; a cause stands before its consequence, and the first row that fits is the one that is told."""
    return (
        KnownFailure(
            "table_type_missing",
            r"unsupported dictionary type: (?P<type>[\w-]+)",
            _("This Postfix cannot read tables of the type {type}."),
            _("See what it can read with `postconf -m`, change the type in main.cf and build the table again."),
        ),
        KnownFailure(
            "table_not_built",
            r"open database (?P<path>\S+): No such file or directory",
            _("The table {path} was never built from its source, or its compiled file was removed."),
            _("Build it: `newaliases` for aliases, `postmap FILE` for other tables."),
        ),
        KnownFailure(
            "table_unreadable",
            r"open database (?P<path>\S+): (?P<reason>[^;]+)",
            _("The table {path} cannot be opened: {reason}."),
            _("Correct owner and mode of the file, or build it again with `newaliases` or `postmap`."),
        ),
        KnownFailure(
            "size_limits_in_wrong_order",
            r"mailbox_size_limit is (?:smaller than message_size_limit|limited but message_size_limit is not)"
            r"|message_size_limit is not limited",
            _("mailbox_size_limit is smaller than message_size_limit, so local(8) ends before it delivers."),
            _("Raise mailbox_size_limit (0 is no limit) or lower message_size_limit, then `postfix reload`."),
        ),
        KnownFailure(
            "no_such_interface",
            r"inet_interfaces: (?:no local interface found for|host not found:) (?P<address>\S+)",
            _("This machine has no address {address}, on which inet_interfaces lets Postfix listen."),
            _("Set `inet_interfaces = loopback-only`, or start Postfix after network-online.target; then restart it."),
        ),
        KnownFailure(
            "bad_parameter",
            r"fatal: (?P<reason>.*(?:parameter|configuration|config variable|line \d+).*)",
            _("A part of Postfix cannot work with the configuration: {reason}"),
            _("Correct what it names in main.cf or master.cf, then `postfix reload`."),
        ),
        KnownFailure(
            "queue_disk_full",
            r"Insufficient system storage|not enough free space in mail queue",
            _("There is too little room for the mail queue: Postfix wants 1.5 times message_size_limit to be free."),
            _("Make room below /var/spool/postfix, or lower message_size_limit; see `df -h /var/spool/postfix`."),
        ),
        KnownFailure(
            "message_too_big",
            r"Message size exceeds fixed limit|message file too big|queue file size limit exceeded|File too large",
            _("The message is larger than message_size_limit (or than the room in the mailbox) allows."),
            _("Look with `postconf message_size_limit mailbox_size_limit`; a test message has about 700 bytes."),
        ),
        KnownFailure(
            "disk_full",
            r"No space left on device|Disk quota exceeded",
            _("The disk or the quota of the mailbox is full."),
            _("Make room, then `postqueue -f`; waiting mail is delivered then."),
        ),
        KnownFailure(
            "read_only",
            r"Read-only file system",
            _("The mailbox is on a file system that Postfix may only read."),
            _("See `findmnt -T FOLDER`, and `systemctl cat postfix.service` for ProtectSystem= and ProtectHome=."),
        ),
        KnownFailure(
            "loop",
            r"recipient nesting limit exceeded|(?:alias database|mail forwarding) loop|too many hops|loops back to",
            _("The mail goes in a circle: an alias or a .forward leads back to itself."),
            _("Follow the way with `postalias -q NAME $(postconf -h alias_maps)` and break the circle."),
        ),
        KnownFailure(
            "alias_to_nobody",
            r'unknown user: "(?P<user>[^"]*)"',
            _("An alias leads to {user}, but there is no such user."),
            _("Correct the line in the alias file, run `newaliases`, and see `getent passwd {user}`."),
        ),
        KnownFailure(
            "no_such_local_user",
            r"User unknown in local recipient table",
            _("Postfix knows neither a user nor an alias of that name."),
            _("Make the alias (and run `newaliases`) or the user, or take the domain out of mydestination."),
        ),
        KnownFailure(
            "no_such_mailbox",
            r"User unknown in (?P<table>virtual mailbox|virtual alias|relay recipient) table",
            _("The address is not in the {table} table."),
            _("Add it, or move the domain: each domain belongs to one class only, and local ones to mydestination."),
        ),
        KnownFailure(
            "mailbox_is_a_folder",
            r"cannot update mailbox (?P<path>\S+) for user (?P<user>\S+)\. .*Is a directory",
            _("Where the mailbox file of {user} belongs, {path}, there is a folder."),
            _("Move the folder away, or set home_mailbox or mail_spool_directory with a slash at the end for Maildir."),
        ),
        KnownFailure(
            "mailbox_not_writable",
            r"cannot update mailbox (?P<path>\S+) for user (?P<user>\S+)\. (?P<reason>[^)]+)",
            _("Postfix cannot write into the mailbox {path} of {user}: {reason}."),
            _("The file must belong to {user}, mode 0600, and its folder must be there: `namei -l {path}`."),
        ),
        KnownFailure(
            "maildir_not_writable",
            r"create maildir file (?P<path>\S+?)/tmp/\S+ (?P<reason>[^)]+)",
            _("Postfix cannot write into the Maildir {path}: {reason}."),
            _("The home folder must be there and belong to the user; local(8) makes the rest: `namei -l {path}`."),
        ),
        KnownFailure(
            "lookup_failed",
            r"alias database unavailable|Temporary lookup failure|lookup (?:of \S+ failed|error for)",
            _("Postfix could not look the address up in one of its tables."),
            _("The warning just before names the table; try it with `postmap -q NAME TYPE:FILE`."),
        ),
        KnownFailure(
            "transport_unavailable",
            r"connect to transport \S+: |mail transport unavailable",
            _("The delivery agent that this mail needs does not run."),
            _("Its name must stand in master.cf, and it must not end at once: see the warnings of master in the log."),
        ),
        KnownFailure(
            "delivery_agent_dies",
            r"process (?P<program>\S+) pid \d+ (?:exit status|killed by)|bad command startup -- throttling",
            _("A part of Postfix ends as soon as it starts, so that the mail waits."),
            _("The fatal: line before it says why; afterwards `postfix reload`."),
        ),
        KnownFailure(
            "command_failed",
            r"Command (?:died with status (?P<code>\d+)|died with signal \d+|time limit exceeded|unavailable)",
            _("The command that should take the mail failed."),
            _("Try the command by hand as the user; see `postconf mailbox_command` and ~/.forward."),
        ),
        KnownFailure(
            "milter_down",
            r"connect to Milter service (?P<where>\S+): ",
            _("The mail filter {where} does not answer."),
            _("Start it, or take it out of smtpd_milters and non_smtpd_milters."),
        ),
        KnownFailure(
            "socket_missing",
            r"connect to (?P<where>\S+): (?P<reason>No such file or directory|Connection refused|Permission denied)",
            _("Whom the mail should be handed to, {where}, cannot be reached: {reason}."),
            _("Start that service, or correct where Postfix looks for it: `postconf mailbox_transport`."),
        ),
        KnownFailure(
            "postdrop_without_rights",
            r"create file maildrop/\S+ Permission denied|postdrop: .*Permission denied",
            _("postdrop may not write into the queue; it lost its group or its set-gid bit."),
            _("Run `postfix set-permissions`, or `systemd-tmpfiles --create postfix.conf`; see `postfix check`."),
        ),
        KnownFailure(
            "relay_denied",
            r"Relay access denied",
            _("Postfix does not count this domain as its own, and this machine is not in mynetworks."),
            _("Look with `postconf -x mydestination mynetworks`."),
        ),
        KnownFailure(
            "already_running",
            r"Address already in use",
            _("Another program holds the port that Postfix wants."),
            _("See which with `ss -ltnp 'sport = :25'`."),
        ),
    )


@dataclass(frozen=True)
class Explanation:
    """What a failure means and what to do, in the reader's language; `key` names the row of the table."""

    key: str
    what: str
    hint: str


def explain(words: Iterable[str]) -> Explanation | None:
    """What these log lines and replies mean, by the first row of the table that fits one of them; None: not known."""
    lines = tuple(words)
    for known in known_failures():
        for line in lines:
            if found := re.search(known.pattern, line):
                names = {name: (value or "").rstrip(". ") for name, value in found.groupdict().items()}
                return Explanation(known.key, known.what.format(**names), known.hint.format(**names))
    return None
