"""Another wizard at work on this machine: its run is not unfinished, it is still going on."""

from wizard.machine.machine import Machine
from wizard.problem import Trouble
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
