"""Snapshots and undo: every run that is kept, what it changed, and putting it back or forgetting it."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from wizard import session
from wizard.apply.run_changes import run_changes
from wizard.apply.runs import all_runs
from wizard.in_words import run_state_in_words, time_in_words
from wizard.tui import commands
from wizard.tui.background import in_background
from wizard.tui.diff_colours import coloured_diff
from wizard.tui.plain import plain
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from wizard.apply.runs import Run
    from wizard.problem import Problem


class SnapshotsScreen(ListAndDetailScreen):
    """The runs, newest first."""

    NAME: ClassVar[str] = _("Snapshots and undo")
    HELP: ClassVar[str] = _(
        "Each time the wizard changes the machine, it first keeps a copy of all it touches. The list holds these "
        "runs, newest first, with what became of each; beside or below stands what the run changed. p puts a run "
        "back, and with it every later one, newest first. x removes what is kept of a run: its changes stay, and can "
        "then no longer be put back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("p", "put_back", _("Put back"), "p"),
        key("x", "remove", _("Remove"), "x"),
        key("escape", "back", _("Back"), "esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[Run, ...] | None = None
        self._changes: dict[str, str] = {}

    def content(self) -> ComposeResult:
        """The list, and what the present run changed."""
        yield Words(id="snapshots-line", classes="headline")
        yield from self.columns()

    def on_mount(self) -> None:
        """Reads what is kept."""
        self._read()

    def _read(self) -> None:
        machine = self.walk.machine
        in_background(self.app, lambda: all_runs(machine), self._found, self.could_not, "runs")

    def _found(self, runs: "tuple[Run, ...]") -> None:
        self._runs = tuple(reversed(runs))
        if self.is_running:
            self.show_walk()

    @property
    def _present(self) -> "Run | None":
        place = self.rows.place
        return self._runs[place] if self._runs and place < len(self._runs) else None

    def show_walk(self) -> None:
        """Shows the runs, or that there are none."""
        line = self.query_one("#snapshots-line", Words)
        if self.problem:
            line.say(plain(self.problem, "$text-error"))
        elif self._runs is None:
            line.say(plain(_("Reading what is kept ...")))
        elif not self._runs:
            line.say(plain(_("No snapshot is kept: the wizard has not changed this machine yet.")))
        else:
            count = len(self._runs)
            line.say(plain(ngettext("{count} run is kept", "{count} runs are kept", count).format(count=count)))
        self.rows.show([_row(run) for run in self._runs or ()])
        self._show_changes()

    @on(Rows.Moved)
    def _moved(self) -> None:
        self._show_changes()
        self.detail_home()

    def _show_changes(self) -> None:
        run = self._present
        self.refresh_bindings()
        if run is None:
            self.say_detail("")
            return
        if run.run_id in self._changes:
            self.say_detail(coloured_diff(self._changes[run.run_id], self.detail_width))
            return
        self.say_detail(plain(_("Reading what it changed ..."), "$quiet"))
        machine, run_id = self.walk.machine, run.run_id
        in_background(
            self.app,
            lambda: run_changes(machine, run_id),
            lambda text: self._changes_found(run_id, text),
            lambda problem: self._changes_found(run_id, str(problem)),
            f"changes-{run_id}",
        )

    def _changes_found(self, run_id: str, text: str) -> None:
        self._changes[run_id] = text
        if self.is_running:
            self._show_changes()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Puts back and removes a run where there is one; one that is put back already is only removed."""
        run = self._present if self.is_mounted else None
        if action == "put_back":
            return run is not None and run.state != "put-back"
        if action == "remove":
            return run is not None
        return super().check_action(action, parameters)

    # --- putting back and forgetting ---------------------------------------------------------------------------------

    def action_put_back(self) -> None:
        """Asks, then puts the present run back and those after it."""
        run = self._present
        if run is None:
            return
        later = [other for other in self._runs or () if other.run_id > run.run_id and other.state != "put-back"]
        question = _("Put back the run of {time}? The machine is then as it was before it.").format(
            time=time_in_words(run.began)
        )
        if later:
            question += "\n" + ngettext(
                "{count} later run is put back first.", "{count} later runs are put back first.", len(later)
            ).format(count=len(later))
        self.app.push_screen(Confirm(question, _("Put back"), _("Leave it")), self._put_back_if)

    def _put_back_if(self, wanted: bool | None) -> None:
        run = self._present
        if wanted and run is not None:
            self.walk.conversation = None
            self.walk.put_back(run.run_id)
            commands.to_apply(self.wizard)

    def action_remove(self) -> None:
        """Asks, then forgets the present run."""
        run = self._present
        if run is not None:
            question = _("Remove what is kept of the run of {time}? It can then no longer be put back.").format(
                time=time_in_words(run.began)
            )
            self.app.push_screen(Confirm(question, _("Remove it"), _("Keep it")), self._remove_if)

    def _remove_if(self, wanted: bool | None) -> None:
        run, machine = self._present, self.walk.machine
        if wanted and run is not None:
            run_id = run.run_id
            in_background(
                self.app, lambda: session.remove_run(machine, run_id), lambda _none: self._read(), self._say, "runs"
            )

    def _say(self, problem: "Problem") -> None:
        self.app.notify(str(problem), severity="error")


def _row(run: "Run") -> Content:
    return Content.assemble(
        plain(time_in_words(run.began)),
        plain(f"  [{run_state_in_words(run.state)}]", "$text-success" if run.state == "applied" else "$text-warning"),
        plain(f"\n{run.profile_id}", "$quiet"),
        plain("  " + _("{done} of {count} steps").format(done=run.steps_done, count=len(run.titles)), "$quiet"),
    )
