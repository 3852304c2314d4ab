"""What all steps in a database server share: the server they name, its folder, and how its programs are run."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Machine
from wizard.machine.sql_servers import SQL_SERVERS, SqlServer
from wizard.problem import Trouble
from wizard.words import _

TIMEOUT: Final = 300  # seconds; a server may take its time to make its first databases


@dataclass(frozen=True, kw_only=True)
class ServerStep:
    """A step in the server of this name (`SQL_SERVERS`)."""

    server: str
    why: str

    @property
    def _server(self) -> SqlServer:
        return SQL_SERVERS[self.server]

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The folder of the server, which alone writes in it."""
        return (self._server.data,)

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """The same: what lies in it is neither copied nor put back as files."""
        return self.touches


def run_or_fail(
    machine: Machine, server: SqlServer, argv: tuple[str, ...], user: str | None = None, stdin: str = ""
) -> None:
    """Runs a program of the server, as its superuser if not said otherwise; raises Trouble where that fails."""
    ended = machine.run(*argv, stdin=stdin.encode(), user=server.superuser if user is None else user, timeout=TIMEOUT)
    if not ended.ok:
        said = (ended.error_text.strip() or ended.text.strip()).splitlines()
        raise Trouble(
            _("{server} did not do what it was asked to: {said}").format(
                server=server.label, said=" ".join(said[-3:]) or _("nothing was said")
            ),
            _("See what it says: `journalctl -u {unit} -e`.").format(unit=server.unit),
        )


def not_answering(server: SqlServer) -> Trouble:
    """What is raised where the server cannot be asked."""
    return Trouble(
        _("{server} does not answer.").format(server=server.label),
        _("Start it: `systemctl start {unit}`; see why it does not run: `journalctl -u {unit} -e`.").format(
            unit=server.unit
        ),
    )
