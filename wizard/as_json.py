"""The machine-readable face: what is known and done as JSON-ready values, in the forms of `wizard/schema/`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import assert_never

from wizard.apply.events import Event, RunBegan, RunEnded, StepDone, StepFailed, StepSaid, StepStarted
from wizard.apply.runs import Run
from wizard.ask.mailbox_import import WrongCell
from wizard.ask.question import AnyQuestion, caution
from wizard.check.finding import Finding, Stage
from wizard.machine.facts import Facts
from wizard.plan.make_plan import Plan
from wizard.plan.profile import Profile
from wizard.problem import Problem
from wizard.report import Report
from wizard.secret import Secret
from wizard.session import Session, objection, proposal, questions, so_far
from wizard.syntax.mail_accounts import ListedAlias

FORMAT = 1
HIDDEN = "•••"
Json = dict[str, object]


def document(kind: str, body: object) -> Json:
    """One document: its format, its kind, and the body under the name of the kind."""
    return {"format": FORMAT, "kind": kind, kind: body}


def plain(value: object) -> object:
    """A value of ours as JSON has it; a secret is null."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Secret():
            return None
        case Enum():
            return plain(value.value)
        case PurePosixPath():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted(str(item) for item in value)
        case tuple() | list():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise TypeError(type(value).__name__)


def plan_json(plan: Plan, session: Session | None = None) -> Json:
    """A plan with each preview, and the answers it was made from."""
    return {
        "profile": plan.profile_id,
        "answers": answers_json(session) if session is not None else {},
        "steps": [
            {
                "number": number,
                "title": planned.step.title,
                "why": planned.step.why,
                "preview": planned.preview,
                "changes": sorted(planned.changes),
                "touches": [str(path) for path in planned.step.touches],
                "takes_back": planned.takes_back,
                "conflicts": [plain(conflict) for conflict in planned.conflicts],
            }
            for number, planned in enumerate(plan.steps, start=1)
        ],
        "effective": [plain(change) for change in plan.effective],
        "notes": list(plan.notes),
        "nothing_to_do": plan.is_empty,
    }


def answers_json(session: Session) -> Json:
    """The answers in force, each with where it came from, what the machine says of it, and what speaks against it."""
    return {question.key: _answer(session, question) for question in questions(session)}


def _answer(session: Session, question: AnyQuestion) -> Json:
    earlier = so_far(session)
    answered = proposal(session, question, earlier)
    is_refused = objection(question, answered.value, earlier) is not None
    warning = None if is_refused else caution(question, answered.value, earlier)
    return {
        "value": plain(answered.value),
        "origin": answered.origin.name.lower(),
        "seen": question.seen(earlier),
        "warning": problem_json(warning) if warning is not None else None,
    }


def event_json(event: Event) -> Json:
    """What is told while a plan is carried out."""
    match event:
        case RunBegan():
            name = "undo-began" if event.undoing else "run-began"
            return {"event": name, "run": event.run_id, "titles": list(event.titles)}
        case StepStarted():
            return {"event": "step-started", "number": event.number, "title": event.title}
        case StepSaid():
            return {"event": "step-said", "number": event.number, "line": event.line}
        case StepDone():
            return {"event": "step-done", "number": event.number, "seconds": round(event.seconds, 3)}
        case StepFailed():
            return {"event": "step-failed", "number": event.number, "problem": plain(event.problem)}
        case RunEnded():
            return {"event": "run-ended", "ending": event.ending.value, "problem": plain(event.problem)}
        case _:
            assert_never(event)


def stage_json(probe: str, stage: Stage) -> Json:
    """One stage of a test send."""
    return {
        "probe": probe,
        "name": stage.name,
        "verdict": stage.verdict.value,
        "seconds": round(stage.seconds, 3),
        "lines": list(stage.lines),
        "what": stage.what,
        "hint": stage.hint,
    }


def finding_json(finding: Finding) -> Json:
    """What was looked at and found; of a fix, the titles of its steps."""
    return {
        "verdict": finding.verdict.value,
        "what": finding.what,
        "evidence": finding.evidence,
        "hint": finding.hint,
    }


def run_json(run: Run) -> Json:
    """What is kept of one run."""
    return {
        "run": run.run_id,
        "profile": run.profile_id,
        "state": run.state,
        "began": run.began,
        "titles": list(run.titles),
        "steps_done": run.steps_done,
        "needs_a_decision": run.needs_a_decision,
    }


def profile_json(profile_id: str, profile: Profile) -> Json:
    """A profile, and the keys of all that it may ask."""
    return {
        "profile": profile_id,
        "title": profile.title,
        "summary": profile.summary,
        "questions": [question.key for question in profile.questions],
    }


def alias_json(alias: ListedAlias) -> Json:
    """An alias, and each address that it leads to."""
    targets = [target.strip() for target in alias.targets.split(",")]
    return {"address": alias.address, "targets": targets, "active": alias.active}


def wrong_cell_json(cell: WrongCell) -> Json:
    """What is wrong in one line of a file."""
    return {"line": cell.line, "column": cell.column, "problem": problem_json(cell.problem)}


def facts_json(facts: Facts) -> Json:
    """The facts without Postfix's built-in defaults; a setting that can hold a password is hidden."""
    known = {field.name: plain(getattr(facts, field.name)) for field in fields(facts) if field.name != "defaults"}
    known["settings"] = {
        name: HIDDEN if _may_be_secret(name, value) else value for name, value in facts.settings.items()
    }
    return known


def _may_be_secret(name: str, value: str) -> bool:
    # static: and inline: tables hold their contents in main.cf itself (DATABASE_README).
    return "passw" in name or "secret" in name or "static:" in value or "inline:" in value


def problem_json(problem: Problem) -> Json:
    """What is wrong, and the hint."""
    return {"what": problem.what, "hint": problem.hint}


def report_json(report: Report) -> Json:
    """How the call ended."""
    return {
        "exit_code": int(report.exit),
        "ending": report.ending,
        "profile": report.profile_id,
        "run": report.run_id,
        "problem": problem_json(report.problem) if report.problem is not None else None,
        "refused": {key: problem_json(problem) for key, problem in report.refused.items()},
        "notes": list(report.notes),
        "pretended": report.pretended,
        "findings": [finding_json(finding) for finding in report.findings],
        "undo": ["postwizard", "undo", report.run_id] if report.can_undo else None,
    }
