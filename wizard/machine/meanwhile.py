"""Work that goes on while its caller goes on: looks at the machine are mostly waiting for programs."""

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def meanwhile(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begins the work in a thread of its own; what is given waits for its end, and returns or raises what it did.

    Not concurrent.futures: that module brings logging along, and takes as long to load as postconf takes to answer.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = Thread(target=do, daemon=True)  # a program that hangs holds nobody who leaves
    thread.start()

    def result() -> Result:
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    return result
