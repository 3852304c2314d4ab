"""Put rows of a server's database of mail accounts back: the inverse of every step that changes them."""

from dataclasses import dataclass

from wizard.machine.machine import Look, Machine, Tell, silent
from wizard.machine.sql_servers import SqlServer, server_rows
from wizard.problem import ChangedSince, Problem
from wizard.steps.server_step import ServerStep, not_answering, run_or_fail
from wizard.steps.step import Claim, Step
from wizard.syntax.mail_rows import NO_ROWS, Rows, database_of, merged_back, rows_in, statements_between
from wizard.words import _

# A backslash in a value stands for itself, as in the two other databases.
_IN_MARIADB = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES';\nSTART TRANSACTION;\n"


def write_rows(machine: Machine, server: SqlServer, before: Rows, after: Rows) -> None:
    """Makes the rows of `after` of those of `before`, all or none; raises Trouble."""
    text = "".join(f"{statement}\n" for statement in statements_between(before, after))
    if text:
        script = f"{_IN_MARIADB}{text}COMMIT;\n" if server.name == "mariadb" else text
        run_or_fail(machine, server, server.write_rows, stdin=script)


@dataclass(frozen=True, kw_only=True)
class RestoreServerRows(ServerStep):
    """Makes of the rows that a step left as in `ours` those of `before`; what others changed since is kept.

    Both are databases in SQLite's format.
    """

    before: bytes
    ours: bytes
    secret: bool = True

    def __repr__(self) -> str:
        return f"RestoreServerRows({self.server})"

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Put the mail accounts in {server} back").format(server=self._server.label)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The rows, as one thing."""
        return (Claim("mail_rows", self.server),)

    def _merged(self, now: Rows) -> tuple[Rows, tuple[str, ...]]:
        return merged_back(rows_in(self.before), rows_in(self.ours), now)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether any of them is not back."""
        now = server_rows(look, self._server) or NO_ROWS
        merged, left = self._merged(now)
        return frozenset({self.claims[0].name}) if left or statements_between(now, merged) else frozenset()

    def preview(self, look: Look) -> str:
        """The keys of the rows that come, change and go."""
        now = server_rows(look, self._server) or NO_ROWS
        merged, left = self._merged(now)
        lines = []
        for table, rows in merged.items():
            lines += [f"- {table} {key}" for key in now[table].keys() - rows.keys()]
            lines += [f"+ {table} {key}" for key, row in rows.items() if now[table].get(key) != row]
        lines += [_("{key} was changed since, and stays as it is.").format(key=key) for key in left]
        return "".join(f"{line}\n" for line in lines)

    def inverse(self, look: Look) -> Step:
        """Makes them again what they are."""
        now = server_rows(look, self._server)
        if now is None:
            raise not_answering(self._server)
        return RestoreServerRows(
            server=self.server, before=database_of(now), ours=database_of(self._merged(now)[0]), why=self.why
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Puts them back; raises ChangedSince where somebody changed one of them."""
        now = server_rows(machine, self._server)
        if now is None:
            raise not_answering(self._server)
        merged, left = self._merged(now)
        write_rows(machine, self._server, now, merged)
        tell(_("The mail accounts are put back."))
        if left:
            raise ChangedSince(
                _("These mail accounts were changed since, and stay as they are: {names}").format(names=", ".join(left))
            )

    def verify(self, look: Look) -> Problem | None:
        """Whether they are back."""
        if self.differs(look):
            return Problem(_("The mail accounts in {server} are not back.").format(server=self._server.label))
        return None
