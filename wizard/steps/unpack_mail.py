"""Unpack archived mail again: the inverse of archiving it."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps import mail_folder
from wizard.steps.archive_mail import PART, ArchiveMail
from wizard.steps.step import Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class UnpackMail(mail_folder.ArchivedMail):
    """Puts archived mail back beside whatever came meanwhile, and removes the archive."""

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Put the mail in {path} back").format(path=self.folder)

    def _left(self, look: Look) -> frozenset[PurePosixPath]:
        """Which of the archive and its beginning are there."""
        names = look.names_in(self.archive.parent)
        part = self.archive.with_name(self.archive.name + PART)
        return frozenset(path for path in (self.archive, part) if path.name in names)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether there is an archive."""
        return frozenset({self.claims[0].name}) if self._left(look) else frozenset()

    def preview(self, look: Look) -> str:
        """What goes where."""
        if not self.differs(look):
            return ""
        words = _("The mail in {archive} goes back to {folder}; what is there already stays.")
        return words.format(folder=self.folder, archive=self.archive) + "\n"

    def inverse(self, _look: Look) -> Step:
        """Archives it again."""
        return ArchiveMail(folder=self.folder, archive=self.archive, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Unpacks and removes the archive; raises Trouble, and keeps it, when not all of it could be unpacked."""
        left = self._left(machine)
        if self.archive in left:
            mail_folder.refuse_links(self.folder, machine)
            place = (f"--file={self.archive}", f"--directory={self.folder.parent}")
            options = ("--gzip", "--numeric-owner", "--same-owner", "--same-permissions", "--skip-old-files")
            mail_folder.done(
                machine.run("tar", "--extract", *options, *place, "--", self.folder.name, timeout=None)
            )  # fmt: skip
            tell(_("The mail in {path} is back.").format(path=self.folder))
        for path in sorted(left):
            machine.remove(path)

    def verify(self, look: Look) -> Problem | None:
        """Whether nothing is left to unpack."""
        if self.differs(look):
            return Problem(_("{path} is not unpacked.").format(path=self.archive))
        return None
