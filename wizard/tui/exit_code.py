"""The exit code for how a walk ended."""

from typing import TYPE_CHECKING

from wizard.command_line import Exit

if TYPE_CHECKING:
    from wizard.tui.walk import Walk


def exit_code(walk: "Walk") -> int:
    """That of its report; where nothing was carried out, 0 when nothing was left to do, else "cancelled".

    A run that was refused leaves as in the other fronts; one that broke off is not put back. Test sends that broke off
    prove nothing.
    """
    from wizard.apply.events import Ending
    from wizard.report import any_failed, report_of

    if walk.broke_off is not None:
        return walk.broke_off
    is_not_verified = walk.tests_broke_off or any_failed(walk.findings or ())
    if walk.outcome is None:
        if is_not_verified:
            return Exit.NOT_VERIFIED
        nothing_left = walk.plan is not None and walk.plan.is_empty
        return Exit.DONE if nothing_left or walk.only_looks else Exit.CANCELLED
    if walk.outcome.ending is Ending.DONE and is_not_verified:
        return Exit.NOT_VERIFIED
    return report_of(walk.outcome, "", when_put_back=walk.when_put_back).exit
