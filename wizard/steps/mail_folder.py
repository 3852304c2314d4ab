"""What the steps that pack, unpack and delete mail share: the folder of a mailbox, which its own user could change."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import CommandResult, Kind, Look, Machine
from wizard.problem import Trouble
from wizard.steps.step import Claim
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class ArchivedMail:
    """A folder of mail, and the archive that it is packed into or unpacked from."""

    folder: PurePosixPath
    archive: PurePosixPath
    why: str

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folder of the archives; mail belongs to its user, and only steps such as this one ever put it back."""
        return (self.archive.parent,)

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """What lies in it is packed and unpacked by its own steps."""
        return self.touches

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The archive."""
        return (Claim("archive", str(self.archive)),)


def is_there(folder: PurePosixPath, look: Look) -> bool:
    """Whether there is such a folder; raises Trouble where a link leads to it."""
    state = look.file(folder)
    if state is None or state.kind is not Kind.DIRECTORY:
        return False
    refuse_links(folder, look)
    return True


def refuse_links(folder: PurePosixPath, look: Look) -> None:
    """Raises Trouble where a link leads elsewhere: the user that mail belongs to could have planted it."""
    if look.real_path(folder) != folder:
        raise Trouble(
            _("A link on the way to {path} leads elsewhere.").format(path=folder),
            _("Mail is packed and deleted only where it lies; look at the links first."),
        )


def remove(folder: PurePosixPath, machine: Machine) -> None:
    """Removes the folder with the rights of its owner alone, so that nobody else's files can go with it."""
    state = machine.file(folder)
    owner = next((user.name for user in machine.users() if state is not None and user.uid == state.owner), "")
    done(machine.run("rm", "-r", "-f", "--one-file-system", "--", str(folder), timeout=None, user=owner))


def done(result: CommandResult) -> None:
    """Raises Trouble with what a program said, unless it succeeded."""
    if not result.ok:
        raise Trouble(
            _("The mail could not be handled: {said}").format(said=result.error_text.strip()[-300:]),
            _("Nothing of it is lost. See whether the disk is full, and try again."),
        )
