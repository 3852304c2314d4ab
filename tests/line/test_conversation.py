"""The conversation with plain prompts, from the first question to the report."""

import pytest

from tests.line.conftest import Hold
from tests.line.sample import PASSWORD, STEPS, Script, beginning, defaults, unfinished_run
from wizard.apply.events import Ending
from wizard.check.finding import Finding, Verdict
from wizard.command_line import Exit
from wizard.plan.ledger import Conflict
from wizard.plan.make_plan import Plan, PlannedStep
from wizard.secret import Secret

# Enter at the profile, at six questions, and at the summary.
ALL_DEFAULTS = [""] * 8
YES = [*ALL_DEFAULTS, "1"]


def test_accepting_every_proposal_gives_the_defaults(hold: Hold) -> None:
    script = Script()
    report, _text = hold(YES, script=script)
    assert script.made_from == [defaults()]
    assert script.calls == ["make", "carry out", "test"]
    assert (report.exit, report.ending) == (Exit.DONE, "done")


def test_every_question_says_what_it_is_for(hold: Hold) -> None:
    _report, text = hold(YES)
    for why in ("It is said in the greeting", "It stands behind the @", "It is how programs find mail"):
        assert why in text


def test_what_was_found_is_said_before_anything_is_asked(hold: Hold) -> None:
    _report, text = hold(YES)
    assert text.index("What was found") < text.index("System: arch") < text.index("What shall this machine do")
    assert "Listening on the ports of mail: nobody" in text


def test_what_the_machine_says_stands_with_the_question(hold: Hold) -> None:
    _report, text = hold(YES)
    assert text.index("This machine calls itself nothing.") < text.index("What is the name?")


def test_a_warning_is_said_and_refuses_nothing(hold: Hold) -> None:
    report, text = hold(["", "box.lan", *YES[2:]])
    assert "[warning] Only this house knows it.\nhint: Buy one." in text
    assert "       box.lan (given by you)\n       [warning] Only this house knows it." in text
    assert report.exit is Exit.DONE


def test_the_plan_is_shown_with_its_diff_before_anything_is_asked(hold: Hold) -> None:
    _report, text = hold(YES)
    assert (
        text.index("+inet_interfaces = loopback-only") < text.index("Go ahead?") < text.index("[1/2]", text.index("Go"))
    )
    assert "-inet_interfaces = all" in text
    assert "before: (built-in default)" in text


def test_the_report_says_how_to_undo(hold: Hold) -> None:
    report, text = hold(YES)
    assert report.can_undo
    assert "postwizard undo 20250101T000000Z" in text


def test_answers_are_taken_in_the_order_of_the_questions(hold: Hold) -> None:
    script = Script()
    typed = ["1", "mx.example.net", "", "1", "no", PASSWORD, PASSWORD, "", "1"]
    hold(typed, script=script)
    assert script.made_from == [
        {
            "name": "mx.example.net",
            "domain": "example.net",
            "format": "mbox",
            "forward": False,
            "password": Secret(PASSWORD),
        }
    ]


def test_a_secret_is_never_printed(hold: Hold) -> None:
    _report, text = hold(["", "", "", "", "", "", PASSWORD, PASSWORD, "", "1"])
    assert PASSWORD not in text


def test_a_secret_that_is_typed_differently_is_asked_again(hold: Hold) -> None:
    script = Script()
    _report, text = hold(["", "", "", "", "", "", PASSWORD, "another", PASSWORD, PASSWORD, "", "1"], script=script)
    assert "The two are not the same." in text
    assert script.made_from[0]["password"] == Secret(PASSWORD)


def test_going_back_keeps_the_later_answers(hold: Hold) -> None:
    script = Script()
    typed = ["", "one.example.org", "kept.example.org", "<", "<", "two.example.org", "", "", "", "", "", "", "1"]
    hold(typed, script=script)
    assert script.made_from[0]["name"] == "two.example.org"
    assert script.made_from[0]["domain"] == "kept.example.org"


