"""The places in which accounts can be kept: what each needs, how Postfix asks it, and what changes its rows."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.account_store import store_of
from wizard.ask.question import SoFar
from wizard.machine.account_store import FILES, STORE_PLACES, TABLE_TYPES, lookup, table_folder
from wizard.machine.sql_servers import DATABASE_NAME, SQL_SERVERS
from wizard.render import render
from wizard.secret import Secret
from wizard.steps.account_edit import AccountEdit
from wizard.steps.build_table import BuildTable
from wizard.steps.carry_over_accounts import CarryOverAccounts
from wizard.steps.edit_server_accounts import EditServerAccounts
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.make_mail_database import MakeMailDatabase
from wizard.steps.set_mail_accounts import SetMailAccounts
from wizard.steps.set_up_database_server import SetUpDatabaseServer
from wizard.steps.step import Step
from wizard.steps.write_account_table import WriteAccountTable
from wizard.steps.write_file import WriteFile
from wizard.syntax.account_tables import LOOKED_UP, PASSWORDS
from wizard.syntax.mail_accounts import DATABASE
from wizard.words import _

# proxymap(8) runs as the user postfix, whose own group this is; Dovecot's auth workers get it as one group more.
READERS: Final = "postfix"
PASSWORD_FILE: Final = PurePosixPath("/etc/dovecot/accounts")
_TABLES: Final = ("domains", "mailboxes", "aliases", "alias_domains", "senders")


def claims_of_accounts(so_far: SoFar) -> str:
    """The words with which the claims of all accounts begin."""
    return f"mail_account:{STORE_PLACES[store_of(so_far)]}#"


def is_opened_anew(so_far: SoFar) -> bool:
    """Whether the accounts are a file that is replaced whole, so that who has it open must be told."""
    return store_of(so_far) not in SQL_SERVERS


def packages(so_far: SoFar) -> tuple[tuple[str, str], ...]:
    """The packages with their reasons."""
    server = SQL_SERVERS.get(store_of(so_far))
    if store_of(so_far) == FILES:
        return ()
    if server is None:
        return (("postfix-sqlite", _("SQLite keeps the accounts (sqlite_table(5)).")),)
    reason = _("{server} keeps the accounts.").format(server=server.label)
    asks = _("Postfix asks it by {table}_table(5).").format(table=server.table_type)
    return ((server.package, reason), (server.postfix_package, asks))


def ground(so_far: SoFar) -> tuple[Step, ...]:
    """The steps after which accounts can be kept there, and those that were kept elsewhere are there."""
    return (*_made_ready(so_far), *_carried_over(so_far))


def _carried_over(so_far: SoFar) -> tuple[Step, ...]:
    earlier = so_far.facts.account_store
    if not earlier or STORE_PLACES[earlier] == place(so_far) or not so_far.facts.mail_domains:
        return ()
    edit = CarryOverAccounts(
        path=place(so_far),
        source=STORE_PLACES[earlier],
        group=_readers(so_far),
        why=_("They are looked up there from now on ({manual}).").format(manual=_manual(so_far)),
    )
    return (in_store(edit, so_far),)


def _made_ready(so_far: SoFar) -> tuple[Step, ...]:
    server = SQL_SERVERS.get(store_of(so_far))
    if server is None:
        return (
            MakeDirectory(
                path=DATABASE.parent,
                mode=0o750,
                owner="root",
                group=READERS,
                why=_("Only the programs that look accounts up can enter it (sqlite_table(5))."),
            ),
        )
    return (
        SetUpDatabaseServer(
            server=server.name,
            why=_("{server} keeps the accounts, for programs of this machine alone.").format(server=server.label),
        ),
        MakeMailDatabase(
            server=server.name,
            why=_("Postfix and Dovecot look accounts up there, and can only read ({table}_table(5)).").format(
                table=server.table_type
            ),
        ),
    )


def place(so_far: SoFar) -> PurePosixPath:
    """Where the accounts are kept; the word for a server's is no path."""
    return STORE_PLACES[store_of(so_far)]


def why_accounts(so_far: SoFar) -> str:
    """What a change to the accounts is for."""
    if store_of(so_far) == FILES:
        return _("The tables that Postfix and Dovecot look accounts up in are made from it (postmap(1)).")
    return _("Postfix and Dovecot look accounts up there, and can only read it ({manual}).").format(
        manual=_manual(so_far)
    )


