"""The JSON forms: whatever the program prints fits the schemas that it publishes."""

import io
import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.line.sample import PASSWORD, STEPS, beginning, unfinished_run
from wizard import as_json, command_line
from wizard import session as engine
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.runs import Run
from wizard.check.dns_records import Compared, DnsReport
from wizard.check.finding import Finding, Stage, Verdict
from wizard.command_line import Exit
from wizard.line.in_json import InJson
from wizard.line.printer import Printer
from wizard.machine.facts import Facts, Listener, LocalUser
from wizard.plan.effective import EffectiveChange
from wizard.plan.ledger import Conflict
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.problem import Problem
from wizard.report import Report
from wizard.secret import Secret

SCHEMAS = Path(__file__).resolve().parents[2] / "wizard" / "schema"
SCHEMA_OF = {
    "plan": "plan", "event": "events", "stage": "events", "report": "report",
    "facts": "lists", "runs": "lists", "changes": "lists", "profiles": "lists",
    "mailboxes": "lists", "aliases": "lists", "dns": "dns",
}  # fmt: skip


def validator(name: str) -> Draft202012Validator:
    """The published schema of that name."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


VALIDATORS = {name: validator(name) for name in command_line.SCHEMAS}


def check(document: Any) -> None:
    """Raises where the document does not fit the schema of its kind, as it comes out of a pipe."""
    read = json.loads(json.dumps(document))
    VALIDATORS[SCHEMA_OF[read["kind"]]].validate(read)


texts = st.text()
problems = st.builds(Problem, texts, texts)
numbers = st.integers(1, 10_000)
seconds = st.floats(0, 1e6)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(RunBegan, texts, st.lists(texts).map(tuple), st.booleans()),
    st.builds(StepStarted, numbers, texts),
    st.builds(StepSaid, numbers, texts),
    st.builds(StepDone, numbers, seconds),
    st.builds(StepFailed, numbers, problems),
    st.builds(RunEnded, st.sampled_from(Ending), st.none() | problems),
)
stages = st.builds(Stage, texts, st.sampled_from(Verdict), seconds, st.lists(texts).map(tuple), texts, texts)
findings = st.builds(Finding, st.sampled_from(Verdict), texts, texts, texts)
runs = st.builds(
    Run,
    run_id=texts,
    profile_id=texts,
    state=st.sampled_from(["unfinished", "failed", "stopped", "applied", "unfinished-undo", "put-back"]),
    began=texts,
    titles=st.lists(texts).map(tuple),
    steps_done=st.integers(0, 100),
    pending=st.frozensets(texts),
)
own_endings = ["planned", "looked", "tested", "written", "removed", "refused", "cancelled"]
reports = st.builds(
    Report,
    exit=st.sampled_from(Exit),
    ending=st.sampled_from([*(ending.value for ending in Ending), *own_endings]),
    profile_id=texts,
    run_id=texts,
    problem=st.none() | problems,
    refused=st.dictionaries(texts, problems),
    notes=st.lists(texts).map(tuple),
    findings=st.lists(findings).map(tuple),
    pretended=st.booleans(),
)


@given(events)
def test_every_event_fits_its_schema(event: Event) -> None:
    check(as_json.document("event", as_json.event_json(event)))


@given(texts, stages)
def test_every_stage_fits_its_schema(probe: str, stage: Stage) -> None:
    check(as_json.document("stage", as_json.stage_json(probe, stage)))


@given(reports)
def test_every_report_fits_its_schema(report: Report) -> None:
    check(as_json.document("report", as_json.report_json(report)))


compared = st.builds(
    Compared,
    st.sampled_from(["NS", "MX", "A", "AAAA", "SPF", "DKIM", "DMARC", "PTR", "SRV"]),
    texts,
    st.sampled_from(Verdict),
    texts,
    texts,
    st.lists(texts).map(tuple),
    st.lists(texts).map(tuple),
)


@given(texts, st.lists(compared).map(tuple))
def test_every_report_on_the_dns_fits_its_schema(zone: str, found: tuple[Compared, ...]) -> None:
    stream = io.StringIO()
    InJson(Printer(stream)).dns(DnsReport(zone, found))
    check(json.loads(stream.getvalue()))


@given(st.lists(runs))
def test_every_list_of_runs_fits_its_schema(found: list[Run]) -> None:
    check(as_json.document("runs", [as_json.run_json(run) for run in found]))


@given(st.lists(st.builds(EffectiveChange, texts, st.none() | texts, st.none() | texts)), texts, st.booleans())
def test_every_plan_fits_its_schema(effective: list[EffectiveChange], text: str, takes_back: bool) -> None:
    conflict = Conflict(text, text, None, text)
    steps = tuple(PlannedStep(planned.step, text, frozenset({text}), (conflict,), takes_back) for planned in STEPS)
    check(as_json.document("plan", as_json.plan_json(Plan("sample", steps, effective=tuple(effective), notes=(text,)))))


def test_facts_fit_their_schema_and_hide_what_may_be_a_password() -> None:
    facts = Facts(
        os_id="arch",
        listeners=(Listener("127.0.0.1", 25, "master", 7, "postfix.service", "postfix"),),
        users=(LocalUser("taro", 1000, "/home/taro"),),
        settings={
            "smtp_sasl_password_maps": f"static:me:{PASSWORD}",
            "mynetworks": "inline:{a=b}",
            "inet_interfaces": "all",
        },
        defaults={"biff": "yes"},
        free_bytes={"/": 1},
    )
    document = as_json.document("facts", as_json.facts_json(facts))
    check(document)
    text = json.dumps(document)
    assert PASSWORD not in text
    assert "inline:" not in text
    assert "biff" not in text


def test_secrets_are_null_in_every_document() -> None:
    session = engine.choose(beginning(), "sample")
    session = engine.answer(session, "password", Secret(PASSWORD))
    assert isinstance(session, engine.Session)
    stream = io.StringIO()
    InJson(Printer(stream)).plan(session, Plan("sample", STEPS))
    assert PASSWORD not in stream.getvalue()
    document = json.loads(stream.getvalue())
    check(document)
    answers = document["plan"]["answers"]
    assert answers["password"] == {"value": None, "origin": "given", "seen": "", "warning": None}
    assert answers["targets"] == {"value": ["alice", "bob"], "origin": "default", "seen": "", "warning": None}


def test_what_the_machine_says_and_what_speaks_against_an_answer_are_in_the_plan() -> None:
    session = engine.answer(engine.choose(beginning(), "sample"), "name", "box.lan")
    assert isinstance(session, engine.Session)
    document = as_json.document("plan", as_json.plan_json(Plan("sample", STEPS), session))
    check(document)
    name = document["plan"]["answers"]["name"]  # type: ignore[index]
    assert name["seen"] == "This machine calls itself nothing."
    assert name["warning"] == {"what": "Only this house knows it.", "hint": "Buy one."}


def test_documents_are_one_line_of_ascii_each() -> None:
    stream = io.StringIO()
    voice = InJson(Printer(stream))
    voice.event(StepSaid(1, "two\nlines \x1b[2J かな \ud800"))
    voice.note("for people")
    voice.profiles(beginning().profiles)
    voice.runs((unfinished_run(),))
    voice.changes("20250101T000000Z", "+a\n-b")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert stream.getvalue().isascii()
    for line in lines:
        assert json.loads(line)["format"] == as_json.FORMAT
        check(json.loads(line))


@pytest.mark.parametrize(
    "document",
    [
        {"format": 2, "kind": "event", "event": {"event": "step-said", "number": 1, "line": ""}},
        {"format": 1, "kind": "event", "event": {"event": "step-said", "number": 0, "line": ""}},
        {"format": 1, "kind": "event", "event": {"event": "step-sung", "number": 1, "line": ""}},
        {"format": 1, "kind": "stage", "stage": {}},
        {"format": 1, "kind": "report", "report": {"exit_code": 5}},
    ],
)
def test_the_schemas_refuse_what_is_not_so(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(document)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_published_schema_is_one_that_can_be_printed(path: Path) -> None:
    assert path.name.removesuffix(".schema.json") in command_line.SCHEMAS
    Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


def test_what_has_no_json_form_is_an_error_and_no_guess() -> None:
    with pytest.raises(TypeError):
        as_json.plain(object())
    assert as_json.plain(PurePosixPath("/etc")) == "/etc"
