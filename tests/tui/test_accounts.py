"""The table of mailboxes and aliases: reached, searched as one types, and changed through preview and apply."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import pytest

from tests.tui.by_keys import Person, sitting_at
from tests.unit.test_virtual_mail import carried_out, the_machine
from wizard.machine.pretend_machine import PretendMachine
from wizard.secret import Secret
from wizard.syntax.mail_accounts import DATABASE, read_accounts, with_new_mailboxes
from wizard.syntax.mailbox_rows import NewMailbox, packed
from wizard.syntax.password_hash import is_password_of
from wizard.tui import commands
from wizard.tui.screens.accounts import AccountsScreen
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.choose_profile import ChooseProfileScreen
from wizard.tui.screens.fill_in import FillIn
from wizard.tui.screens.help import HelpScreen
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.screens.report import ReportScreen

PASSWORD = "marked-secret correct horse"
MANY = 100_000


@pytest.fixture(scope="module")
def set_up() -> PretendMachine:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    return machine


@pytest.fixture
def machine(set_up: PretendMachine) -> PretendMachine:
    """A copy, so that each test has its own."""
    return PretendMachine(set_up)


def content(machine: PretendMachine) -> bytes:
    state = machine.file(DATABASE)
    assert state is not None
    return state.content


async def to_accounts(person: Person) -> None:
    await person.is_at(ChooseProfileScreen)
    await person.press("m")
    await person.is_at(AccountsScreen)
    await person.sees("taro@home.example")


async def apply(person: Person) -> None:
    """From the preview to the end of the run."""
    await person.is_at(PreviewScreen)
    await person.until(lambda: person.app.walk.plan is not None)
    await person.press("enter", "y")
    await person.is_at(ApplyScreen)
    await person.sees("All steps are done.")


async def fill_in(person: Person, lines: Sequence[str]) -> None:
    await person.is_at(FillIn)
    for place, line in enumerate(lines):
        await person.press(*(("tab",) if place else ()))
        await person.write(line)
    await person.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_typed_narrows_the_table_and_letters_act_outside_of_the_search(
    machine: PretendMachine, size: tuple[int, int]
) -> None:
    async with sitting_at(size, machine=machine) as person:
        await to_accounts(person)
        await person.sees("1 mailbox, 6 aliases")
        assert all(words in person.seen for words in ("/ Find", "a Add", "l Alias", "p Password", "x Remove"))
        await person.press("slash")
        await person.write("ab HO")
        await person.sees("0 mailboxes, 2 aliases")
        assert "taro@home.example → " not in person.words
        assert "abuse@club.example" in person.seen  # its target is at home.example
        await person.press("down", "enter")
        await person.until(lambda: person.app.screen.query_one("#accounts").has_focus)
        await person.press("slash", "escape")
        await person.sees("1 mailbox, 6 aliases")
        await person.press("f1")
        await person.is_at(HelpScreen)
        await person.press("escape", "escape")
        await person.is_at(ChooseProfileScreen)


async def test_a_mailbox_is_added_after_what_does_not_fit_was_said(machine: PretendMachine) -> None:
    async with sitting_at(machine=machine) as person:
        await to_accounts(person)
        await person.press("a")
        await fill_in(person, ["hana@elsewhere.example", PASSWORD])
        await person.sees("none of the domains")
        assert PASSWORD not in person.seen
        await person.press("shift+tab", *["backspace"] * len("elsewhere.example"))
        await person.write("club.example")
        await person.press("enter")
        await person.is_at(PreviewScreen)
        await person.sees("+ mailbox hana@club.example")
        await apply(person)
        made = read_accounts(content(machine)).mailbox("hana@club.example")
        assert made is not None
        assert is_password_of(Secret(PASSWORD), made.password)
        commands.to_report(person.app)
        await person.is_at(ReportScreen)
        await person.press("m")
        await person.is_at(AccountsScreen)
        await person.sees("2 mailboxes, 6 aliases")


async def test_a_catch_all_is_made_with_a_warning(machine: PretendMachine) -> None:
    async with sitting_at(machine=machine) as person:
        await to_accounts(person)
        await person.press("end", "l")
        await fill_in(person, ["@club.example", "taro@home.example, hana@else.example"])
        await person.sees("attracts spam")
        await apply(person)
    targets = (read_accounts(content(machine)).aliases or {})["@club.example"]
    assert targets == "taro@home.example,hana@else.example"


async def test_the_limit_of_a_mailbox_is_changed(machine: PretendMachine) -> None:
    async with sitting_at(machine=machine) as person:
        await to_accounts(person)
        await person.press("end", "u")
        await person.is_at(FillIn)
        await person.press("home", "delete", "3", "enter")
        await apply(person)
    (taro,) = read_accounts(content(machine)).mailboxes
    assert taro.quota == 3 * 1024**3


async def test_reduced_unicode_draws_the_table_and_its_dialogs_with_ascii_only(machine: PretendMachine) -> None:
    async with sitting_at((60, 20), machine=machine, reduced=True) as person:
        await to_accounts(person)
        assert person.seen.isascii(), person.seen
        await person.press("l")
        await person.is_at(FillIn)
        assert person.seen.isascii(), person.seen


async def test_what_cannot_be_removed_is_said_and_what_can_is_previewed(machine: PretendMachine) -> None:
    before = content(machine)
    async with sitting_at(machine=machine) as person:
        await to_accounts(person)
        for keys, why in (
            ("x", "is the first mailbox in the answers"),
            ("home", ""),
            ("x", "must lead to somebody"),
            ("p", "is an alias, not a mailbox"),
        ):
            await person.press(*(("end", keys) if why.startswith("is the first") else (keys,)))
            said = " ".join(note.message for note in person.app._notifications)
            assert why in said
    assert content(machine) == before


async def test_where_no_mailboxes_are_kept_the_key_is_not_offered() -> None:
    async with sitting_at(machine=the_machine("fresh_arch")) as person:
        assert "Mailboxes" not in person.seen
        await person.press("m")
        assert isinstance(person.app.screen, ChooseProfileScreen)


async def test_a_hundred_thousand_mailboxes_are_searched_while_one_types(machine: PretendMachine) -> None:
    rows = b"".join(packed(NewMailbox(f"u{n:06}@club.example", Secret("{CRYPT}x"), 0)) for n in range(MANY))
    state = machine.file(DATABASE)
    assert state is not None
    machine.write_file(DATABASE, replace(state, content=with_new_mailboxes(state.content, rows)))
    async with sitting_at(machine=machine) as person:
        await person.press("m")
        await person.is_at(AccountsScreen)
        await person.sees(f"{MANY + 1} mailboxes")
        await person.press("slash")
        began = perf_counter()
        await person.write("99999")
        await person.sees("u099999@club.example")
        # A key that takes a quarter of a second is felt; five of them, on a machine that others use too.
        assert perf_counter() - began < 5
        await person.press("escape", "end")
        await person.sees(f"u{MANY - 1:06}@club.example")
