"""A profile with every kind of question, and an engine that plays through a script; no machine is needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pytest

import wizard.session as engine
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.execute import Outcome
from wizard.apply.runs import Run
from wizard.ask.answers import Origin
from wizard.ask.question import (
    Choice,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    SoFar,
    TextQuestion,
    YesNoQuestion,
)
from wizard.check.finding import Finding, Stage, Verdict
from wizard.machine.facts import Facts
from wizard.plan.effective import EffectiveChange
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.plan.profile import Profile
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.session import Beginning, Session

PASSWORD = "correct horse battery"


def no_spaces(value: str, _so_far: SoFar) -> Problem | None:
    """A name has no white space and is not empty."""
    if not value or any(character.isspace() or not character.isprintable() for character in value):
        return Problem("That is no name.", "A name has no white space.")
    return None


def not_too_many(items: tuple[str, ...], _so_far: SoFar) -> Problem | None:
    """Three at most."""
    return Problem("Three at most.") if len(items) > 3 else None


QUESTIONS = (
    TextQuestion(
        key="name",
        ask="What is the name?",
        why="It is said in the greeting; others refuse mail when it is wrong.",
        manual="postconf(5): myhostname",
        section="Names",
        default=lambda so_far: so_far.facts.host_name or "mail.example.org",
        objection=no_spaces,
        seen=lambda so_far: f"This machine calls itself {so_far.facts.host_name or 'nothing'}.",
        caution=lambda value, _so_far: Problem("Only this house knows it.", "Buy one.") if "lan" in value else None,
    ),
    TextQuestion(
        key="domain",
        ask="What is the domain?",
        why="It stands behind the @.",
        section="Names",
        default=lambda so_far: so_far.text("name").partition(".")[2],
        objection=no_spaces,
    ),
    ChoiceQuestion(
        key="format",
        ask="Which mailbox format?",
        why="It is how programs find mail.",
        section="Mailboxes",
        choices=lambda _so_far: (Choice("mbox", "One file", "All mail in one file."), Choice("maildir", "A folder")),
        default=lambda _so_far: "maildir",
    ),
    YesNoQuestion(key="forward", ask="Forward mail?", why="It can be read elsewhere.", default=lambda _so_far: True),
    ListQuestion(
        key="targets",
        ask="To whom?",
        why="All of them get it.",
        item_name="address",
        when=lambda so_far: so_far.yes("forward"),
        default=lambda _so_far: ("alice", "bob"),
        objection=no_spaces,
        list_objection=not_too_many,
    ),
    SecretQuestion(
        key="password", ask="Which password?", why="For the relay.", generate=lambda: Secret("made up for this test")
    ),
)


@dataclass(frozen=True)
class Pretended:
    """A step that is only shown."""

    title: str
    why: str = "So that the test has something to show."
    touches: tuple[PurePosixPath, ...] = (PurePosixPath("/etc/postfix/main.cf"),)


STEPS = (
    PlannedStep(
        Pretended("Set 1 parameter in /etc/postfix/main.cf"),  # type: ignore[arg-type]
        "--- /etc/postfix/main.cf\n+++ /etc/postfix/main.cf\n@@ -1 +1 @@\n"
        "-inet_interfaces = all\n+inet_interfaces = loopback-only",
        frozenset({"parameter:inet_interfaces"}),
    ),
    PlannedStep(
        Pretended("Start postfix.service"), "postfix.service: inactive, becomes active", frozenset({"unit:postfix"})
    ),  # type: ignore[arg-type]
)


def sample_profile() -> Profile:
    """The profile under the id `sample`."""
    return Profile(title="Sample", summary="For tests.\nNot for mail.", questions=QUESTIONS, desired=lambda _so_far: ())


def beginning(**more: object) -> Beginning:
    """A machine on which nothing was set up yet."""
    return Beginning(
        Facts(os_id="arch", is_root=True, packages={"pacman": "7.1.0-1"}), {"sample": sample_profile()}, **more
    )  # type: ignore[arg-type]


def unfinished_run(state: str = "unfinished") -> Run:
    """A run that was cut short after its first step."""
    return Run(
        run_id="20250101T000000Z",
        profile_id="sample",
        state=state,
        began="2025-01-01T00:00:00+00:00",
        titles=("First", "Second"),
        steps_done=1,
        pending=frozenset({"a"}),
    )


class Here:
    """A machine of which only these things are asked."""

    def __init__(self, *, root: bool = True) -> None:
        self._root = root

    def is_root(self) -> bool:
        """Whether changes can be made."""
        return self._root

    def try_lock(self) -> str | None:
        """Nobody else is at work."""
        return None

    def unlock(self) -> None:
        """Gives nothing back."""


@dataclass
class Script:
    """What the engine is to play, and what it was asked to do."""

    plan: Plan = field(
        default_factory=lambda: Plan(
            "sample", STEPS, effective=(EffectiveChange("inet_interfaces", None, "loopback-only"),)
        )
    )
    ending: Ending = Ending.DONE
    after_put_back: Ending = Ending.PUT_BACK
    findings: tuple[Finding, ...] = (Finding(Verdict.GOOD, "Mail arrives", "250 2.0.0 Ok"),)
    while_applying: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)
    made_from: list[Mapping[str, object]] = field(default_factory=list)

    def make(self, session: Session, _look: object, pending: frozenset[str] = frozenset()) -> Plan:
        """The plan of the script."""
        self.calls.append("make" + (" pending" if pending else ""))
        self.made_from.append(dict(engine.so_far(session).answers))
        return self.plan

    def carry_out(self, _session: object, plan: Plan, _machine: object, tell: Callable[[Event], None],
                  stop: Callable[[], bool], run: Run | None = None) -> Outcome:  # fmt: skip
        """Plays the plan to its scripted end."""
        self.calls.append("carry out" + (" the rest" if run is not None else ""))
        tell(RunBegan("20250101T000000Z", tuple(planned.step.title for planned in plan.steps)))
        tell(StepStarted(1, plan.steps[0].step.title))
        tell(StepSaid(1, "a line from the step"))
        self.while_applying()
        ending = Ending.STOPPED if stop() else self.ending
        problem = Problem("The disk is full.", "Make room.") if ending is Ending.FAILED else None
        if problem is not None:
            tell(StepFailed(1, problem))
        else:
            tell(StepDone(1, 0.25))
        tell(RunEnded(ending, problem))
        return Outcome(ending, "20250101T000000Z", problem)

    def put_back(self, _machine: object, run_id: str, tell: Callable[[Event], None],
                 stop: Callable[[], bool], force: bool = False) -> Outcome:  # fmt: skip
        """Plays putting back."""
        self.calls.append("put back" + (" by force" if force else ""))
        tell(RunBegan(run_id, ("Put back",), undoing=True))
        tell(StepStarted(1, "Put back"))
        tell(StepDone(1, 0.1))
        tell(RunEnded(self.after_put_back))
        return Outcome(self.after_put_back, run_id, None, () if self.after_put_back is Ending.PUT_BACK else ("left",))

    def send_tests(self, _session: object, _machine: object, tell: Callable[[str, Stage], None]) -> tuple[Finding, ...]:
        """Plays one test send."""
        self.calls.append("test")
        tell("to_root", Stage("Connection", Verdict.GOOD, 0.01, ("220 mail.example.org ESMTP", "EHLO localhost")))
        return self.findings


@contextmanager
def scripted(script: Script) -> Iterator[Script]:
    """The engine plays the script."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("make", "carry_out", "put_back", "send_tests"):
            patch.setattr(engine, name, getattr(script, name))
        patch.setattr(engine, "resume", lambda found, _look: engine.choose(found, "sample"))
        patch.setattr(engine, "answers_text", lambda session: f'profile = "{session.profile_id}"\n')
        yield script


def defaults() -> Mapping[str, object]:
    """What accepting every proposal must give, in every front."""
    return {
        "name": "mail.example.org",
        "domain": "example.org",
        "format": "maildir",
        "forward": True,
        "targets": ("alice", "bob"),
        "password": Secret("made up for this test"),
    }


def origins(session: Session) -> Mapping[str, Origin]:
    """Where each answer of the session comes from."""
    return {question.key: engine.proposal(session, question).origin for question in engine.questions(session)}


class Typed:
    """Lines typed at a plain prompt; raises EOFError when there are no more, as a closed pipe does."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    def __call__(self) -> str:
        """The next line."""
        for line in self._lines:
            if line == "^C":
                raise KeyboardInterrupt
            return line
        raise EOFError
