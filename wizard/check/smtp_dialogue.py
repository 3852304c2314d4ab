"""One SMTP dialogue, told line by line with timings (RFC 5321)."""

from dataclasses import dataclass, field
from typing import Final

from wizard.check.waiting import Watch
from wizard.machine.machine import Conversation, ConversationCut

LONGEST_REPLY: Final = 100


@dataclass(frozen=True)
class Reply:
    """A reply of one or more lines; a cut conversation is a reply with the code 0, which is neither yes nor no."""

    code: int
    lines: tuple[str, ...]
    cut: ConversationCut | None = None

    @property
    def is_yes(self) -> bool:
        """Whether the server goes along (2yz, or 3yz: it waits for more)."""
        return 200 <= self.code < 400

    @property
    def text(self) -> str:
        """All of it in one line."""
        return self.cut.problem.what if self.cut else " ".join(self.lines)


@dataclass
class Dialogue:
    """Says lines and hears replies; `lines` keeps both, marked by who spoke and when, until they are told."""

    conversation: Conversation
    watch: Watch
    lines: list[str] = field(default_factory=list)

    def hear(self) -> Reply:
        """The next reply: lines with a hyphen after the code, then one without (RFC 5321, section 4.2.1)."""
        heard: list[str] = []
        try:
            while len(heard) < LONGEST_REPLY:
                line = self.conversation.read_line()
                heard.append(line)
                self._note("S", line)
                if line[3:4] != "-":
                    break
        except ConversationCut as cut:
            return Reply(0, tuple(heard), cut)
        code = heard[-1][:3]
        return Reply(int(code) if code.isascii() and code.isdecimal() else 0, tuple(heard))

    def say(self, line: str, shown: str = "") -> Reply:
        """Says a command and hears its reply; `shown` is kept in its place where it holds a secret."""
        try:
            self._note("C", shown or line)
            self.conversation.write_line(line)
        except ConversationCut as cut:
            return Reply(0, (), cut)
        return self.hear()

    def send(self, message: str) -> Reply:
        """Sends a message, with a dot before a dot and a dot at its end (RFC 5321, section 4.5.2)."""
        try:
            for line in message.splitlines():
                self._note("C", line)
                self.conversation.write_line(f".{line}" if line.startswith(".") else line)
        except ConversationCut as cut:
            return Reply(0, (), cut)
        return self.say(".")

    def told(self) -> tuple[str, ...]:
        """The lines since it was asked last."""
        lines = tuple(self.lines)
        self.lines.clear()
        return lines

    def _note(self, who: str, line: str) -> None:
        shown = "".join(character if character.isprintable() else "?" for character in line)
        self.lines.append(f"{self.watch.seconds:8.3f} s  {who}: {shown}")
