"""Undo: puts back a run from a plain shell, after showing what that means and asking."""

from collections.abc import Callable

from wizard import session as engine
from wizard.apply.runs import Run, all_runs
from wizard.command_line import Exit
from wizard.line.carrying_out import put_back_run, refuse_without_root
from wizard.line.conversation import cancelled
from wizard.line.stopping import Stopping
from wizard.line.voice import Voice
from wizard.machine.machine import Machine
from wizard.problem import BadInput
from wizard.report import Report, report_of
from wizard.words import _, ngettext


def undo(
    machine: Machine, run_id: str, *, force: bool, voice: Voice, stopping: Stopping, agrees: Callable[[str], bool]
) -> Report:
    """Puts back the run of that id, or the newest that is in place, and those after it first."""
    runs = all_runs(machine)
    newest = engine.newest_run(machine)
    wanted = run_id or (newest.run_id if newest is not None else "")
    if not wanted:
        voice.note(_("There is nothing to put back: no run of the wizard is in place."))
        return Report(exit=Exit.DONE, ending="nothing-to-do")
    refuse_unknown(runs, wanted)
    refuse_without_root(machine)
    later = tuple(run for run in runs if run.run_id >= wanted and (run.state != "put-back" or run.run_id == wanted))
    voice.note(_("This puts back, newest first:"))
    voice.runs(tuple(reversed(later)))
    count = len(later)
    if not agrees(ngettext("Put back this run?", "Put back these {count} runs?", count).format(count=count)):
        return cancelled()
    outcome = put_back_run(machine, wanted, voice, stopping, force=force)
    return report_of(outcome, later[0].profile_id)


def refuse_unknown(runs: tuple[Run, ...], run_id: str) -> None:
    """Raises BadInput for a run that is not kept."""
    if run_id not in {run.run_id for run in runs}:
        raise BadInput(
            _("There is no run {run}.").format(run=run_id), _("postwizard snapshots lists the runs that are kept.")
        )
