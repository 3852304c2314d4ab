"""The questionary prompts, with a pipe for a keyboard."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output

from tests.line.sample import PASSWORD, QUESTIONS, Script, beginning, defaults, scripted
from wizard import session as engine
from wizard.ask.question import Answer, AnyQuestion, SoFar
from wizard.command_line import Exit, parse
from wizard.line.asking import ask_all
from wizard.line.conversation import Conversation
from wizard.line.in_words import InWords
from wizard.line.printer import Printer
from wizard.line.prompts import Move, Offer
from wizard.line.questionary_prompts import QuestionaryPrompts, answer_in
from wizard.line.stopping import Stopping
from wizard.machine.facts import Facts
from wizard.secret import Secret

ENTER, DOWN, UP, CLEAR, CONTROL_C, CONTROL_D = "\r", "\x1b[B", "\x1b[A", "\x15", "\x03", "\x04"
NOTHING_YET = SoFar({}, Facts())
BY_KEY = {question.key: question for question in QUESTIONS}


@contextmanager
def keys(typed: str) -> Iterator[QuestionaryPrompts]:
    """Prompts on which these keys are pressed."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(typed + CONTROL_C * 3)  # so that a test that wants more keys fails, and does not wait
        yield QuestionaryPrompts(colour=False, ascii_only=False)


@pytest.mark.parametrize("key", BY_KEY)
def test_all_that_the_toolkit_shows_is_ascii_where_that_is_wanted(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("wizard.line.questionary_prompts._", lambda text: f"“{text}” é")
    output = Vt100_Output(stream, lambda: Size(rows=40, columns=100), term="vt100")
    question = replace(BY_KEY[key], ask="„Which“ one …?")
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=output):
        pipe.send_text("x" + ENTER + "x" + ENTER + ENTER)
        prompts = QuestionaryPrompts(colour=False, ascii_only=True)
        prompts.answer(question, defaults()[key], NOTHING_YET)
        pipe.send_text(ENTER * 3)
        prompts.pick("“Go” ahead?", (Offer("no", "“No”"), Offer("yes", "Yes →")), "no")
        prompts.text("“More”?")
    shown = stream.getvalue()
    assert "ahead" in shown
    assert shown.isascii(), [character for character in shown if not character.isascii()]


ANSWERS = [
    ("name", "mail.example.org", ENTER, "mail.example.org"),
    ("name", "old", CLEAR + "new.example.org" + ENTER, "new.example.org"),
    ("name", "", "  white  " + ENTER, "white"),
    ("name", "", "?" + ENTER, Move.EXPLAIN),
    ("name", "x", CLEAR + "<" + ENTER, Move.BACK),
    ("name", "x", "?" + ENTER, Move.EXPLAIN),  # behind what was filled in, where nobody clears the line first
    ("name", "x", "<" + ENTER, Move.BACK),
    ("name", "mail", "back" + ENTER, "mailback"),
    ("name", "x", "y?" + ENTER, "xy?"),
    ("targets", ("a", "b"), "?" + ENTER, Move.EXPLAIN),
    ("name", "x", CLEAR + "back" + ENTER, Move.BACK),
    ("format", "maildir", ENTER, "maildir"),
    ("format", "mbox", DOWN + ENTER, "maildir"),
    ("format", "mbox", DOWN + DOWN + ENTER, Move.EXPLAIN),
    ("format", "mbox", DOWN + DOWN + DOWN + ENTER, Move.BACK),
    ("format", "no longer offered", ENTER, "mbox"),
    ("forward", True, ENTER, True),
    ("forward", False, ENTER, False),
    ("forward", True, DOWN + ENTER, False),
    ("targets", ("a", "b"), ENTER, ("a", "b")),
    ("targets", ("a", "b"), ", c" + ENTER, ("a", "b", "c")),
    ("targets", ("a", "b"), CLEAR + ENTER, ()),
    ("targets", ("a,b",), ENTER, ("a,b",)),
    ("password", Secret("made"), ENTER, Secret("made")),
    ("password", Secret("made"), PASSWORD + ENTER + PASSWORD + ENTER, Secret(PASSWORD)),
    ("password", Secret("made"), "one" + ENTER + "two" + ENTER + "three" + ENTER + "three" + ENTER, Secret("three")),
    ("password", Secret("made"), "<" + ENTER, Move.BACK),
]


@pytest.mark.parametrize(("key", "proposed", "typed", "expected"), ANSWERS)
def test_keys_give_an_answer_or_a_move(key: str, proposed: Answer, typed: str, expected: object) -> None:
    with keys(typed) as prompts:
        assert prompts.answer(BY_KEY[key], proposed, NOTHING_YET) == expected


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
@pytest.mark.parametrize(("key", "error"), [(CONTROL_C, KeyboardInterrupt)])
def test_control_c_leaves_at_every_kind_of_question(
    question: AnyQuestion, key: str, error: type[BaseException]
) -> None:
    with keys(key) as prompts, pytest.raises(error):
        prompts.answer(question, Secret("") if question.key == "password" else "", NOTHING_YET)


def test_accepting_every_proposal_gives_the_same_answers_as_every_other_front() -> None:
    printer = Printer(io.StringIO())
    with keys(ENTER * 7) as prompts:
        session = ask_all(engine.choose(beginning(), "sample"), prompts, printer)
    assert session is not None
    assert dict(engine.so_far(session).answers) == defaults()


def test_a_whole_conversation_is_held_by_keys() -> None:
    stream = io.StringIO()
    printer = Printer(stream)
    with keys(ENTER * 8 + UP + ENTER) as prompts, scripted(Script()) as script:
        report = Conversation(
            machine=type("Here", (), {"is_root": lambda _self: True})(),
            options=parse(["--line"]),
            prompts=prompts,
            printer=printer,
            voice=InWords(printer, printer),
            stopping=Stopping(printer.sentence),
            save_answers=lambda _text: None,
        ).hold(beginning())
    assert (report.exit, script.calls) == (Exit.DONE, ["make", "carry out", "test"])


def test_yes_needs_its_own_choice() -> None:
    with keys(ENTER) as prompts:
        assert prompts.yes("Go ahead?") is False
    with keys(DOWN + ENTER) as prompts:
        assert prompts.yes("Go ahead?") is True


def test_an_offer_is_picked_by_arrow_keys() -> None:
    offers = [Offer("a", "First"), Offer("b", "Second")]
    with keys(DOWN + ENTER) as prompts:
        assert prompts.pick("Which?", offers, "a") == "b"


def test_what_is_given_back_for_nothing_is_what_was_proposed() -> None:
    assert answer_in(BY_KEY["password"], "", Secret("kept"), NOTHING_YET) == Secret("kept")
