"""Postfix's log as data: lines, queue ids, and what became of each message (syslog(3), MAILLOG_README)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# Short ids are microseconds and inode in hexadecimal; long ones are time and inode without vowels, "z" between
# (postconf(5): enable_long_queue_ids).
_LONG_ID: Final = "[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+"
QUEUE_ID: Final = rf"(?:[0-9A-F]{{6,}}|{_LONG_ID})"
_OF_A_MESSAGE: Final = re.compile(rf"({QUEUE_ID}): (.*)", re.DOTALL)
_FILE_LINE: Final = re.compile(r"\s(?P<who>[\w.+-]+(?:/[\w.+-]+)+)\[(?P<pid>\d+)\]: (?P<message>.*)$")
_FIELD: Final = re.compile(r"(?:^|, )([a-z_]+)=")
_QUEUED_AS: Final = re.compile(rf"\bqueued as ({QUEUE_ID})\b")
_FORWARDED_AS: Final = re.compile(rf"\bforwarded as ({QUEUE_ID})$")
_NOTICE_SENT: Final = re.compile(rf"^sender (?:non-delivery|delivery status|delay) notification: ({QUEUE_ID})$")


@dataclass(frozen=True)
class LogLine:
    """One line: the Postfix program that wrote it (`local`, `smtpd`), its process, and the words."""

    program: str
    pid: int
    message: str

    @property
    def queue_id(self) -> str:
        """The message that it speaks of; empty when it speaks of none."""
        found = _OF_A_MESSAGE.match(self.message)
        return found[1] if found else ""

    @property
    def rest(self) -> str:
        """The words after the queue id."""
        found = _OF_A_MESSAGE.match(self.message)
        return found[2] if found else self.message

    @property
    def complains(self) -> bool:
        """Whether it is a complaint; the cause of a failure stands in one just before it."""
        return self.message.startswith(("warning: ", "error: ", "fatal: ", "panic: "))

    def __str__(self) -> str:
        return f"{self.program}[{self.pid}]: {self.message}"


@dataclass(frozen=True)
class Delivery:
    """What one delivery agent did with one recipient; `text` is what stands in brackets after the status."""

    program: str
    recipient: str
    original: str
    relay: str
    delay: str
    dsn: str
    status: str
    text: str
    line: LogLine

    @property
    def forwarded_as(self) -> str:
        """The queue id under which local(8) sent it on; empty otherwise."""
        found = _FORWARDED_AS.search(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)
class MessageStory:
    """All that the log says about one queue id, in order."""

    queue_id: str
    lines: tuple[LogLine, ...]

    def by(self, program: str) -> LogLine | None:
        """The first line that this program wrote about the message."""
        return next((line for line in self.lines if line.program == program), None)

    @property
    def message_id(self) -> str:
        """The Message-ID that cleanup(8) saw, without its brackets."""
        for line in self.lines:
            if line.program == "cleanup" and line.rest.startswith("message-id="):
                return line.rest.removeprefix("message-id=").strip("<>")
        return ""

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What became of each recipient; one that was put off and tried again is there more than once."""
        return tuple(made for line in self.lines if (made := delivery_of(line)) is not None)

    @property
    def notice(self) -> str:
        """The queue id of the notice about it to its sender (RFC 3464); empty when none was sent."""
        for line in self.lines:
            if found := _NOTICE_SENT.match(line.rest):
                return found[1]
        return ""

    @property
    def removed(self) -> LogLine | None:
        """The line that says that nothing is left to do for it."""
        return next((line for line in self.lines if line.rest.startswith("removed")), None)


def read_journal(text: str) -> tuple[LogLine, ...]:
    """The mail lines of `journalctl -o json`; what is not a line of Postfix is passed over."""
    return tuple(_journal_lines(text.splitlines()))


