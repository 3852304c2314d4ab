"""Stopping: what SIGINT, SIGTERM and SIGHUP do, before, while and after the machine is changed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from wizard.words import _

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """While a run is on, a signal asks it to stop after the running step; at any other time it ends the program.

    SIGHUP, which a lost terminal or connection sends, lets a run that is on come to its end, as on the full screen.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running = False
        self.asked = False
        self.has_run = False

    def listen(self) -> None:
        """Takes over the signals; one that is ignored already (nohup) stays so."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._heard)

    @contextmanager
    def while_running(self) -> Iterator[Callable[[], bool]]:
        """A run is on; gives the question whether it is to stop."""
        self._running, self.asked, self.has_run = True, False, True
        try:
            yield lambda: self.asked
        finally:
            self._running = False

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        if not self._running:
            raise KeyboardInterrupt
        if number == signal.SIGHUP:
            return
        if self.asked:
            self._say(_("Waiting for the running step to end; breaking it off would leave it half done."))
        else:
            self.asked = True
            self._say(_("Stopping after the running step."))
