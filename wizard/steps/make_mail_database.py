"""Make the database of mail accounts in a server, and the two accounts that may read in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.machine.sql_servers import (
    DATABASE_NAME,
    MADE_BY_US,
    ServerState,
    SqlServer,
    server_rows,
    server_state,
)
from wizard.problem import BadInput, Problem
from wizard.steps.drop_mail_database import DropMailDatabase
from wizard.steps.server_step import ServerStep, not_answering, run_or_fail
from wizard.steps.step import Claim, Step
from wizard.syntax.mail_accounts import SCHEMA
from wizard.syntax.mail_rows import schema_in_postgresql
from wizard.words import _

# What each program may read; Postfix never needs a password, so it cannot see one.
READABLE: Final = {
    "postfix": {
        "domain": "domain, backupmx, active",
        "mailbox": "username, maildir, domain, active",
        "alias": "address, goto, domain, active",
        "alias_domain": "alias_domain, target_domain, active",
    },
    "dovecot": {
        "domain": "domain, active",
        "mailbox": "username, password, maildir, quota, domain, active",
    },
}
# How an account of ours logs in, in the words of the server: by its socket, as the user of that name.
_LOGIN: Final = {"mariadb": "unix_socket", "postgresql": "login"}


def account_name(server: SqlServer, user: str) -> str:
    """The name of an account as the server lists it."""
    return f"{user}@localhost" if server.name == "mariadb" else user


@dataclass(frozen=True, kw_only=True)
class MakeMailDatabase(ServerStep):
    """Makes sure that the server has the database with PostfixAdmin's tables, and that its readers can only read.

    A database of that name that is not ours, or an account that logs in another way, is refused and not touched.
    """

    readers: tuple[str, ...] = tuple(READABLE)

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Make the database {name} in {server}").format(name=DATABASE_NAME, server=self._server.label)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The database, and each account."""
        return (
            Claim("database", f"{self.server}/{DATABASE_NAME}"),
            *(Claim("database_account", f"{self.server}/{user}") for user in self.readers),
        )

    def _missing(self, look: Look, state: ServerState | None) -> frozenset[str]:
        accounts = state.accounts if state is not None else {}
        has_tables = state is not None and server_rows(look, self._server) is not None
        database, *readers = (claim.name for claim in self.claims)
        names = dict(zip(self.readers, readers, strict=True))
        found = {name for user, name in names.items() if account_name(self._server, user) not in accounts}
        return frozenset(found if has_tables else found | {database})

    def differs(self, look: Look) -> frozenset[str]:
        """The database where it or one of its tables is missing, and the accounts that are."""
        return self._missing(look, server_state(look, self._server))

    def preview(self, look: Look) -> str:
        """What is made, and who may read what; raises BadInput where a name is taken."""
        state = server_state(look, self._server)
        missing = self._missing(look, state)
        if not missing:
            return ""
        if state is not None:
            self._refuse_what_is_taken(state)
        lines = []
        if self.claims[0].name in missing:
            lines.append(_("New database {name}, in PostfixAdmin's schema.").format(name=DATABASE_NAME))
        lines += [
            _("{user} may read, logged in by the socket: {columns}").format(
                user=user, columns="; ".join(f"{table} ({columns})" for table, columns in tables.items())
            )
            for user, tables in READABLE.items()
            if user in self.readers
        ]
        return "\n".join(lines) + "\n"

    def _refuse_what_is_taken(self, state: ServerState) -> None:
        if state.databases.get(DATABASE_NAME, MADE_BY_US) != MADE_BY_US:
            raise BadInput(
                _("{server} has a database {name} that the wizard did not make.").format(
                    server=self._server.label, name=DATABASE_NAME
                ),
                _("It is not touched. Rename it, or keep the accounts elsewhere."),
            )
        for user in READABLE:
            name = account_name(self._server, user)
            if state.accounts.get(name, _LOGIN[self.server]) != _LOGIN[self.server]:
                raise BadInput(
                    _("{server} has an account {name} already, which does not log in by the socket.").format(
                        server=self._server.label, name=name
                    ),
                    _("It is not touched. Rename it, or keep the accounts elsewhere."),
                )

    def inverse(self, look: Look) -> Step:
        """Drops what is made, once no account is left in it."""
        state = server_state(look, self._server)
        there = state if state is not None else ServerState({}, {})
        return DropMailDatabase(
            server=self.server,
            database=DATABASE_NAME not in there.databases,
            accounts=tuple(user for user in self.readers if account_name(self._server, user) not in there.accounts),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Makes what is missing; raises Trouble where the server does not answer or a name is taken."""
        if not self.differs(machine):
            return
        server, state = self._server, server_state(machine, self._server)
        if state is None:
            raise not_answering(server)
        self._refuse_what_is_taken(state)
        missing = [user for user in self.readers if account_name(server, user) not in state.accounts]
        if DATABASE_NAME not in state.databases or missing:
            made = _made(server, tuple(missing), with_database=DATABASE_NAME not in state.databases)
            run_or_fail(machine, server, server.write, stdin="\n".join(made) + "\n")
        run_or_fail(machine, server, server.write_rows, stdin="\n".join(_laid_out(server, self.readers)) + "\n")
        tell(_("The database {name} is made.").format(name=DATABASE_NAME))

    def verify(self, look: Look) -> Problem | None:
        """Whether all are there."""
        if self.differs(look):
            return Problem(_("The database {name} is not there as it was made.").format(name=DATABASE_NAME))
        return None


def _made(server: SqlServer, accounts: tuple[str, ...], with_database: bool) -> Iterable[str]:
    if server.name == "mariadb":
        if with_database:
            # Addresses are compared as they are: as SQLite and PostgreSQL do.
            yield (f"CREATE DATABASE {DATABASE_NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT '{MADE_BY_US}';")
        yield from (f"CREATE USER {user}@localhost IDENTIFIED VIA unix_socket;" for user in accounts)
        return
    yield from (f"CREATE ROLE {user} LOGIN;" for user in accounts)
    if with_database:
        yield f"CREATE DATABASE {DATABASE_NAME} ENCODING 'UTF8' TEMPLATE template0;"
        yield f"COMMENT ON DATABASE {DATABASE_NAME} IS '{MADE_BY_US}';"
        yield f"REVOKE ALL ON DATABASE {DATABASE_NAME} FROM PUBLIC;"
    if accounts:
        yield f"GRANT CONNECT ON DATABASE {DATABASE_NAME} TO {', '.join(accounts)};"


def _laid_out(server: SqlServer, readers: tuple[str, ...]) -> Iterable[str]:
    """The tables, and who may read which of their columns."""
    in_postgresql = server.name == "postgresql"
    if in_postgresql:
        yield "SET client_min_messages = warning;"
    yield from (f"{statement};" for statement in (schema_in_postgresql() if in_postgresql else SCHEMA))
    for user in readers:
        name = user if in_postgresql else f"{user}@localhost"
        yield from (f"GRANT SELECT ({columns}) ON {table} TO {name};" for table, columns in READABLE[user].items())
