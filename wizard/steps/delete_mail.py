"""Delete the mail of a mailbox for good."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps import mail_folder
from wizard.steps.nothing import Nothing
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class DeleteMail:
    """Removes a folder of mail; nothing can bring it back."""

    folder: PurePosixPath
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Delete the mail in {path}").format(path=self.folder)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """No path that could be put back."""
        return ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The folder, which shall not be there."""
        return (Claim("mail", str(self.folder)),)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether there is mail to delete."""
        return frozenset({self.claims[0].name}) if mail_folder.is_there(self.folder, look) else frozenset()

    def preview(self, look: Look) -> str:
        """What is lost."""
        if not self.differs(look):
            return ""
        return _("All mail in {path} is deleted for good. No copy is kept.").format(path=self.folder) + "\n"

    def inverse(self, _look: Look) -> Step:
        """Nothing: that is what for good means."""
        return Nothing(why=_("The mail that was in {path} was deleted for good.").format(path=self.folder))

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Deletes it."""
        if self.differs(machine):
            mail_folder.remove(self.folder, machine)
            tell(_("{path} is removed.").format(path=self.folder))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is gone."""
        if self.differs(look):
            return Problem(_("There is still mail in {path}.").format(path=self.folder))
        return None
