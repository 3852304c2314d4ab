"""Write a drop-in file that changes settings of a unit (systemd.unit(5))."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem
from wizard.steps.in_turn import InTurn
from wizard.steps.manager import UNIT_FOLDER
from wizard.steps.remove_directory import RemoveDirectory
from wizard.steps.step import Claim, Step
from wizard.steps.write_file import WriteFile
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class WriteDropIn:
    """Writes /etc/systemd/system/UNIT.d/NAME and has systemd read it; only that file, other drop-ins stay."""

    unit: str
    name: str
    content: bytes
    why: str

    @property
    def path(self) -> PurePosixPath:
        """The file."""
        name = self.name if self.name.endswith(".conf") else f"{self.name}.conf"
        return UNIT_FOLDER / f"{self.unit}.d" / name

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Add settings to {unit}").format(unit=self.unit)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folder of the unit's drop-ins."""
        return (self.path.parent, self.path)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The file, by the digest of its content."""
        return (Claim("drop_in", str(self.path), sha256(self.content).hexdigest()),)

    @property
    def _file(self) -> WriteFile:
        return WriteFile(path=self.path, content=self.content, why=self.why)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is another file."""
        return frozenset({self.claims[0].name}) if self._file.differs(look) else frozenset()

    def preview(self, look: Look) -> str:
        """The diff of the file."""
        return self._file.preview(look)

    def inverse(self, look: Look) -> Step:
        """Puts the file back, and the folder where it was not there."""
        back = self._file.inverse(look)
        if look.file(self.path.parent) is not None:
            return back
        return InTurn(steps=(back, RemoveDirectory(path=self.path.parent, why=self.why)), why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Writes it, if it is not so yet; systemd then reads its units again."""
        if not self.differs(machine):
            return
        if machine.file(self.path.parent) is None:
            machine.write_file(self.path.parent, FileState(Kind.DIRECTORY, mode=0o755))
        self._file.apply(machine, tell)

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there as written."""
        return self._file.verify(look)
