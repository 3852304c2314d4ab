"""Add a system group."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import GroupState, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import ACCOUNT_FILES
from wizard.steps.nothing import Nothing
from wizard.steps.remove_group import RemoveGroup
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class AddGroup:
    """Makes sure that a group of this name and number exists."""

    group: GroupState
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Add the group {name}").format(name=self.group.name)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The files of local accounts."""
        return ACCOUNT_FILES

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The group, by its number."""
        return (Claim("group", self.group.name, str(self.group.gid)),)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is missing, or has another number."""
        found = look.group(self.group.name)
        return frozenset() if found is not None and found.gid == self.group.gid else frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """The group in words; raises Trouble when the name has another number already."""
        if not self.differs(look):
            return ""
        self._refuse_other(look)
        return _("New group {name}, number {gid}.").format(name=self.group.name, gid=self.group.gid) + "\n"

    def _refuse_other(self, look: Look) -> None:
        found = look.group(self.group.name)
        if found is not None:
            raise Trouble(
                _("The group {name} exists with number {found}, not {wanted}.").format(
                    name=self.group.name, found=found.gid, wanted=self.group.gid
                ),
                _("Files may belong to it, so the wizard does not change it. Answer with the number it has."),
            )

    def inverse(self, look: Look) -> Step:
        """Removes it, unless it was there before."""
        if look.group(self.group.name) is not None:
            return Nothing(why=_("the group {name} was there before").format(name=self.group.name))
        return RemoveGroup(name=self.group.name, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Adds it, if it is missing."""
        if not self.differs(machine):
            return
        self._refuse_other(machine)
        machine.add_group(self.group)
        tell(_("The group {name} is added.").format(name=self.group.name))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there."""
        if self.differs(look):
            return Problem(_("The group {name} is not there.").format(name=self.group.name))
        return None
