"""Commands on this machine: those that only read, and any other."""

import os

from wizard.machine.machine import CommandResult, Tell, UserState, silent
from wizard.machine.read_only import can_change_something
from wizard.machine.this_machine.reading import Reading
from wizard.machine.this_machine.spawn import USUAL_PATH, environment, read_from, run_program
from wizard.problem import Trouble
from wizard.words import _


class Commands(Reading):
    """Runs programs; with another root than `/` they are looked for on PATH, so that a test can put its own there."""

    def _environment(self, user: UserState | None = None) -> dict[str, str]:
        path = USUAL_PATH if self._is_whole else os.environ.get("PATH", USUAL_PATH)
        return environment(path, user.home, user.name) if user else environment(path)

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """What a program says that cannot change anything; others are refused with Trouble."""
        if problem := can_change_something(argv):
            raise Trouble(problem)
        return read_from(argv, self._environment(), stdin, timeout)

    def run(
        self, *argv: str, stdin: bytes = b"", timeout: float | None = 60, user: str = "", tell: Tell = silent
    ) -> CommandResult:
        """Runs a program by its argument list, as `user` when given; seconds until it is killed, None for never."""
        if any("\0" in argument for argument in argv):
            raise Trouble(_("An argument of {program} has a NUL byte in it.").format(program=argv[0]))
        if not user:
            return run_program(argv, self._environment(), stdin, timeout, tell)
        account = self.user(user)
        if account is None:
            raise Trouble(_("There is no user named {name}.").format(name=user))
        if account.uid != os.geteuid():
            if os.geteuid() != 0:
                raise Trouble(_("Only root can run a program as {name}.").format(name=user))
            # setpriv(1) sets what it is told and execs; runuser(1) would open a session through PAM.
            groups = "--init-groups" if self._is_whole else "--clear-groups"
            argv = ("setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", groups, "--", *argv)
        return run_program(argv, self._environment(account), stdin, timeout, tell)
