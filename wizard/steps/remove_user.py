"""Remove a user, and never its home."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.account_paths import ACCOUNT_FILES
from wizard.steps.nothing import Nothing
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RemoveUser:
    """Makes sure that there is no user of this name."""

    name: str
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Remove the user {name}").format(name=self.name)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The files of local accounts."""
        return ACCOUNT_FILES

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The user, with no value."""
        return (Claim("user", self.name),)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is there."""
        return frozenset() if look.user(self.name) is None else frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """One sentence."""
        return _("The user {name} is removed.").format(name=self.name) + "\n" if self.differs(look) else ""

    def inverse(self, look: Look) -> Step:
        """Adds it again as it is now."""
        from wizard.steps.add_user import AddUser  # each is the other's inverse

        found = look.user(self.name)
        if found is None:
            return Nothing(why=_("there was no user {name}").format(name=self.name))
        return AddUser(user=found, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Removes it, if it is there."""
        if self.differs(machine):
            machine.remove_user(self.name)
            tell(_("The user {name} is removed.").format(name=self.name))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is gone."""
        if self.differs(look):
            return Problem(_("The user {name} is still there.").format(name=self.name))
        return None
