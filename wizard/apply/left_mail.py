"""Test mails that lie in mailboxes: kept in the journal of the run they proved, and taken away when it is put back."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from wizard.apply.journal import Record, of_kind
from wizard.apply.runs import RunFolder
from wizard.check.finding import LeftMail
from wizard.check.take_away import take_away
from wizard.machine.machine import Machine


def keep_left_mail(machine: Machine, run_id: str, left: Iterable[LeftMail]) -> None:
    """Notes in the journal of this run where test mails lie; their content is not kept."""
    journal = RunFolder(machine, run_id).journal
    for mail in left:
        journal.write(
            "left-mail",
            marker=mail.marker,
            mailbox=str(mail.mailbox),
            is_maildir=mail.is_maildir,
            was_there=mail.was_there,
            above=[str(path) for path in mail.above],
        )


def take_left_mail(machine: Machine, records: tuple[Record, ...]) -> tuple[PurePosixPath, ...]:
    """Takes the test mails of a run out of their mailboxes, and nothing else; raises Trouble."""
    return take_away(
        machine,
        (
            LeftMail(
                str(record["marker"]),
                PurePosixPath(str(record["mailbox"])),
                bool(record["is_maildir"]),
                bool(record["was_there"]),
                _paths(record.get("above")),
            )
            for record in of_kind(records, "left-mail")
        ),
    )


def _paths(given: object) -> tuple[PurePosixPath, ...]:
    return tuple(PurePosixPath(str(path)) for path in given) if isinstance(given, list) else ()
