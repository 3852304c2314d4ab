"""The real engine behind the screens: local-only on a pretended fresh machine, applied, seen to be done, put back."""

import pytest

from tests.tui.by_keys import sitting_at
from wizard import session
from wizard.check.finding import Finding, Verdict
from wizard.machine.pretend_machine import PretendMachine
from wizard.places import FRESH_ARCH
from wizard.tui.screens.ask import AskScreen
from wizard.tui.screens.confirm import Confirm
from wizard.tui.screens.mail_tests import MailTestsScreen
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.screens.report import ReportScreen
from wizard.tui.screens.snapshots import SnapshotsScreen


@pytest.fixture
def machine() -> PretendMachine:
    """A freshly installed Arch without Postfix."""
    return PretendMachine.from_json(FRESH_ARCH.read_text("utf-8"))


@pytest.mark.thorough
async def test_local_only_is_set_up_found_done_and_put_back_by_keys(
    machine: PretendMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pretended machine delivers no mail; what is told of a real one is tried on the practice machine.
    monkeypatch.setattr(session, "send_tests", lambda *_arguments: (Finding(Verdict.UNKNOWN, "Not tried."),))
    async with sitting_at((100, 30), machine=machine) as person:
        await person.press("enter")
        await person.is_at(AskScreen)
        await person.press("f4")
        await person.is_at(PreviewScreen)
        await person.sees("Install postfix")
        await person.until(lambda: person.app.walk.plan is not None)
        await person.press("enter")
        await person.is_at(Confirm)
        await person.press("y")
        await person.sees("All steps are done.")
        await person.press("t")
        await person.is_at(MailTestsScreen)
        await person.sees("Nothing failed, but read what was found")
        await person.press("enter")
        await person.is_at(ReportScreen)
        await person.press("escape")
        await person.sees("(chosen last time)")
        await person.press("enter")
        await person.sees("kept from last time")
        await person.press("f4")
        await person.sees("Nothing is left to do")
        await person.press("escape", "escape", "f6")
        await person.is_at(SnapshotsScreen)
        await person.sees("[applied]")
        await person.press("p", "y")
        await person.until(lambda: person.app.walk.outcome is not None and person.app.walk.story.undoing)
        await person.sees("Everything is as it was before.")
    assert machine.package("postfix") is None


@pytest.mark.thorough
async def test_the_first_question_is_in_view_on_the_smallest_terminal(machine: PretendMachine) -> None:
    async with sitting_at((60, 20), machine=machine) as person:
        await person.press("enter")
        await person.is_at(AskScreen)
        await person.until(lambda: bool(person.app.screen.query("QuestionField.-current")))
        await person.pilot.pause(0.5)
        await person.sees("What is the full name of this machine?")


@pytest.mark.thorough
async def test_what_is_said_against_an_answer_stays_in_view_when_the_terminal_shrinks(machine: PretendMachine) -> None:
    async with sitting_at((120, 40), machine=machine) as person:
        await person.press("enter")
        await person.is_at(AskScreen)
        await person.press("enter", "enter", "enter", "enter")
        await person.sees("Part 2 of")
        await person.press("enter", "enter", "a")
        await person.write("x y: z")
        await person.press("enter")
        await person.sees("[refused]")
        await person.pilot.resize_terminal(60, 20)
        await person.until(lambda: person.app.size.width == 60)
        await person.pilot.pause()
        await person.sees("hint:")
