"""Problem: what is wrong, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something that is wrong, said in one sentence, and what the reader can do about it."""

    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.what}\n\nhint: {self.hint}" if self.hint else self.what


class Trouble(Exception):  # noqa: N818 - the word for it everywhere in this project
    """The machine, or a program on it, could not do what was asked; carries the Problem that is shown."""

    def __init__(self, problem: Problem | str, hint: str = "") -> None:
        self.problem = problem if isinstance(problem, Problem) else Problem(problem, hint)
        super().__init__(self.problem.what)


class NoRights(Trouble):
    """What was to be read or written is not for this user."""


class BadInput(Trouble):
    """What the caller gave (an argument, an answer, a file) cannot be used; nothing was changed."""


class ChangedSince(Trouble):
    """A person changed this after the wizard wrote it, so it was left as it is; `force` puts it back all the same."""
