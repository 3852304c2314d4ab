"""StopRequest: asking a run to stop between two steps, by key or by signal; a lost terminal does not stop it."""

import asyncio
import os
import signal
from collections.abc import Callable
from threading import Event, current_thread, main_thread


class StopRequest:
    """Set by a key, SIGINT or SIGTERM; read by the run between its steps."""

    def __init__(self) -> None:
        self._asked = Event()

    def ask(self) -> None:
        """Asks the run to stop after the step it is at."""
        self._asked.set()

    def forget(self) -> None:
        """A new run begins: nobody has asked yet."""
        self._asked.clear()

    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()


class Signals:
    """What SIGHUP, SIGINT and SIGTERM do for as long as the app runs."""

    def __init__(self, on_stop: Callable[[], None], on_hangup: Callable[[], None]) -> None:
        self._handlers = {signal.SIGINT: on_stop, signal.SIGTERM: on_stop, signal.SIGHUP: on_hangup}
        self._loop: asyncio.AbstractEventLoop | None = None

    def take(self) -> None:
        """Takes the signals over, where this is the main thread (elsewhere Python does not allow it)."""
        if current_thread() is not main_thread():
            return
        self._loop = asyncio.get_running_loop()
        for number, handler in self._handlers.items():
            self._loop.add_signal_handler(number, handler)

    def give_back(self) -> None:
        """Leaves the signals as they were."""
        if self._loop is not None:
            for number in self._handlers:
                self._loop.remove_signal_handler(number)
            self._loop = None


def let_go_of_terminal() -> None:
    """Points the standard streams at nothing: a terminal that is gone must not hold up a run (writes would fail)."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
