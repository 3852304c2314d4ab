"""Stop a database server again, and take its data away if it was new: the inverse of setting it up."""

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Look, Machine, ServiceState, Tell, silent
from wizard.machine.sql_servers import SqlServer
from wizard.problem import Problem, Trouble
from wizard.steps.manager import UNIT_FOLDER
from wizard.steps.server_step import ServerStep
from wizard.steps.step import Claim, Step
from wizard.words import _

# The databases that mariadb-install-db(1) makes; each database is a folder.
_OWN_FOLDERS: Final = frozenset({"mysql", "performance_schema", "sys"})
# PostgreSQL, src/include/access/transam.h, FirstNormalObjectId: what a person makes has a number from here on.
_FIRST_OF_USERS: Final = 16384


@dataclass(frozen=True, kw_only=True)
class TakeDownDatabaseServer(ServerStep):
    """Gives the unit its state back; of a server that `was_new`, all it holds goes, as long as that is nobody's.

    `made` are the folders, and `options` the files, that came with it.
    """

    enabled: bool
    running: bool
    was_new: bool
    made: tuple[PurePosixPath, ...] = ()
    options: tuple[PurePosixPath, ...] = ()

    @property
    def _state(self) -> ServiceState:
        return ServiceState(enabled=self.enabled, running=self.running)

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        if self.was_new:
            return _("Remove the data of {server} again").format(server=self._server.label)
        return _("Give {unit} its earlier state").format(unit=self._server.unit)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """Its folders, its options, and where the link of an enabled unit lies."""
        return tuple(dict.fromkeys((self._server.home, self._server.data, *self.options, UNIT_FOLDER)))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """Its folders: what lies in them is nothing to copy."""
        return tuple(dict.fromkeys((self._server.home, self._server.data)))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The server."""
        return (Claim("database_server", self.server),)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether data or options are left, or the unit has another state."""
        service = look.service(self._server.unit)
        is_left = self.was_new and bool(look.names_in(self._server.data))
        is_left = is_left or any(look.file(path) is not None for path in (*self.options, *self._going()))
        is_other = (bool(service.enabled), bool(service.running)) != (self.enabled, self.running)
        return frozenset({self.claims[0].name}) if is_left or is_other else frozenset()

    def _going(self) -> tuple[PurePosixPath, ...]:
        return tuple(reversed(self.made)) if self.was_new else ()

    def preview(self, look: Look) -> str:
        """What goes."""
        if not self.differs(look):
            return ""
        if self.was_new:
            return (
                _("{folder} is emptied, if nobody else's databases are in it.").format(folder=self._server.data) + "\n"
            )
        return _("{unit} gets its earlier state back.").format(unit=self._server.unit) + "\n"

    def inverse(self, look: Look) -> Step:
        """Sets up a new one again, which held nothing; else the unit is as it is now."""
        from wizard.steps.set_up_database_server import SetUpDatabaseServer  # each is the inverse of the other

        if self.was_new:
            return SetUpDatabaseServer(server=self.server, why=self.why)
        service = look.service(self._server.unit)
        return replace(self, enabled=bool(service.enabled), running=bool(service.running))

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Stops it and removes what it holds; raises Trouble, with all as it is, where that is somebody's."""
        if not self.differs(machine):
            return
        server = self._server
        if self.was_new and (others := others_databases(machine, server)):
            raise Trouble(
                _("{server} holds what others made, so it stays: {names}").format(
                    server=server.label, names=", ".join(others[:5])
                ),
                _("Save that elsewhere and drop it; then undo again."),
            )
        if machine.service(server.unit) != ServiceState():
            machine.set_service(server.unit, self._state)
        if not self.was_new:
            return
        inside = [path for path in machine.manifest((server.data,)) if path != server.data]
        for path in sorted(inside, key=lambda path: len(path.parts), reverse=True):
            machine.remove(path)
        for path in (*self.options, *self._going()):
            if not machine.names_in(path):
                machine.remove(path)
        tell(_("The data of {server} is removed.").format(server=server.label))

    def verify(self, look: Look) -> Problem | None:
        """Whether nothing is left."""
        if self.differs(look):
            return Problem(_("{folder} is not empty.").format(folder=self._server.data))
        return None


def others_databases(look: Look, server: SqlServer) -> tuple[str, ...]:
    """What in the server's folder is not its own; told by the files, so that it can be asked of one that is stopped."""
    if server.name == "mariadb":
        names = (name for name in look.names_in(server.data) if look.names_in(server.data / name))
        return tuple(name for name in names if name not in _OWN_FOLDERS and not name.startswith("#"))
    base = server.data / "base"
    found = [f"pg_tblspc/{name}" for name in look.names_in(server.data / "pg_tblspc")]
    for database in look.names_in(base):
        if _is_of_users(database):
            found.append(f"base/{database}")
        else:
            found += [f"base/{database}/{name}" for name in look.names_in(base / database) if _is_of_users(name)]
    return tuple(found)


def _is_of_users(name: str) -> bool:
    number = re.match(r"\d+", name)
    return number is not None and int(number[0]) >= _FIRST_OF_USERS
