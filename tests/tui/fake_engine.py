"""A conversation engine with no machine behind it: answers are judged by the real session, changes are told by hand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from types import SimpleNamespace
from typing import Any, cast

import pytest

from wizard import session
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.execute import Outcome
from wizard.apply.runs import Run
from wizard.ask.answers import Answered, Origin
from wizard.ask.question import Choice, ChoiceQuestion, ListQuestion, SecretQuestion, SoFar, TextQuestion, YesNoQuestion
from wizard.check.finding import Finding, Probe, Stage, Verdict
from wizard.machine.facts import Facts, Listener, LocalUser
from wizard.machine.machine import Machine
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.plan.profile import Profile
from wizard.problem import Problem, Trouble
from wizard.secret import Secret
from wizard.tui.screens import snapshots

HOSTILE = ("a [/etc/postfix] b", "[/]", "x [bold] y", "[$x", "[foo=bar baz]", "メール", "📮 post")

DIFF = """--- /etc/postfix/main.cf
+++ /etc/postfix/main.cf
@@ -1,3 +1,4 @@
 # kept as it was
-inet_interfaces = all
+inet_interfaces = loopback-only
+mydestination = $myhostname, localhost [/] [bold]
 mail_owner = postfix
"""


def _no_space(value: str, _so_far: SoFar) -> Problem | None:
    return Problem("A name has no space in it.", "Write it in one word.") if " " in value else None


def _not_empty(value: str, so_far: SoFar) -> Problem | None:
    return Problem("A name is needed.", "For instance mail.example.org.") if not value else _no_space(value, so_far)


QUESTIONS = (
    TextQuestion(
        key="hostname",
        ask="What is this machine called in mail?",
        why="Other servers see it in the greeting. A wrong name makes them refuse mail.",
        manual="postconf(5): myhostname",
        section="Name",
        default=lambda so_far: so_far.facts.fully_qualified_name,
        objection=_not_empty,
        seen=lambda _so_far: "The name comes from /etc/hostname.",
        caution=lambda value, _s: Problem("Only this house knows it.", "Buy one.") if value.endswith(".lan") else None,
    ),
    TextQuestion(
        key="root_mail",
        ask="Who reads root's mail?",
        why="Cron and monitoring write to root.",
        manual="aliases(5)",
        section="Name",
        default=lambda so_far: so_far.facts.users[0].name if so_far.facts.users else "",
        objection=_no_space,
        suggestions=lambda so_far: tuple(user.name for user in so_far.facts.users),
    ),
    ChoiceQuestion(
        key="format",
        ask="How is mail kept?",
        why="One file for all mails, or one file for each.",
        manual="postconf(5): home_mailbox",
        section="Mailboxes",
        choices=lambda _so_far: (
            Choice("mbox", "One file per user", "/var/spool/mail/USER"),
            Choice("maildir", "One file per mail", "~/Maildir/"),
        ),
        default=lambda _so_far: "mbox",
    ),
    YesNoQuestion(
        key="limited",
        ask="Shall the size of a mailbox be limited?",
        why="Without a limit a mailbox can fill the disk.",
        section="Mailboxes",
    ),
    TextQuestion(
        key="limit",
        ask="How many megabytes?",
        why="A mail that does not fit is sent back.",
        section="Mailboxes",
        default=lambda _so_far: "50",
        objection=lambda value, _so_far: None if value.isdigit() else Problem("That is no number."),
        when=lambda so_far: so_far.yes("limited"),
    ),
    ListQuestion(
        key="forwards",
        ask="Which addresses get a copy?",
        why="Each gets a copy of what root gets.",
        section="More",
        objection=_no_space,
        item_name="name: readers",
    ),
    SecretQuestion(
        key="password",
        ask="Which password opens the mailbox?",
        why="It is kept in a file that only root reads.",
        section="More",
        generate=lambda: Secret("made-for-you"),
    ),
)

PROFILE = Profile(
    title="Local only",
    summary="Mail between users of this machine.\nNo port is opened; nothing is sent to the internet.",
    questions=QUESTIONS,
    desired=lambda _so_far: (),
    probes=(Probe(key="to_root", title="A mail to root", run=lambda *_: Finding(Verdict.GOOD, "arrived")),),
)
OTHER = replace(PROFILE, title="Null client [/] [bold]", summary="Sends everything to another server. [$x")


def text_profile(texts: tuple[str, ...]) -> Profile:
    """A profile that shows these texts in every place where a text can stand."""
    kinds = [
        TextQuestion(key=f"text{place}", ask=text, why=text, manual=text, section=text, default=lambda _s, t=text: t)
        for place, text in enumerate(texts)
    ]
    first = texts[0]
    rest = (
        ChoiceQuestion(
            key="choice",
            ask=first,
            why=first,
            section=first,
            choices=lambda _so_far: tuple(Choice(text, text, text) for text in texts),
            default=lambda _so_far: first,
        ),
        ListQuestion(key="list", ask=first, why=first, section=first, default=lambda _so_far: texts),
    )
    return replace(PROFILE, title=first, summary="\n".join(texts), questions=(*kinds, *rest))


def facts(**changes: Any) -> Facts:
    """A machine as it is after a fresh installation."""
    return replace(
        Facts(
            os_id="arch",
            os_name="Arch Linux",
            is_root=True,
            host_name="mail",
            fully_qualified_name="mail.example.org",
            users=(LocalUser("alice", 1000, "/home/alice"), LocalUser("bob", 1001, "/home/bob")),
            postfix_version="3.11.0",
            postfix_installed=True,
            listeners=(Listener("192.0.2.1", 25, "exim", 700, "exim.service", "exim"),),
        ),
        **changes,
    )


def step(title: str, preview: str = DIFF, why: str = "So that mail stays here (postconf(5)).") -> PlannedStep:
    """A step that only has something to show."""
    return PlannedStep(cast("Any", SimpleNamespace(title=title, why=why, touches=())), preview, frozenset({title}))


STEPS = (
    step("Install postfix", "Packages: postfix 3.11.0"),
    step("Set 2 parameters in /etc/postfix/main.cf"),
    step("Start postfix.service", "postfix.service is enabled and started."),
)
STAGES = (
    Stage("Conversation", Verdict.GOOD, 0.01, ("0.000 < 220 mail.example.org ESMTP", "0.001 > EHLO localhost")),
    Stage("Queue", Verdict.GOOD, 0.02, ("4F1: from=<root>",)),
    Stage("Mailbox", Verdict.GOOD, 0.05, (), "The file is /var/spool/mail/alice"),
)


@dataclass
class Engine:
    """What the session's functions do in a test; `gates` hold a step until the test lets it go."""

    facts: Facts = field(default_factory=facts)
    profiles: Mapping[str, Profile] = field(default_factory=lambda: {"local_only": PROFILE, "null_client": OTHER})
    kept: Mapping[str, Any] = field(default_factory=dict)
    unfinished: Run | None = None
    holder: str | None = None
    steps: tuple[PlannedStep, ...] = STEPS
    fails_at: int = 0
    bad_put_back: bool = False
    gates: dict[int, Flag] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    stages: tuple[Stage, ...] = STAGES
    findings: tuple[Finding, ...] = (Finding(Verdict.GOOD, "The mail to root arrived", "/var/spool/mail/alice"),)
    effective: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    trouble: Problem | None = None
    stopped_at: int = 0

    def begin(self, _look: object) -> session.Beginning:
        if self.trouble is not None:
            raise Trouble(self.trouble)
        return session.Beginning(self.facts, self.profiles, "", self.kept, self.unfinished)

    def make(self, chosen: session.Session, _look: object, pending: frozenset[str] = frozenset()) -> Plan:
        self.calls.append(f"make {sorted(pending)}" if pending else "make")
        return Plan(chosen.profile_id, self.steps, {}, self.effective, self.notes)

    def carry_out(
        self,
        _chosen: session.Session,
        plan: Plan,
        _machine: object,
        tell: Callable[[Event], None],
        stop: Callable[[], bool],
        run: Run | None = None,
    ) -> Outcome:
        self.calls.append(f"carry_out {run.run_id}" if run else "carry_out")
        titles = tuple(planned.step.title for planned in plan.steps)
        tell(RunBegan("20260101T000000Z", titles))
        outcome = self._work(titles, tell, stop)
        tell(RunEnded(outcome.ending, outcome.problem))
        return outcome

    def _work(self, titles: tuple[str, ...], tell: Callable[[Event], None], stop: Callable[[], bool]) -> Outcome:
        for number, title in enumerate(titles, start=1):
            if stop():
                self.stopped_at = number
                return Outcome(Ending.STOPPED, "20260101T000000Z")
            tell(StepStarted(number, title))
            tell(StepSaid(number, f"working on {title} [/] [bold]"))
            if number in self.gates:
                self.gates[number].wait(20)
            if number == self.fails_at:
                problem = Problem("Port 25 is taken by exim.", "systemctl disable --now exim")
                tell(StepFailed(number, problem))
                return Outcome(Ending.FAILED, "20260101T000000Z", problem)
            tell(StepDone(number, 0.1))
        return Outcome(Ending.DONE, "20260101T000000Z")

    def put_back(
        self,
        _machine: object,
        run_id: str,
        tell: Callable[[Event], None],
        _stop: Callable[[], bool],
        force: bool = False,
    ) -> Outcome:
        self.calls.append(f"put_back {run_id}" + (" force" if force else ""))
        tell(RunBegan(run_id, ("Restore /etc/postfix/main.cf",), undoing=True))
        tell(StepStarted(1, "Restore /etc/postfix/main.cf"))
        tell(StepDone(1, 0.1))
        if self.bad_put_back and not force:
            return Outcome(
                Ending.NOT_ALL_PUT_BACK, run_id, Problem("Put back, but for what was changed since."), ("main.cf",)
            )
        return Outcome(Ending.PUT_BACK, run_id)

    def send_tests(
        self, _chosen: session.Session, _machine: object, tell: Callable[[str, Stage], None]
    ) -> tuple[Finding, ...]:
        self.calls.append("send_tests")
        for stage in self.stages:
            tell("to_root", stage)
        return self.findings

    def newest_run(self, _look: object) -> Run | None:
        return self.runs[-1] if self.runs else None

    def all_runs(self, _look: object) -> tuple[Run, ...]:
        return tuple(self.runs)

    def run_changes(self, _look: object, run_id: str) -> str:
        return f"run {run_id} changed\n{DIFF}"

    def remove_run(self, _machine: object, run_id: str) -> None:
        self.calls.append(f"remove {run_id}")
        self.runs = [run for run in self.runs if run.run_id != run_id]

    def resume(self, beginning: session.Beginning, _look: object) -> session.Session:
        self.calls.append("resume")
        chosen = session.choose(beginning, "local_only")
        return replace(chosen, answers={"hostname": Answered("resumed.example.org", Origin.KEPT)})

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Puts these in the place of the session's own."""
        for name in (
            "begin",
            "make",
            "carry_out",
            "put_back",
            "send_tests",
            "remove_run",
            "resume",
            "newest_run",
        ):
            monkeypatch.setattr(session, name, getattr(self, name))
        for name in ("all_runs", "run_changes"):
            monkeypatch.setattr(snapshots, name, getattr(self, name))


def a_run(run_id: str = "20260101T000000Z", state: str = "applied", done: int = 3) -> Run:
    """A run of three steps."""
    titles = tuple(planned.step.title for planned in STEPS)
    return Run(run_id, "local_only", state, "2026-01-01T00:00:00+00:00", titles, done)


NO_MACHINE = cast("Machine", SimpleNamespace(is_root=lambda: True, try_lock=lambda: None, unlock=lambda: None))


@contextmanager
def held(engine: Engine, number: int) -> Iterator[Flag]:
    """Holds a step of the run until the block ends."""
    engine.gates[number] = Flag()
    try:
        yield engine.gates[number]
    finally:
        engine.gates[number].set()
