"""Where the accounts of virtual mail are kept on a machine, read as one database whichever store it is."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Kind, Look
from wizard.machine.sql_servers import DATABASE_NAME, SQL_SERVERS, server_rows
from wizard.problem import NoRights
from wizard.syntax.mail_accounts import DATABASE
from wizard.syntax.mail_rows import database_of

SQLITE: Final = "sqlite"
FILES: Final = "files"
# What the ledger and claims call the place of each store; that of a server is no path.
STORE_PLACES: Final[Mapping[str, PurePosixPath]] = {
    SQLITE: DATABASE,
    FILES: DATABASE,  # the plain tables are made from it
    **{name: PurePosixPath(f"{name}:{DATABASE_NAME}") for name in SQL_SERVERS},
}
# DATABASE_README: the types of table through which Postfix looks into the others.
TABLE_TYPES: Final[Mapping[str, str]] = {
    SQLITE: "sqlite",
    **{name: server.table_type for name, server in SQL_SERVERS.items()},
}
TABLES_OF_FILES: Final = "accounts"
_MAILBOXES: Final = re.compile(r"(?:proxy:)?(\w+):\S*/(\w+)/mailboxes(\.cf)?(?=[\s,]|$)")


def store_in_use(mailbox_maps: str, look: Look) -> str:
    """The store that virtual_mailbox_maps names (postconf(5)); else SQLite if its file is there, or the empty word."""
    if (found := _MAILBOXES.search(mailbox_maps)) is not None:
        if found[2] == TABLES_OF_FILES and not found[3]:
            return FILES
        named = [name for name, kind in TABLE_TYPES.items() if found[3] and kind == found[1] == found[2]]
        if named:
            return named[0]
    try:
        return SQLITE if look.file(DATABASE) is not None else ""
    except NoRights:  # there is one, for root to look into
        return SQLITE


def table_folder(store: str, config_directory: str) -> PurePosixPath:
    """Where that lies through which Postfix looks addresses up."""
    return PurePosixPath(config_directory) / TABLE_TYPES.get(store, TABLES_OF_FILES)


def lookup(store: str, name: str, config_directory: str, plain_type: str) -> str:
    """The table of this name as a parameter of main.cf has it; `plain_type` is the type of plain tables here."""
    folder = table_folder(store, config_directory)
    if store == FILES:
        return f"{plain_type}:{folder / name}"  # opened before a daemon gives up root's rights, so it is root's alone
    return f"proxy:{TABLE_TYPES[store]}:{folder / name}.cf"


def content_of_store(look: Look, place: PurePosixPath) -> bytes | None:
    """The accounts at one of STORE_PLACES, or in a file of SQLite's, in SQLite's format.

    None where there is no such store, or it does not answer.
    """
    server = SQL_SERVERS.get(str(place).partition(":")[0])
    if server is not None:
        rows = server_rows(look, server)
        return database_of(rows) if rows is not None else None
    state = look.file(look.real_path(place))
    return state.content if state is not None and state.kind is Kind.FILE else None
