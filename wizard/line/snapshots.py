"""Snapshots: lists, shows and removes what is kept of earlier runs; restoring one is undo."""

from collections.abc import Callable

from wizard import session as engine
from wizard.apply.run_changes import run_changes
from wizard.apply.runs import all_runs
from wizard.command_line import Exit
from wizard.line.carrying_out import refuse_without_root
from wizard.line.conversation import cancelled
from wizard.line.undo import refuse_unknown
from wizard.line.voice import Voice
from wizard.machine.machine import Look, Machine
from wizard.problem import BadInput
from wizard.report import Report
from wizard.words import _


def list_runs(look: Look, voice: Voice) -> Report:
    """Every run that is kept, oldest first."""
    voice.runs(all_runs(look))
    return Report(exit=Exit.DONE, ending="looked")


def show_run(look: Look, run_id: str, voice: Voice) -> Report:
    """What one run changed."""
    refuse_unknown(all_runs(look), named(run_id))
    voice.changes(run_id, run_changes(look, run_id))
    return Report(exit=Exit.DONE, ending="looked", run_id=run_id)


def remove_run(machine: Machine, run_id: str, voice: Voice, agrees: Callable[[str], bool]) -> Report:
    """Forgets a run; its changes stay in place and can no longer be put back."""
    refuse_unknown(all_runs(machine), named(run_id))
    refuse_without_root(machine)
    voice.note(_("The changes of this run stay in place, and can then no longer be put back."))
    if not agrees(_("Remove what is kept of run {run}?").format(run=run_id)):
        return cancelled()
    engine.remove_run(machine, run_id)
    return Report(exit=Exit.DONE, ending="removed")


def named(run_id: str) -> str:
    """The id that was given; raises BadInput when none was."""
    if not run_id:
        raise BadInput(_("Which run? Its id is missing."), _("postwizard snapshots lists the runs that are kept."))
    return run_id
