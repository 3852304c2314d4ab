"""Taking test mails away again, so that mailboxes and the queue are as before."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from wizard.check.finding import LeftMail
from wizard.check.mailbox import IsIt, Place, Put, find_mail, has_message_id, is_notice_of, places_for
from wizard.check.marker import MARK
from wizard.check.postfix_settings import settings_of
from wizard.machine.machine import Kind, Machine
from wizard.problem import Trouble
from wizard.words import _

MOST_TRIES: Final = 10


def remove_test_mail(machine: Machine, marker: str, names: tuple[str, ...] = ("root",)) -> tuple[PurePosixPath, ...]:
    """Takes the test mail with this Message-ID, and notices about it, out of the mailboxes of these local names.

    Tells the files that it was in. Only a marker that a test send made is taken. Raises Trouble.
    """
    settings = settings_of(machine.output_of)
    places = {place.path: place for name in names for place in places_for(machine, name, settings)}
    return tuple(path for place in places.values() for path in _take_out(machine, place, marker))


def take_away(machine: Machine, left: Iterable[LeftMail]) -> tuple[PurePosixPath, ...]:
    """Takes left mails out of their mailboxes, and mailboxes that were not there before with them; raises Trouble.

    Tells the files that they were in; a mail that its reader moved or deleted is none of ours any more.
    """
    mails = tuple(left)
    taken = tuple(path for mail in mails for path in _take_out(machine, _place_of(mail), mail.marker))
    for place, above in {(_place_of(mail), mail.above) for mail in mails if not mail.was_there}:
        _remove_empty(machine, place)
        if place.path.parent in above:
            _remove_empty_filters(machine, place.path.with_name("sieve"))
        for path in above:
            if machine.file(path) is not None and not machine.names_in(path):
                machine.remove(path)
    return taken


def _place_of(mail: LeftMail) -> Place:
    return Place(Put.MAILDIR if mail.is_maildir else Put.MBOX, path=mail.mailbox)


def _take_out(machine: Machine, place: Place, marker: str) -> tuple[PurePosixPath, ...]:
    if re.fullmatch(rf"{MARK}-[0-9a-f]+-[0-9a-f]+@\S+", marker) is None:
        raise Trouble(_("{marker!r} is not the mark of a test mail.").format(marker=marker))
    kinds = (has_message_id(marker), is_notice_of(marker))
    return tuple(path for is_it in kinds for path in _take_all(machine, place, is_it))


def _take_all(machine: Machine, place: Place, is_it: IsIt) -> list[PurePosixPath]:
    taken: list[PurePosixPath] = []
    for _time in range(MOST_TRIES):
        found = find_mail(machine, place, is_it)
        if found is None:
            break
        if place.put is Put.MAILDIR:
            machine.remove(found.path)
            taken.append(found.path)
        # Mail that came since we looked moves nothing before it; if something else moved it, it is looked for again.
        elif machine.cut_from_mailbox(found.path, found.start, found.content):
            taken.append(found.path)
    return taken


def _remove_empty(machine: Machine, place: Place) -> None:
    """Removes the mailbox that local(8) made for the test mail, as long as nothing else came into it."""
    if place.put is Put.MBOX:
        if machine.tail(place.path, 1) == (0, b""):
            machine.remove(place.path)
        return
    inside = machine.manifest((place.path,))
    if all(entry.kind is Kind.DIRECTORY or _is_bookkeeping(path) for path, entry in inside.items()):
        _remove_all(machine, inside)


def _remove_empty_filters(machine: Machine, folder: PurePosixPath) -> None:
    """Removes the folder that a login over ManageSieve makes (sieve_script in dovecot.conf), if no filter is in it."""
    inside = machine.manifest((folder,))
    if all(entry.kind is Kind.DIRECTORY for entry in inside.values()):
        _remove_all(machine, inside)


def _remove_all(machine: Machine, paths: Iterable[PurePosixPath]) -> None:
    for path in sorted(paths, key=lambda path: len(path.parts), reverse=True):
        machine.remove(path)


def _is_bookkeeping(path: PurePosixPath) -> bool:
    """Whether a file in a Maildir is one of Dovecot's own, which it makes anew when it misses them."""
    return path.parent.name not in {"new", "cur", "tmp"} and (
        path.name.startswith("dovecot") or path.name in {"maildirfolder", "maildirsize", "subscriptions"}
    )


def remove_from_queue(machine: Machine, queue_id: str) -> bool:
    """Deletes one message of ours that waits in the queue (postsuper(1)); whether there was one."""
    try:
        result = machine.run("postsuper", "-d", queue_id, timeout=30)
    except Trouble:
        return False
    return result.ok and "Deleted: 1 message" in result.error_text
