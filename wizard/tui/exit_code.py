"""The exit code for how a walk ended."""

from typing import TYPE_CHECKING

from wizard.command_line import Exit

if TYPE_CHECKING:
    from wizard.tui.walk import Walk


def exit_code(walk: "Walk") -> int:
    """That of its report; where nothing was carried out, 0 when nothing was left to do, else "cancelled".

    A run that was refused has failed; one that broke off is not put back.
    """
    from wizard.report import report_of

    if walk.broke_off is not None:
        return walk.broke_off
    if walk.outcome is None:
        nothing_left = walk.plan is not None and walk.plan.is_empty
        return Exit.DONE if nothing_left or walk.only_looks else Exit.CANCELLED
    when_put_back = Exit.FAILED if walk.put_back_after_failure else Exit.DONE
    return report_of(walk.outcome, "", walk.findings or (), when_put_back=when_put_back).exit
