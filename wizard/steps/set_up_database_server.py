"""Initialise a database server that holds nothing yet, let nobody in but by its socket, and have it run."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind, Look, Machine, ServiceState, Tell, silent
from wizard.problem import BadInput, Problem
from wizard.render import render
from wizard.steps.account_paths import numbered
from wizard.steps.manager import UNIT_FOLDER
from wizard.steps.server_step import ServerStep, run_or_fail
from wizard.steps.step import Claim, Step
from wizard.steps.take_down_database_server import TakeDownDatabaseServer
from wizard.words import _

# Read after the package's own files: `!includedir` of /etc/my.cnf goes by the alphabet.
OPTION_FILE: Final = PurePosixPath("/etc/my.cnf.d/virtual_mail.cnf")
# mariadb-install-db(1): root and the server's own user log in by unix_socket, without a password.
_INSTALL: Final = ("mariadb-install-db", "--user=mysql", "--basedir=/usr", "--skip-test-db",
                   "--auth-root-authentication-method=socket")  # fmt: skip
# initdb(1): without the first two, every user of the machine could log in as anybody.
_INITDB: Final = ("initdb", "--auth-local=peer", "--auth-host=reject", "--locale=C.UTF-8", "--encoding=UTF8",
                  "--data-checksums", "--set", "listen_addresses=")  # fmt: skip
# What mariadb-secure-installation(1) does: no users without a name, no root from elsewhere, no database for all.
_HARDEN: Final = """\
DELETE FROM mysql.global_priv WHERE User = '';
DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
DROP DATABASE IF EXISTS test;
DELETE FROM mysql.db WHERE Db = 'test' OR Db LIKE 'test\\_%';
FLUSH PRIVILEGES;
"""


@dataclass(frozen=True, kw_only=True)
class SetUpDatabaseServer(ServerStep):
    """Makes sure that the server of this name (`SQL_SERVERS`) is initialised and runs, now and after each start.

    One that holds databases already is only started: it is somebody's, and its settings are not touched. `found` are
    the folders of it that make_plan saw.
    """

    found: tuple[PurePosixPath, ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Set up {server}").format(server=self._server.label)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """Its folders, its options, and where the link of an enabled unit lies."""
        return tuple(dict.fromkeys((self._server.home, self._server.data, *self._options(), UNIT_FOLDER)))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """Its folders: what lies in them is the server's, which writes there all the time."""
        return tuple(dict.fromkeys((self._server.home, self._server.data)))

    def _options(self) -> tuple[PurePosixPath, ...]:
        return (OPTION_FILE,) if self._server.name == "mariadb" else ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The server; it is not taken back while it may hold anything."""
        return (Claim("database_server", self.server),)

    def needed_after(self, _changed: frozenset[str], look: Look) -> "SetUpDatabaseServer":
        """The same step, which knows which folders are there."""
        return replace(self, found=tuple(path for path in self.spares if look.file(path) is not None))

    def _is_new(self, look: Look) -> bool:
        return look.file(self._server.mark) is None

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is not initialised, or does not run."""
        service = look.service(self._server.unit)
        is_so = not self._is_new(look) and service.running and service.enabled
        return frozenset() if is_so else frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """What is done to it; raises BadInput where something else lies in its folder."""
        if not self.differs(look):
            return ""
        server, lines = self._server, []
        if self._is_new(look):
            self._refuse_what_lies_there(look)
            lines = [
                _("{server} is initialised in {folder}.").format(server=server.label, folder=server.data),
                _(
                    "It listens at no network address; programs log in by {socket} as the users that they run as."
                ).format(socket=server.socket),
                _("There are no passwords, no users without a name, and no database for all."),
                *(_("New: {path}").format(path=path) for path in self._options()),
            ]
        else:
            lines = [_("{server} holds databases already; its settings stay as they are.").format(server=server.label)]
        lines.append(_("{unit} is enabled: it starts with the machine.").format(unit=server.unit))
        lines.append(_("{unit} is started.").format(unit=server.unit))
        return "\n".join(lines) + "\n"

    def _refuse_what_lies_there(self, look: Look) -> None:
        if names := look.names_in(self._server.data):
            raise BadInput(
                _("In {folder} there is something, but no {server}: {names}").format(
                    folder=self._server.data, server=self._server.label, names=", ".join(names[:5])
                ),
                _("Move it away, then try again."),
            )

    def inverse(self, look: Look) -> Step:
        """Stops it and takes its data away, where it was new; else only its unit is as it was."""
        service = look.service(self._server.unit)
        return TakeDownDatabaseServer(
            server=self.server,
            enabled=bool(service.enabled),
            running=bool(service.running),
            was_new=self._is_new(look),
            made=tuple(path for path in self.spares if path not in self.found),
            options=tuple(path for path in self._options() if look.file(path) is None),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Does what is left to do; raises Trouble where a program of the server fails."""
        if not self.differs(machine):
            return
        is_new = self._is_new(machine)
        if is_new:
            self._refuse_what_lies_there(machine)
            self._initialise(machine)
            tell(_("{server} is initialised.").format(server=self._server.label))
        machine.set_service(self._server.unit, ServiceState(enabled=True, running=True))
        if is_new and self._server.name == "mariadb":
            run_or_fail(machine, self._server, self._server.write, stdin=_HARDEN)
        tell(_("{unit} is started.").format(unit=self._server.unit))

    def _initialise(self, machine: Machine) -> None:
        server = self._server
        for folder in self.spares:  # tmpfiles.d of the package usually makes them
            if machine.file(folder) is None:
                made = FileState(Kind.DIRECTORY, mode=0o700, owner=server.owner, group=server.owner)
                machine.write_file(folder, numbered(made, machine))
        if server.name == "mariadb":
            content = render(str(OPTION_FILE).lstrip("/"))
            machine.write_file(OPTION_FILE, FileState(content=content))
            run_or_fail(machine, server, (*_INSTALL, f"--datadir={server.data}"), user="")
        else:
            run_or_fail(machine, server, (*_INITDB, f"--pgdata={server.data}"), user=server.owner)

    def verify(self, look: Look) -> Problem | None:
        """Whether it is initialised and runs."""
        if self.differs(look):
            unit = self._server.unit
            return Problem(
                _("{server} does not run.").format(server=self._server.label),
                _("See why: `systemctl status {unit}` and `journalctl -u {unit} -e`.").format(unit=unit),
            )
        return None
