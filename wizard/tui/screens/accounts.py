"""Accounts: the mailboxes and aliases of virtual mail in one table, searched as one types, and every change to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from wizard import session
from wizard.ask.mail_accounts import (
    AccountChange,
    AddAlias,
    AddMailbox,
    RemoveAlias,
    RemoveMailbox,
    SetPassword,
    SetQuota,
    new_password,
)
from wizard.ask.sizes import in_words
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.tui.background import in_background
from wizard.tui.plain import plain
from wizard.tui.screens.fill_in import Blank, FillIn
from wizard.tui.screens.wizard_screen import WizardScreen, key
from wizard.tui.widgets.line import Line
from wizard.tui.widgets.long_list import LongList
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

ChangeOf = Callable[[tuple[str, ...]], AccountChange]

if TYPE_CHECKING:
    from wizard.syntax.mail_accounts import ListedAlias, ListedMailbox


@dataclass(frozen=True)
class Account:
    """A mailbox with what it may hold, or an alias with its targets."""

    address: str
    words: str
    is_alias: bool
    active: bool
    quota: int = 0

    @property
    def searched(self) -> str:
        """Where the words that are typed are looked for."""
        return f"{self.address} {self.words if self.is_alias else ''}"


class AccountsScreen(WizardScreen):
    """Every change is previewed, confirmed and put back as any other."""

    NAME: ClassVar[str] = _("Mailboxes and aliases")
    HELP: ClassVar[str] = _(
        "All mailboxes and aliases. Press / and type a part of an address: the table shows those that have it; several "
        "words must all be in it. Arrow keys go through the table meanwhile. a adds a mailbox, l an alias; p sets "
        "another password, u changes how much a mailbox may hold, x removes a mailbox or an alias. Each change is "
        "shown first, and can be put back. Many mailboxes are imported by `postwizard mailbox import FILE`."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("slash", "search", _("Find"), "/"),
        key("a", "add", _("Add"), "a"),
        key("l", "alias", _("Alias"), "l"),
        key("p", "password", _("Password"), "p"),
        key("x", "remove", _("Remove"), "x"),
        key("u", "quota", _("Limit"), "u"),
        key("f5", "again", _("Look again"), "F5", show=False),
        key("escape", "back", _("Back"), "esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._accounts: tuple[Account, ...] | None = None

    def content(self) -> ComposeResult:
        """How many there are, the line to search in, and the table."""
        yield Words(id="accounts-line", classes="headline")
        yield Line(id="search", placeholder=_("/ to search"))
        yield LongList[Account](_cells, id="accounts")

    def on_mount(self) -> None:
        """Begins in the table, and reads what is there."""
        self._table.focus()
        self.action_again()

    @property
    def _table(self) -> LongList[Account]:
        return self.query_one("#accounts", LongList)

    @property
    def _present(self) -> Account | None:
        return self._table.present

    # --- what is shown -----------------------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Reads the accounts afresh, in a thread."""
        machine = self.walk.machine
        in_background(self.app, lambda: session.accounts(machine), self._found, self.could_not, "accounts")

    def _found(self, found: "tuple[tuple[ListedMailbox, ...], tuple[ListedAlias, ...]]") -> None:
        mailboxes, aliases = found
        rows = [Account(row.address, _limit(row.quota), False, row.active, row.quota) for row in mailboxes]
        rows += [Account(row.address, row.targets, True, row.active) for row in aliases]
        self._accounts = tuple(sorted(rows, key=lambda row: row.address))
        if self.is_running:
            self.show_walk()

    def show_walk(self) -> None:
        """Shows the accounts that have what is searched for."""
        line = self.query_one("#accounts-line", Words)
        if self.problem:
            line.say(plain(self.problem, "$text-error"))
            return
        if self._accounts is None:
            line.say(plain(_("Reading the accounts ...")))
            return
        words = self.query_one("#search", Line).value.lower().split()
        found: Sequence[Account] = self._accounts
        if words:
            found = [row for row in found if all(word in row.searched for word in words)]
        aliases = sum(row.is_alias for row in found)
        mailboxes = len(found) - aliases
        said = (
            ngettext("{count} mailbox", "{count} mailboxes", mailboxes).format(count=mailboxes),
            ngettext("{count} alias", "{count} aliases", aliases).format(count=aliases),
        )
        line.say(plain(", ".join(said)))
        self._table.show(found)

    @on(Input.Changed, "#search")
    def _searched(self) -> None:
        self.show_walk()

    def action_search(self) -> None:
        """Begins to search."""
        self.query_one("#search").focus()

    @on(Input.Submitted, "#search")
    def _search_ended(self) -> None:
        self._table.focus()

    def action_back(self) -> None:
        """Out of the search, or one screen back."""
        search = self.query_one("#search", Line)
        if search.has_focus:
            search.value = ""
            self._table.focus()
        else:
            super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters belong to the search while it is typed in, and what needs a mailbox is offered on one only."""
        if action in {"search", "add", "alias", "password", "quota", "remove"} and self.is_mounted:
            return not self.query_one("#search").has_focus
        return super().check_action(action, parameters)

    # --- changes -----------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Asks for a new mailbox."""
        blanks = (
            Blank(_("Address, such as {example}").format(example=f"hana@{self._domain}")),
            Blank(_("Password; it is not shown"), hidden=True),
            Blank(_("How much it may hold, such as 2G; empty is as usual")),
        )
        self._ask(_("A new mailbox"), blanks, lambda it: AddMailbox(it[0], Secret(it[1]), it[2]))

    def action_alias(self) -> None:
        """Asks for an alias; the present one is proposed."""
        row = self._present
        is_alias = row is not None and row.is_alias
        blanks = (
            Blank(_("Address; @{domain} is all that has no mailbox there").format(domain=self._domain),
                  row.address if row is not None and is_alias else ""),
            Blank(_("Where mail for it goes, addresses with commas between them"),
                  row.words if row is not None and is_alias else ""),
        )  # fmt: skip
        self._ask(_("An alias"), blanks, lambda it: AddAlias(it[0], tuple(it[1].replace(",", " ").split())))

    def action_password(self) -> None:
        """Asks for another password."""
        if (row := self._mailbox()) is not None:
            address = row.address
            blank = Blank(_("The new password; it is not shown"), hidden=True)
            self._ask(address, (blank,), lambda it: SetPassword(address, Secret(it[0])))

    def action_quota(self) -> None:
        """Asks how much the mailbox may hold."""
        if (row := self._mailbox()) is not None:
            address = row.address
            blank = Blank(_("How much it may hold, such as 2G; 0 is without limit"), in_words(row.quota))
            self._ask(address, (blank,), lambda it: SetQuota(address, it[0]))

    def action_remove(self) -> None:
        """Removes what is at the pointer; of a mailbox it is asked what becomes of its mail."""
        if (row := self._present) is None:
            return
        change = RemoveAlias(row.address) if row.is_alias else RemoveMailbox(row.address)
        if not row.is_alias and self._judged(change) is None:
            address = row.address
            blanks = (
                Blank(_("Its mail: keep it where it is, archive it, or delete it"), "keep"),
                Blank(_("To delete mail for good, the address once more")),
            )
            self._ask(
                _("Remove {address}").format(address=address), blanks, lambda it: RemoveMailbox(address, it[0], it[1])
            )
        elif (problem := self._judged(change)) is not None:
            self.app.notify(str(problem), title=_("Not possible"), severity="warning")
        else:
            self._go(change)

    def _mailbox(self) -> Account | None:
        row = self._present
        if row is not None and row.is_alias:
            self.app.notify(_("{address} is an alias, not a mailbox.").format(address=row.address))
            return None
        return row

    @property
    def _domain(self) -> str:
        beginning = self.walk.beginning
        return next(iter(beginning.facts.mail_domains), "") if beginning is not None else ""

    def _ask(self, headline: str, blanks: tuple[Blank, ...], change_of: ChangeOf) -> None:
        def go(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self._go(change_of(values))

        self.app.push_screen(FillIn(headline, blanks, lambda values: self._judged(change_of(values))), go)

    def _judged(self, change: AccountChange) -> Problem | None:
        beginning = self.walk.beginning
        if beginning is None:
            return Problem(_("The machine is still being looked at."))
        conversation = session.keeping_accounts(beginning)
        if (problem := session.change_refused(conversation, change)) is not None:
            return problem
        if isinstance(change, SetPassword) and change.password is not None:
            return session.objection(new_password, change.password, session.so_far(conversation))
        return None

    def _go(self, change: AccountChange) -> None:
        from wizard.tui.screens.preview import PreviewScreen

        self.walk.make_change(change)
        self.app.push_screen(PreviewScreen(makes_plan=False))


def _limit(quota: int) -> str:
    return in_words(quota) if quota else _("without limit")


def _cells(row: Account) -> tuple[str, ...]:
    words = f"→ {row.words}" if row.is_alias else row.words
    return (row.address, words) if row.active else (row.address, words, _("switched off"))
