"""Preview: every step that is left to do, why, and to the character what it changes; applying begins here."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Key

from wizard.preview_text import diff_first
from wizard.tui import commands
from wizard.tui.diff_colours import coloured_diff
from wizard.tui.exit_code import exit_code
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.what_now import Option, WhatNow
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from wizard.plan.ledger import Conflict
    from wizard.plan.make_plan import Plan, PlannedStep

VIEWS = ("step", "values", "conflicts")


class PreviewScreen(ListAndDetailScreen):
    """What would be changed; nothing is, until apply is confirmed."""

    LEG: ClassVar[Leg | None] = Leg.PREVIEW
    HELP: ClassVar[str] = _(
        "The list holds the steps that are left to do, in order. Beside or below it stands why a step is there and "
        "what it changes, exactly: + is a line that comes, - is a line that goes. 2 shows the settings whose value "
        "Postfix will go by differently, 3 the settings that somebody changed after the wizard wrote them. Nothing "
        "is changed before you press enter and say yes; then everything touched is copied to a snapshot first."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "apply", _("Apply"), "enter"),
        key("enter", "finish", _("Leave"), "enter"),
        key("escape", "back", _("Back"), "esc"),
        key("1", "view('step')", _("Views"), "1-3"),
        key("2", "view('values')", "", show=False),
        key("3", "view('conflicts')", "", show=False),
        key("f5", "again", _("Look again"), "F5"),
    ]

    def __init__(self, *, makes_plan: bool = True) -> None:
        super().__init__()
        self._makes_plan = makes_plan
        self._view = "step"

    def content(self) -> ComposeResult:
        """The steps, and what is to be said of the present one."""
        yield Words(id="preview-line", classes="headline")
        yield Words(id="preview-note")
        yield from self.columns()
        yield WhatNow()

    def on_mount(self) -> None:
        """Works the plan out, unless that is under way."""
        if self._makes_plan and self.walk.plan is None:
            self.walk.make_plan()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_walk(self) -> None:
        """Shows the plan, or that it is being worked out, or why it could not be."""
        plan, problem = self.walk.plan, self.walk.problem
        self.refresh_bindings()
        line = self.query_one("#preview-line", Words)
        has_steps = plan is not None and not plan.is_empty
        self.query_one("#columns").display = has_steps
        self._show_notes(plan)
        if plan is None:
            if problem is None:
                line.say(plain(_("Working out what is left to do ...")))
                self.query_one(WhatNow).withdraw()
            else:
                line.say(plain(_("There is no plan")))
                hint = f"\n\nhint: {problem.hint}" if problem.hint else ""
                self.query_one(WhatNow).offer(
                    Content.assemble(Content.styled(_("[failed]") + " ", "$text-error"), plain(problem.what + hint)),
                    [
                        Option("a", _("Look again"), self.action_again),
                        Option("b", _("Back to the questions"), self.action_back),
                    ],
                )
            return
        if plan.is_empty:
            self._show_nothing_left(line)
            return
        self.query_one(WhatNow).withdraw()
        line.say(plain(_count_of_steps(plan)))
        self.rows.show([_row(planned) for planned in plan.steps])
        self._show_detail()

    def _show_nothing_left(self, line: Words) -> None:
        line.say(plain(_("Nothing is left to do")))
        run = self.walk.going_on_with
        options = [
            Option("t", _("Send test mails"), lambda: commands.to_tests(self.wizard)),
            Option("b", _("Back to the questions"), self.action_back),
            Option("q", _("Leave"), self.action_finish),
        ]
        words = _("This machine is as these answers want it: no file, no unit and no table would be changed.")
        if run is not None:
            words = _("Nothing is left of the run that was broken off, but that it is marked as done.")
            options = [Option("a", _("Mark it as done"), self._begin), options[-1]]
        self.query_one(WhatNow).offer(plain(words), options)

    def _show_notes(self, plan: "Plan | None") -> None:
        notes = self._notes(plan) if plan is not None else []
        note = self.query_one("#preview-note", Words)
        note.display = bool(notes)
        note.say(Content("\n").join(map(_note, notes)))

    def _notes(self, plan: "Plan") -> list[str]:
        notes = list(plan.notes)
        if plan.is_empty:
            return notes
        if self.wizard.dry_run:
            notes.append(_("Dry run: this is all; nothing is changed."))
        elif not self._can_apply:
            notes.append(_("This is not root: you can look, but not apply."))
        if count := len(plan.conflicts):
            words = ngettext(
                "{count} setting was changed by somebody since the wizard wrote it: press 3.",
                "{count} settings were changed by somebody since the wizard wrote them: press 3.",
                count,
            )
            notes.append(words.format(count=count))
        return notes

    def _show_detail(self) -> None:
        plan = self.walk.plan
        if plan is None or plan.is_empty:
            return
        match self._view:
            case "values":
                words = _values(plan)
            case "conflicts":
                words = _conflicts(plan)
            case _:
                words = _step(plan.steps[self.rows.place], self.detail_width)
        self.say_detail(Content.assemble(self._tabs(plan), Content("\n\n"), words))

    def _tabs(self, plan: "Plan") -> Content:
        names = (
            _("1 Step"),
            _("2 Values ({count})").format(count=len(plan.effective)),
            _("3 Conflicts ({count})").format(count=len(plan.conflicts)),
        )
        parts = [
            plain(
                f"[{name}] " if view == self._view else f" {name}  ",
                "bold $accent" if view == self._view else "$quiet",
            )
            for view, name in zip(VIEWS, names, strict=True)
        ]
        return Content.assemble(*parts)

    @on(Rows.Moved, "#list")
    def _moved(self) -> None:
        self._view = "step"
        self._show_detail()
        self.detail_home()

    def action_view(self, view: str) -> None:
        """The step, the values, or the conflicts."""
        self._view = view
        self._show_detail()
        self.detail_home()

    def action_again(self) -> None:
        """Works the plan out afresh."""
        self.walk.make_plan()
        self.show_walk()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers the keys of a plan only while there is one."""
        if action in {"apply", "finish"} and (action == "finish") is not self.wizard.dry_run:
            return False
        if action in {"apply", "finish", "view", "page"}:
            return self.walk.plan is not None and not self.walk.plan.is_empty
        return super().check_action(action, parameters)

    def on_key(self, event: Key) -> None:
        """A letter of what is offered."""
        if self.query_one(WhatNow).press(event.key):
            event.stop()

    # --- applying ----------------------------------------------------------------------------------------------------

    @property
    def _can_apply(self) -> bool:
        beginning = self.walk.beginning
        return beginning is None or beginning.facts.is_root

    @on(Rows.Taken, "#list")
    def _taken(self) -> None:
        if self.wizard.dry_run:
            self.action_finish()
        else:
            self.action_apply()

    def action_finish(self) -> None:
        """Leaves: a dry run ends here."""
        self.app.exit(exit_code(self.walk))

    def action_apply(self) -> None:
        """Asks, then begins."""
        plan = self.walk.plan
        if plan is None or plan.is_empty:
            return
        if not self._can_apply:
            words = _("Only root can change this machine. Start postwizard with sudo, or try it with --pretend.")
            self.app.notify(words, title=_("Not applied"), severity="warning")
            return
        host = self.wizard.host_name
        question = _count_of_steps(plan) + "\n" + _("Apply them on {host} now?").format(host=host)
        if self.wizard.pretend:
            question += "\n" + _("The machine is pretended: nothing of this computer is changed.")
        else:
            question += "\n" + _("Everything touched is copied to a snapshot first, and can be put back.")
        if plan.conflicts:
            question += "\n" + _("Settings that somebody changed since are written over; 3 shows which.")
        self.app.push_screen(Confirm(question, _("Apply"), _("Not yet")), self._begin_if)

    def _begin_if(self, wanted: bool | None) -> None:
        if wanted:
            self._begin()

    def _begin(self) -> None:
        self.walk.apply()
        commands.to_apply(self.wizard)


