"""Drop the database of mail accounts again, once it is empty, and the accounts that read in it."""

from dataclasses import dataclass

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.machine.sql_servers import DATABASE_NAME, MADE_BY_US, server_rows, server_state
from wizard.problem import ChangedSince, Problem
from wizard.steps.server_step import ServerStep, not_answering, run_or_fail
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class DropMailDatabase(ServerStep):
    """Drops the database, if `database` says that it was made, and these `accounts`; rows of others keep it."""

    database: bool
    accounts: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Drop the database {name} of {server} again").format(name=DATABASE_NAME, server=self._server.label)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The database."""
        return (Claim("database", f"{self.server}/{DATABASE_NAME}"),)

    def _left(self, look: Look) -> tuple[bool, tuple[str, ...]]:
        """Whether the database is there, and which of the accounts are."""
        state = server_state(look, self._server)
        if state is None:
            return False, ()
        known = {name.partition("@")[0] for name in state.accounts}
        is_there = self.database and state.databases.get(DATABASE_NAME) == MADE_BY_US
        return is_there, tuple(user for user in self.accounts if user in known)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether any of it is left."""
        return frozenset({self.claims[0].name}) if any(self._left(look)) else frozenset()

    def preview(self, look: Look) -> str:
        """What goes."""
        is_there, accounts = self._left(look)
        lines = [_("The database {name} is dropped, if it is empty.").format(name=DATABASE_NAME)] if is_there else []
        lines += [_("The account {name} is dropped.").format(name=name) for name in accounts]
        return "".join(f"{line}\n" for line in lines)

    def inverse(self, _look: Look) -> Step | None:
        """Makes it again; it was empty."""
        from wizard.steps.make_mail_database import MakeMailDatabase  # each is the inverse of the other

        return MakeMailDatabase(server=self.server, readers=self.accounts, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Drops what is left; raises ChangedSince where somebody's rows are in it, Trouble if it cannot be asked."""
        server, (is_there, accounts) = self._server, self._left(machine)
        if machine.file(server.mark) is not None and server_state(machine, server) is None:
            raise not_answering(server)
        rows = server_rows(machine, server) if is_there else None
        if rows is not None and any(rows.values()):
            raise ChangedSince(
                _("The database {name} of {server} holds accounts that others made, so it stays.").format(
                    name=DATABASE_NAME, server=server.label
                ),
                _("Save them elsewhere; then drop it by hand."),
            )
        at = "@localhost" if server.name == "mariadb" else ""
        forced = " WITH (FORCE)" if server.name == "postgresql" else ""
        statements = [f"DROP DATABASE {DATABASE_NAME}{forced};"] if is_there else []
        statements += [f"DROP {'USER' if at else 'ROLE'} {user}{at};" for user in accounts]
        if statements:
            run_or_fail(machine, server, server.write, stdin="\n".join(statements) + "\n")
            tell(_("The database {name} is dropped.").format(name=DATABASE_NAME))

    def verify(self, look: Look) -> Problem | None:
        """Whether nothing of it is left."""
        if self.differs(look):
            return Problem(_("The database {name} is still there.").format(name=DATABASE_NAME))
        return None