def test_going_back_from_the_first_question_leads_to_the_profiles(hold: Hold) -> None:
    report, text = hold(["", "back", *YES])
    assert text.count("What shall this machine do with mail?") == 2
    assert report.exit is Exit.DONE


def test_a_question_mark_explains_more_and_asks_again(hold: Hold) -> None:
    report, text = hold(["", "?", *YES[1:]])
    assert "Manual: postconf(5): myhostname" in text
    assert "In an answers file this is name." in text
    assert text.count("What is the name?") == 3  # asked, asked again, and in the summary
    assert report.exit is Exit.DONE


def test_an_explained_choice_says_what_each_means(hold: Hold) -> None:
    _report, text = hold(["", "", "", "?", *YES[3:]])
    assert "One file: All mail in one file." in text


def test_a_number_in_the_summary_changes_that_answer(hold: Hold) -> None:
    script = Script()
    hold([*ALL_DEFAULTS[:-1], "2", "other.example", "", "1"], script=script)
    assert script.made_from[0]["domain"] == "other.example"


@pytest.mark.parametrize("typed", ["0", "7", "-1", "x", "1.5", "²", "٣", "99999999999999999999"])
def test_a_number_that_is_not_in_the_summary_is_refused(hold: Hold, typed: str) -> None:
    report, text = hold([*ALL_DEFAULTS[:-1], typed, "", "1"])
    assert f"There is no answer {typed}." in text
    assert report.exit is Exit.DONE


def test_going_back_from_the_summary_leads_to_the_last_question(hold: Hold) -> None:
    report, text = hold([*ALL_DEFAULTS[:-1], "<", *ALL_DEFAULTS[-2:], "1"])
    assert text.count("Question 6 of 6") == 2
    assert report.exit is Exit.DONE


HOSTILE = [
    " ", "a b", "two\twords", "\x1b[2J", "\x00", "a\x07b", "\u202eevil", "a\x9bb", "new\x0bline", "a\rb",
    "\u2028", "a b" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_answer_is_refused_and_asked_again(hold: Hold, value: str) -> None:
    script = Script()
    is_enter = not value.strip()
    report, text = hold(["", value, *YES[2 if is_enter else 1 :]], script=script)
    if not is_enter:
        assert "That is no name." in text
        assert "hint: A name has no white space." in text
    assert script.made_from == [defaults()]
    assert report.exit is Exit.DONE
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "value", ["$(reboot)", "`id`", "';drop", "[bold]", "{0}", "%s", "かな", "📮", "a" * 5000, "-", "..", "${x}"]
)
def test_a_strange_answer_arrives_as_it_is(hold: Hold, value: str) -> None:
    script = Script()
    hold(["", value, "d", *YES[3:]], script=script)
    assert script.made_from[0]["name"] == value


@pytest.mark.parametrize("value", ["3", "0", "-1", "ONE", "yes", "\x1b[A", "1 2", "²"])
def test_a_choice_that_is_not_offered_is_refused_and_asked_again(hold: Hold, value: str) -> None:
    report, text = hold(["", "", "", value, *YES[3:]])
    assert text.count("Which mailbox format?") == 3  # asked, asked again, and in the summary
    assert "is none of these. Type a number from 1 to 2." in text
    assert report.exit is Exit.DONE


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("", ("alice", "bob")),
        ("-", ()),
        ("carol", ("carol",)),
        (" a ,, b ,", ("a", "b")),
        (r"a\,b, c", ("a,b", "c")),
    ],
)
def test_a_list_is_typed_on_one_line(hold: Hold, typed: str, items: tuple[str, ...]) -> None:
    script = Script()
    hold(["", "", "", "", "", typed, "", "", "1"], script=script)
    assert script.made_from[0]["targets"] == items


def test_a_list_is_judged_as_a_whole(hold: Hold) -> None:
    report, text = hold(["", "", "", "", "", "a,b,c,d", *YES[5:]])
    assert "Three at most." in text
    assert report.exit is Exit.DONE


