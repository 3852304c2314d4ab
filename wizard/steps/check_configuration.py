"""Try the wanted Postfix configuration on a copy before anything live changes."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.problem import BadInput, Trouble
from wizard.steps.file_edit import FileEdit
from wizard.steps.gate import Gate
from wizard.steps.gates import comparable, complaints, is_fatal, unused_parameter
from wizard.steps.remove_file import RemoveFile
from wizard.steps.restore_file import RestoreFile
from wizard.steps.stage import changed_files, staged
from wizard.steps.step import Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class CheckConfiguration(Gate):
    """Lays out the configuration as the steps `then` would make it, and lets Postfix's own programs judge it.

    What they complain of that was so before is only said; anything new is a Trouble, and nothing live has changed.
    """

    config_directory: PurePosixPath

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Check the new configuration before it goes live")

    def with_following(self, steps: tuple[Step, ...]) -> Self:
        """The same gate for the edits of files among these steps, which follow it in a plan."""
        kinds = (FileEdit, RemoveFile, RestoreFile)
        return replace(self, then=tuple(step for step in steps if isinstance(step, kinds)))

    def _edits(self) -> tuple[Step, ...]:
        """The edits, if any of them is one of the configuration."""
        concerned = any(self.config_directory in path.parents for step in self.then for path in step.touches)
        return self.then if concerned else ()

    def differs(self, _look: Look) -> frozenset[str]:
        """One word for the folder, when there is something to check."""
        return frozenset({f"configuration:{self.config_directory}"}) if self._edits() else frozenset()

    def preview(self, look: Look) -> str:
        """What must be passed; raises BadInput where Postfix cannot even read what is there now."""
        if not self._edits():
            return ""
        if unreadable := _unreadable(look, self.config_directory):
            raise BadInput(
                _("Postfix cannot read its configuration: {said}").format(said=unreadable),
                _("Nothing was changed. Correct that line by hand, until `postconf -n` prints the settings."),
            )
        lines = (
            _("The new {folder} is laid out in a scratch folder first. It goes live only if there").format(
                folder=self.config_directory
            ),
            "  " + _("`postconf -n` has nothing new to warn of,"),
            "  " + _("`postfix check` passes,"),
            "  " + _("each table that is named can be built and read, and its type is offered,"),
            "  "
            + _("each access restriction is one that Postfix knows, and no mailbox may be smaller than a message."),
        )
        return "\n".join(lines) + "\n"

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Raises Trouble when the new configuration has a fault that the present one does not have."""
        edits = self._edits()
        if not edits:
            return
        changed = changed_files(edits, machine)
        with staged(machine, self.config_directory, "wanted", changed) as stage:
            found = complaints(machine, stage)
        if not found:
            return
        now = {path: machine.file(path) for path in changed}
        with staged(machine, self.config_directory, "present", now) as stage:
            present = {comparable(complaint) for complaint in complaints(machine, stage)}
        # A parameter of a person's own that only a changed one referred to stays, unused, for undo to use again.
        ours = {claim.key for step in edits for claim in step.claims}
        new = [
            complaint
            for complaint in found
            if is_fatal(complaint) or (comparable(complaint) not in present and not _left(complaint, ours))
        ]
        for complaint in found:
            if complaint not in new:
                tell(_("It is so already, and stays: {complaint}").format(complaint=complaint))
        if new:
            raise Trouble(
                _("The new configuration did not pass, so nothing was changed:") + "\n" + "\n".join(new),
                _("Change the answers that this comes from, then try again."),
            )


def _unreadable(look: Look, folder: PurePosixPath) -> str:
    """What postconf(1) says where it cannot read the configuration; empty where it can, or is not there."""
    if look.package("postfix") is None:
        return ""
    said = look.output_of("postconf", "-c", str(folder), "-n")
    lines = [line for line in said.error_text.splitlines() if ": fatal: " in line]
    return lines[-1] if lines and not said.ok else ""


def _left(complaint: str, ours: set[str]) -> bool:
    unused = unused_parameter(complaint)
    return bool(unused) and unused not in ours
