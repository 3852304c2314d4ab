"""Waiting for a condition, with a deadline: nobody here sleeps and hopes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Watch:
    """Counts the seconds since it was made; `patience` is how long one thing is waited for."""

    patience: float = 30.0
    pause: float = 0.1
    began: float = field(default_factory=time.monotonic)
    began_at: float = field(default_factory=time.time)

    @property
    def seconds(self) -> float:
        """Seconds since the send began."""
        return time.monotonic() - self.began

    def until(self, look: Callable[[], Seen | None], patience: float | None = None) -> Seen | None:
        """What `look` sees as soon as it is not None; None when the time is over. Looks at least once."""
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while (seen := look()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(self.pause, left))
        return seen
