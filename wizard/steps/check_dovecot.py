"""Try the wanted Dovecot configuration on a copy before anything live changes."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.machine import FileState, Look, Machine, Tell, silent
from wizard.problem import Trouble
from wizard.steps.file_edit import FileEdit
from wizard.steps.gate import Gate
from wizard.steps.stage import changed_files, scratch_folder
from wizard.steps.step import Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class CheckDovecot(Gate):
    """Lays out the main file as the steps `then` would make it, and lets doveconf(1) judge it.

    The file has to stand for itself, without including others. Any complaint is a Trouble, and nothing live has
    changed.
    """

    path: PurePosixPath

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Check the new configuration of Dovecot before it goes live")

    def with_following(self, steps: tuple[Step, ...]) -> Self:
        """The same gate for the edits of that file among these steps."""
        return replace(
            self, then=tuple(step for step in steps if isinstance(step, FileEdit) and step.path == self.path)
        )

    def differs(self, _look: Look) -> frozenset[str]:
        """One word for the file, when there is something to check."""
        return frozenset({f"configuration:{self.path}"}) if self.then else frozenset()

    def preview(self, _look: Look) -> str:
        """What must be passed."""
        if not self.then:
            return ""
        return (
            _(
                "The new {path} is laid out in a scratch folder first. It goes live only if `doveconf -n` takes it."
            ).format(path=self.path)
            + "\n"
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Raises Trouble when doveconf(1) complains of the file."""
        state = next(iter(changed_files(self.then, machine).values()), None)
        if state is None:
            return
        with scratch_folder(machine) as scratch:
            copy = scratch / self.path.name
            try:
                machine.write_file(copy, FileState(content=state.content, mode=0o600))
                said = machine.run("doveconf", "-n", "-c", str(copy))
            finally:
                machine.remove(copy)
        complaints = said.error_text.replace(str(copy), str(self.path)).strip()
        if complaints or not said.ok:
            raise Trouble(
                _("The new configuration of Dovecot did not pass, so nothing was changed:") + "\n" + complaints,
                _("Dovecot 2.3 or 2.4 is needed: `dovecot --version`."),
            )
        tell(_("doveconf(1) takes it."))
