"""Runs that have not ended: one of another wizard at work on this machine, or one that was cut short."""

from wizard.machine.machine import Machine
from wizard.problem import BadInput, Trouble
from wizard.session import Beginning
from wizard.words import _


def refuse_while_at_work(machine: Machine, beginning: Beginning) -> None:
    """Raises Trouble where the run that has not ended is being carried out at this moment."""
    if beginning.unfinished is None or not machine.is_root():
        return
    holder = machine.try_lock()
    if holder is None:
        machine.unlock()
        return
    raise Trouble(
        _("Another postwizard is at work: {holder}.").format(holder=holder), _("Wait until it ends, then try again.")
    )


def refuse_while_unfinished(machine: Machine, beginning: Beginning) -> None:
    """Raises BadInput where a run has to be gone on with or put back first, and Trouble where it is still going on."""
    if beginning.unfinished is None:
        return
    refuse_while_at_work(machine, beginning)
    run_id = beginning.unfinished.run_id
    raise BadInput(
        _("The run {run} did not come to its end.").format(run=run_id),
        _("postwizard resume goes on with it, postwizard undo {run} puts it back.").format(run=run_id),
    )
