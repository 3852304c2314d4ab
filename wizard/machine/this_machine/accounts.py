"""System users and groups of this machine, by the tools that keep passwd(5) and shadow(5) in step."""

import os

from wizard.machine.machine import GroupState, UserState
from wizard.machine.this_machine.commands import Commands
from wizard.problem import Trouble
from wizard.words import _


class Accounts(Commands):
    """Creates and removes accounts."""

    def add_user(self, user: UserState) -> None:
        """Creates a system user (and nothing else)."""
        self._account_tool(
            "useradd",
            "--system",
            f"--uid={user.uid}",
            f"--gid={user.gid}",
            "--no-user-group",
            "--no-create-home",
            "--no-log-init",
            f"--home-dir={user.home}",
            f"--shell={user.shell}",
            *((f"--comment={user.gecos}",) if user.gecos else ()),
            *((f"--groups={','.join(user.groups)}",) if user.groups else ()),
            "--",
            user.name,
        )

    def remove_user(self, name: str) -> None:
        """Removes a user and never a home folder; does nothing when there is none."""
        user = self.user(name)
        if user is None:
            return
        namesake = self.group(name)
        self._account_tool("userdel", "--", name)
        # userdel(8) takes the group of the same name along when USERGROUPS_ENAB is set; that is not ours to take.
        if namesake is not None and self.group(name) is None:
            self.add_group(namesake)

    def add_group(self, group: GroupState) -> None:
        """Creates a group."""
        self._account_tool("groupadd", "--system", f"--gid={group.gid}", "--", group.name)
        for member in group.members:
            if self.user(member) is not None:
                self._account_tool("usermod", "--append", f"--groups={group.name}", "--", member)

    def remove_group(self, name: str) -> None:
        """Removes a group; does nothing when there is none."""
        if self.group(name) is not None:
            self._account_tool("groupdel", "--", name)

    def _account_tool(self, program: str, *arguments: str) -> None:
        # --prefix works on the files below a folder, without chroot(2).
        prefix = () if self._is_whole else (f"--prefix={self._root}",)
        if not self.is_root() or (prefix and os.geteuid() != 0):
            raise Trouble(_("Only root can change users and groups."))
        done = self.run(program, *prefix, *arguments)
        if not done.ok:
            raise Trouble(
                _("{program} failed: {reason}").format(program=program, reason=done.error_text.strip()),
                _("If another program is changing accounts right now, try again when it is done."),
            )
