"""Reading what Postfix logs from now on: the journal, or the file that maillog_file names."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final, Protocol

from wizard.check.mail_log import LogLine, cursor_of, read_journal, read_log_file
from wizard.machine.machine import Machine
from wizard.problem import Trouble
from wizard.words import _

# syslog.h; postconf(5): syslog_facility
FACILITIES: Final = {"user": 1, "mail": 2, "daemon": 3} | {f"local{number}": 16 + number for number in range(8)}
FIELDS: Final = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID"
LONGEST_LOG: Final = 4 * 1024 * 1024
LOOKED_BACK: Final = 300
LOOKED_BACK_BYTES: Final = 32 * 1024


class MailLog(Protocol):
    """A log from the moment it was opened."""

    @property
    def unreadable(self) -> str:
        """Why it cannot be read; empty when it can."""
        ...

    @property
    def place(self) -> str:
        """What it is called, to look for oneself."""
        ...

    def lines(self) -> tuple[LogLine, ...]:
        """Every line since it was opened, those of earlier calls included."""
        ...

    def earlier(self) -> tuple[LogLine, ...]:
        """The lines of the minutes before it was opened."""
        ...


def open_log(machine: Machine, settings: Mapping[str, str], since: float) -> MailLog:
    """The log that this Postfix writes to, from now on; `since` is the time of day in seconds."""
    if path := settings.get("maillog_file", ""):
        return FileLog(machine, PurePosixPath(path))
    return JournalLog(machine, FACILITIES.get(settings.get("syslog_facility", "mail"), 2), since)


class JournalLog:
    """The systemd journal, read on from a cursor, so that no line is missed and none read twice (journalctl(1))."""

    def __init__(self, machine: Machine, facility: int, since: float) -> None:
        self._machine = machine
        self._match = f"SYSLOG_FACILITY={facility}"
        self._lines: list[LogLine] = []
        self._reason = ""
        self._since = int(since)
        self._cursor = cursor_of(self._ask("-n", "1"))

    @property
    def unreadable(self) -> str:
        """Why the journal cannot be read."""
        return self._reason

    @property
    def place(self) -> str:
        """How to look for oneself."""
        return f"journalctl {self._match}"

    def lines(self) -> tuple[LogLine, ...]:
        """Every mail line since it was opened."""
        start = f"--after-cursor={self._cursor}" if self._cursor else f"--since=@{self._since}"
        text = self._ask(start, self._match)
        self._lines += read_journal(text)
        self._cursor = cursor_of(text) or self._cursor
        return tuple(self._lines)

    def earlier(self) -> tuple[LogLine, ...]:
        """The mail lines of the minutes before."""
        return read_journal(self._ask(f"--since=@{self._since - LOOKED_BACK}", f"--until=@{self._since}", self._match))

    def _ask(self, *words: str) -> str:
        """What journalctl prints; why it does not is kept in words."""
        try:
            result = self._machine.output_of(
                "journalctl", "--quiet", "--no-pager", "-o", "json", f"--output-fields={FIELDS}", *words
            )
        except Trouble as trouble:
            self._reason = trouble.problem.what
            return ""
        self._reason = ""
        if not result.ok:
            self._reason = result.error_text.strip() or _("journalctl ended with code {code}.").format(
                code=result.exit_code
            )
        return result.text


class FileLog:
    """The file of maillog_file, read on from where it ended; a rotated file is read from its start."""

    def __init__(self, machine: Machine, path: PurePosixPath) -> None:
        self._machine = machine
        self._path = path
        self._start = self._end()

    @property
    def unreadable(self) -> str:
        """Why the file cannot be read."""
        return (
            ""
            if self._machine.tail(self._path, 1) is not None
            else _("There is no log file {path}.").format(path=self._path)
        )

    @property
    def place(self) -> str:
        """The path."""
        return str(self._path)

    def lines(self) -> tuple[LogLine, ...]:
        """Every mail line since it was opened."""
        if self._end() < self._start:
            self._start = 0
        offset, content = self._machine.tail(self._path, LONGEST_LOG) or (0, b"")
        fresh = content[max(self._start - offset, 0) :]
        return read_log_file(fresh.decode("utf-8", "backslashreplace"))

    def earlier(self) -> tuple[LogLine, ...]:
        """The last mail lines before."""
        offset, content = self._machine.tail(self._path, LONGEST_LOG) or (0, b"")
        before = content[: max(self._start - offset, 0)][-LOOKED_BACK_BYTES:]
        return read_log_file(before.decode("utf-8", "backslashreplace"))

    def _end(self) -> int:
        offset, content = self._machine.tail(self._path, 1) or (0, b"")
        return offset + len(content)
