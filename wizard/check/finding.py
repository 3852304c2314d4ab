"""Verdict, Finding, Check: what was looked at, what was found, what it means, what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.ask.question import SoFar
    from wizard.machine.machine import Look, Machine
    from wizard.steps.step import Step


class Verdict(Enum):
    """Three-valued, with a shade: UNKNOWN means "could not tell" and is never shown as good."""

    GOOD = "ok"
    DOUBTFUL = "warning"
    BAD = "failed"
    UNKNOWN = "not checked"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `evidence` is what was seen (a log line, a reply), `hint` what to do now."""

    verdict: Verdict
    what: str
    evidence: str = ""
    hint: str = ""
    fix: tuple["Step", ...] = ()


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
    """A test send: tells each stage as it happens and ends with one finding that names the first stage that failed."""

    key: str
    title: str
    run: Callable[["Machine", "SoFar", Callable[[Stage], None]], Finding]
