"""The machine that we run on, or a folder that stands for one: files, programs, packages, units, accounts, names."""

from pathlib import Path

from wizard.machine.conversation import Conversations
from wizard.machine.this_machine.accounts import Accounts
from wizard.machine.this_machine.lock import Lock
from wizard.machine.this_machine.mailboxes import Mailboxes
from wizard.machine.this_machine.name_servers import NameServers
from wizard.machine.this_machine.package_files import PackageFiles
from wizard.machine.this_machine.stranger import Strangers
from wizard.machine.this_machine.units import Units
from wizard.machine.this_machine.writing import Writing


class ThisMachine(Conversations, NameServers, Strangers, PackageFiles, Units, Accounts, Mailboxes, Lock, Writing):
    """The real Machine; with another root, all files are those below it, and commands are looked for on PATH."""

    def __init__(self, root: Path = Path("/")) -> None:
        super().__init__(root)
        self._archives = {}
        self._contents = {}
        self._paths = {}
