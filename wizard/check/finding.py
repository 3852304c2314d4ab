"""Verdict, Finding, Check: what was looked at, what was found, what it means, what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.ask.question import SoFar
    from wizard.machine.machine import Look, Machine


class Verdict(Enum):
    """Three-valued, with a shade: UNKNOWN means "could not tell" and is never shown as good."""

    GOOD = "ok"
    DOUBTFUL = "warning"
    BAD = "failed"
    UNKNOWN = "not checked"


@dataclass(frozen=True)
class LeftMail:
    """A test mail, or a notice about it, that lies in a mailbox now; `marker` is the Message-ID of the test mail.

    `was_there` tells whether the mailbox was there before the send, so that it can be made as it was; `above` are the
    folders around it, the innermost first, that were not there either.
    """

    marker: str
    mailbox: PurePosixPath
    is_maildir: bool = False
    was_there: bool = True
    above: tuple[PurePosixPath, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `evidence` is what was seen (a log line, a reply), `hint` what to do now.

    `left` are the test mails that lie in mailboxes now; take_away.take_away() takes them out again.
    """

    verdict: Verdict
    what: str
    evidence: str = ""
    hint: str = ""
    left: tuple[LeftMail, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """A look at the machine that changes nothing; `symptom` in the user's words."""

    symptom: str
    look: Callable[["Look", "SoFar"], Finding]


@dataclass(frozen=True)
class Stage:
    """One stage of a test send as it happens: `lines` are the dialogue or log lines, `seconds` since the send began."""

    name: str
    verdict: Verdict
    seconds: float
    lines: tuple[str, ...] = ()
    what: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A test send: tells each stage as it happens and ends with one finding that names the first stage that failed.

    `when` says by the answers whether there is anything to try.
    """

    key: str
    title: str
    run: Callable[["Machine", "SoFar", Callable[[Stage], None]], Finding]
    when: Callable[["SoFar"], bool] = lambda _so_far: True
