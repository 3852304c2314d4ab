"""A person at a terminal of a practice machine: presses keys, and reads what is on the screen."""

import time
from types import TracebackType
from typing import Self

import pexpect
import pyte

from wizard.practice.practice_machine import PracticeMachine

ENTER, ESCAPE, DOWN, UP, TAB = "\r", "\x1b", "\x1b[B", "\x1b[A", "\t"
F4, END, BACKSPACE = "\x1bOS", "\x1b[F", "\x7f"
LONGEST = 60.0  # seconds; only a screen that never comes takes so long


class Terminal:
    """A program of the machine on a terminal of this size."""

    def __init__(self, machine: PracticeMachine, *argv: str, rows: int = 40, columns: int = 100) -> None:
        command = machine.command_line(*argv, env={"TERM": "xterm-256color", "COLORTERM": "truecolor"})
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._came = False
        self._child = pexpect.spawn(command[0], list(command[1:]), dimensions=(rows, columns), timeout=LONGEST)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def sees(self, *words: str) -> None:
        """Waits until the screen shows all of these; sentences that are wrapped are found too."""
        ends = time.monotonic() + LONGEST
        while not all(word in self.text or word in " ".join(self.text.split()) for word in words):
            assert time.monotonic() < ends, f"never saw {words}:\n{self.text}"
            assert self._read(), f"ended before it showed {words}:\n{self.text}"

    def shows(self, words: str) -> bool:
        """Whether the screen shows this now."""
        return words in self.text or words in " ".join(self.text.split())

    def press_and_wait(self, key: str) -> None:
        """Presses a key, and waits until the screen is no longer what it was."""
        ends, before = time.monotonic() + LONGEST, self.text
        self.press(key)
        while self.text == before:
            assert time.monotonic() < ends, f"{key!r} changed nothing:\n{self.text}"
            assert self._read(), f"ended at {key!r}:\n{self.text}"
        while self._read(0.05) and self._came:
            pass

    def answers(self, question: str, text: str) -> None:
        """Takes what is proposed up to this question of the line by line front, and answers it with the text."""
        while not self.shows(question):
            self.press_and_wait(ENTER)
        self.press("\x15", *text)
        self.sees(text)
        self.press_and_wait(ENTER)

    def _read(self, patience: float = 0.2) -> bool:
        """Whether the program is still there; what it wrote meanwhile is on the screen."""
        self._came = False
        try:
            self._stream.feed(self._child.read_nonblocking(65536, timeout=patience))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self._came = True
        return True

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self._child.send(key)

    def write(self, text: str) -> None:
        """Types a text."""
        self.press(*text)

    def ended(self) -> int:
        """Waits for the end of the program, and gives its exit code."""
        ends = time.monotonic() + LONGEST
        while self._read():
            assert time.monotonic() < ends, f"never ended:\n{self.text}"
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)
