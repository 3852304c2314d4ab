"""The whole journey by keys, on a small and on a large terminal."""

import pytest

from tests.tui.by_keys import sitting_at
from tests.tui.fake_engine import Engine
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.ask import AskScreen
from wizard.tui.screens.mail_tests import MailTestsScreen
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.screens.report import ReportScreen


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.thorough)])
async def test_from_choosing_to_the_report_by_keys(engine: Engine, size: tuple[int, int]) -> None:
    async with sitting_at(size) as person:
        await person.sees("Mail between users of this machine.")
        await person.press("enter")
        await person.is_at(AskScreen)
        await person.sees("What is this machine called in mail?")
        for question in ("Who reads root's mail?", "How is mail kept?"):
            await person.press("enter")
            await person.sees(question)
        for _turn in range(4):
            await person.press("enter")
        await person.is_at(PreviewScreen)
        await person.sees("3 steps are left to do")
        await person.press("down")
        await person.sees("+inet_interfaces = loopback-only")
        await person.press("enter")
        await person.sees("Apply them on mail.example.org now?")
        await person.press("y")
        await person.is_at(ApplyScreen)
        await person.sees("All steps are done.")
        await person.press("t")
        await person.is_at(MailTestsScreen)
        await person.sees("All is well")
        await person.sees("[ok] The mail to root arrived")
        await person.press("up", "up")
        await person.sees("The file is /var/spool/mail/alice")
        await person.press("enter")
        await person.is_at(ReportScreen)
        await person.sees("postwizard undo 20260101T000000Z")
        await person.press("enter")
    assert person.app.return_value == 0
    assert engine.calls == ["make", "carry_out", "send_tests"]
