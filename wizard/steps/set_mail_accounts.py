"""Set or remove domains, mailboxes and aliases in the database of virtual mail; every other row stays."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.account_store import content_of_store
from wizard.machine.machine import FileState, Look
from wizard.secret import Secret
from wizard.steps.account_edit import AccountEdit
from wizard.steps.account_paths import numbered, same_but_time
from wizard.steps.step import Claim
from wizard.syntax.mail_accounts import Accounts, Mailbox, read_accounts, rows_of, with_accounts
from wizard.words import _


def account_now(claim: Claim, look: Look) -> str | None:
    """What the database says for a claim, in its words: a quota, targets, the domains; None where there is nothing."""
    content = content_of_store(look, PurePosixPath(claim.place))
    if content is None:
        return None
    address, arrow, _rest = claim.key.partition(" →")
    there = read_accounts(content, (address,))
    if claim.key == "domains":
        return " ".join(there.domains)
    if arrow:
        return (there.aliases or {}).get(address)
    found = there.mailbox(address)
    return str(found.quota) if found is not None and claim.value else ""


@dataclass(frozen=True, kw_only=True)
class SetMailAccounts(AccountEdit):
    """Makes exactly these domains be served, and these mailboxes and aliases be there (PostfixAdmin's schema).

    `mailboxes` are (address, hash of the password, most bytes), `aliases` (address, targets). One that a person
    switched off stays off. The `removed` addresses are neither; the mail of a mailbox that is removed is not touched.
    `group` may read the file.
    The file is replaced whole, so programs that have it open must be told afterwards.
    """

    domains: tuple[str, ...]
    mailboxes: tuple[tuple[str, Secret, int], ...]
    aliases: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    group: str | int = "root"

    def __repr__(self) -> str:
        return f"SetMailAccounts({self.path}, {len(self.domains)} domains, {len(self.mailboxes)} mailboxes)"

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Set the mail accounts in {path}").format(path=self.path)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for the file's rights, one for which domains are served, and one for each address."""
        place = str(self.path)
        return (
            Claim("mail_account", "rights", "", place),
            Claim("mail_account", "domains", " ".join(sorted(self.domains)), place),
            *(Claim("mail_account", address, str(quota), place) for address, _hash, quota in self.mailboxes),
            *(Claim("mail_account", f"{address} →", targets, place) for address, targets in self.aliases),
            *(Claim("mail_account", address, "", place) for address in self.removed),
        )

    def _there(self, current: FileState | None) -> Accounts:
        """What the database says of the addresses that are set."""
        addresses = {*(address for address, *_rest in self.mailboxes), *(address for address, _targets in self.aliases)}
        return read_accounts(current.content if current is not None else b"", addresses)

    def _wanted_accounts(self) -> Accounts:
        return Accounts(self.domains, tuple(Mailbox(*row) for row in self.mailboxes), dict(self.aliases))

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """The accounts that are not so."""
        rights, domains, *rows = (claim.name for claim in self.claims)
        if current is None:
            gone = {Claim("mail_account", address, "", str(self.path)).name for address in self.removed}
            return frozenset({rights, domains, *rows} - gone)
        there = self._there(current)
        as_wanted = [there.mailbox(row[0]) == Mailbox(*row) for row in self.mailboxes]
        as_wanted += [(there.aliases or {}).get(address) == targets for address, targets in self.aliases]
        mailboxes, aliases = rows_of(current.content, self.removed)
        left = {*(mailbox.address for mailbox in mailboxes), *(alias.address for alias in aliases)}
        as_wanted += [address not in left for address in self.removed]
        found = {name for name, is_so in zip(rows, as_wanted, strict=True) if not is_so}
        if set(there.domains) != set(self.domains):
            found.add(domains)
        return frozenset(found)

    def differs(self, look: Look) -> frozenset[str]:
        """The accounts that are not so, and the rights of the file if those are others."""
        current = self._now(look)[1]
        found = self.differs_from(current)
        if current is not None and not same_but_time(current, numbered(self._with_rights(current), look)):
            found |= {self.claims[0].name}
        return found

    def _with_rights(self, state: FileState) -> FileState:
        return FileState(content=state.content, mode=0o640, group=self.group, mtime_ns=state.mtime_ns)

    def edited(self, current: FileState | None) -> FileState:
        """The database with the accounts set."""
        before = current.content if current is not None else b""
        if not self.differs_from(current) and current is not None:
            return self._with_rights(current)
        return self._with_rights(FileState(content=with_accounts(before, self._wanted_accounts(), self.removed)))

    def told(self, current: FileState | None, different: frozenset[str]) -> str:
        """What comes and changes where this is there, given the names of the claims that are not so."""
        if not different:
            return ""
        there = self._there(current)
        names = [claim.name for claim in self.claims]
        lines = []
        if current is None:
            lines.append(_("New database {path}, in PostfixAdmin's schema.").format(path=self.path))
        if names[0] in different:
            lines.append(_("Mode 0640, owner root, group {group}.").format(group=self.group))
        lines += [_("+ domain {name}").format(name=name) for name in self.domains if name not in there.domains]
        lines += [
            _("- domain {name}: its mail is no longer taken; its mailboxes stay").format(name=name)
            for name in there.domains
            if name not in self.domains
        ]
        for address, hashed, quota in self.mailboxes:
            before = there.mailbox(address)
            password = before is None or before.password != hashed
            if before is None:
                lines.append(_("+ mailbox {address}").format(address=address))
            if password:
                lines.append("  " + _("{address}: password •••").format(address=address))
            if before is None or before.quota != quota:
                limit = _("{count} bytes").format(count=quota) if quota else _("without limit")
                lines.append("  " + _("{address}: {limit}").format(address=address, limit=limit))
        for address, targets in self.aliases:
            present = (there.aliases or {}).get(address)
            if present not in (None, targets):
                lines.append(f"- {address} → {present}")
            if present != targets:
                lines.append(f"+ {address} → {targets}")
        return "\n".join([*lines, *self._removal(current)]) + "\n"

    def _removal(self, current: FileState | None) -> list[str]:
        mailboxes, aliases = rows_of(current.content if current is not None else b"", self.removed)
        kept = _("- mailbox {address}: mail for it is refused from now on")
        lines = [kept.format(address=row.address) for row in mailboxes]
        lines += [f"- {row.address} → {row.targets}" for row in aliases if row.address != row.targets]
        return lines
