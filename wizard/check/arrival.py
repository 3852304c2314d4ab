"""The end of the story: the test mail in the mailbox."""

from typing import Final

from wizard.check.finding import LeftMail, Verdict
from wizard.check.follow import Followed
from wizard.check.mail_log import Delivery
from wizard.check.mailbox import FoundMail, IsIt, Place, Put, find_mail, places_for
from wizard.check.queue import described, waiting_with_marker
from wizard.check.send import Send
from wizard.check.take_away import remove_from_queue
from wizard.words import _

TIME_TO_BE_SEEN: Final = 3.0


def tell_arrival(send: Send, followed: Followed, is_it: IsIt) -> FoundMail | None:
    """Looks for the message where the log says that it went; tells the stage "mailbox"."""
    places, elsewhere = _places(send, followed)
    if not places:
        if elsewhere:
            words = _("It was handed on ({where}); what became of it there is not seen here.")
            send.stage("mailbox", Verdict.DOUBTFUL, words.format(where=elsewhere))
        return None
    found = send.watch.until(lambda: _find(send, places, is_it), min(TIME_TO_BE_SEEN, send.watch.patience))
    if found is not None:
        _tell_found(send, found)
        return found
    send.stage(
        "mailbox",
        Verdict.BAD,
        _("Postfix says that it delivered the mail, but it is not in {places}.").format(places=_named(places)),
        hint=_("A mail program may have fetched it at once; otherwise look where it lies: `postconf home_mailbox`."),
    )
    return None


def tell_without_log(send: Send, name: str, is_it: IsIt) -> FoundMail | None:
    """Says that the log did not tell the way, and goes by the mailbox and the queue instead."""
    places = tuple(place for place in send.places if place.is_a_mailbox)
    if reason := send.log.unreadable:
        send.stage(
            name,
            Verdict.UNKNOWN,
            _("The log cannot be read, so the way through Postfix is not seen: {reason}").format(reason=reason),
            hint=_("Run this as root, or look at the log where it is kept (`postconf maillog_file`)."),
        )
    found = send.watch.until(
        lambda: _find(send, places, is_it), send.watch.patience if reason else min(TIME_TO_BE_SEEN, send.watch.patience)
    )
    if found is not None:
        if not reason:
            send.stage(name, Verdict.UNKNOWN, _("The log does not speak of the message."), hint=send.look_yourself)
        _tell_found(send, found)
        return found
    in_queue = waiting_with_marker(send.machine, send.marker)
    if in_queue is not None:
        remove_from_queue(send.machine, in_queue.queue_id)
    words = [line.message for line in send.complaints()]
    what = _("Nothing was seen of the message for {seconds:.0f} s: {where}.").format(
        seconds=send.watch.seconds,
        where=described(in_queue)
        if in_queue
        else _("it is neither in the queue nor in {places}").format(
            places=_named(places) or _("a mailbox that is known")
        ),
    )
    if in_queue is not None or words:
        send.bad(name, what, [*words, what], words)
    else:
        send.stage("mailbox", Verdict.UNKNOWN, what, hint=send.look_yourself)
    return None


def _named(places: tuple[Place, ...]) -> str:
    return ", ".join(str(place) for place in places)


def _tell_found(send: Send, found: FoundMail) -> None:
    position = _(" (from byte {start})").format(start=found.start) if found.place.put is Put.MBOX else ""
    send.good("mailbox", _("It lies in {path}{position}.").format(path=found.path, position=position), found.headers)
    was_there = any(place.path == found.place.path for place in send.places_before)
    known = any(place.path == found.place.path for place in send.places)
    left = LeftMail(send.marker, found.place.path, found.place.put is Put.MAILDIR, was_there or not known)
    if left not in send.left:
        send.left.append(left)


def _places(send: Send, followed: Followed) -> tuple[tuple[Place, ...], str]:
    """The mailboxes that it was put into; and in words where else it went."""
    mailboxes: list[Place] = []
    elsewhere: list[str] = []
    for made in followed.deliveries:
        if made.status != "sent":
            continue
        found = [place for place in _places_of(send, made) if place.is_a_mailbox]
        mailboxes += found
        if not found:
            elsewhere.append(made.text)
    return tuple(dict.fromkeys(mailboxes)), "; ".join(elsewhere)


def _places_of(send: Send, made: Delivery) -> tuple[Place, ...]:
    """Where one delivery put it, by its words (local(8)); empty for a command or another host."""
    if made.text.startswith("delivered to file: "):
        path = made.text.removeprefix("delivered to file: ")
        return places_for(send.machine, f'"{path}"' if " " in path else path, send.settings)
    if made.text in {"delivered to mailbox", "delivered to maildir"}:
        # Aliases and ~/.forward are done with when local(8) names the user, as after a backslash in ~/.forward.
        user = made.recipient.rpartition("@")[0] or made.recipient
        return places_for(send.machine, f"\\{user}", send.settings)
    return ()


def _find(send: Send, places: tuple[Place, ...], is_it: IsIt) -> FoundMail | None:
    for place in places:
        if (found := find_mail(send.machine, place, is_it, send.watch.began_at)) is not None:
            return found
    return None
