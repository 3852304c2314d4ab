"""Pack the mail of a mailbox into an archive that only root can read, and take it out of the mail store."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps import mail_folder
from wizard.steps.step import Step
from wizard.words import _

# What is not whole yet; only what was compared with the mail gets the name of the archive.
PART: Final = ".part"
SUFFIX: Final = ".tar.gz"


def _names(stem: str) -> Iterator[str]:
    yield f"{stem}{SUFFIX}"
    for number in count(2):
        yield f"{stem}.{number}{SUFFIX}"


@dataclass(frozen=True, kw_only=True)
class ArchiveMail(mail_folder.ArchivedMail):
    """Packs a folder of mail with tar(1), compares the archive with the mail, and only then removes the folder.

    Mail can be large: it is neither copied into a snapshot nor read by the wizard.
    """

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Archive the mail in {path}").format(path=self.folder)

    def needed_after(self, _changed: frozenset[str], look: Look) -> "ArchiveMail":
        """The same step with a name that no archive has yet."""
        names = set(look.names_in(self.archive.parent))
        stem = self.archive.name.removesuffix(SUFFIX)
        free = next(name for name in _names(stem) if name not in names)
        return replace(self, archive=self.archive.with_name(free))

    def differs(self, look: Look) -> frozenset[str]:
        """Whether there is mail to archive."""
        return frozenset({self.claims[0].name}) if mail_folder.is_there(self.folder, look) else frozenset()

    def preview(self, look: Look) -> str:
        """What goes where."""
        if not self.differs(look):
            return ""
        words = _("All mail in {folder} goes into {archive}, mode 0600, is compared with it, and then removed.")
        return words.format(folder=self.folder, archive=self.archive) + "\n"

    def inverse(self, _look: Look) -> Step:
        """Unpacks it again."""
        from wizard.steps.unpack_mail import UnpackMail

        return UnpackMail(folder=self.folder, archive=self.archive, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Packs, compares, removes; raises Trouble with the mail still there when the first two do not succeed."""
        if not self.differs(machine):
            return
        part = self.archive.with_name(self.archive.name + PART)
        if machine.file(self.archive.parent) is None:
            machine.write_file(self.archive.parent, FileState(Kind.DIRECTORY, mode=0o700))
        machine.write_file(part, FileState(mode=0o600))  # tar(1) writes into it, so it is never anybody else's to read
        place = (f"--file={part}", f"--directory={self.folder.parent}")
        try:
            for action in ("--create", "--compare"):
                mail_folder.done(
                    machine.run(
                        "tar",
                        action,
                        "--gzip",
                        "--format=posix",
                        "--numeric-owner",
                        *place,
                        "--",
                        self.folder.name,
                        timeout=None,
                    )
                )
        except Trouble:
            machine.remove(part)
            raise
        mail_folder.done(machine.run("mv", "-T", "--", str(part), str(self.archive)))
        tell(_("{path} is written.").format(path=self.archive))
        mail_folder.remove(self.folder, machine)
        tell(_("{path} is removed.").format(path=self.folder))

    def verify(self, look: Look) -> Problem | None:
        """Whether the mail is gone and the archive there."""
        is_packed = self.archive.name in look.names_in(self.archive.parent)
        if self.differs(look) or not is_packed:
            return Problem(_("The mail in {path} was not archived.").format(path=self.folder))
        return None
