"""The conversation, top to bottom: an unfinished run, the profile, the questions, the plan, carrying it out."""

from collections.abc import Callable
from dataclasses import dataclass

from wizard import session as engine
from wizard.apply.execute import Outcome
from wizard.apply.runs import Run
from wizard.at_work import refuse_while_at_work
from wizard.command_line import Exit, Options
from wizard.in_words import notices_in_words, run_state_in_words, time_in_words
from wizard.line.asking import ask_all
from wizard.line.carrying_out import carry_out, put_back_run, refuse_elsewhere, refuse_without_root
from wizard.line.facts import fact_lines
from wizard.line.in_words import InWords
from wizard.line.preview import plan_lines
from wizard.line.printer import Printer
from wizard.line.prompts import Offer, Prompts
from wizard.line.stopping import Stopping
from wizard.machine.machine import Machine
from wizard.plan.make_plan import Plan
from wizard.report import Report, report_of
from wizard.session import Beginning, Session
from wizard.words import _, ngettext


@dataclass(frozen=True)
class Conversation:
    """All that the stages share."""

    machine: Machine
    options: Options
    prompts: Prompts
    printer: Printer
    voice: InWords
    stopping: Stopping
    save_answers: Callable[[str], None]
    rows: int = 0

    def hold(self, beginning: Beginning) -> Report:
        """The whole of it; raises KeyboardInterrupt or EOFError only while nothing is changed."""
        refuse_elsewhere(beginning.facts)
        refuse_while_at_work(self.machine, beginning)
        self._say_what_is_special(beginning)
        if beginning.unfinished is not None:
            return self._unfinished(beginning, beginning.unfinished)
        session: Session | None = None
        while session is None:
            session = ask_all(self._chosen(beginning), self.prompts, self.printer)
        if self.options.write_answers is not None:
            self.save_answers(engine.answers_text(session))
            return Report(exit=Exit.DONE, ending="written", profile_id=session.profile_id)
        while True:
            plan = engine.make(session, self.machine)
            self._show(plan)
            if plan.is_empty or self.options.dry_run:
                return Report(exit=Exit.DONE, ending="nothing-to-do" if plan.is_empty else "planned")
            decision = self._decision(plan)
            if decision == "apply":
                return self._carry_out(session, plan)
            if decision == "leave":
                return cancelled()
            session = ask_all(session, self.prompts, self.printer) or session

    def _say_what_is_special(self, beginning: Beginning) -> None:
        for notice in notices_in_words(beginning.facts, pretend=self.options.pretend):
            self.printer.sentence(_("note: {text}").format(text=notice))
            self.printer.line()
        self.printer.line(_("What was found"), "strong")
        for text in fact_lines(beginning.facts, is_brief=True):
            self.printer.sentence(text, "  ")

    def _chosen(self, beginning: Beginning) -> Session:
        """The session on the profile that was asked for, or that is picked now."""
        profile_id = self.options.profile
        if profile_id is None:
            self.printer.line()
            self.voice.profiles(beginning.profiles)
            self.printer.line()
            offers = [Offer(name, profile.title) for name, profile in beginning.profiles.items()]
            default = beginning.last_profile or next(iter(beginning.profiles), "")
            profile_id = self.prompts.pick(_("What shall this machine do with mail?"), offers, default)
        return engine.choose(beginning, profile_id)

    def _show(self, plan: Plan) -> None:
        """The plan, a screenful at a time where `rows` says how much that is."""
        self.printer.line()
        lines = plan_lines(plan, self.printer.width, folds=self.rows > 0)
        for place, line in enumerate(lines, start=1):
            self.printer.line(line.text, line.style)
            is_full = self.rows > 4 and place % (self.rows - 3) == 0 and place < len(lines)
            if is_full and self.prompts.text(_("Enter shows more, q leaves the rest out:")).lower() == "q":
                break
        self.printer.line()

    def _decision(self, plan: Plan) -> str:
        """What to do with a plan that was looked at: apply, change or leave."""
        count = len(plan.steps)
        apply = ngettext("Yes, take this step", "Yes, take these {count} steps", count).format(count=count)
        if plan.conflicts and self.options.on_conflict == "refuse":
            lost = ngettext(
                "{count} setting that a person changed would be overwritten.",
                "{count} settings that a person changed would be overwritten.",
                len(plan.conflicts),
            )
            self.printer.sentence(lost.format(count=len(plan.conflicts)))
            apply = _("Yes, and overwrite them")
        offers = [Offer("leave", _("No, change nothing and leave")), Offer("change", _("Back to the answers"))]
        if self.machine.is_root():
            offers.insert(0, Offer("apply", apply))
        return self.prompts.pick(_("Go ahead?"), offers, "leave")

    def _carry_out(self, session: Session, plan: Plan, run: Run | None = None) -> Report:
        return carry_out(
            session,
            plan,
            self.machine,
            self.voice,
            self.stopping,
            self._wants_put_back,
            run,
            pretended=self.options.pretend,
            no_test_sends=self.options.no_test_sends,
        )

    def _wants_put_back(self, _outcome: Outcome) -> bool:
        """What a person decides after a failure; with nobody there the run is left, and the next start asks."""
        offers = (
            Offer("back", _("Put everything back")),
            Offer("leave", _("Leave it as it is; the next start asks again")),
        )
        try:
            return self.prompts.pick(_("What now?"), offers, "back") == "back"
        except (KeyboardInterrupt, EOFError, OSError):
            return False

    def _unfinished(self, beginning: Beginning, run: Run) -> Report:
        """An earlier run that did not end is decided on before anything else."""
        printer = self.printer
        printer.line()
        printer.sentence(_("An earlier run did not come to its end."), style="strong")
        printer.line(_("Run: {run}, {profile}, {state}").format(
            run=run.run_id, profile=run.profile_id, state=run_state_in_words(run.state)
        ))  # fmt: skip
        printer.line(_("Began: {time}").format(time=time_in_words(run.began)))
        for number, title in enumerate(run.titles, start=1):
            word = _("[done]") if number <= run.steps_done else _("[not done]")
            printer.line(f"  {number}. {word} {title}")
        offers = [Offer("back", _("Put everything back")), Offer("leave", _("Leave it for now"))]
        if run.state != "unfinished-undo":
            offers.insert(0, Offer("on", _("Go on with it")))
        picked = self.prompts.pick(_("What now?"), offers, "leave")
        if picked == "leave":
            return cancelled()
        if picked == "back":
            refuse_without_root(self.machine)
            return report_of(put_back_run(self.machine, run.run_id, self.voice, self.stopping), run.profile_id)
        return self._go_on(beginning, run)

    def _go_on(self, beginning: Beginning, run: Run) -> Report:
        session = engine.resume(beginning, self.machine)
        if refused := engine.refused(session):
            self.printer.problems(refused)
            session = ask_all(session, self.prompts, self.printer) or session
        plan = engine.make(session, self.machine, pending=run.pending)
        self._show(plan)
        if self.options.dry_run:
            return Report(exit=Exit.DONE, ending="planned", profile_id=run.profile_id)
        if not self.prompts.yes(_("Go ahead?")):
            return cancelled()
        return self._carry_out(session, plan, run)


def cancelled() -> Report:
    """Somebody left before anything was changed."""
    return Report(exit=Exit.CANCELLED, ending="cancelled")
