"""Walk: what was said and done since the program began, and the work that each leg of the journey asks for.

Screens read it and call it; when a thread has found something out, `changed` tells every open screen.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from wizard.command_line import Exit
from wizard.problem import Problem, Trouble
from wizard.tui.background import in_background
from wizard.tui.stop_request import StopRequest
from wizard.tui.story import RunStory
from wizard.words import _

if TYPE_CHECKING:
    from wizard.apply.events import Event
    from wizard.apply.execute import Outcome
    from wizard.apply.runs import Run
    from wizard.ask.mail_accounts import AccountChange
    from wizard.ask.question import Answer
    from wizard.check.finding import Finding, Stage
    from wizard.machine.machine import Machine
    from wizard.plan.make_plan import Plan
    from wizard.session import Beginning, Session


class Told(Message, bubble=False):
    """A run told an event."""

    def __init__(self, event: "Event") -> None:
        self.event = event
        super().__init__()


class StageTold(Message, bubble=False):
    """A test send told a stage."""

    def __init__(self, probe: str, stage: "Stage") -> None:
        self.probe = probe
        self.stage = stage
        super().__init__()


class Walk:
    """One visit of one person: the conversation, the plan, the run, the tests."""

    def __init__(
        self, app: App[int], machine: "Machine", changed: Callable[[], None], *, pretend: bool = False
    ) -> None:
        self._app = app
        self._changed = changed
        self._pretend = pretend
        self.machine = machine
        self.last_run: Run | None = None
        self.beginning: Beginning | None = None
        self.problem: Problem | None = None
        self.conversation: Session | None = None
        self.refused_drafts: dict[str, Answer] = {}
        self.tried: set[str] = set()
        self.plan: Plan | None = None
        self.change: AccountChange | None = None
        self.going_on_with: Run | None = None
        self.story = RunStory()
        self.outcome: Outcome | None = None
        self.run_id = ""
        self.when_put_back = Exit.DONE
        self.only_looks = False
        self.is_changing = False
        self.broke_off: Exit | None = None
        self.stop = StopRequest()
        self.stages: list[tuple[str, Stage]] = []
        self.findings: tuple[Finding, ...] | None = None
        self.is_testing = False
        self.tests_broke_off = False
        self._conversations: dict[str, Session] = {}
        self._drafts: dict[str, dict[str, Answer]] = {}
        self._tried: dict[str, set[str]] = {}

    @property
    def present(self) -> "Session":
        """The conversation, on screens that are only reached within one."""
        if self.conversation is None:
            raise LookupError("no profile is chosen")
        return self.conversation

    def look_around(self, then: Callable[[], None] | None = None) -> None:
        """Looks at the machine, in a thread."""
        self.beginning, self.problem = None, None

        def work() -> "tuple[Beginning, Run | None]":
            from wizard import session
            from wizard.at_work import refuse_while_at_work

            beginning = session.begin(self.machine)
            refuse_while_at_work(self.machine, beginning)
            last_run = None
            with suppress(Trouble):  # what earlier runs left is for root to read
                last_run = session.newest_run(self.machine)
            return beginning, last_run

        def found(known: "tuple[Beginning, Run | None]") -> None:
            self.beginning, self.last_run = known
            self._changed()
            if then is not None:
                then()

        in_background(self._app, work, found, self._could_not, "look", only_looks=True)

    def choose(self, profile_id: str) -> None:
        """Takes up a profile; a conversation begun on it earlier is where it was left."""
        from wizard import session

        if self.beginning is None:
            return
        self.change = None
        if profile_id not in self._conversations:
            self._conversations[profile_id] = session.choose(self.beginning, profile_id)
        self.refused_drafts = self._drafts.setdefault(profile_id, {})
        self.tried = self._tried.setdefault(profile_id, set())
        self.say(self._conversations[profile_id])
        self.going_on_with = None

    def say(self, conversation: "Session") -> None:
        """The conversation is now this one."""
        if self.conversation is not conversation:
            self.plan, self.change = None, None
        self.conversation = conversation
        self._conversations[conversation.profile_id] = conversation

    def make_plan(self) -> None:
        """Works out what is left to do, in a thread."""
        conversation, run, change = self.present, self.going_on_with, self.change
        self.plan, self.problem = None, None

        def work() -> "Plan":
            from wizard import session

            if change is not None:
                return session.make_change(conversation, change, self.machine)
            return session.make(conversation, self.machine, run.pending if run is not None else frozenset())

        def found(plan: "Plan") -> None:
            if self.conversation is conversation:
                self.plan = plan
                self._changed()

        in_background(self._app, work, found, self._could_not, "plan", only_looks=True)

    def make_change(self, change: "AccountChange") -> None:
        """Works out what one change to the mail accounts does, in a thread."""
        from wizard import session

        if self.beginning is not None:
            self.say(session.keeping_accounts(self.beginning))
            self.change, self.going_on_with = change, None
            self.make_plan()

    def resume(self) -> None:
        """Takes up the conversation of the run that did not end, in a thread, and works out the rest of its plan."""
        beginning = self.beginning
        if beginning is None:
            return
        self.plan, self.problem, self.conversation = None, None, None

        def work() -> "Session":
            from wizard import session

            return session.resume(beginning, self.machine)

        def found(conversation: "Session") -> None:
            self.say(conversation)
            self.going_on_with = beginning.unfinished
            self.make_plan()

        in_background(self._app, work, found, self._could_not, "plan", only_looks=True)

    def apply(self) -> None:
        """Carries out the plan, in a thread."""
        from wizard import session

        conversation, plan, run = self.present, self.plan, self.going_on_with
        if plan is None:
            return
        self.findings, self.stages = None, []
        self.tests_broke_off = False
        self._change(
            RunStory.of(tuple(planned.step.title for planned in plan.steps)),
            lambda tell: session.carry_out(conversation, plan, self.machine, tell, self.stop.asked, run),
        )

    def put_back(self, run_id: str, *, force: bool = False) -> None:
        """Puts a run back, in a thread."""
        from wizard import session

        self.when_put_back = self._when_put_back()
        self.run_id = run_id
        self._change(
            RunStory.of((), undoing=True),
            lambda tell: session.put_back(self.machine, run_id, tell, self.stop.asked, force),
        )

    def send_tests(self) -> None:
        """Looks at the checks and sends the test mails, in a thread; a pretended machine has no program to send one."""
        conversation = self.present
        self.stages, self.findings, self.is_testing, self.problem = [], None, True, None
        self.tests_broke_off = False

        def work() -> "tuple[Finding, ...]":
            from wizard import session

            if self._pretend:
                return (*session.look_at_checks(conversation, self.machine), _nothing_was_sent())
            return session.send_tests(
                conversation, self.machine, lambda probe, stage: self._post(StageTold(probe, stage))
            )

        def found(findings: "tuple[Finding, ...]") -> None:
            self.findings, self.is_testing = findings, False
            self._changed()

        def could_not(problem: Problem) -> None:
            self.is_testing, self.tests_broke_off = False, True
            self._could_not(problem)

        in_background(self._app, work, found, could_not, "tests")

    def start_over(self, then: Callable[[], None] | None = None) -> None:
        """Forgets what was said and planned, and looks at the machine again."""
        self.conversation, self.plan, self.going_on_with = None, None, None
        self.change = None
        self._conversations, self._drafts, self._tried = {}, {}, {}
        self.look_around(then)

    def _when_put_back(self) -> Exit:
        """The exit code for when all is put back: a run that failed has failed, one that was stopped is cancelled."""
        from wizard.apply.events import Ending

        ending = self.outcome.ending if self.outcome is not None else None
        if self.story.undoing and ending is not Ending.PUT_BACK:
            return self.when_put_back
        match ending:
            case Ending.FAILED:
                return Exit.FAILED
            case Ending.STOPPED:
                return Exit.CANCELLED
            case _:
                return Exit.DONE

    def _change(self, story: RunStory, work: "Callable[[Callable[[Event], None]], Outcome]") -> None:
        self.story, self.outcome, self.problem = story, None, None
        self.is_changing = True
        self.stop.forget()

        def attempt() -> "Outcome | Trouble":
            try:
                return work(lambda event: self._post(Told(event)))
            except Trouble as trouble:
                return trouble

        def found(outcome: "Outcome | Trouble") -> None:
            if isinstance(outcome, Trouble):
                from wizard.report import report_of_trouble

                could_not(outcome.problem, report_of_trouble(outcome).exit)
                return
            self.outcome, self.is_changing, self.broke_off = outcome, False, None
            self.run_id = outcome.run_id or self.run_id
            self.story.end(outcome.ending)
            self._changed()

        def could_not(problem: Problem, code: Exit = Exit.FAILED) -> None:
            self.is_changing = False
            self.story.break_off(problem)
            self.broke_off = Exit.NOT_PUT_BACK if self.story.run_id else code
            self._could_not(problem)

        in_background(self._app, attempt, found, could_not, "change")
        self._changed()

    def _post(self, message: Message) -> None:
        self._app.post_message(message)

    def _could_not(self, problem: Problem) -> None:
        self.problem = problem
        self._changed()


def _nothing_was_sent() -> "Finding":
    from wizard.check.finding import Finding, Verdict

    what = _("No test mail was sent, because this machine is pretended.")
    return Finding(Verdict.UNKNOWN, what, hint=_("A practice machine sends real ones: `postwizard --practice`."))