def _journal_lines(records: Iterable[str]) -> Iterator[LogLine]:
    for record in records:
        if not record.startswith("{"):
            continue
        try:
            fields = json.loads(record)
        except ValueError:
            continue
        identifier, message = fields.get("SYSLOG_IDENTIFIER"), fields.get("MESSAGE")
        if isinstance(message, list):  # journalctl(1): text that is not valid UTF-8 comes as an array of bytes
            message = bytes(byte for byte in message if isinstance(byte, int)).decode("utf-8", "backslashreplace")
        if not isinstance(identifier, str) or not isinstance(message, str) or "/" not in identifier:
            continue
        pid = str(fields.get("SYSLOG_PID") or fields.get("_PID") or "")
        yield LogLine(identifier.rpartition("/")[2], int(pid) if pid.isdecimal() else 0, message)


def read_log_file(text: str) -> tuple[LogLine, ...]:
    """The mail lines of a log file, in the form of postlogd(8) or of a syslog daemon."""
    return tuple(
        LogLine(found["who"].rpartition("/")[2], int(found["pid"]), found["message"])
        for line in text.splitlines()
        if (found := _FILE_LINE.search(line))
    )


def cursor_of(text: str) -> str:
    """The cursor of the last record of `journalctl -o json`; empty when there is none."""
    for record in reversed(text.splitlines()):
        if record.startswith("{"):
            try:
                cursor = json.loads(record).get("__CURSOR")
            except ValueError:
                continue
            if isinstance(cursor, str):
                return cursor
    return ""


def stories(lines: Iterable[LogLine]) -> Mapping[str, MessageStory]:
    """The lines of each queue id, the ids in the order in which they appear."""
    of_id: dict[str, list[LogLine]] = {}
    for line in lines:
        if line.queue_id:
            of_id.setdefault(line.queue_id, []).append(line)
    return {queue_id: MessageStory(queue_id, tuple(found)) for queue_id, found in of_id.items()}


def story_with_message_id(lines: Iterable[LogLine], message_id: str) -> MessageStory | None:
    """The first message that cleanup(8) saw with this Message-ID; a copy that was forwarded comes later."""
    return next((story for story in stories(lines).values() if story.message_id == message_id), None)


def queue_id_in_reply(reply: str) -> str:
    """The queue id in the reply to the end of data ("queued as X"); empty when there is none."""
    found = _QUEUED_AS.search(reply)
    return found[1] if found else ""


def delivery_of(line: LogLine) -> Delivery | None:
    """The delivery that a line reports; None when it reports none."""
    fields = fields_of(line.rest)
    if not line.queue_id or "to" not in fields or "status" not in fields:
        return None
    status, _space, text = fields["status"].partition(" ")
    return Delivery(
        program=line.program,
        recipient=fields["to"].strip("<>"),
        original=fields.get("orig_to", fields["to"]).strip("<>"),
        relay=fields.get("relay", ""),
        delay=fields.get("delay", ""),
        dsn=fields.get("dsn", ""),
        status=status,
        text=text.removeprefix("(").removesuffix(")"),
        line=line,
    )


def fields_of(text: str) -> Mapping[str, str]:
    """The `name=value` pairs of a line, in whatever order; commas in <addresses> and (texts) part nothing."""
    fields: dict[str, str] = {}
    position = 0
    while found := _FIELD.match(text, position):
        end = _end_of_value(text, found.end())
        fields[found[1]] = text[found.end() : end]
        position = end
    return fields


def _end_of_value(text: str, start: int) -> int:
    """Where a value ends: before the next `, name=` that is not inside brackets or quotes."""
    depth, quoted, position = 0, False, start
    while position < len(text):
        character = text[position]
        if character == "\\" and quoted:
            position += 1
        elif character == '"' and depth and text[start] == "<":
            quoted = not quoted
        elif not quoted and character in "<(":
            depth += 1
        elif not quoted and character in ">)":
            depth = max(depth - 1, 0)
        elif character == "," and not depth and not quoted and _FIELD.match(text, position):
            return position
        position += 1
    return len(text)