@pytest.mark.parametrize("keys", range(9))
def test_leaving_at_any_prompt_changes_nothing(hold: Hold, keys: int) -> None:
    script = Script()
    with pytest.raises(KeyboardInterrupt):
        hold([*YES[:keys], "^C"], script=script)
    with pytest.raises(EOFError):
        hold(YES[:keys], script=script)
    assert "carry out" not in script.calls


def test_the_answer_to_go_ahead_is_no_unless_said_otherwise(hold: Hold) -> None:
    script = Script()
    report, _text = hold([*ALL_DEFAULTS, ""], script=script)
    assert script.calls == ["make"]
    assert (report.exit, report.ending) == (Exit.CANCELLED, "cancelled")


def test_from_the_plan_one_can_go_back_to_the_answers(hold: Hold) -> None:
    script = Script()
    hold([*ALL_DEFAULTS, "3", "changed.example.org", *YES[2:]], script=script)
    assert [answers["name"] for answers in script.made_from] == ["mail.example.org", "changed.example.org"]


def test_a_second_run_has_nothing_to_do(hold: Hold) -> None:
    script = Script(plan=Plan("sample", ()))
    report, text = hold(ALL_DEFAULTS, script=script)
    assert "Nothing is left to do." in text
    assert report.exit is Exit.DONE
    assert script.calls == ["make"]


def test_a_dry_run_ends_with_the_plan(hold: Hold) -> None:
    script = Script()
    report, _text = hold(ALL_DEFAULTS, "--dry-run", script=script)
    assert (report.exit, report.ending, script.calls) == (Exit.DONE, "planned", ["make"])


def test_answers_can_be_written_instead_of_carried_out(hold: Hold) -> None:
    saved: list[str] = []
    script = Script()
    report, _text = hold(ALL_DEFAULTS, "--write-answers", "new.toml", script=script, saved=saved)
    assert saved == ['profile = "sample"\n']
    assert (report.ending, script.calls) == ("written", [])


def test_who_is_not_root_is_told_so_first_and_cannot_apply(hold: Hold) -> None:
    script = Script()
    report, text = hold([*ALL_DEFAULTS, "1"], root=False, script=script)
    assert text.index("This is not root") < text.index("What shall this machine do with mail?")
    assert "+inet_interfaces = loopback-only" in text
    assert script.calls == ["make"]
    assert report.exit is Exit.CANCELLED


def test_a_profile_that_is_named_is_not_asked_for(hold: Hold) -> None:
    report, text = hold(YES[1:], "--profile", "sample")
    assert "What shall this machine do with mail?" not in text
    assert report.exit is Exit.DONE


def test_kept_answers_are_offered_again_with_their_origin(hold: Hold) -> None:
    script = Script()
    found = beginning(last_profile="sample", kept={"name": "kept.example.org"})
    _report, text = hold(YES, script=script, found=found)
    assert script.made_from[0]["name"] == "kept.example.org"
    assert "kept.example.org (kept from last time)" in text


AFTER_FAILURE = [
    (Ending.FAILED, "1", Ending.PUT_BACK, Exit.FAILED, "put-back"),
    (Ending.FAILED, "2", Ending.PUT_BACK, Exit.NOT_PUT_BACK, "failed"),
    (Ending.FAILED, "1", Ending.NOT_ALL_PUT_BACK, Exit.NOT_PUT_BACK, "not-all-put-back"),
    (Ending.STOPPED, "1", Ending.PUT_BACK, Exit.CANCELLED, "put-back"),
    (Ending.STOPPED, "2", Ending.PUT_BACK, Exit.NOT_PUT_BACK, "stopped"),
    (Ending.FAILED, "^C", Ending.PUT_BACK, Exit.NOT_PUT_BACK, "failed"),
]


@pytest.mark.parametrize(("ending", "typed", "after", "exit_code", "name"), AFTER_FAILURE)
def test_after_a_failure_the_person_decides(
    hold: Hold, ending: Ending, typed: str, after: Ending, exit_code: Exit, name: str
) -> None:
    script = Script(ending=ending, after_put_back=after)
    report, text = hold([*YES, typed], script=script)
    assert (report.exit, report.ending) == (exit_code, name)
    assert ("put back" in script.calls) == (typed == "1")
    assert "test" not in script.calls
    if ending is Ending.FAILED:
        assert "[failed] The disk is full." in text


