"""A person at a terminal of a practice machine: presses keys, and reads what is on the screen."""

import time
from collections.abc import Callable
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
        self.waits_until(lambda: all(self.shows(word) for word in words), f"showed {words}")

    def waits_until(self, claim: Callable[[], object], words: str) -> None:
        """Waits until this is so; what the program writes meanwhile is on the screen."""
        ends = time.monotonic() + LONGEST
        while not claim():
            assert time.monotonic() < ends, f"never {words}:\n{self.text}"
            assert self._read(), f"ended before it {words}:\n{self.text}"

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

    def takes_what_is_proposed(self, until: str) -> None:
        """Presses Enter at each prompt of the line by line front, until this one is there."""
        while not self.shows(until):
            self.waits_until(self._waits_at_a_prompt, "waited at a prompt")
            if not self.shows(until):
                self.press_and_wait(ENTER)

    def answers(self, question: str, text: str) -> None:
        """Takes what is proposed up to this question of the line by line front, and answers it with the text."""
        self.takes_what_is_proposed(question)
        self.press("\x15", *text)
        self.sees(text)
        self.press_and_wait(ENTER)

    def goes_on_to(self, question: str) -> None:
        """Presses Enter at each question of the full screen, until this one is the current one."""

        def current() -> str:
            return next((line for line in self.text.splitlines() if "▌ " in line and "?" in line), "")

        while question not in (before := current()):
            self.press(ENTER)
            self.waits_until(lambda: current() not in {"", before}, f"went on from {before}")

    def types_over(self, old: str, new: str) -> None:
        """Replaces what stands in the current field of the full screen; keys that come before it takes any are lost."""
        self.waits_until(lambda: self._field() == old, f"showed {old} in its field")
        ends = time.monotonic() + LONGEST
        while self._field() != "":
            assert time.monotonic() < ends, f"{old} stays:\n{self.text}"
            self.press(END, BACKSPACE)
            assert self._read(), f"ended before {old} was gone:\n{self.text}"
        self.write(new)
        self.waits_until(lambda: self._field() == new, f"showed {new} in its field")

    def _field(self) -> str | None:
        """What stands in the field of the current question: the line below it; None as long as there is none."""
        lines = [line.partition("▌")[2].partition("▏")[0] for line in self.text.splitlines()]
        question = next((place for place, line in enumerate(lines) if "?" in line), None)
        return lines[question + 1].strip() if question is not None and question + 1 < len(lines) else None

    def _waits_at_a_prompt(self) -> bool:
        """Whether the cursor stands on a prompt; once that is answered, it stands below."""
        return self.screen.display[self.screen.cursor.y].startswith("? ")

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
