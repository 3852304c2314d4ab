"""What the wizard adds to the programs that it must call, and what rivals take for the same, on a practice machine."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from tests.bench.rivals import (
    COMMANDS,
    DEPLOY,
    PLAYBOOK,
    RivalMissingError,
    changed_nothing,
    deploy,
    own_parameters,
    playbook,
    put_inside,
    unpacked,
)
from tests.bench.timing import ROOT, Ratio, check, in_turn, usual
from tests.machine.the_wizard import ANSWERS, put_file
from wizard.practice.build import BuiltTree
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

APP = "/opt/postwizard"
STARTER = "/opt/postwizard-start"
RECORDER = "/root/recording.py"
RECORD = "/root/started.json"
ANSWERS_FILE = "/root/answers.toml"
SET_UP = ("--answers", ANSWERS_FILE, "--yes", "--no-test-sends")
START = f"""#!/usr/bin/python3 -P
import sys
sys.path[1:1] = ["{APP}", "/usr/lib/postwizard/site"]
from wizard.__main__ import console
sys.exit(console())
"""
# A scratch copy of the configuration is gone when the wizard ends, so what was told to look there cannot be replayed.
SCRATCH = "/postwizard"


@dataclass(frozen=True)
class Recorded:
    """One run of the wizard: the seconds it took without loading, and each program that it started."""

    seconds: float
    started: tuple[Mapping[str, object], ...]

    def once_each(self) -> "Recorded":
        """With each call once: to ask the same again is not needed where nothing changes."""
        calls = {json.dumps((each["argv"], each["stdin"])): each for each in self.started}
        return Recorded(self.seconds, tuple(calls.values()))


class Bench:
    """A practice machine with the wizard installed in it as a wheel would be, its modules compiled."""

    def __init__(self, machine: PracticeMachine) -> None:
        self.machine = machine
        for part in ("wizard", "profiles", "templates"):
            put_inside(machine, ROOT / part, f"{APP}/{part}")
        put_file(machine, STARTER, START)
        put_file(machine, RECORDER, (ROOT / "tests" / "bench" / "recording.py").read_bytes())
        put_file(machine, ANSWERS_FILE, ANSWERS)

    def wizard(self, *arguments: str) -> str:
        """What the wizard says; it must succeed."""
        return self.said("python3", "-P", STARTER, *arguments)

    def recorded(self, how: str = "record", *arguments: str) -> Recorded:
        """The set-up, with what it starts noted."""
        self.said("python3", "-P", RECORDER, how, APP, RECORD, *SET_UP, *arguments)
        record = json.loads(self.said("cat", RECORD))
        return Recorded(record["seconds"], tuple(record["started"]))

    def replayed(self, recorded: Recorded) -> list[float]:
        """The seconds that each of these programs takes when they are started plainly, one after the other."""
        put_file(self.machine, RECORD, json.dumps({"started": recorded.started}))
        seconds: list[float] = json.loads(self.said("python3", RECORDER, "replay", RECORD))
        return seconds

    def seconds_at_least(self, recorded: Recorded, modules: Sequence[str]) -> float:
        """How long a Python takes that only loads these modules while these programs run, all at once."""
        put_file(self.machine, RECORD, json.dumps({"started": recorded.started, "modules": modules}))
        return self.seconds_of("python3", "-P", RECORDER, "floor", RECORD)

    def modules_of_others(self) -> tuple[str, ...]:
        """The modules that a second run loads and that are not ours, in their order."""
        result = self.machine.run("python3", "-P", "-X", "importtime", STARTER, *SET_UP)
        named = [line.rpartition("|")[2].strip() for line in result.error_text.splitlines() if line.count("|") == 2]
        return tuple(name for name in named[1:] if name.partition(".")[0] not in {"wizard", "profiles"})

    def seconds_of(self, *command: str, env: Mapping[str, str] | None = None) -> float:
        """How long a command takes, measured inside, from its start to its end; it must succeed."""
        return float(self.said("python3", RECORDER, "time", *command, env=env))

    def said(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        """What a command prints; it must succeed."""
        result = self.machine.run(*command, timeout=300, env=env)
        assert result.ok, (command, result.text[-3000:], result.error_text[-3000:])
        return result.text


@pytest.fixture(scope="module")
def bench(practice_tree: BuiltTree) -> Iterator[Bench]:
    """One machine for all of these, set up once."""
    with PracticeMachine.fresh() as machine:
        made = Bench(machine)
        made.wizard(*SET_UP)
        yield made


def _sum_of_programs(recorded: Recorded, replayed: Sequence[float]) -> float:
    """What the programs take: plainly where they can be replayed, else as measured when the wizard waited for them."""
    return sum(
        float(str(each["seconds"])) if any(SCRATCH in str(word) for word in _words(each)) else seconds
        for each, seconds in zip(recorded.started, replayed, strict=True)
    )


def _words(each: Mapping[str, object]) -> Sequence[object]:
    argv = each["argv"]
    return argv if isinstance(argv, list) else ()


def test_a_second_run_takes_little_more_than_the_programs_it_must_call(table: list[Ratio], bench: Bench) -> None:
    recorded = bench.recorded()
    assert [each["argv"] for each in recorded.started if each["changes"]] == [], "a second run changes nothing"
    needed, modules = recorded.once_each(), bench.modules_of_others()
    assert {"argparse", "subprocess"} <= set(modules), modules
    taken = usual(
        in_turn(
            7,
            whole=lambda: bench.seconds_of("python3", "-P", STARTER, *SET_UP),
            loaded=lambda: bench.recorded("again").seconds,
            python=lambda: bench.seconds_of("python3", "-P", "-c", "pass"),
            floor=lambda: bench.seconds_at_least(needed, modules),
            programs=lambda: sum(bench.replayed(needed)),
        )
    )
    programs = taken["programs"]
    # Most of a second run is the loading of Python's and our modules, hence the line without it, and the two that tell
    # what a cold Python takes at least: the standard modules that are used, while all programs run at once.
    check(
        table,
        Ratio(what="no-op run / its programs", ours=taken["whole"], theirs=programs, aim=1.5, bound=5),
        Ratio(
            what="no-op run less python -c pass / its programs",
            ours=taken["whole"] - taken["python"],
            theirs=programs,
            aim=1.5,
            bound=5,
        ),
        Ratio(
            what="no-op run with all modules loaded / its programs",
            ours=taken["loaded"],
            theirs=programs,
            aim=1.5,
            bound=2,
        ),
        Ratio(what="cold Python at least / its programs", ours=taken["floor"], theirs=programs, aim=1.5, bound=5),
        Ratio(what="no-op run / cold Python at least", ours=taken["whole"], theirs=taken["floor"], aim=2, bound=4),
    )


@pytest.mark.parametrize(("name", "rounds", "aim", "bound"), [("ansible", 1, 10, 10), ("pyinfra", 3, 3, 2)])
def test_a_second_run_is_much_faster_than_a_rivals(
    table: list[Ratio], bench: Bench, name: str, rounds: int, aim: float, bound: float
) -> None:
    version = bench.said("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    try:
        site = unpacked(name, version)
    except RivalMissingError as why:
        pytest.skip(f"would compare a second run with {name}'s own; it is not to be had: {why}")
    inside = f"/opt/{name}"
    put_inside(bench.machine, site, inside)
    parameters = own_parameters(bench.machine)
    assert len(parameters) >= 10, parameters
    put_file(bench.machine, PLAYBOOK, playbook(parameters))
    put_file(bench.machine, DEPLOY, deploy(parameters))
    before = bench.said("sha256sum", "/etc/postfix/main.cf", "/etc/postfix/aliases")
    env = {"PYTHONPATH": inside}

    said = bench.machine.run(*COMMANDS[name], env=env)
    assert said.ok, said.text + said.error_text
    assert changed_nothing(name, said.text + said.error_text), said.text + said.error_text
    assert bench.said("sha256sum", "/etc/postfix/main.cf", "/etc/postfix/aliases") == before

    taken = usual(
        in_turn(
            rounds,
            warm_up=False,
            rival=lambda: bench.seconds_of(*COMMANDS[name], env=env),
            ours=lambda: bench.seconds_of("python3", "-P", STARTER, *SET_UP),
        )
    )
    what = f"{name}'s no-op run / ours"
    check(table, Ratio(what=what, ours=taken["ours"], theirs=taken["rival"], aim=aim, bound=bound, at_least=True))


def test_a_whole_set_up_takes_little_more_than_its_programs(table: list[Ratio], bench: Bench) -> None:
    """The last one: what it replays without the wizard is not put back."""
    taken: dict[str, list[float]] = {"whole": [], "programs": [], "waited": []}
    bench.wizard("undo", "--yes")
    for _round in range(2):
        whole = bench.recorded()
        assert any("pacman" in str(each["argv"]) for each in whole.started if each["changes"])
        bench.wizard("undo", "--yes")
        replayed = bench.replayed(whole)
        bench.machine.run("systemctl", "disable", "--now", "postfix.service")
        bench.machine.run("pacman", "-Rns", "--noconfirm", "postfix")
        taken["whole"].append(whole.seconds)
        taken["programs"].append(_sum_of_programs(whole, replayed))
        taken["waited"].append(sum(float(str(each["seconds"])) for each in whole.started))
    best = usual(taken)
    check(
        table,
        Ratio(what="whole apply / its programs", ours=best["whole"], theirs=best["programs"], aim=1.2, bound=2),
        Ratio(
            what="whole apply / waiting for its programs", ours=best["whole"], theirs=best["waited"], aim=1.2, bound=2
        ),
    )
