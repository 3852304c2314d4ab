"""Answers files: what is written is read back, and what is wrong is said all at once, with the line or the key."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers.machines import ALL, EMPTY
from wizard.ask.answers import UnusableAnswers, read_answers, write_answers
from wizard.ask.question import (
    Answer,
    Choice,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    SoFar,
    TextQuestion,
    YesNoQuestion,
)
from wizard.catalogue import all_profiles
from wizard.plan.profile import Profile
from wizard.problem import BadInput
from wizard.secret import Secret

QUESTIONS = (
    TextQuestion(key="hostname", ask="What is its name?", why="w"),
    ChoiceQuestion(
        key="kind",
        ask="Which?",
        why="w",
        choices=lambda _so_far: (Choice("a", "A"), Choice("b", "B")),
        default=lambda _so_far: "a",
    ),
    YesNoQuestion(key="listens", ask="Shall\nit # listen?", why="w"),
    ListQuestion(key="names", ask="Which names?", why="w"),
    SecretQuestion(key="relay_password", ask="Which password?", why="w"),
)
PROFILES = {"small": Profile(title="t", summary="s", questions=QUESTIONS, desired=lambda _so_far: ())}
TOP = 'format = 1\nprofile = "small"\n[answers]\n'


def problems_of(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(UnusableAnswers) as caught:
        read_answers(text, PROFILES)
    assert isinstance(caught.value, BadInput)
    assert all(problem.what and problem.hint for problem in caught.value.problems)
    for problem in caught.value.problems:
        assert problem.what in str(caught.value.problem)
    return tuple(str(problem) for problem in caught.value.problems)


def test_a_good_file_is_read() -> None:
    text = TOP + 'hostname = "a.example"\nkind = "b"\nlistens = true\nnames = ["x", "y"]\n'
    wanted = {"hostname": "a.example", "kind": "b", "listens": True, "names": ("x", "y")}
    for form in (text, text.encode(), "\ufeff" + text, text.replace("\n", "\r\n"), "# a comment\n" + text):
        assert read_answers(form, PROFILES) == ("small", wanted)


def test_answers_may_be_left_out() -> None:
    assert read_answers('format = 1\nprofile = "small"\n', PROFILES) == ("small", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n\n", "empty"),
        (b"\xff\xfe", "Line 1 of the answers file is not UTF-8"),
        (TOP.encode() + b'hostname = "\xe9"\n', "Line 4 of the answers file is not UTF-8"),
        (TOP + "hostname = box\n", "Line 4 of the answers file is not TOML"),
        (TOP + 'hostname = "a\nb"\n', "Line 4 of the answers file is not TOML"),
        (TOP + "hostname\n", "Line 4 of the answers file is not TOML"),
        (TOP + 'hostname = "a\0b"\n', "not TOML"),
        (TOP + 'hostname = "\\x41"\n', "not TOML"),
        (TOP + 'hostname = "a"\nhostname = "b"\n', "given before"),
        (TOP + "names = " + "[" * 5000, "nested too deeply"),
        ("x" * 2_000_000, "too large"),
        ('profile = "small"\n', "does not say its format"),
        ('format = 2\nprofile = "small"\n', "format = 1"),
        ('format = true\nprofile = "small"\n', "format = 1"),
        ('format = "1"\nprofile = "small"\n', "format = 1"),
        ("format = 1\n", "does not name a profile"),
        ("format = 1\nprofile = 3\n", "profile is not text"),
        ('format = 1\nprofile = "smal"\n', "Did you mean small?"),
        ('format = 1\nprofile = "zzz"\n', "Known are: small"),
        ('format = 1\nprofile = "small"\nanswers = 3\n', "not a table"),
        ('format = 1\nprofile = "small"\nhostname = "x"\n', "Known are: format, profile, answers"),
        ('format = 1\nprofile = "small"\n[answer]\n', "Did you mean answers?"),
        (TOP + 'hostnam = "x"\n', "Did you mean hostname?"),
        (TOP + 'zzzzz = "x"\n', "Known are: hostname, kind"),
        (TOP + 'Hostname = "x"\n', "Did you mean hostname?"),
        (TOP + "hostname = 3\n", 'hostname = "3"'),
        (TOP + "hostname = 1.5\n", 'hostname = "1.5"'),
        (TOP + "hostname = true\n", 'hostname = "yes"'),
        (TOP + "hostname = 2026-01-01\n", "something else"),
        (TOP + 'hostname = ["x"]\n', "a list"),
        (TOP + "hostname = {}\n", "a text in quotes"),
        (TOP + "kind = 1\n", 'kind = "1"'),
        (TOP + 'listens = "yes"\n', "without quotes"),
        (TOP + "listens = 1\n", "listens = true"),
        (TOP + 'names = "x"\n', 'names = ["one", "two"]'),
        (TOP + 'names = ["x", 1]\n', "a list of texts"),
        (TOP + 'relay_password = "hunter2"\n', "--secret relay_password=FILE"),
    ],
)
def test_each_mistake_is_named(text: str | bytes, said: str) -> None:
    problems = problems_of(text)
    assert len(problems) == 1
    assert said in problems[0]


def test_all_mistakes_are_named_at_once() -> None:
    text = 'format = 3\nprofile = "small"\nmore = 1\n[answers]\nhostname = 1\nkinds = "a"\nlistens = "no"\nnames = 0\n'
    assert len(problems_of(text)) == 6


def test_a_secret_in_the_file_is_not_repeated() -> None:
    for text in (
        TOP + 'relay_password = "hunter2"\n',
        TOP + 'relay_password = "hunter2\n',
        TOP + 'hunter = "hunter2"\n',
    ):
        assert not any("hunter2" in problem for problem in problems_of(text))


def test_the_written_file_asks_its_questions_in_comments_and_keeps_no_secret() -> None:
    answers: dict[str, Answer] = {
        "hostname": 'a "quoted" \\ name # no comment',
        "kind": "a",
        "listens": False,
        "names": ("x, y", "z"),
        "relay_password": Secret("hunter2"),
    }
    text = write_answers("small", answers, QUESTIONS)
    assert text.splitlines()[0].startswith("#")
    assert "# What is its name?\nhostname = " in text
    assert "# Shall it # listen?\nlistens = false" in text
    assert "hunter2" not in text
    assert "relay_password" not in tomllib.loads(text)["answers"]
    profile_id, read = read_answers(text, PROFILES)
    assert profile_id == "small"
    assert read == {key: value for key, value in answers.items() if key != "relay_password"}


# A lone surrogate is no text: UTF-8, and so TOML, cannot hold one.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(hostname=TEXTS, listens=st.booleans(), names=st.lists(TEXTS))
def test_whatever_was_answered_is_read_back(hostname: str, listens: bool, names: list[str]) -> None:
    answers: dict[str, Answer] = {"hostname": hostname, "listens": listens, "names": tuple(names)}
    text = write_answers("small", answers, QUESTIONS)
    assert read_answers(text, PROFILES) == ("small", answers)
    assert read_answers(text.encode(), PROFILES) == ("small", answers)


@pytest.mark.parametrize("machine", ALL)
@pytest.mark.parametrize("profile_id", all_profiles())
def test_the_defaults_of_each_profile_are_read_back(profile_id: str, machine: str) -> None:
    profiles = all_profiles()
    answers: dict[str, Answer] = {}
    for question in profiles[profile_id].questions:
        if not isinstance(question, SecretQuestion) and question.when(SoFar(answers, ALL[machine])):
            answers[question.key] = question.default(SoFar(answers, ALL[machine]))
    text = write_answers(profile_id, answers, profiles[profile_id].questions)
    assert read_answers(text, profiles) == (profile_id, answers)
    assert EMPTY.host_name == ""


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parent.parent / "answers").glob("*.toml")), ids=lambda path: path.stem
)
def test_each_answers_file_here_can_be_read_and_names_its_machine(path: Path) -> None:
    assert path.read_text().startswith("# For a machine")
    profile_id, answers = read_answers(path.read_bytes(), all_profiles())
    assert path.stem.startswith(profile_id)
    assert answers
