"""Add a system user."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import Look, Machine, Tell, UserState, silent
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import ACCOUNT_FILES, user_text
from wizard.steps.nothing import Nothing
from wizard.steps.remove_user import RemoveUser
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class AddUser:
    """Makes sure that a user of this name, number, group, home and shell exists, and is in these groups."""

    user: UserState
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Add the user {name}").format(name=self.user.name)

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The files of local accounts."""
        return ACCOUNT_FILES

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The user, by its numbers, home, shell and groups."""
        return (Claim("user", self.user.name, user_text(self.user)),)

    def _is_so(self, found: UserState | None) -> bool:
        if found is None:
            return False
        wanted = (self.user.uid, self.user.gid, self.user.home, self.user.shell)
        return (found.uid, found.gid, found.home, found.shell) == wanted and set(self.user.groups) <= set(found.groups)

    def differs(self, look: Look) -> frozenset[str]:
        """Whether it is missing or another one."""
        return frozenset() if self._is_so(look.user(self.user.name)) else frozenset({self.claims[0].name})

    def preview(self, look: Look) -> str:
        """The user in words; raises Trouble when the name or the number is another user's."""
        if not self.differs(look):
            return ""
        self._refuse_other(look)
        user = self.user
        sentence = _("New user {name}, number {uid}, group {gid}, home {home}, shell {shell}.")
        text = sentence.format(name=user.name, uid=user.uid, gid=user.gid, home=user.home, shell=user.shell) + "\n"
        if user.groups:
            text += _("It is also in the groups {groups}.").format(groups=", ".join(user.groups)) + "\n"
        return text

    def _refuse_other(self, look: Look) -> None:
        found = look.user(self.user.name)
        if found is not None:
            raise Trouble(
                _("The user {name} exists otherwise: number {uid}, group {gid}, home {home}, shell {shell}.").format(
                    name=found.name, uid=found.uid, gid=found.gid, home=found.home, shell=found.shell
                ),
                _("Files may belong to it, so it is not changed. Change it by usermod(8), or take another name."),
            )
        namesake = next((user.name for user in look.users() if user.uid == self.user.uid), "")
        if namesake:
            raise Trouble(
                _("The number {uid} belongs to the user {name}.").format(uid=self.user.uid, name=namesake),
                _("Choose a number that is free: `getent passwd {uid}` says nothing then.").format(uid=self.user.uid),
            )

    def inverse(self, look: Look) -> Step:
        """Removes it, unless it was there before."""
        if look.user(self.user.name) is not None:
            return Nothing(why=_("the user {name} was there before").format(name=self.user.name))
        return RemoveUser(name=self.user.name, why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Adds it, if it is missing."""
        if not self.differs(machine):
            return
        self._refuse_other(machine)
        machine.add_user(self.user)
        tell(_("The user {name} is added.").format(name=self.user.name))

    def verify(self, look: Look) -> Problem | None:
        """Whether it is there as wanted."""
        if self.differs(look):
            return Problem(_("The user {name} is not there as it was added.").format(name=self.user.name))
        return None
