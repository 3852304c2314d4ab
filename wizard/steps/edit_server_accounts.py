"""Edit mail accounts in the database of a server; every row that the edit does not name stays."""

from dataclasses import dataclass, replace

from wizard.machine.machine import FileState, Look, Machine, Tell, silent
from wizard.machine.sql_servers import server_rows
from wizard.problem import Problem
from wizard.steps.account_edit import AccountEdit
from wizard.steps.carry_over_accounts import CarryOverAccounts
from wizard.steps.restore_server_rows import RestoreServerRows, write_rows
from wizard.steps.server_step import ServerStep, not_answering
from wizard.steps.step import Claim, Step
from wizard.syntax.mail_rows import NO_ROWS, Rows, database_of, rows_in
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class EditServerAccounts(ServerStep):
    """Makes the `edit` in the server's database, not in a file; its path names the place in claims alone."""

    edit: AccountEdit
    secret: bool = True

    def __repr__(self) -> str:
        return f"EditServerAccounts({self.server}, {self.edit!r})"

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        if isinstance(self.edit, CarryOverAccounts):
            return self.edit.title
        return _("Set the mail accounts in {server}").format(server=self._server.label)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Those of the edit; a server's rows have no rights of a file."""
        return tuple(claim for claim in self.edit.claims if claim.key != "rights")

    def needed_after(self, _changed: frozenset[str], look: Look) -> "EditServerAccounts":
        """The same step, which knows what it carries over."""
        return replace(self, edit=self.edit.filled(look)) if isinstance(self.edit, CarryOverAccounts) else self

    def _now(self, look: Look) -> FileState:
        rows = server_rows(look, self._server)
        return FileState(content=database_of(rows if rows is not None else NO_ROWS))

    def _after(self, now: FileState) -> Rows:
        return rows_in(self.edit.edited(now).content)

    def differs(self, look: Look) -> frozenset[str]:
        """The accounts that are not so."""
        return self.edit.differs_from(self._now(look))

    def preview(self, look: Look) -> str:
        """What comes and changes, in sentences; of a password only that it is set."""
        now = self._now(look)
        return self.edit.told(now, self.edit.differs_from(now))

    def inverse(self, look: Look) -> Step:
        """Puts the rows back that this changes, as far as nobody changed them since."""
        now = self._now(look)
        after = database_of(self._after(now)) if self.edit.differs_from(now) else now.content
        return RestoreServerRows(server=self.server, before=now.content, ours=after, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Sets what is not so yet; raises Trouble where the server does not answer."""
        rows = server_rows(machine, self._server)
        if rows is None:
            raise not_answering(self._server)
        now = FileState(content=database_of(rows))
        if self.edit.differs_from(now):
            write_rows(machine, self._server, rows, self._after(now))
            tell(_("The mail accounts are set."))

    def verify(self, look: Look) -> Problem | None:
        """Whether they are so now."""
        if different := self.differs(look):
            names = ", ".join(sorted(name.rpartition("#")[2] for name in different))
            return Problem(_("These mail accounts are not as they were set: {names}").format(names=names))
        return None
