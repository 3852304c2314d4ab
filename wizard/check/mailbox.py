"""Where local(8) puts mail for a name, and finding one message there by its Message-ID."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from wizard.check.postfix_settings import items_of
from wizard.machine.machine import Kind, Look
from wizard.problem import Trouble
from wizard.words import _

MOST_EXPANSIONS: Final = 100  # local(8) has a limit of its own; this one ends a circle of aliases
LAST_OF_A_MAILBOX: Final = 1024 * 1024
LONGEST_MESSAGE: Final = 256 * 1024
_HEADERS_WORTH_SHOWING: Final = re.compile(
    r"(?i)^(Return-Path|X-Original-To|Delivered-To|Received|Subject|Message-ID|From|To):"
)


ROOT: Final = PurePosixPath("/")
IsIt = Callable[[bytes], bool]


class Put(Enum):
    """What a delivery ends in."""

    MBOX = "mbox"
    MAILDIR = "maildir"
    COMMAND = "command"
    TRANSPORT = "transport"
    OUTSIDE = "outside"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Place:
    """Where mail for one name ends: a mailbox (`path`), or something of which only `words` can tell."""

    put: Put
    user: str = ""
    path: PurePosixPath = ROOT
    words: str = ""

    @property
    def is_a_mailbox(self) -> bool:
        """Whether one can look into it."""
        return self.put in {Put.MBOX, Put.MAILDIR}

    def __str__(self) -> str:
        if self.put is Put.MAILDIR:
            return f"{self.path}/"
        return str(self.path) if self.put is Put.MBOX else self.words


@dataclass(frozen=True)
class FoundMail:
    """A message in a mailbox; `start` is where it begins in an mbox file, `content` all of it."""

    place: Place
    path: PurePosixPath
    start: int
    content: bytes

    @property
    def headers(self) -> tuple[str, ...]:
        """The header lines that tell its way, continued lines joined (RFC 5322, section 2.2.3)."""
        head = self.content.partition(b"\n\n")[0].decode("utf-8", "backslashreplace")
        unfolded = re.sub(r"\n[ \t]+", " ", head)
        return tuple(line for line in unfolded.splitlines() if _HEADERS_WORTH_SHOWING.match(line))

    @property
    def text(self) -> str:
        """The whole message, to look for words in it."""
        return self.content.decode("utf-8", "backslashreplace")


def places_for(look: Look, name: str, settings: Mapping[str, str]) -> tuple[Place, ...]:
    """Where local(8) puts mail for a local name: aliases, then .forward, then the settings in their precedence.

    aliases(5); postconf(5): mailbox_transport_maps. Raises Trouble when an alias table cannot be read.
    """
    found: list[Place] = []
    seen: set[str] = set()
    todo = [name]
    while todo and len(seen) < MOST_EXPANSIONS:
        target = todo.pop(0)
        if target.lower() in seen:
            continue
        seen.add(target.lower())
        local = _local_part(target, settings)
        if (place := _special(target)) is not None:
            found.append(place)
        elif local is None:
            found.append(Place(Put.OUTSIDE, words=target))
        elif not target.startswith("\\") and (value := alias_of(look, local, settings)) is not None:
            todo += _items_of_alias(value)
        else:
            places, more = _places_of_user(look, local.removeprefix("\\"), settings, forwards=target[:1] != "\\")
            found += places
            todo += more
    return tuple(found)


def alias_of(look: Look, name: str, settings: Mapping[str, str]) -> str | None:
    """What alias_maps say for a name; None when it is no alias. Raises Trouble when a table cannot be asked."""
    for table in items_of(settings.get("alias_maps", "")):
        asked = look.output_of("postalias", "-q", name, table)
        if asked.ok:
            return asked.text.strip()
        if reason := asked.error_text.strip():  # exit 1 in silence is "not found" (postalias(1))
            raise Trouble(_("The alias table {table} cannot be read: {reason}").format(table=table, reason=reason))
    return None


def _items_of_alias(value: str) -> list[str]:
    """The destinations in the right-hand side of an alias; commas inside quotes part nothing (aliases(5))."""
    items = re.findall(r'(?:"(?:\\.|[^"\\])*"|[^,"])+', value)
    return [item.strip() for item in items if item.strip()]


def _special(target: str) -> Place | None:
    """The place that a destination names itself: a command, a file, a list of addresses."""
    bare = target[1:-1] if len(target) > 1 and target[0] == target[-1] == '"' else target
    if bare.startswith("|"):
        return Place(Put.COMMAND, words=bare)
    if bare.startswith("/"):
        return Place(Put.MAILDIR if bare.endswith("/") else Put.MBOX, path=PurePosixPath(bare))
    if bare.startswith(":include:"):
        return Place(Put.TRANSPORT, words=bare)
    return None


def _local_part(address: str, settings: Mapping[str, str]) -> str | None:
    """The name before the @ when its domain is delivered here by local(8); None when it is somewhere else."""
    bare = address.strip("<>")
    local, at, domain = bare.rpartition("@")
    if not at:
        return bare
    ours = {item.lower() for item in items_of(settings.get("mydestination", ""))}
    return local if domain.lower() in ours else None


def _places_of_user(
    look: Look, name: str, settings: Mapping[str, str], *, forwards: bool
) -> tuple[list[Place], list[str]]:
    """Where a user's mail goes, and to which names it is sent on instead."""
    account = look.user(name)
    if account is None and (delimiter := settings.get("recipient_delimiter", "")):
        name = re.split(f"[{re.escape(delimiter)}]", name, maxsplit=1)[0]
        account = look.user(name)
    if account is None:
        luser = settings.get("luser_relay", "")
        words = luser or _("there is no user named {name}").format(name=name)
        return [Place(Put.OUTSIDE if luser else Put.NOWHERE, words=words)], []
    if forwards and (forward := _forward(look, PurePosixPath(account.home))):
        return [], [f"\\{name}" if item.lstrip("\\") == name else item for item in _items_of_alias(forward)]
    # postconf(5): mailbox_transport_maps names the precedence of all of these.
    if transport := settings.get("mailbox_transport_maps", "") or settings.get("mailbox_transport", ""):
        return [Place(Put.TRANSPORT, name, words=transport)], []
    if command := settings.get("mailbox_command_maps", "") or settings.get("mailbox_command", ""):
        return [Place(Put.COMMAND, name, words=command)], []
    if home_mailbox := settings.get("home_mailbox", ""):
        put = Put.MAILDIR if home_mailbox.endswith("/") else Put.MBOX
        return [Place(put, name, PurePosixPath(account.home) / home_mailbox)], []
    spool = settings.get("mail_spool_directory", "") or "/var/mail"
    return [Place(Put.MAILDIR if spool.endswith("/") else Put.MBOX, name, PurePosixPath(spool) / name)], []


