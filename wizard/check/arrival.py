"""The end of the story: the test mail in the mailbox."""

from wizard.check.finding import LeftMail, Verdict
from wizard.check.follow import Followed
from wizard.check.mail_log import Delivery
from wizard.check.mailbox import FoundMail, IsIt, Place, Put, find_mail, has_message_id, places_for
from wizard.check.telling import TestSend
from wizard.problem import Trouble
from wizard.words import _


def tell_arrival(send: TestSend, followed: Followed | None, is_it: IsIt | None = None) -> FoundMail | None:
    """Looks for the message where the log says that it went, or where it should go; tells the stage "mailbox"."""
    is_it = is_it or has_message_id(send.marker)
    places, elsewhere = _places(send, followed)
    if not places:
        if elsewhere:
            send.good(
                "mailbox",
                _("It was handed on ({where}); what became of it there is not seen here.").format(where=elsewhere),
            )
        else:
            send.stage(
                "mailbox", Verdict.UNKNOWN, _("Where the mail should arrive cannot be told."), hint=send.look_yourself
            )
        return None
    try:
        found = send.watch.until(lambda: _find(send, places, is_it), None if followed is None else 3.0)
    except Trouble as trouble:
        send.stage("mailbox", Verdict.UNKNOWN, trouble.problem.what, hint=trouble.problem.hint)
        return None
    named = ", ".join(str(place) for place in places)
    if found is None and followed is None:
        send.stage(
            "mailbox", Verdict.BAD, _("The mail is not in {places}.").format(places=named), hint=send.look_yourself
        )
    elif found is None:
        send.stage(
            "mailbox",
            Verdict.BAD,
            _("Postfix says that it delivered the mail, but it is not in {places}.").format(places=named),
            hint=_(
                "A mail program may have fetched it at once; otherwise look where it lies: `postconf home_mailbox`."
            ),
        )
    else:
        _tell_found(send, found)
    return found


def arrived(send: TestSend) -> bool:
    """Whether the mail is proven to be where it should, and nothing failed on the way."""
    if any(stage.verdict is Verdict.BAD for stage in send.stages):
        return False
    return bool(send.stages) and send.stages[-1].name == "mailbox" and send.stages[-1].verdict is Verdict.GOOD


def _tell_found(send: TestSend, found: FoundMail) -> None:
    position = _(" (from byte {start})").format(start=found.start) if found.place.put is Put.MBOX else ""
    send.good("mailbox", _("It lies in {path}{position}.").format(path=found.path, position=position), found.headers)
    was_there = any(place.path == found.place.path for place in send.places_before)
    known = any(place.path == found.place.path for place in send.places)
    left = LeftMail(send.marker, found.place.path, found.place.put is Put.MAILDIR, was_there or not known)
    if left not in send.left:
        send.left.append(left)


def _places(send: TestSend, followed: Followed | None) -> tuple[tuple[Place, ...], str]:
    """The mailboxes to look into; and in words where else it went."""
    if followed is None:
        return tuple(place for place in send.places if place.is_a_mailbox), ""
    mailboxes: list[Place] = []
    elsewhere: list[str] = []
    for made in followed.deliveries:
        found = _places_of(send, made)
        mailboxes += [place for place in found if place.is_a_mailbox]
        if not found:
            elsewhere.append(made.text)
    return tuple(dict.fromkeys(mailboxes)), "; ".join(elsewhere)


def _places_of(send: TestSend, made: Delivery) -> tuple[Place, ...]:
    """Where one delivery put it, by its words (local(8)); empty for a command or another host."""
    if made.text.startswith("delivered to file: "):
        path = made.text.removeprefix("delivered to file: ")
        return places_for(send.machine, f'"{path}"' if " " in path else path, send.settings)
    if made.text in {"delivered to mailbox", "delivered to maildir"}:
        # Aliases and ~/.forward are done with when local(8) names the user, as after a backslash in ~/.forward.
        user = made.recipient.rpartition("@")[0] or made.recipient
        return places_for(send.machine, f"\\{user}", send.settings)
    return ()


def _find(send: TestSend, places: tuple[Place, ...], is_it: IsIt) -> FoundMail | None:
    for place in places:
        if (found := find_mail(send.machine, place, is_it, send.watch.began_at)) is not None:
            return found
    return None
