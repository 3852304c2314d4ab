"""LastingDriver: a terminal that goes away ends the reading and writing, and never the run that is under way."""

import sys
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message


class TerminalLost(Message, bubble=False):
    """Nobody can be asked or shown anything any more."""


class _Forgiving:
    """The terminal as a file, which takes everything even when it is gone."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Writes, or forgets."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Flushes, or forgets."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """The descriptor, where it is asked for."""
        return int(self._file.fileno())


class LastingDriver(LinuxDriver):
    """The toolkit's own driver ends the app when reading fails, and hangs when writing fails."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = _Forgiving(sys.__stderr__)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._app.post_message(TerminalLost())

    def let_go(self) -> None:
        """Stops reading, which would otherwise spin on an input that has ended."""
        self.exit_event.set()
