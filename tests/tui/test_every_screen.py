"""What holds for every screen: reached and left by keys, help, nothing cut off, foreign text intact, ASCII only."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import Screen

from tests.tui.by_keys import Person, applied, sitting_at
from tests.tui.fake_engine import HOSTILE, STEPS, Engine, a_run, step, text_profile
from wizard.check.finding import Finding, Stage, Verdict
from wizard.problem import Problem
from wizard.tui.screens.accounts import AccountsScreen
from wizard.tui.screens.answers import AnswersScreen
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.ask import AskScreen
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.dns import DnsScreen
from wizard.tui.screens.help import HelpScreen
from wizard.tui.screens.mail_tests import MailTestsScreen
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.screens.report import ReportScreen
from wizard.tui.screens.save_as import SaveAs
from wizard.tui.screens.snapshots import SnapshotsScreen
from wizard.tui.screens.unfinished import UnfinishedScreen
from wizard.tui.screens.wizard_screen import WizardScreen

SIZES = [(60, 20), (80, 24), (120, 40)]


async def to_ask(person: Person) -> None:
    await person.press("enter")
    await person.is_at(AskScreen)
    await person.sees("Part 1 of")


async def to_preview(person: Person) -> None:
    await to_ask(person)
    await person.press("f4")
    await person.is_at(PreviewScreen)
    await person.sees("3 steps are left to do")


async def to_tests(person: Person) -> None:
    await applied(person)
    await person.sees("All steps are done.")
    await person.press("t")
    await person.is_at(MailTestsScreen)
    await person.until(lambda: person.app.walk.findings is not None)


async def to_report(person: Person) -> None:
    await to_tests(person)
    await person.press("enter")
    await person.is_at(ReportScreen)


async def tour(person: Person) -> AsyncIterator[type[Screen[Any]]]:
    """Every screen and dialog of a visit, one after the other."""
    await person.is_at(ChooseProfileScreen)
    yield ChooseProfileScreen
    await to_ask(person)
    yield AskScreen
    await person.press("f2")
    await person.is_at(AnswersScreen)
    yield AnswersScreen
    await person.press("escape", "f4")
    await person.sees("3 steps are left to do")
    yield PreviewScreen
    await person.press("enter")
    await person.is_at(Confirm)
    yield Confirm
    await person.press("y")
    await person.sees("All steps are done.")
    yield ApplyScreen
    await person.press("t")
    await person.until(lambda: person.app.walk.findings is not None)
    yield MailTestsScreen
    await person.press("enter")
    await person.is_at(ReportScreen)
    yield ReportScreen
    await person.press("w")
    await person.is_at(SaveAs)
    yield SaveAs
    await person.press("escape", "f6")
    await person.is_at(SnapshotsScreen)
    await person.sees("changed")
    yield SnapshotsScreen


ON_THE_TOUR = {
    ChooseProfileScreen, AskScreen, AnswersScreen, PreviewScreen, ApplyScreen, MailTestsScreen, ReportScreen,
    SnapshotsScreen,
}  # fmt: skip
DIALOGS = {Confirm, SaveAs}


@pytest.fixture(autouse=True)
def _something_to_put_back(engine: Engine) -> None:
    engine.runs = [a_run()]


async def test_a_question_mark_opens_help_at_a_choice() -> None:
    async with sitting_at() as person:
        await to_ask(person)
        await person.press("enter", "enter", "question_mark")
        await person.is_at(HelpScreen)


@pytest.mark.thorough
async def test_escape_leads_back_to_the_first_screen_and_never_out() -> None:
    async with sitting_at() as person:
        for keys in (("f6",), ("enter",), ("enter", "f2"), ("enter", "f4")):
            await person.press(*keys)
            await person.press(*["escape"] * 6)
            await person.is_at(ChooseProfileScreen)
        for way in (applied, to_tests, to_report):
            await way(person)
            await person.press(*["escape"] * 3)
            await person.is_at(ChooseProfileScreen)
            await person.until(lambda: person.app.walk.beginning is not None)
        assert person.app.is_running


@pytest.mark.thorough
@pytest.mark.parametrize("size", SIZES)
async def test_on_every_screen_nothing_lies_outside_and_reduced_unicode_draws_with_ascii_only(
    size: tuple[int, int],
) -> None:
    async with sitting_at(size) as person:
        async for kind in tour(person):
            nothing_lies_outside(person, size)
            assert "Commands" in person.seen.splitlines()[-1] or kind in DIALOGS
            if size != (80, 24):
                continue  # whatever the size, the characters are the same
            person.app.action_toggle_reduced()
            await person.until(lambda: person.seen.isascii(), f"ASCII on {kind.__name__}")
            person.app.action_toggle_reduced()
            await person.until(lambda: not person.seen.isascii(), f"all characters again on {kind.__name__}")


@pytest.mark.thorough
async def test_every_screen_has_help_that_names_line_mode_first_and_the_palette_with_our_own_commands() -> None:
    visited = set()
    async with sitting_at() as person:
        async for kind in tour(person):
            if kind in DIALOGS:
                continue
            visited.add(kind)
            await person.press("f1")
            await person.is_at(HelpScreen)
            first = next(line for line in person.seen.splitlines() if "`" in line)
            assert "postwizard --line" in first
            assert "Keys here" in person.seen
            await person.press("escape")
            await person.is_at(kind)
            await person.press("ctrl+p")
            await person.is_at(CommandPalette)
            await person.sees("Dark or light")
            assert "Screenshot" not in person.seen
            await person.press("escape")
            await person.is_at(kind)
    assert visited == ON_THE_TOUR


def nothing_lies_outside(person: Person, size: tuple[int, int]) -> None:
    width, height = size
    for widget in person.app.screen.query(
        "JourneyBar, KeyBar, .headline, .dialog, #detail, WhatNow, QuestionField .ask"
    ):
        region = widget.region
        if widget.display and region.area:
            assert region.x >= 0, widget
            assert region.right <= width, widget
            if not widget.has_class("ask"):
                assert region.bottom <= height, widget


async def test_a_notice_is_drawn_with_ascii_only_too() -> None:
    async with sitting_at(reduced=True) as person:
        person.app.say_busy()
        await person.sees("The machine is being changed.")
        assert person.seen.isascii(), [character for character in person.seen if not character.isascii()]


async def test_a_notice_may_hold_any_words_and_its_punctuation_is_ascii_too() -> None:
    async with sitting_at(reduced=True) as person:
        person.app.notify("[/] [bold] “mine” …", title="„Not“ written")
        await person.sees('[/] [bold] "mine" ...')
        assert person.seen.isascii(), [character for character in person.seen if not character.isascii()]


@pytest.mark.thorough
@pytest.mark.parametrize("reduced", [True, False])
async def test_on_the_way_through_our_own_punctuation_is_drawn_as_the_terminal_can(
    engine: Engine, reduced: bool
) -> None:
    words = "say “no” to ‘maybe’ … or – „yes“ → •"
    _hostile_engine(engine, (words,))
    engine.notes = (words,)
    async with sitting_at((120, 40), reduced=reduced) as person:
        shown = 'say "no" to \'maybe\' ... or - "yes" -> *' if reduced else words
        for legs in (("enter",), ("enter", "enter", "enter"), ("enter", "y"), ("t",), ("enter",)):
            await person.sees(shown)
            # An answer in its field is as it was given.
            if reduced and not isinstance(person.app.screen, AskScreen):
                assert not set(person.seen) & set("“”„‘’…–•→")
            await person.press(*legs)
        await person.is_at(ReportScreen)
        await person.sees(shown)


async def test_our_own_punctuation_is_ascii_on_a_console_and_letters_stay(engine: Engine) -> None:
    words = "Say “no” to ‘maybe’ – or … かな"
    engine.profiles = {"one": replace(text_profile((words,)), title="One")}
    async with sitting_at(reduced=True) as person:
        await person.sees("Say \"no\" to 'maybe' - or ... かな")


async def test_reduced_unicode_is_turned_on_and_off_by_a_command() -> None:
    async with sitting_at() as person:
        assert not person.seen.isascii()
        await person.press("ctrl+p")
        await person.write("reduced")
        await person.sees("Reduced Unicode on or off")
        await person.press("down", "enter")
        await person.until(lambda: person.seen.isascii())


@pytest.mark.parametrize(
    "theme", ["dark", *(pytest.param(theme, marks=pytest.mark.thorough) for theme in ("light", "console"))]
)
async def test_the_theme_is_the_one_asked_for(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWIZARD_THEME", theme)
    async with sitting_at() as person:
        assert person.app.theme == f"postwizard-{theme}"
        await person.press("ctrl+t")
        assert person.app.theme != f"postwizard-{theme}"
        await to_ask(person)


async def test_no_color_takes_the_colours_and_leaves_the_words(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    engine.fails_at = 2
    async with sitting_at() as person:
        assert person.app.no_color
        await applied(person)
        await person.sees("[failed] Port 25 is taken by exim.")
        picture = person.app.export_screenshot()
    frame_of_the_picture = "c5c8c6"
    colours = set(re.findall(r"fill: #([0-9a-f]{6})", picture)) - {frame_of_the_picture}
    assert all(len({colour[0:2], colour[2:4], colour[4:6]}) == 1 for colour in colours), colours


@pytest.mark.thorough
async def test_below_60x20_it_says_so_and_takes_no_keys_but_to_leave(engine: Engine) -> None:
    async with sitting_at((80, 24)) as person:
        await to_preview(person)
        await person.pilot.resize_terminal(59, 24)
        await person.sees("the wizard needs 60x20 or more")
        await person.sees("postwizard --line")
        await person.press("enter")
        await person.is_at(PreviewScreen)
        await person.pilot.resize_terminal(80, 24)
        await person.sees("3 steps are left to do")
        await person.pilot.resize_terminal(80, 19)
        await person.sees("the wizard needs 60x20 or more")


def _hostile_engine(engine: Engine, texts: tuple[str, ...] = HOSTILE) -> None:
    engine.profiles = {"hostile": text_profile(texts)}
    engine.steps = tuple(
        replace(STEPS[1], step=step(text, why=text).step, preview=f"@@ -1 +1 @@\n-{text}\n+{text}") for text in texts
    )
    engine.stages = tuple(Stage(text, Verdict.GOOD, 0.1, (text,), text, text) for text in texts)
    engine.findings = tuple(Finding(Verdict.BAD, text, text, text) for text in texts)


@pytest.mark.thorough
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_text_of_others_is_shown_as_it_is_on_every_screen(engine: Engine, size: tuple[int, int]) -> None:
    _hostile_engine(engine)
    async with sitting_at(size) as person:
        for text in HOSTILE:
            await person.sees(text)
        await person.press("enter")
        await person.is_at(AskScreen)
        for text in HOSTILE:
            await person.sees(text)
            # The first part also holds the choice and the list.
            await person.press(*["enter"] * (3 if text == HOSTILE[0] else 1))
        await person.is_at(PreviewScreen)
        await person.sees("7 steps")
        for text in HOSTILE:
            await person.until(lambda text=text: f"+{text}" in person.seen and f"-{text}" in person.seen, text)
            await person.press("down")
        await person.press("enter", "y")
        await person.sees("All steps are done.")
        await person.press("l", "home")
        for text in HOSTILE:
            await person.sees(f"[done] {text}")
            await person.press("down")
        await person.press("t")
        await person.until(lambda: person.app.walk.findings is not None)
        await person.press("home", "down")  # the first line is the title of the mail
        for text in HOSTILE:
            await person.until(lambda text=text: person.seen.count(text) >= 3, text)
            await person.press("down")
        await person.press("enter")
        await person.is_at(ReportScreen)
        await person.press("end")


@pytest.mark.thorough
async def test_text_of_others_can_be_typed_and_kept(engine: Engine) -> None:
    _hostile_engine(engine)
    async with sitting_at() as person:
        await person.press("enter")
        await person.is_at(AskScreen)
        for text in ("[/]", "[bold]", "[$x"):
            await person.press("ctrl+u")
            await person.write(text)
            await person.sees(text)
            assert person.app.walk.present.answers["text0"].value == text


async def test_a_failure_with_hostile_words_is_shown_as_it_is(engine: Engine) -> None:
    engine.trouble = Problem("[/] [bold] \x1b[31m\u202e", "[$x")
    async with sitting_at() as person:
        await person.sees("[/] [bold] \\x1b[31m\\u202e")
        await person.sees("hint: [$x")


async def test_the_screens_open_before_the_machine_is_known(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    from tests.tui.fake_engine import NO_MACHINE
    from wizard import session
    from wizard.tui.app import WizardApp

    gate = Event()

    def slow(look: object) -> session.Beginning:
        gate.wait(20)
        return engine.begin(look)

    monkeypatch.setattr(session, "begin", slow)
    app = WizardApp(NO_MACHINE, reduced=False)
    async with app.run_test(size=(80, 24)) as pilot:
        person = Person(app, pilot)
        await person.sees("Looking at this machine ...")
        await person.press("enter", "f6")
        await person.is_at(ChooseProfileScreen)
        gate.set()
        await person.sees("Mail between users of this machine.")


async def test_a_look_that_hangs_holds_nobody_who_leaves(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from tests.tui.fake_engine import NO_MACHINE
    from wizard import session
    from wizard.tui.app import WizardApp

    before, gate = set(threading.enumerate()), threading.Event()

    def hangs(look: object) -> session.Beginning:
        gate.wait(20)
        return engine.begin(look)

    monkeypatch.setattr(session, "begin", hangs)
    app = WizardApp(NO_MACHINE, reduced=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await Person(app, pilot).sees("Looking at this machine ...")
        looking = [thread for thread in set(threading.enumerate()) - before if thread.name == "look"]
        assert [thread.daemon for thread in looking] == [True]
    assert looking[0].is_alive()
    gate.set()
    looking[0].join()


def _screens_below(kind: type[WizardScreen]) -> set[type[Screen[None]]]:
    below = {screen for screen in kind.__subclasses__() if screen.__module__.startswith("wizard.tui")}
    return set().union(*map(_screens_below, below)) if below else {kind}


def test_every_screen_of_the_program_is_tried_here() -> None:
    # Those of the DNS and of the accounts need a mail system that is set up: test_dns.py, test_accounts.py.
    assert _screens_below(WizardScreen) == {*ON_THE_TOUR, UnfinishedScreen, DnsScreen, AccountsScreen}


@pytest.mark.thorough
async def test_the_palette_goes_to_other_screens(engine: Engine) -> None:
    async with sitting_at() as person:
        await to_report(person)
        await person.press("ctrl+p")
        await person.write("snapshots")
        await person.press("down", "enter")
        await person.is_at(SnapshotsScreen)
