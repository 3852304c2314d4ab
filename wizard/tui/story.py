"""RunStory: what the events of a run add up to, so that a screen opened late still shows all of it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.problem import Problem
from wizard.words import _


class StepState(Enum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    NOT_BEGUN = "not begun"

    @property
    def in_words(self) -> str:
        """The word that stands before the step's title."""
        match self:
            case StepState.WAITING:
                return _("waiting")
            case StepState.RUNNING:
                return _("running")
            case StepState.DONE:
                return _("done")
            case StepState.FAILED:
                return _("failed")
            case StepState.NOT_BEGUN:
                return _("not begun")
        assert_never(self)


@dataclass
class StepStory:
    """One step as far as it was told."""

    title: str
    state: StepState = StepState.WAITING
    seconds: float | None = None
    lines: list[str] = field(default_factory=list)
    problem: Problem | None = None


@dataclass
class RunStory:
    """All that was told of a run; putting back several runs is one story, their steps one after the other."""

    steps: list[StepStory] = field(default_factory=list)
    run_id: str = ""
    undoing: bool = False
    ending: Ending | None = None
    _before: int = 0
    _began: bool = False

    @classmethod
    def of(cls, titles: tuple[str, ...], *, undoing: bool = False) -> "RunStory":
        """The story before its first event."""
        return cls([StepStory(title) for title in titles], undoing=undoing)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state is StepState.DONE for step in self.steps)

    @property
    def current(self) -> int:
        """The place of the step that runs, failed, or was the last to do anything."""
        for place, step in enumerate(self.steps):
            if step.state in {StepState.RUNNING, StepState.FAILED}:
                return place
        return max(0, min(self.done, len(self.steps)) - 1)

    def hear(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunBegan(run_id, titles, undoing):
                self.run_id, self.undoing = run_id, undoing
                self._before = len(self.steps) if self._began else 0
                self._began = True
                self.steps[self._before :] = [StepStory(title) for title in titles]
            case StepStarted(number, title):
                step = self._step(number)
                step.title, step.state = title, StepState.RUNNING
            case StepSaid(number, line):
                self._step(number).lines.append(line)
            case StepDone(number, seconds):
                step = self._step(number)
                step.state, step.seconds = StepState.DONE, seconds
            case StepFailed(number, problem):
                step = self._step(number)
                step.state, step.problem = StepState.FAILED, problem
            case RunEnded(_ending, _problem):
                pass
            case _:
                assert_never(event)

    def end(self, ending: Ending) -> None:
        """The run is over; what still waited is not begun."""
        self.ending = ending
        for step in self.steps:
            if step.state is StepState.WAITING:
                step.state = StepState.NOT_BEGUN

    def break_off(self, problem: Problem) -> None:
        """The run came to no end of its own; the step that ran is the one that failed."""
        for step in self.steps:
            if step.state is StepState.RUNNING:
                step.state, step.problem = StepState.FAILED, problem
            elif step.state is StepState.WAITING:
                step.state = StepState.NOT_BEGUN

    def _step(self, number: int) -> StepStory:
        place = self._before + number - 1
        while place >= len(self.steps):
            self.steps.append(StepStory(""))
        return self.steps[place]
