"""Imports a file of mailboxes as the command does, and prints the seconds it took and the memory that it needed.

    importing.py MACHINE FOLDER FILE

MACHINE is a pickled machine in memory with virtual mail set up. What is written to its database of mail accounts goes
to the disk below FOLDER as well, synced and renamed by ThisMachine. Nothing of the tests is loaded, which takes memory.
"""

import json
import pickle
import resource
import sys
from pathlib import Path, PurePosixPath
from time import perf_counter
from unittest import mock

import wizard.__main__ as entry
from wizard import session
from wizard.machine.machine import FileState, Kind
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.this_machine import ThisMachine
from wizard.syntax.mail_accounts import DATABASE


class OnDisk(PretendMachine):
    """A machine in memory whose database of mail accounts is written to a folder of this one too."""

    disk: ThisMachine

    def write_file(self, path: PurePosixPath, state: FileState) -> None:
        """Writes it, and for the database the file on the disk as well."""
        super().write_file(path, state)
        if path == DATABASE:
            self.disk.write_file(path, FileState(content=state.content, mode=0o600))


def main(kept: Path, folder: Path, file: str) -> int:
    """Measures one import."""
    machine = OnDisk(pickle.loads(kept.read_bytes()))  # noqa: S301 - the test beside wrote it
    machine.disk = ThisMachine(folder)
    for parent in reversed(DATABASE.parents[:-1]):
        machine.disk.write_file(parent, FileState(Kind.DIRECTORY, mode=0o755))
    began = perf_counter()
    # The checks at the end ask programs with memory of their own; a pretended postmap(1) would take it from ours.
    checks = mock.patch.object(session, "look_at_checks", return_value=())
    with mock.patch.object(entry, "_machine", return_value=machine), checks:
        code = entry.main(("mailbox", "import", file, "--yes"))
    seconds = perf_counter() - began
    # getrusage(2): kilobytes.
    print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
