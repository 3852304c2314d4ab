"""The output of `postqueue -j` (postqueue(1)), as values."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class QueuedMessage:
    """One message that waits; `reasons` says for each recipient why, where the queue manager has said so."""

    queue_name: str
    queue_id: str
    sender: str
    recipients: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    arrival_time: int = 0
    size: int = 0


def read_queue(text: str) -> tuple[QueuedMessage, ...]:
    """The messages, one a line; lines of another form and members that are not known are passed over."""
    messages = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            recipients = [recipient for recipient in entry["recipients"] if isinstance(recipient, dict)]
            messages.append(
                QueuedMessage(
                    str(entry["queue_name"]),
                    str(entry["queue_id"]),
                    str(entry.get("sender", "")),
                    tuple(str(recipient.get("address", "")) for recipient in recipients),
                    tuple(str(recipient.get("delay_reason", "")) for recipient in recipients),
                    int(entry.get("arrival_time", 0)),
                    int(entry.get("message_size", 0)),
                )
            )
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(messages)