def _forward(look: Look, home: PurePosixPath) -> str:
    """The destinations in a user's ~/.forward; empty when there is none that can be read."""
    try:
        state = look.file(home / ".forward")
    except Trouble:
        return ""
    if state is None or state.kind is not Kind.FILE:
        return ""
    lines = state.content.decode("utf-8", "replace").splitlines()
    return ",".join(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def find_mail(look: Look, place: Place, is_it: IsIt, since: float = 0) -> FoundMail | None:
    """The newest message in a mailbox that `is_it`; None when there is none. Reads only the end of the mailbox."""
    if place.put is Put.MBOX:
        return _in_mbox(look, place, is_it)
    if place.put is Put.MAILDIR:
        return _in_maildir(look, place, is_it, since)
    return None


def is_there(look: Look, place: Place) -> bool:
    """Whether the mailbox itself is there."""
    if place.put is Put.MAILDIR:
        return place.path.name in look.names_in(place.path.parent)
    return place.put is Put.MBOX and look.tail(place.path, 1) is not None


def _in_mbox(look: Look, place: Place, is_it: IsIt) -> FoundMail | None:
    offset, content = look.tail(place.path, LAST_OF_A_MAILBOX) or (0, b"")
    marks = [found.start() for found in re.finditer(rb"(?m)^From ", content)]  # local(8) quotes other such lines
    for start, end in reversed(list(pairwise([*marks, len(content)]))):
        if is_it(content[start:end]):
            return FoundMail(place, place.path, offset + start, content[start:end])
    return None


def _in_maildir(look: Look, place: Place, is_it: IsIt, since: float) -> FoundMail | None:
    for folder in ("new", "cur"):
        for name in reversed(look.names_in(place.path / folder)):
            seconds = name.partition(".")[0]
            if since and seconds.isdecimal() and int(seconds) < since - 5:
                continue
            path = place.path / folder / name
            offset, content = look.tail(path, LONGEST_MESSAGE) or (1, b"")
            if offset == 0 and is_it(content):
                return FoundMail(place, path, 0, content)
    return None


def has_message_id(message_id: str) -> IsIt:
    """Whether a message's own header has this Message-ID; one in a message that it holds does not count."""
    header = re.compile(rb"(?im)^message-id:\s*<" + re.escape(message_id.encode()) + rb">")
    return lambda message: header.search(message.partition(b"\n\n")[0]) is not None


def is_notice_of(message_id: str) -> IsIt:
    """Whether a message is a notice by the mail system that holds the one with this Message-ID (RFC 3464, RFC 3834)."""
    automatic = re.compile(rb"(?im)^auto-submitted:\s*auto-")
    held = b"<" + message_id.encode() + b">"

    def is_it(message: bytes) -> bool:
        head, _empty, body = message.partition(b"\n\n")
        return automatic.search(head) is not None and held in body

    return is_it
