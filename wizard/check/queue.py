"""What waits in Postfix's queue, by postqueue(1) in its JSON form."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.words import _


@dataclass(frozen=True)
class Waiting:
    """One message in the queue: in which of its folders, and why it is still there."""

    queue_id: str
    folder: str
    sender: str = ""
    recipients: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def describe(self) -> str:
        """In one phrase."""
        reasons = "; ".join(self.reasons)
        words = _("it waits in the queue, in the folder {folder}").format(folder=self.folder)
        return f"{words}: {reasons}" if reasons else words


def queue_of(look: Look) -> tuple[Waiting, ...] | None:
    """All that waits; None when the queue cannot be read."""
    try:
        result = look.output_of("postqueue", "-j")
    except Trouble:
        return None
    return tuple(read_queue(result.text)) if result.ok else None


def read_queue(text: str) -> Iterator[Waiting]:
    """The messages in the output of `postqueue -j`; members that are not known are passed over."""
    for line in text.splitlines():
        try:
            fields = json.loads(line)
            recipients = [recipient for recipient in fields.get("recipients", ()) if isinstance(recipient, dict)]
            yield Waiting(
                str(fields["queue_id"]),
                str(fields.get("queue_name", "")),
                str(fields.get("sender", "")),
                tuple(str(recipient.get("address", "")) for recipient in recipients),
                tuple(str(recipient["delay_reason"]) for recipient in recipients if "delay_reason" in recipient),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue


def waiting(look: Look, queue_id: str) -> Waiting | None:
    """The message with this queue id, if it waits."""
    return next((found for found in queue_of(look) or () if found.queue_id == queue_id), None)


MOST_LOOKED_INTO: Final = 50


def waiting_with_marker(look: Look, marker: str) -> Waiting | None:
    """The message that has this mark in its header, if it waits; looks into the newest of a long queue only."""
    for found in reversed((queue_of(look) or ())[-MOST_LOOKED_INTO:]):
        try:
            header = look.output_of("postcat", "-hq", found.queue_id)  # postcat(1)
        except Trouble:
            continue
        if header.ok and f"<{marker}>" in header.text:
            return found
    return None