def test_a_lost_terminal_after_a_failure_leaves_the_run_for_the_next_start(hold: Hold) -> None:
    script = Script(ending=Ending.FAILED)
    report, _text = hold(YES, script=script)  # nobody types any more
    assert (report.exit, script.calls) == (Exit.NOT_PUT_BACK, ["make", "carry out"])


VERDICTS = [
    (Verdict.GOOD, Exit.DONE, "[ok]"),
    (Verdict.DOUBTFUL, Exit.DONE, "[warning]"),
    (Verdict.UNKNOWN, Exit.DONE, "[not checked]"),
    (Verdict.BAD, Exit.NOT_VERIFIED, "[failed]"),
]


@pytest.mark.parametrize(("verdict", "exit_code", "word"), VERDICTS)
def test_what_the_test_sends_found_is_said_in_words(hold: Hold, verdict: Verdict, exit_code: Exit, word: str) -> None:
    script = Script(findings=(Finding(verdict, "Mail to root", "a log line", "Look at the log."),))
    report, text = hold(YES, script=script)
    assert report.exit is exit_code
    assert f"{word} Mail to root\n    a log line\n    hint: Look at the log." in text


def test_the_dialogue_of_a_test_send_is_shown(hold: Hold) -> None:
    _report, text = hold(YES)
    assert "[ok] 0.01 s  Connection\n        220 mail.example.org ESMTP\n        EHLO localhost\n" in text


UNFINISHED = [
    ("1", "1", ["make pending", "carry out the rest", "test"], Exit.DONE),
    ("2", None, ["put back"], Exit.DONE),
    ("3", None, [], Exit.CANCELLED),
    ("", None, [], Exit.CANCELLED),
]


@pytest.mark.parametrize(("picked", "confirmed", "calls", "exit_code"), UNFINISHED)
def test_an_unfinished_run_is_decided_on_first(
    hold: Hold, picked: str, confirmed: str | None, calls: list[str], exit_code: Exit
) -> None:
    script = Script()
    typed = [picked] if confirmed is None else [picked, confirmed]
    report, text = hold(typed, script=script, found=beginning(unfinished=unfinished_run()))
    assert "An earlier run did not come to its end." in text
    assert "1. [done] First" in text
    assert "2. [not done] Second" in text
    assert script.calls == calls
    assert report.exit is exit_code


def test_putting_back_that_was_cut_short_can_only_be_gone_on_with(hold: Hold) -> None:
    script = Script()
    report, text = hold(["1"], script=script, found=beginning(unfinished=unfinished_run("unfinished-undo")))
    assert "Go on with it" not in text
    assert (script.calls, report.exit) == (["put back"], Exit.DONE)


def test_settings_that_a_person_changed_are_named_before_they_are_overwritten(hold: Hold) -> None:
    planned = STEPS[0]
    conflict = Conflict(name="parameter:inet_interfaces", ours="loopback-only", now="all", wanted="loopback-only")
    plan = Plan("sample", (PlannedStep(planned.step, planned.preview, planned.changes, (conflict,)),))
    _report, text = hold(YES, script=Script(plan=plan))
    assert "found now: all" in text
    assert "1 setting that a person changed would be overwritten." in text
    assert "Yes, and overwrite them" in text


def test_no_line_needs_more_than_a_terminal_of_eighty_columns(hold: Hold) -> None:
    _report, text = hold(YES)
    assert max(len(line) for line in text.splitlines()) < 80


def test_nothing_in_the_text_moves_the_cursor(hold: Hold) -> None:
    _report, text = hold(YES)
    assert all(character == "\n" or character.isprintable() for character in text)


def test_a_kept_answer_that_no_longer_holds_gives_way_to_the_proposal(hold: Hold) -> None:
    script = Script()
    hold(YES, script=script, found=beginning(last_profile="sample", kept={"name": "no good"}))
    assert script.made_from == [defaults()]
