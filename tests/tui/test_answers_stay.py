"""Going back and forth among the questions loses nothing; what does not fit is refused in words."""

from dataclasses import replace

import pytest

from tests.tui.by_keys import Person, sitting_at
from tests.tui.fake_engine import PROFILE, Engine
from wizard import session
from wizard.ask.answers import Origin
from wizard.ask.question import Answer, SecretQuestion, SoFar
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.tui.screens.answers import AnswersScreen
from wizard.tui.screens.ask import AskScreen
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.preview import PreviewScreen


def answers(person: Person) -> dict[str, Answer]:
    """The answers in force."""
    return dict(session.so_far(person.app.walk.present).answers)


async def at_questions(person: Person) -> None:
    """Takes the first profile."""
    await person.press("enter")
    await person.sees("What is this machine called in mail?")


async def test_defaults_and_kept_answers_say_where_they_come_from(engine: Engine) -> None:
    engine.kept = {"root_mail": "bob"}
    async with sitting_at((100, 30)) as person:
        await at_questions(person)
        assert "proposed" in person.seen
        assert "kept from last time" in person.seen
        await person.write("x")
        await person.sees("given by you")


async def test_a_refused_answer_says_why_and_keeps_one_at_it(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("ctrl+u")
        await person.sees("[refused] A name is needed.")
        await person.sees("hint: For instance mail.example.org.")
        await person.press("enter")
        assert person.app.focused is person.app.screen.query_one("#hostname").query_one("TextEditor")
        await person.write("a.example.org")
        assert "[refused]" not in person.seen
        assert answers(person)["hostname"] == "a.example.org"


def _given(value: str, _so_far: SoFar) -> Problem | None:
    return None if value else Problem("A password is needed.")


ASKED = SecretQuestion(key="own", ask="Which password?", why="It opens the door.", section="Name", objection=_given)


async def test_a_question_that_waits_for_its_first_answer_is_not_called_refused(engine: Engine) -> None:
    engine.profiles = {"local_only": replace(PROFILE, questions=(*PROFILE.questions[:2], ASKED))}
    async with sitting_at() as person:
        await at_questions(person)
        await person.sees("Which password?")
        assert "[refused]" not in person.seen
        await person.press("f2")
        await person.sees("[to be answered]")
        await person.press("escape", "enter", "enter")
        assert "[refused]" not in person.seen
        await person.press("enter")  # it is left empty on the way on
        await person.sees("[refused] A password is needed.")
        await person.is_at(AskScreen)
        await person.write("x")
        assert "[refused]" not in person.seen


async def test_a_question_that_is_left_empty_is_called_refused(engine: Engine) -> None:
    engine.profiles = {"local_only": replace(PROFILE, questions=(ASKED, *PROFILE.questions[:2]))}
    async with sitting_at() as person:
        await at_questions(person)
        assert "[refused]" not in person.seen
        await person.press("tab")
        await person.sees("[refused] A password is needed.")


async def test_a_refused_answer_elsewhere_is_gone_to_instead_of_the_preview(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("ctrl+u", "f4")
        await person.sees("This answer is refused")
        await person.is_at(AskScreen)
        await person.sees("[refused] A name is needed.")


@pytest.mark.thorough
async def test_what_was_typed_and_refused_is_still_there_when_one_comes_back(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("down")
        await person.write(" two words")
        await person.press("up", "escape")
        await person.is_at(ChooseProfileScreen)
        await person.press("enter")
        await person.sees("alice two words")
        await person.sees("[refused] A name has no space in it.")


async def test_going_back_keeps_later_answers(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "down", "enter", "y")
        await person.sees("How many megabytes?")
        await person.press("down", "ctrl+u")
        await person.write("70")
        await person.press("escape")
        await person.sees("What is this machine called in mail?")
        await person.press("ctrl+u")
        await person.write("b.example.org")
        await person.press("escape")
        await person.is_at(ChooseProfileScreen)
        await person.press("enter")
        await person.sees("b.example.org")
        given = answers(person)
        assert (given["format"], given["limited"], given["limit"]) == ("maildir", True, "70")


async def test_a_question_that_depends_on_another_comes_and_goes_and_remembers(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "enter")
        assert "How many megabytes?" not in person.seen
        await person.press("y")
        await person.sees("How many megabytes?")
        await person.press("down", "ctrl+u")
        await person.write("99")
        await person.press("up", "n")
        await person.until(lambda: "How many megabytes?" not in person.seen)
        assert "limit" not in answers(person)
        await person.press("space")
        await person.sees("99")
        assert answers(person)["limit"] == "99"


async def test_a_list_is_filled_changed_sorted_and_emptied_by_keys(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "enter", "enter")
        await person.sees("Which addresses get a copy?")
        await person.press("a")
        for name in ("one", "two", "three"):
            await person.write(name)
            await person.press("enter")
        await person.press("escape")
        assert answers(person)["forwards"] == ("one", "two", "three")
        await person.press("u", "u")
        assert answers(person)["forwards"] == ("three", "one", "two")
        await person.press("d", "x")
        assert answers(person)["forwards"] == ("one", "two")
        await person.press("e")
        await person.write("!")
        await person.press("enter")
        assert answers(person)["forwards"] == ("one", "two!")
        await person.press("a")
        await person.write("not this")
        await person.press("enter")
        await person.sees("[refused] A name has no space in it.")
        assert answers(person)["forwards"] == ("one", "two!")
        await person.press("escape", "x", "x")
        assert answers(person)["forwards"] == ()


async def test_a_secret_is_made_once_and_never_shown_unless_asked(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "enter", "enter", "enter")
        await person.sees("Which password opens the mailbox?")
        assert "made-for-you" not in person.seen
        assert answers(person)["password"] == Secret("made-for-you")
        await person.press("ctrl+r")
        await person.sees("made-for-you")
        await person.press("ctrl+r", "ctrl+u")
        await person.write("own")
        assert answers(person)["password"] == Secret("own")
        assert "own" not in person.seen.replace("your own", "").replace("shown", "")


@pytest.mark.thorough
async def test_accepting_every_proposal_changes_no_answer(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        for _turn in range(6):
            await person.press("enter")
        await person.is_at(PreviewScreen)
        given = person.app.walk.present.answers
        assert {key for key, answered in given.items() if answered.origin is Origin.GIVEN} == set()


@pytest.mark.thorough
async def test_all_answers_lead_to_any_question(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("f2")
        await person.is_at(AnswersScreen)
        await person.sees("(set)")
        await person.press("down", "down", "enter")
        await person.sees("Part 2 of 3")
        await person.sees("How is mail kept?")


async def test_a_choice_moves_by_arrows_and_leads_out_at_its_ends(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter")
        await person.sees("(*) One file per user")
        await person.press("down")
        await person.sees("(*) One file per mail")
        await person.press("down")
        assert person.app.screen.query_one("#limited").has_class("-current")


@pytest.mark.thorough
async def test_the_present_item_of_a_list_is_pointed_at_as_soon_as_one_is_there(engine: Engine) -> None:
    engine.kept = {"forwards": ("one", "two")}
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "enter", "enter")
        await person.sees("▸ one")
        await person.press("down")
        await person.sees("▸ two")
        await person.press("enter")
        await person.until(lambda: "▸" not in person.seen)


async def test_what_the_machine_says_and_what_speaks_against_an_answer_are_shown(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.sees("here The name comes from /etc/hostname.")
        assert "[warning]" not in person.seen
        await person.press("ctrl+u")
        await person.write("box.lan")
        await person.sees("[warning] Only this house knows it. Buy one.")
        await person.press("enter")
        await person.sees("Cron and monitoring write to root.")  # a warning refuses nothing


@pytest.mark.thorough
async def test_an_item_is_asked_for_in_its_form(engine: Engine) -> None:
    async with sitting_at() as person:
        await at_questions(person)
        await person.press("enter", "enter", "enter", "enter", "a")
        await person.sees("name: readers")
