"""What of ours waits in Postfix's queue."""

from typing import Final

from wizard.machine.machine import Look
from wizard.machine.queue_output import QueuedMessage, read_queue
from wizard.problem import Trouble
from wizard.words import _

MOST_LOOKED_INTO: Final = 50


def described(found: QueuedMessage) -> str:
    """In which folder of the queue it waits, and why, in one phrase."""
    words = _("it waits in the queue, in the folder {folder}").format(folder=found.queue_name)
    reasons = "; ".join(filter(None, found.reasons))
    return f"{words}: {reasons}" if reasons else words


def queue_of(look: Look) -> tuple[QueuedMessage, ...] | None:
    """All that waits; None when the queue cannot be read."""
    try:
        result = look.output_of("postqueue", "-j")
    except Trouble:
        return None
    return read_queue(result.text) if result.ok else None


def waiting(look: Look, queue_id: str) -> QueuedMessage | None:
    """The message with this queue id, if it waits."""
    return next((found for found in queue_of(look) or () if found.queue_id == queue_id), None)


def waiting_with_marker(look: Look, marker: str) -> QueuedMessage | None:
    """The message that has this mark in its header, if it waits; looks into the newest of a long queue only."""
    newest = sorted(queue_of(look) or (), key=lambda found: found.arrival_time, reverse=True)
    for found in newest[:MOST_LOOKED_INTO]:
        try:
            header = look.output_of("postcat", "-hq", found.queue_id)  # postcat(1)
        except Trouble:
            continue
        if header.ok and f"<{marker}>" in header.text:
            return found
    return None