def _manual(so_far: SoFar) -> str:
    store = store_of(so_far)
    return f"{TABLE_TYPES[store]}_table(5)" if store in TABLE_TYPES else "postmap(1)"


def accounts_of(
    so_far: SoFar,
    *,
    domains: tuple[str, ...],
    mailboxes: tuple[tuple[str, Secret, int], ...],
    aliases: tuple[tuple[str, str], ...],
    removed: tuple[str, ...] = (),
) -> SetMailAccounts:
    """The edit that makes these accounts be there."""
    return SetMailAccounts(
        path=place(so_far),
        domains=domains,
        mailboxes=mailboxes,
        aliases=aliases,
        removed=removed,
        group=_readers(so_far),
        why=why_accounts(so_far),
    )


def _readers(so_far: SoFar) -> str:
    """The group that reads the file of accounts: nobody but root where only tables that are made from it are read."""
    return "root" if store_of(so_far) == FILES else READERS


def in_store(edit: AccountEdit, so_far: SoFar) -> Step:
    """The step that makes this edit where the accounts are kept."""
    server = SQL_SERVERS.get(store_of(so_far))
    return edit if server is None else EditServerAccounts(server=server.name, edit=edit, why=edit.why)


def table_files(so_far: SoFar) -> tuple[Step, ...]:
    """The tables in which accounts are looked up, or the files that tell Postfix what to ask where they are kept."""
    if store_of(so_far) == FILES:
        why = _("What Postfix looks up lies in it (postmap(1)).")
        return (MakeDirectory(path=_folder(so_far), why=why), *tables_made_from_accounts(so_far))
    store = store_of(so_far)
    table, server = TABLE_TYPES[store], SQL_SERVERS.get(store)
    values = {"database": str(DATABASE)} if server is None else {"socket": server.socket, "database": DATABASE_NAME}
    return (
        MakeDirectory(
            path=_folder(so_far),
            why=_("What Postfix asks the database lies in it ({table}_table(5)).").format(table=table),
        ),
        *(
            WriteFile(
                path=_folder(so_far) / f"{name}.cf",
                content=render(f"etc/postfix/{table}/{name}.cf", **values),
                why=_("It tells Postfix what to ask the database ({table}_table(5)).").format(table=table),
            )
            for name in _TABLES
        ),
    )


def tables_made_from_accounts(so_far: SoFar) -> tuple[Step, ...]:
    """The steps that bring the plain tables up to the accounts; none where accounts are looked up where they are."""
    if store_of(so_far) != FILES:
        return ()
    sources = {name: _folder(so_far) / name for name in LOOKED_UP}
    return (
        *(
            WriteAccountTable(
                path=path,
                source=place(so_far),
                table=name,
                mode=0o640,
                why=_("Postfix looks addresses up in it (postmap(1))."),
            )
            for name, path in sources.items()
        ),
        WriteAccountTable(
            path=PASSWORD_FILE,
            source=place(so_far),
            table=PASSWORDS,
            mode=0o640,
            group="dovecot",
            secret=True,
            why=_("Dovecot finds mailboxes and the hashes of their passwords in it, and nobody else (doveadm-pw(1))."),
        ),
        *(
            BuildTable(
                source=path,
                table_type=plain_type(so_far),
                why=_("So that Postfix finds what is written (postmap(1))."),
            )
            for path in sources.values()
        ),
    )


def plain_type(so_far: SoFar) -> str:
    """The type of plain tables: what this Postfix builds if nothing else is said (postconf(5))."""
    return so_far.facts.default_table_type or "lmdb"


def _folder(so_far: SoFar) -> PurePosixPath:
    return table_folder(store_of(so_far), so_far.facts.config_directory)


def claims_of_tables(so_far: SoFar) -> str:
    """The words with which the claims of these files begin."""
    return f"file:{_folder(so_far)}/"


def map_of(name: str, so_far: SoFar) -> str:
    """The table of this name, as a parameter of main.cf has it."""
    return lookup(store_of(so_far), name, so_far.facts.config_directory, plain_type(so_far))


def alias_maps(so_far: SoFar) -> str:
    """The tables of addresses that lead to others; in plain tables those of alias domains are among them."""
    names = ("aliases",) if store_of(so_far) == FILES else ("aliases", "alias_domains")
    return ", ".join(map_of(name, so_far) for name in names)
