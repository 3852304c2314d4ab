"""Following one message through Postfix by its queue id: cleanup, queue manager, delivery agent, removed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from wizard.check.mail_log import Delivery, LogLine, MessageStory, stories, story_with_message_id
from wizard.check.queue import described, waiting
from wizard.check.send import Send
from wizard.check.take_away import remove_from_queue
from wizard.words import _

Pick = Callable[[tuple[LogLine, ...]], MessageStory | None]

# master(8) waits this long before it starts a program again that ended at once, so nothing comes of waiting longer.
GRACE_AFTER_FATAL: Final = 2.0
WAIT_BEFORE_LOOKING_BACK: Final = 5.0
THROTTLED: Final = "bad command startup -- throttling"


@dataclass(frozen=True)
class Followed:
    """What became of a message: its final deliveries, those of copies that were sent on included."""

    queue_id: str
    deliveries: tuple[Delivery, ...] = ()
    notice: str = ""
    is_removed: bool = False


def follow_mail(send: Send, queue_id: str = "", *, bounce_is_right: bool = False) -> Followed | None:
    """Follows the test mail by its queue id, or by its Message-ID where none is known; as `Follower.follow`."""

    def pick(lines: tuple[LogLine, ...]) -> MessageStory | None:
        return stories(lines).get(queue_id) if queue_id else story_with_message_id(lines, send.marker)

    return Follower(send, pick, bounce_is_right).follow()


class Follower:
    """Tells each stage of one message, and of the copies that local(8) sends on, as soon as the log shows it."""

    def __init__(self, send: Send, pick: Pick, bounce_is_right: bool = False) -> None:
        self._send = send
        self._pick = pick
        self._bounce_is_right = bounce_is_right
        self._told: set[tuple[str, str]] = set()
        self._fatal_since: float | None = None
        self._earlier: tuple[LogLine, ...] | None = None

    def follow(self) -> Followed | None:
        """Waits until all is said; None when the log never spoke of the message, with the reason told as a stage."""
        done = self._send.watch.until(self._look)
        chain = self._chain()
        if not chain:
            return None
        if done is None or not all(story.removed or self._is_waiting(story) for story in chain):
            self._tell_stuck(chain)
        for story in chain:
            if not story.removed:
                remove_from_queue(self._send.machine, story.queue_id)
        return _followed(chain)

    def _chain(self) -> tuple[MessageStory, ...]:
        """The message, and those under which it was sent on."""
        first = self._pick(self._send.log_lines())
        if first is None:
            return ()
        known = stories(self._send.last_lines)
        chain = [first]
        for story in chain:
            for made in story.deliveries:
                onward = known.get(made.forwarded_as)
                if onward is not None and onward not in chain:
                    chain.append(onward)
        return tuple(chain)

    def _look(self) -> bool | None:
        """Tells what is new; True when nothing more is to come."""
        chain = self._chain()
        for story in chain:
            self._tell_new(story)
        if not chain:
            return True if self._send.log.unreadable else None
        awaited = {made.forwarded_as for story in chain for made in story.deliveries if made.forwarded_as}
        complete = awaited <= {story.queue_id for story in chain}
        if complete and all(story.removed or self._is_waiting(story) for story in chain):
            return True
        return True if self._is_dead() else None

    def _is_waiting(self, story: MessageStory) -> bool:
        """Whether it was put off: Postfix tries again in minutes, so nobody waits for that here."""
        return any(made.status == "deferred" for made in story.deliveries)

    def _is_dead(self) -> bool:
        """Whether a part of Postfix ended with an error and had time to show that it will not do better."""
        now = self._send.watch.seconds
        dead = any(
            line.message.startswith(("fatal: ", "panic: ")) or THROTTLED in line.message
            for line in self._send.last_lines
        )
        if dead:
            self._fatal_since = now if self._fatal_since is None else self._fatal_since
            return now - self._fatal_since > min(GRACE_AFTER_FATAL, self._send.watch.patience / 2)
        if self._earlier is None and now > min(WAIT_BEFORE_LOOKING_BACK, self._send.watch.patience / 2):
            self._earlier = _from_last_fatal(self._send.log.earlier())
        return any(THROTTLED in line.message for line in self._earlier or ())

    def _tell_new(self, story: MessageStory) -> None:
        for name, line in (
            ("pickup", story.by("pickup")),
            ("cleanup", story.by("cleanup")),
            ("qmgr", next((line for line in story.lines if "(queue active)" in line.rest), None)),
        ):
            if line is not None and self._is_new(story, name):
                self._send.good(name, self._about(name, story), (line,))
        for made in story.deliveries:
            if self._is_new(story, f"{made.program} {made.recipient} {made.status}"):
                self._tell_delivery(made)
        if story.removed is not None and self._is_new(story, "removed"):
            self._send.good("removed", _("Nothing of it is left in the queue."), (story.removed,))

    def _about(self, name: str, story: MessageStory) -> str:
        match name:
            case "pickup":
                return _("Taken from the drop folder, as queue id {id}.").format(id=story.queue_id)
            case "cleanup":
                return _("Written to the queue as {id}.").format(id=story.queue_id)
            case _other:
                return _("The queue manager works on it.")

    def _tell_delivery(self, made: Delivery) -> None:
        name = made.program
        if made.status == "sent":
            self._send.good(
                name, _("For {recipient}: {text}.").format(recipient=made.recipient, text=made.text), (made.line,)
            )
        elif made.status == "bounced" and self._bounce_is_right:
            self._send.good(name, _("It comes back: {text}.").format(text=made.text), (made.line,))
        else:
            words = {
                "bounced": _("It was returned as undeliverable:"),
                "deferred": _("It was put off, to be tried again later:"),
            }.get(made.status, made.status)
            before = self._before(made.line)
            self._send.bad(
                name, f"{words} {made.text}.", (*(line.message for line in before), made.text), (*before, made.line)
            )

    def _before(self, line: LogLine) -> tuple[LogLine, ...]:
        """The complaints of the same process before this line: the cause stands there."""
        before = self._send.last_lines[: self._send.last_lines.index(line)]
        return tuple(other for other in before if other.complains and other.pid == line.pid)

    def _is_new(self, story: MessageStory, name: str) -> bool:
        key = (story.queue_id, name)
        if key in self._told:
            return False
        self._told.add(key)
        return True

    def _tell_stuck(self, chain: tuple[MessageStory, ...]) -> None:
        """Names the stage that should have come and did not."""
        stuck = next(story for story in chain if not story.removed)
        complaints = self._send.complaints() or self._earlier or ()
        in_queue = waiting(self._send.machine, stuck.queue_id)
        where = described(in_queue) if in_queue else _("it is not in the queue either")
        if stuck.by("qmgr") is None:
            name = "qmgr"
        elif not stuck.deliveries:
            name = next((line.program for line in complaints if line.message.startswith("fatal: ")), "delivery")
        else:
            name = "removed"
        self._send.bad(
            name,
            _("Nothing more came within {seconds:.0f} s ({where}).").format(
                seconds=self._send.watch.seconds, where=where
            ),
            [line.message for line in complaints],
            (*stuck.lines[-1:], *complaints),
        )


def _from_last_fatal(lines: tuple[LogLine, ...]) -> tuple[LogLine, ...]:
    """The complaints from the last fatal one on: what came before it may have been put right meanwhile."""
    complaints = tuple(line for line in lines if line.complains)
    fatal = [index for index, line in enumerate(complaints) if line.message.startswith(("fatal: ", "panic: "))]
    return complaints[fatal[-1] :] if fatal else ()


def _followed(chain: Iterable[MessageStory]) -> Followed:
    told = tuple(chain)
    final = tuple(made for story in told for made in story.deliveries if not made.forwarded_as)
    notice = next((story.notice for story in told if story.notice), "")
    return Followed(told[0].queue_id, final, notice, all(story.removed for story in told))
