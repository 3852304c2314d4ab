"""The plan as lines: per step its number, reason, conflicts and preview; then what changes in the values in force."""

import textwrap
from collections.abc import Iterable

from wizard.line.progress import Line
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.preview_text import diff_first, folded
from wizard.words import _, ngettext


def plan_lines(plan: Plan, width: int, *, folds: bool = False) -> tuple[Line, ...]:
    """All of the plan, prose folded to the width, previews as they are unless they are to be folded too."""
    notes = [
        Line(text)
        for note in plan.notes
        for text in textwrap.wrap(_("note: {text}").format(text=note), width, break_on_hyphens=False)
    ]
    if plan.is_empty:
        return (Line(_("Nothing is left to do.")), *notes)
    count = len(plan.steps)
    left = ngettext("{count} step is left to do.", "{count} steps are left to do.", count)
    lines = [Line(left.format(count=count)), *notes]
    for number, planned in enumerate(plan.steps, start=1):
        lines.extend(_step_lines(number, count, planned, width, folds))
    if plan.effective:
        lines.extend((Line(""), Line(_("Values in force in Postfix, before and after:"), "strong")))
    default = _("(built-in default)")
    for change in plan.effective:
        lines.append(Line(f"    {change.name}"))
        lines.append(Line("      " + _("before: {value}").format(value=_shown(change.before, default))))
        lines.append(Line("      " + _("after: {value}").format(value=_shown(change.after, default))))
    return tuple(lines)


def _step_lines(number: int, count: int, planned: PlannedStep, width: int, folds: bool) -> Iterable[Line]:
    yield Line("")
    yield Line(f"[{number}/{count}] {planned.step.title}", "strong")
    if planned.takes_back:
        yield Line("    " + _("Takes back what an earlier run of the wizard set."))
    for text in textwrap.wrap(planned.step.why, width - 4, break_long_words=False, break_on_hyphens=False):
        yield Line(f"    {text}")
    for conflict in planned.conflicts:
        yield Line(
            "    " + _("[conflict] {name} was changed after the wizard set it.").format(name=conflict.name), "bad"
        )
        # A claim without a value may be of a parameter that is empty, or of one that is taken out.
        none = _("(no value)")
        yield Line("      " + _("set by the wizard: {value}").format(value=conflict.ours or none))
        yield Line("      " + _("found now: {value}").format(value=_shown(conflict.now, _("(not set)"))))
        yield Line("      " + _("wanted: {value}").format(value=conflict.wanted or none))
    yield Line("")
    for text in diff_first(planned.preview).splitlines():
        for piece in folded(text, width - 4 if folds else 0):
            yield Line(f"    {piece}", diff_style(text))


def _shown(value: str | None, if_none: str) -> str:
    return if_none if value is None else value or _("(empty)")


def diff_style(line: str) -> str:
    """How a line of a unified diff may be coloured; its first character already says what it is."""
    if line.startswith(("+++", "---", "@@")):
        return "place"
    return {"+": "added", "-": "removed"}.get(line[:1], "")
