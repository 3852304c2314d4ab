"""The screen of the DNS records: reached by F7, read at 80x24 and 120x40, copied and written to a file."""

from pathlib import PurePosixPath

import pytest

from tests.line.test_accounts import set_up
from tests.line.test_dns import published
from tests.tui.by_keys import sitting_at
from tests.tui.test_every_screen import nothing_lies_outside
from wizard.machine.pretend_machine import PretendMachine
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.dns import DnsScreen

__all__ = ["set_up"]  # a fixture


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_records_are_compared_copied_and_written_by_keys(set_up: PretendMachine, size: tuple[int, int]) -> None:
    machine = published(set_up, lambda zone: zone.replace("-all", "+all"))
    async with sitting_at(size, machine=machine) as person:
        await person.sees("F7 DNS")
        await person.press("f7")
        await person.is_at(DnsScreen)
        await person.sees("missing or wrong")
        await person.sees("IN MX 10")
        nothing_lies_outside(person, size)
        person.app.action_toggle_reduced()
        await person.until(lambda: person.seen.isascii(), "ASCII")
        await person.press("c")
        assert "home.example. 3600 IN MX 10 " in person.app.clipboard
        await person.press("down", "down", "down", "down")
        await person.sees("Mail for the domain goes to this machine.")
        await person.press("c")
        assert person.app.clipboard.startswith("home.example. 3600 IN MX 10 ")
        assert person.app.clipboard.count("\n") == 1
        await person.press("w", "enter")
        await person.sees("Written to")
        written = machine.file(PurePosixPath("/root/postwizard-dns.zone"))
        assert written is not None
        assert b"_dmarc.club.example. 3600 IN TXT" in written.content
        await person.press("escape")
        await person.is_at(ChooseProfileScreen)


async def test_where_nothing_is_set_up_no_records_are_offered() -> None:
    async with sitting_at(machine=PretendMachine()) as person:
        assert "DNS" not in person.seen
        await person.press("f7")
        assert isinstance(person.app.screen, ChooseProfileScreen)
