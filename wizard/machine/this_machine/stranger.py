"""A stranger on this machine: a network namespace of its own, on a cable to this machine (veth(4)).

The namespace belongs to a thread and has no name (network_namespaces(7)). When the thread and its sockets are gone, the
kernel takes it away with the cable and the addresses on it, even when this process is killed.
"""

import ctypes
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from wizard.machine.conversation import TcpConversation
from wizard.machine.machine import Conversation, Stranger
from wizard.machine.this_machine.commands import Commands
from wizard.machine.this_machine.spawn import read_from
from wizard.problem import Trouble
from wizard.words import _

CLONE_NEWNET: Final = 0x40000000  # unshare(2)
# Networks for measuring, which no one on the internet has (RFC 2544, RFC 5180): our end, and the stranger's.
CABLES: Final = (("-4", "198.18.0.1", "198.18.0.2"), ("-6", "2001:2::1", "2001:2::2"))
Result = TypeVar("Result")


class Elsewhere:
    """A thread with a network of its own; what it is given is done there."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._stay, daemon=True)
        self._thread.start()
        self.thread_id = self.do(threading.get_native_id)

    def _stay(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def do(self, work: Callable[[], Result]) -> Result:
        """Does it in that thread; returns or raises what it did."""
        done: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()

        def attempt() -> None:
            try:
                done.put((work(), None))
            except BaseException as error:
                done.put((None, error))

        self._work.put(attempt)
        result, error = done.get()
        if error is not None:
            raise error
        return result  # type: ignore[return-value]

    def leave_network(self) -> None:
        """Gives the thread a network in which there is nothing yet; raises Trouble where that is not allowed."""
        libc = ctypes.CDLL(None, use_errno=True)

        def unshare() -> int:
            return ctypes.get_errno() if libc.unshare(CLONE_NEWNET) else 0

        if number := self.do(unshare):
            raise Trouble(_("No network of its own can be made here: {why}").format(why=os.strerror(number)))

    def end(self) -> None:
        """Ends the thread, and with it the network."""
        self._work.put(None)
        self._thread.join()


class Strangers(Commands):
    """Lets somebody connect who is none of this machine's own addresses."""

    @contextmanager
    def stranger(self) -> Iterator[Stranger]:
        """A stranger for as long as the block lasts; nothing of it is in any file."""
        elsewhere = Elsewhere()
        env = self._environment()
        try:
            elsewhere.leave_network()
            yield _OnCable(elsewhere, _lay_cable(elsewhere, env))
        finally:
            with suppress(Trouble):  # the kernel does it too, but in its own time
                read_from(("ip", "link", "delete", _our_end()), env, b"", 10)
            elsewhere.end()


def _our_end() -> str:
    return f"pw{os.getpid()}"


class _OnCable:
    """The stranger at the other end."""

    def __init__(self, elsewhere: Elsewhere, ends: tuple[tuple[str, str], ...]) -> None:
        self._elsewhere = elsewhere
        self.ends = ends

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> Conversation:
        """Connects from there."""
        return self._elsewhere.do(lambda: TcpConversation(host, port, timeout))


def _lay_cable(elsewhere: Elsewhere, env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The ends of the cable for each kind of address that this machine has: the stranger's, and ours."""
    ours, theirs = _our_end(), "cable"

    def ip(*arguments: str) -> bool:
        return read_from(("ip", *arguments), env, b"", 10).ok

    def there(*arguments: str) -> bool:
        return elsewhere.do(lambda: ip(*arguments))

    made = ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", str(elsewhere.thread_id))
    if not (made and ip("link", "set", ours, "up") and there("link", "set", theirs, "up")):
        raise Trouble(_("No cable can be laid to a network of its own; does the kernel have veth?"))
    ends = []
    for kind, own, strange in CABLES:
        nodad = ("nodad",) if kind == "-6" else ()
        # Each end knows the one address at the other, so that mynetworks_style = subnet does not take it in.
        laid = (
            ip(kind, "address", "add", own, "peer", strange, "dev", ours, *nodad)
            and there(kind, "address", "add", strange, "peer", own, "dev", theirs, *nodad)
            and there(kind, "route", "add", "default", "via", own, "dev", theirs)
        )
        if laid:
            ends.append((strange, own))
    if not ends:
        raise Trouble(_("No address can be given to the ends of a cable."))
    return tuple(ends)
