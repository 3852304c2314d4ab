"""Ratios of times taken in turn in one run, each with what is aimed at and the bound that a test holds it to."""

import math
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One line of the table: seconds of ours over seconds of theirs, or the other way round for rivals.

    `aim` is what we want on a machine that does nothing else; `bound` allows for one that is busy, and fails the test.
    """

    what: str
    ours: float
    theirs: float
    aim: float
    bound: float
    at_least: bool = False

    @property
    def value(self) -> float:
        """How many times longer ours takes; for a rival, how many times longer it takes than ours."""
        return self.theirs / self.ours if self.at_least else self.ours / self.theirs

    @property
    def is_met(self) -> bool:
        """Whether the aim is reached."""
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def line(self) -> str:
        """The line of the table."""
        sign = ">=" if self.at_least else "<="
        aim, bound = (f"{sign} {limit:g}" for limit in (self.aim, self.bound))
        word = "met" if self.is_met else "missed"
        times = f"{1000 * self.ours:8.1f} {1000 * self.theirs:9.1f}"
        return f"{self.what:<62} {times} {self.value:7.2f}  {aim:>8} {word:<7} {bound:>8}"


HEADING = f"{'':<62} {'ours ms':>8} {'theirs ms':>9} {'ratio':>7}  {'aim':>8} {'':<7} {'bound':>8}"


def check(table: list[Ratio], *ratios: Ratio) -> None:
    """Adds the lines to the table, then holds each to its bound."""
    table.extend(ratios)
    broken = [ratio.line() for ratio in ratios if not ratio.holds]
    assert not broken, "\n".join((HEADING, *broken))


def in_turn(rounds: int, *, warm_up: bool = True, **works: Callable[[], float]) -> Mapping[str, list[float]]:
    """The seconds of each round, after one to warm up that is not counted; a slow moment of the machine hits all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(0 if warm_up else 1, rounds + 1):
        for name, work in works.items():
            seconds = work()
            if number:
                taken[name].append(seconds)
    return taken


def least(seconds: Mapping[str, Sequence[float]]) -> Mapping[str, float]:
    """The shortest time of each: what it takes when nothing else disturbs it."""
    return {name: min(each) for name, each in seconds.items()}


def usual(seconds: Mapping[str, Sequence[float]]) -> Mapping[str, float]:
    """The median of each: what is short finds a quiet moment more easily, so the least would favour it."""
    return {name: median(each) for name, each in seconds.items()}


def percentile(seconds: Sequence[float], percent: float) -> float:
    """The value that so many of a hundred do not exceed (nearest rank)."""
    return sorted(seconds)[max(math.ceil(len(seconds) * percent / 100) - 1, 0)]


def seconds_of(argv: Sequence[str], env: Mapping[str, str] | None = None, folder: Path = ROOT) -> float:
    """How long a program takes from its start to its end; it must succeed."""
    began = perf_counter()
    ended = subprocess.run(argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    taken = perf_counter() - began
    assert ended.returncode == 0, (argv, ended.stdout[-2000:], ended.stderr[-2000:])
    return taken
