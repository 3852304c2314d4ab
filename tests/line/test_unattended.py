"""Unattended: answers given beforehand lead to the same plan and the same endings."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.line.sample import PASSWORD, Here, Script, beginning, defaults, scripted, unfinished_run
from wizard import session as engine
from wizard import unattended
from wizard.apply.events import Ending
from wizard.ask.answers import Origin
from wizard.check.finding import Finding, Verdict
from wizard.command_line import Exit, parse
from wizard.line.given_files import Given
from wizard.line.in_words import InWords
from wizard.line.printer import Printer
from wizard.line.stopping import Stopping
from wizard.machine.facts import Facts
from wizard.plan.ledger import Conflict
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.problem import BadInput
from wizard.report import Report
from wizard.secret import Secret
from wizard.session import Beginning, Session

FILE = 'format = 1\nprofile = "sample"\n\n[answers]\n'


def answered(text: str = FILE, *argv: str, found: Beginning | None = None, **given: object) -> Session:
    """The session of an answers file and options."""
    return unattended.answered(found or beginning(), parse([*argv]), Given(answers_file=text, **given))  # type: ignore[arg-type]


def run(script: Script, *argv: str, root: bool = True, found: Beginning | None = None,
        agrees: Callable[[str], bool] = lambda _text: True) -> tuple[Report, str]:  # fmt: skip
    """Runs the defaults unattended."""
    stream = io.StringIO()
    printer = Printer(stream)
    found = found or beginning()
    with scripted(script):
        report = unattended.run_unattended(
            Here(root=root), found, answered(found=found), parse([*argv]),  # type: ignore[arg-type]
            InWords(printer, printer), Stopping(printer.sentence), agrees,
        )  # fmt: skip
    return report, stream.getvalue()


def test_what_is_left_out_is_as_proposed_in_every_front() -> None:
    session = answered()
    assert dict(engine.so_far(session).answers) == defaults()


def test_the_file_is_the_whole_story_and_what_was_kept_does_not_count() -> None:
    session = answered(found=beginning(last_profile="sample", kept={"name": "kept.example.org"}))
    assert engine.so_far(session).answers["name"] == "mail.example.org"


def test_without_a_file_what_was_kept_counts_and_one_answer_can_be_changed() -> None:
    found = beginning(last_profile="sample", kept={"name": "kept.example.org", "format": "mbox"})
    session = unattended.answered(found, parse([]), Given(settings={"format": "maildir"}))
    assert engine.so_far(session).answers["name"] == "kept.example.org"
    assert engine.so_far(session).answers["format"] == "maildir"


def test_each_answer_knows_where_it_came_from() -> None:
    session = answered(FILE + 'name = "file.example.org"\n', settings={"domain": "set.example"})
    assert engine.proposal(session, engine.questions(session)[0]).origin is Origin.FILE
    assert engine.proposal(session, engine.questions(session)[1]).origin is Origin.GIVEN


SETTINGS = [
    ("name", "x.example", "x.example"),
    ("forward", "no", False),
    ("forward", "TRUE", True),
    ("targets", "a, b", ("a", "b")),
    ("targets", "", ()),
    ("format", "mbox", "mbox"),
]


@pytest.mark.parametrize(("key", "text", "value"), SETTINGS)
def test_a_setting_is_read_in_the_type_of_its_question(key: str, text: str, value: object) -> None:
    assert engine.so_far(answered(settings={key: text})).answers[key] == value


def test_a_secret_from_a_file_is_taken() -> None:
    assert engine.so_far(answered(secrets={"password": Secret(PASSWORD)})).answers["password"] == Secret(PASSWORD)


def test_everything_that_is_refused_is_named_and_not_only_the_first() -> None:
    with pytest.raises(unattended.Refused) as refused:
        answered(
            FILE + 'name = "a b"\n',
            settings={
                "forward": "perhaps",
                "nonsense": "1",
                "password": PASSWORD,
                "format": "pst",
                "targets": "a,b,c,d",
            },
        )
    assert set(refused.value.problems) == {"name", "forward", "nonsense", "password", "format", "targets"}
    assert PASSWORD not in str(refused.value)
    assert PASSWORD not in str(refused.value.problems)


def test_what_is_missing_is_said_to_be_missing() -> None:
    with pytest.raises(unattended.Refused) as refused:
        answered(settings={"name": "nodots"})  # so no domain can be proposed
    assert set(refused.value.problems) == {"domain"}
    assert "No answer was given" in refused.value.problems["domain"].what


def test_an_answer_to_a_question_that_is_not_asked_is_harmless() -> None:
    session = answered(FILE + 'forward = false\ntargets = ["a", "b", "c", "d"]\n')
    assert "targets" not in engine.so_far(session).answers


def test_a_file_for_another_profile_than_the_option_says_is_refused() -> None:
    with pytest.raises(BadInput, match="answers file is for sample"):
        answered(FILE, "--profile", "other")


def test_no_profile_at_all_is_refused() -> None:
    with pytest.raises(BadInput, match="not said which profile"):
        unattended.answered(beginning(), parse([]), Given())


def test_the_defaults_are_carried_out_and_tested() -> None:
    script = Script()
    report, text = run(script)
    assert script.calls == ["make", "carry out", "test"]
    assert report.exit is Exit.DONE
    assert text.index("+inet_interfaces") < text.index("Run 20250101T000000Z")


def test_a_dry_run_changes_nothing_and_needs_no_root() -> None:
    script = Script()
    report, _text = run(script, "--dry-run", root=False)
    assert (report.exit, report.ending, script.calls) == (Exit.DONE, "planned", ["make"])


def test_a_warning_is_said_before_the_plan_and_stops_nothing() -> None:
    stream = io.StringIO()
    printer = Printer(stream)
    with scripted(Script()) as script:
        session = answered(FILE + 'name = "box.lan"\n')
        unattended.run_unattended(
            Here(), beginning(), session, parse(["--dry-run"]), InWords(printer, printer),  # type: ignore[arg-type]
            Stopping(printer.sentence), lambda _text: True,
        )  # fmt: skip
    text = stream.getvalue()
    assert text.startswith("[warning] name: Only this house knows it. Buy one.\n")
    assert script.calls == ["make"]


def test_a_finished_second_run_has_nothing_to_do() -> None:
    script = Script(plan=Plan("sample", ()))
    report, text = run(script, root=False)
    assert "Nothing is left to do." in text
    assert (report.exit, report.ending, script.calls) == (Exit.DONE, "nothing-to-do", ["make"])


def test_without_root_nothing_is_applied() -> None:
    script = Script()
    with pytest.raises(BadInput, match="root"):
        run(script, root=False)
    assert script.calls == ["make"]


def test_who_does_not_agree_changes_nothing() -> None:
    script = Script()
    report, _text = run(script, agrees=lambda _text: False)
    assert (report.exit, script.calls) == (Exit.CANCELLED, ["make"])


ENDINGS = [
    ("roll-back", Ending.FAILED, Ending.PUT_BACK, Exit.FAILED),
    ("roll-back", Ending.FAILED, Ending.NOT_ALL_PUT_BACK, Exit.NOT_PUT_BACK),
    ("roll-back", Ending.STOPPED, Ending.PUT_BACK, Exit.CANCELLED),
    ("stop", Ending.FAILED, Ending.PUT_BACK, Exit.NOT_PUT_BACK),
    ("stop", Ending.STOPPED, Ending.PUT_BACK, Exit.NOT_PUT_BACK),
]


@pytest.mark.parametrize(("policy", "ending", "after", "exit_code"), ENDINGS)
def test_after_a_failure_the_option_decides(policy: str, ending: Ending, after: Ending, exit_code: Exit) -> None:
    script = Script(ending=ending, after_put_back=after)
    report, _text = run(script, "--on-failure", policy)
    assert report.exit is exit_code
    assert ("put back" in script.calls) == (policy == "roll-back")


def test_a_test_send_that_fails_is_exit_4() -> None:
    report, text = run(Script(findings=(Finding(Verdict.BAD, "No mail came"),)))
    assert report.exit is Exit.NOT_VERIFIED
    assert report.can_undo
    del text


def conflicting() -> Plan:
    """A plan that would write over what a person changed."""
    from tests.line.sample import STEPS

    conflict = Conflict("parameter:inet_interfaces", "loopback-only", "all", "loopback-only")
    return Plan("sample", (PlannedStep(STEPS[0].step, "", STEPS[0].changes, (conflict,)),))


def test_what_a_person_changed_is_not_overwritten_unless_the_option_says_so() -> None:
    script = Script(plan=conflicting())
    with pytest.raises(unattended.Refused) as refused:
        run(script)
    assert set(refused.value.problems) == {"parameter:inet_interfaces"}
    assert script.calls == ["make"]
    report, _text = run(Script(plan=conflicting()), "--on-conflict", "overwrite")
    assert report.exit is Exit.DONE


def test_an_unfinished_run_must_be_decided_on_first() -> None:
    with pytest.raises(BadInput, match="did not come to its end") as refused:
        run(Script(), found=beginning(unfinished=unfinished_run()))
    assert "postwizard resume" in refused.value.problem.hint


RESUMED = [
    (None, [], Exit.DONE, "nothing-to-do"),
    ("unfinished", ["make pending", "carry out the rest", "test"], Exit.DONE, "done"),
    ("failed", ["make pending", "carry out the rest", "test"], Exit.DONE, "done"),
    ("unfinished-undo", ["put back"], Exit.DONE, "put-back"),
]


@pytest.mark.parametrize(("state", "calls", "exit_code", "ending"), RESUMED)
def test_resume_goes_on_with_what_was_cut_short(
    state: str | None, calls: list[str], exit_code: Exit, ending: str
) -> None:
    script = Script()
    printer = Printer(io.StringIO())
    found = beginning(unfinished=unfinished_run(state) if state is not None else None)
    with scripted(script):
        report = unattended.resume(
            Here(),
            found,
            parse(["resume"]),
            InWords(printer, printer),
            Stopping(printer.sentence),
            lambda _text: True,  # type: ignore[arg-type]
        )
    assert (script.calls, report.exit, report.ending) == (calls, exit_code, ending)


def test_on_another_system_than_arch_nothing_is_planned() -> None:
    script = Script()
    with pytest.raises(BadInput, match="not Arch Linux") as refused:
        run(script, found=replace(beginning(), facts=Facts(os_name="Other 1")))
    assert "--pretend" in refused.value.problem.hint
    assert script.calls == []


def test_who_may_not_read_what_earlier_runs_left_is_not_told_that_there_are_none() -> None:
    printer = Printer(io.StringIO())
    with scripted(Script()), pytest.raises(BadInput, match="root"):
        unattended.resume(
            Here(root=False),
            replace(beginning(), is_hidden=True),
            parse(["resume"]),
            InWords(printer, printer),
            Stopping(printer.sentence),
            lambda _text: True,  # type: ignore[arg-type]
        )