def _count_of_steps(plan: "Plan") -> str:
    count = len(plan.steps)
    return ngettext("{count} step is left to do", "{count} steps are left to do", count).format(count=count)


def _note(words: str) -> Content:
    return Content.assemble(Content.styled(_("note") + "  ", "bold $text-warning"), plain(words))


def _row(planned: "PlannedStep") -> Content:
    parts = [plain(planned.step.title)]
    if planned.takes_back:
        parts.append(Content.styled(" " + _("[takes back]"), "$text-warning"))
    if planned.conflicts:
        parts.append(Content.styled(" " + _("[conflict]"), "$text-warning"))
    return Content.assemble(*parts)


def _step(planned: "PlannedStep", width: int) -> Content:
    parts = [plain(planned.step.title, "bold"), Content("\n"), plain(planned.step.why, "$quiet"), Content("\n")]
    if planned.takes_back:
        parts.append(_note(_("An earlier choice brought this; it is not wanted any more and is taken back.") + "\n"))
    for conflict in planned.conflicts:
        parts.append(Content.assemble(_conflict(conflict), Content("\n")))
    parts.extend((Content("\n"), coloured_diff(diff_first(planned.preview), width)))
    return Content.assemble(*parts)


def _conflict(conflict: "Conflict") -> Content:
    # A claim without a value may be of a parameter that is empty, or of one that is taken out.
    now, none = conflict.now, _("(no value)")
    current = _("it was taken out") if now is None else _("it is now {now}").format(now=now or _("(empty)"))
    words = _("{name}: the wizard wrote {ours}; {current}; these answers want {wanted}.")
    return Content.assemble(
        Content.styled(_("[conflict]") + " ", "$text-warning"),
        plain(
            words.format(
                name=conflict.name, ours=conflict.ours or none, current=current, wanted=conflict.wanted or none
            )
        ),
    )


def _conflicts(plan: "Plan") -> Content:
    if not plan.conflicts:
        return plain(_("Nobody has changed anything that the wizard wrote."), "$quiet")
    intro = plain(_("Somebody changed these after the wizard wrote them. Applying writes over the change.") + "\n\n")
    return Content.assemble(intro, Content("\n\n").join(_conflict(conflict) for conflict in plan.conflicts))


def _values(plan: "Plan") -> Content:
    if not plan.effective:
        return plain(_("No setting of main.cf changes its value."), "$quiet")
    built_in = _("(built-in default)")
    blocks = [
        Content.assemble(
            plain(change.name, "bold"),
            Content("\n"),
            plain(f"- {built_in if change.before is None else change.before or _('(empty)')}", "$text-error"),
            Content("\n"),
            plain(f"+ {built_in if change.after is None else change.after or _('(empty)')}", "$text-success"),
        )
        for change in plan.effective
    ]
    intro = plain(_("The values that Postfix will go by, as `postconf -n` shows them.") + "\n\n", "$quiet")
    return Content.assemble(intro, Content("\n").join(blocks))
