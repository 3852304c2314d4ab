"""The Step protocol."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem


@dataclass(frozen=True)
class Claim:
    """One thing a step makes so, as the ledger keeps it.

    `kind` is one of parameter, service_entry, table_line, table, file, directory, package, unit, user, group, drop_in,
    mail_account, firewall_port, dkim_key.
    `place` is the file or empty, `key` the name within it; `value` the text wanted (empty where it has none or is
    secret).
    """

    kind: str
    key: str
    value: str = ""
    place: str = ""

    @property
    def name(self) -> str:
        """A single word for it, such as `parameter:inet_interfaces`."""
        return f"{self.kind}:{self.place}#{self.key}" if self.place else f"{self.kind}:{self.key}"


@runtime_checkable
class Step(Protocol):
    """One change to the machine that knows how to show, do, check and reverse itself."""

    @property
    def title(self) -> str:
        """Imperative and short: "Set 4 parameters in /etc/postfix/main.cf"."""
        ...

    @property
    def why(self) -> str:
        """What it is for, and its authority: "So that … (postconf(5): inet_interfaces)"."""
        ...

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The paths it may change, side effects included; a path covers what lies below it."""
        ...

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The things it makes so, for the ledger."""
        ...

    def differs(self, look: Look) -> frozenset[str]:
        """The names of the claims that are not so yet; empty when nothing is left to do."""
        ...

    def preview(self, look: Look) -> str:
        """What the user agrees to: a unified diff for files, plain sentences otherwise; secrets are masked."""
        ...

    def inverse(self, look: Look) -> "Step | None":
        """The step that puts back what is there now, harmless when this one never ran or ran half; None: cannot be."""
        ...

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Makes it so; raises Trouble. Applying twice is as good as once."""
        ...

    def verify(self, look: Look) -> Problem | None:
        """Whether it is so now, looked at afresh."""
        ...


@runtime_checkable
class Following(Protocol):
    """A step whose need or extent is told by the machine as the steps before it leave it."""

    def needed_after(self, changed: frozenset[str], look: Look) -> Step | None:
        """The step as this plan needs it, given the claims that earlier steps of the plan change; None: not needed."""
        ...


@runtime_checkable
class Sparing(Protocol):
    """A step that leaves what lies in some of the folders that it touches to others."""

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """Those of its `touches` of which only the folder itself changes, and never what lies in it."""
        ...


@runtime_checkable
class Cautious(Protocol):
    """A step that may have something to say even where nothing is left to do."""

    def cautions(self, look: Look) -> tuple[str, ...]:
        """Sentences on what to think of, for the notes of a plan."""
        ...


Encoder = Callable[[Step], object]
