"""Make a store of mail accounts hold all that another one holds, when the accounts are to be kept elsewhere."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.account_store import content_of_store
from wizard.machine.machine import FileState, Look
from wizard.problem import Trouble
from wizard.steps.account_edit import AccountEdit
from wizard.steps.step import Claim
from wizard.syntax.mail_accounts import Accounts, read_accounts
from wizard.syntax.mail_rows import rows_in, with_rows
from wizard.words import _, ngettext


@dataclass(frozen=True, kw_only=True)
class CarryOverAccounts(AccountEdit):
    """Makes the accounts be exactly those of `source`, one of STORE_PLACES, which stays as it is.

    What an earlier stay left in the new store is older, and goes. `carried` is what make_plan found in the source.
    """

    source: PurePosixPath
    group: str | int = "root"
    carried: bytes = field(default=b"", repr=False)

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Carry the mail accounts over from {source} to {path}").format(source=self.source, path=self.path)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All of them, as one thing."""
        return (Claim("mail_rows", str(self.path)),)

    def needed_after(self, changed: frozenset[str], look: Look) -> Self:
        """The same edit, which knows what is carried, and the file behind the path."""
        return super().needed_after(changed, look).filled(look)

    def filled(self, look: Look) -> Self:
        """The same edit, which knows what is carried; raises Trouble where the source does not say."""
        content = content_of_store(look, self.source)
        if content is None:
            raise Trouble(
                _("The mail accounts in {source} cannot be read, so they cannot be carried over.").format(
                    source=self.source
                ),
                _("Nothing was changed. Start what keeps them, then try again."),
            )
        return replace(self, carried=content)

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """Whether any row is another one."""
        is_so = current is not None and rows_in(current.content) == rows_in(self.carried)
        return frozenset() if is_so else frozenset({self.claims[0].name})

    def edited(self, current: FileState | None) -> FileState:
        """The database with these rows and no others in its tables."""
        if current is not None and not self.differs_from(current):
            return current
        before = current.content if current is not None else b""
        return FileState(content=with_rows(before, rows_in(self.carried)), mode=0o640, group=self.group)

    def told(self, current: FileState | None, different: frozenset[str]) -> str:
        """How many of each are carried, what goes, and that the source stays."""
        if not different:
            return ""
        coming = read_accounts(self.carried)
        lines = [*_counts(coming)]
        if current is not None:
            known = {mailbox.address for mailbox in coming.mailboxes}
            gone = [
                mailbox.address for mailbox in read_accounts(current.content).mailboxes if mailbox.address not in known
            ]
            left = _("- mailbox {address}: left from earlier, and no longer in {source}")
            lines += [left.format(address=address, source=self.source) for address in gone]
        lines.append(
            _("Passwords, quotas and what is switched off come along; {source} stays as it is.").format(
                source=self.source
            )
        )
        return "\n".join(lines) + "\n"


def _counts(coming: Accounts) -> tuple[str, ...]:
    domains, mailboxes, aliases = len(coming.domains), len(coming.mailboxes), len(coming.aliases or {})
    return (
        ngettext("+ {count} domain", "+ {count} domains", domains).format(count=domains),
        ngettext("+ {count} mailbox", "+ {count} mailboxes", mailboxes).format(count=mailboxes),
        ngettext("+ {count} alias", "+ {count} aliases", aliases).format(count=aliases),
    )
