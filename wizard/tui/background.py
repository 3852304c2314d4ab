"""Work that takes its time, done in a thread of the App; what it found comes back as a message."""

from collections.abc import Callable
from contextvars import copy_context
from pathlib import PurePath
from threading import Thread
from traceback import extract_tb
from typing import TypeVar

from textual.app import App
from textual.message import Message

from wizard.problem import Problem, Trouble
from wizard.words import _

Found = TypeVar("Found")


class Finished(Message, bubble=False):
    """Work in a thread has ended; `then` is called where widgets may be touched."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        super().__init__()


def problem_of(error: Exception) -> Problem:
    """An error as words: what Trouble says, or where a mistake of our own is; never the value of a variable."""
    if isinstance(error, Trouble):
        return error.problem
    frames = extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return Problem(
        _("postwizard made a mistake of its own: {kind} at {place}.").format(kind=type(error).__name__, place=place),
        _("Nothing more is done in this run. Please report it with these words."),
    )


def in_background(
    app: App[int],
    work: Callable[[], Found],
    then: Callable[[Found], None],
    trouble: Callable[[Problem], None],
    group: str,
    *,
    only_looks: bool = False,
) -> None:
    """Does `work` in a thread that belongs to the App, so that leaving a screen loses nothing of it.

    The program is not left before it ends, unless it `only_looks`: then a program that hangs holds nobody.
    """

    def run() -> None:
        try:
            found = work()
        # A worker's exception would end the app, or be silent, and a traceback could show what is secret.
        except Exception as error:
            problem = problem_of(error)
            app.post_message(Finished(lambda: trouble(problem)))
        else:
            app.post_message(Finished(lambda: then(found)))

    if only_looks:
        Thread(target=copy_context().run, args=(run,), name=group, daemon=True).start()
        return
    app.run_worker(run, thread=True, group=group, exit_on_error=False)
