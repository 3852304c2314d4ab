"""Changes to the accounts of virtual mail that are asked for one by one, and why one is refused."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from wizard.ask.mail_addresses import mail_address, split_address
from wizard.ask.mail_domains import MAILBOXES, ROLES, first_mailbox, mailbox_address, password_problem
from wizard.ask.mail_questions import names_of_this_machine
from wizard.ask.plain_text import shown
from wizard.ask.question import SecretQuestion, SoFar
from wizard.ask.size_questions import mailbox_quota
from wizard.ask.sizes import bytes_of
from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.syntax.password_hash import is_password_of
from wizard.words import _

_MOST_TARGETS = 100
# What can become of the mail of a mailbox that is removed.
MAIL = ("keep", "archive", "delete")


@dataclass(frozen=True)
class AddMailbox:
    """A mailbox shall be there; one that is there keeps what is left out, and a new one has the usual quota."""

    address: str
    password: Secret | None = None
    quota: str = ""


@dataclass(frozen=True)
class SetPassword:
    """A mailbox that is there shall have this password."""

    address: str
    password: Secret | None = None


@dataclass(frozen=True)
class SetQuota:
    """A mailbox that is there shall hold so much; `quota` as a person writes a size."""

    address: str
    quota: str


@dataclass(frozen=True)
class RemoveMailbox:
    """There shall be no such mailbox; its mail is kept where it is, archived, or deleted for good.

    To be deleted, the address has to be given once more as `confirmed`. `maildir` is where the mail lies, below the
    folder of all mail, as the database says.
    """

    address: str
    mail: str = "keep"
    confirmed: str = ""
    maildir: str = ""


@dataclass(frozen=True)
class AddAlias:
    """Mail for an address, or for all that a domain does not know (@domain), shall go to these and no others."""

    address: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class RemoveAlias:
    """There shall be no such alias."""

    address: str


@dataclass(frozen=True)
class ImportMailboxes:
    """All of these mailboxes, none of which is there yet, shall be there; mailbox_import has judged them."""

    rows: bytes = field(repr=False)


AccountChange: TypeAlias = (
    AddMailbox | SetPassword | SetQuota | RemoveMailbox | AddAlias | RemoveAlias | ImportMailboxes
)

new_password = SecretQuestion(
    key="password",
    ask=_("Which password shall the mailbox have?"),
    why=_(
        "Whoever knows it reads the mail and sends in this name. Only its scrypt hash is kept, in the database of mail "
        "accounts."
    ),
    manual="crypt(5): scrypt",
    section=MAILBOXES,
    objection=lambda value, _so_far: password_problem(value),
)


def wants_password(change: AddMailbox | SetPassword, facts: Facts) -> bool:
    """Whether it cannot be made without a password, and none is given yet."""
    is_there = isinstance(change, AddMailbox) and change.address.lower() in facts.mailboxes
    return change.password is None and not is_there


def quota_of(change: AddMailbox, so_far: SoFar) -> int:
    """How many bytes the mailbox may hold: as asked for, as it is, or as much as the answers say for the first one."""
    here = so_far.facts.mailbox_quotas.get(change.address)
    if change.quota or here is None:
        return bytes_of(change.quota or so_far.text("mailbox_quota"))
    return here


def tidied(change: AccountChange, so_far: SoFar) -> AccountChange:
    """The change with its addresses as the database has them: in lower case, but for the names of other domains."""
    if isinstance(change, ImportMailboxes):
        return change
    change = replace(change, address=change.address.lower())
    if isinstance(change, AddAlias):
        return replace(change, targets=tuple(_tidied_target(target, so_far) for target in change.targets))
    return change


def _tidied_target(target: str, so_far: SoFar) -> str:
    # RFC 5321, section 2.4: only the domain itself may say that case does not matter before the @.
    local_part, at, host = split_address(target)
    return target.lower() if host.lower() in so_far.facts.mail_domains else f"{local_part}{at}{host.lower()}"


def is_catch_all(address: str) -> bool:
    """Whether it stands for every address of a domain that is none."""
    return address.startswith("@")


def change_objection(change: AccountChange, so_far: SoFar) -> Problem | None:
    """Why this change is refused, given the accounts that are there; addresses are as `tidied` gives them.

    A password that is not given yet is no reason.
    """
    match change:
        case AddMailbox():
            return mailbox_address.objection(change.address, so_far) or _cannot_add(change, so_far)
        case SetPassword():
            return mailbox_address.objection(change.address, so_far) or _cannot_set(change, so_far)
        case SetQuota():
            return mailbox_address.objection(change.address, so_far) or _cannot_limit(change, so_far)
        case RemoveMailbox():
            return mailbox_address.objection(change.address, so_far) or _cannot_remove(change, so_far)
        case AddAlias():
            return _alias_address(change.address, so_far) or _cannot_lead(change, so_far)
        case RemoveAlias():
            return _alias_address(change.address, so_far) or _is_needed(change.address, so_far)
        case ImportMailboxes():
            return None


def change_caution(change: AccountChange) -> Problem | None:
    """What to think of before a change that is not refused; None where nothing is to be said."""
    match change:
        case RemoveMailbox(mail="archive"):
            return Problem(
                _("The mail of {address} goes into an archive that only root can read.").format(address=change.address),
                _("`postwizard undo` brings both back; the archive stays until you remove it."),
            )
        case RemoveMailbox(mail="delete"):
            return Problem(
                _("The mail of {address} is deleted for good; `postwizard undo` brings back the mailbox alone.").format(
                    address=change.address
                ),
                _("--mail archive keeps a copy."),
            )
        case RemoveMailbox():
            return Problem(
                _("The mail of {address} stays in /var/vmail.").format(address=change.address),
                _("Whoever gets a mailbox of this name later reads it; delete the folder yourself if nobody shall."),
            )
        case AddAlias() if is_catch_all(change.address):
            return Problem(
                _("An alias for all of {domain} attracts spam, and no address there is answered with 550.").format(
                    domain=change.address[1:]
                ),
                _("A sender who mistypes an address never learns of it. Aliases for single addresses avoid both."),
            )
        case _:
            return None


def _cannot_add(change: AddMailbox, so_far: SoFar) -> Problem | None:
    facts, address = so_far.facts, change.address
    if (targets := facts.mail_aliases.get(address)) is not None:
        return Problem(
            _("{address} is an alias already; it leads to {targets}.").format(address=address, targets=targets),
            _("`postwizard alias remove {address}` takes it away first.").format(address=address),
        )
    if change.quota and (problem := mailbox_quota.objection(change.quota, so_far)) is not None:
        return problem
    stored = facts.mailboxes.get(address)
    if stored is None:
        return _password_refused(change.password)
    if address in facts.mailboxes_off:
        return Problem(
            _("There is a mailbox {address} already, and somebody switched it off.").format(address=address),
            _("Switch it on where that was done, such as in PostfixAdmin; or remove it and add it anew."),
        )
    if change.password is not None and not is_password_of(change.password, stored):
        return Problem(
            _("There is a mailbox {address} already, and its password is another one.").format(address=address),
            _("`postwizard mailbox password {address}` sets a new one.").format(address=address),
        )
    if change.quota and bytes_of(change.quota) != facts.mailbox_quotas.get(address):
        return Problem(
            _("There is a mailbox {address} already, and it may hold {count} bytes.").format(
                address=address, count=facts.mailbox_quotas.get(address, 0)
            ),
            _("`postwizard mailbox quota {address} {size}` changes that.").format(address=address, size=change.quota),
        )
    return None


def _cannot_set(change: SetPassword, so_far: SoFar) -> Problem | None:
    if change.address not in so_far.facts.mailboxes:
        return _no_mailbox(change.address)
    return _password_refused(change.password)


def _cannot_limit(change: SetQuota, so_far: SoFar) -> Problem | None:
    if change.address not in so_far.facts.mailboxes:
        return _no_mailbox(change.address)
    return mailbox_quota.objection(change.quota, so_far)


def _password_refused(password: Secret | None) -> Problem | None:
    return password_problem(password.reveal()) if password is not None else None


def _cannot_remove(change: RemoveMailbox, so_far: SoFar) -> Problem | None:
    facts = so_far.facts
    if change.address in facts.mail_aliases and change.address not in facts.mailboxes:
        return Problem(
            _("{address} is an alias, not a mailbox.").format(address=change.address),
            _("`postwizard alias remove {address}` takes it away.").format(address=change.address),
        )
    if change.address == first_mailbox(so_far):
        return Problem(
            _("{address} is the first mailbox in the answers of the wizard, which would make it again.").format(
                address=change.address
            ),
            _("Start postwizard and give another first mailbox; then it can be removed."),
        )
    return _is_target(change.address, so_far) or _cannot_delete(change)


def _cannot_delete(change: RemoveMailbox) -> Problem | None:
    if change.mail not in MAIL:
        return Problem(
            _("“{text}” is not what can become of mail.").format(text=shown(change.mail)),
            _("Wanted: {wanted}").format(wanted=", ".join(MAIL)),
        )
    if change.mail == "delete" and change.confirmed.strip().lower() != change.address:
        return Problem(
            _("The mail of {address} would be deleted for good.").format(address=change.address),
            _("Give the address once more: --confirm {address}. --mail archive keeps a copy.").format(
                address=change.address
            ),
        )
    return None


def _alias_address(value: str, so_far: SoFar) -> Problem | None:
    checked = f"all{value}" if is_catch_all(value) else value
    return mailbox_address.objection(checked, so_far)


def _cannot_lead(change: AddAlias, so_far: SoFar) -> Problem | None:
    address, targets = change.address, change.targets
    if address in so_far.facts.mailboxes:
        return Problem(
            _("{address} is a mailbox; mail for it lies there.").format(address=address),
            _("Give another address, or remove the mailbox first."),
        )
    if (problem := _is_role(address, so_far)) is not None:
        return problem
    if not targets or len(targets) > _MOST_TARGETS:
        return Problem(
            _("An alias leads to at least one address, and to {most} at most.").format(most=_MOST_TARGETS),
            _("Give them one after the other, such as: taro@example.org hana@example.org"),
        )
    if len(set(targets)) < len(targets):
        return Problem(_("The same address is there twice."), _("Take one of them away."))
    return next((found for target in targets if (found := _target_problem(target, address, so_far)) is not None), None)


def _target_problem(target: str, address: str, so_far: SoFar) -> Problem | None:
    if (problem := mail_address(target)) is not None:
        return problem
    facts, (local_part, _at, host) = so_far.facts, split_address(target)
    if target == address or _leads_to(target, address, so_far):
        return Problem(
            _("{target} leads to {address} again.").format(target=shown(target), address=shown(address)),
            _("Mail would go round. Give a mailbox, or an address elsewhere."),
        )
    # Targets are kept in one text with commas between them, which Postfix would split.
    if "," in local_part or '"' in local_part:
        return Problem(
            _("“{text}” cannot be told apart in a list of addresses.").format(text=shown(target)),
            _("Give an address without quotes and commas."),
        )
    is_here = host in facts.mail_domains
    if is_here and target not in facts.mailboxes and target not in facts.mail_aliases:
        return _no_mailbox(target)
    if host in names_of_this_machine(so_far):
        return Problem(
            _("{address} is a user of this machine, whose mail is kept elsewhere.").format(address=shown(target)),
            _("Give a mailbox, or an address elsewhere."),
        )
    return None


def _leads_to(start: str, end: str, so_far: SoFar) -> bool:
    """Whether the aliases lead from one address to the other."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        address = ahead.pop()
        if address in seen:
            continue
        seen.add(address)
        ahead += _targets_of(address, so_far)
    return end in seen


def _targets_of(address: str, so_far: SoFar) -> list[str]:
    return [target.strip().lower() for target in so_far.facts.mail_aliases.get(address, "").split(",")]


def _is_needed(address: str, so_far: SoFar) -> Problem | None:
    if address in so_far.facts.mailboxes:
        return Problem(
            _("{address} is a mailbox, not an alias.").format(address=address),
            _("`postwizard mailbox remove {address}` takes it away.").format(address=address),
        )
    return _is_role(address, so_far) or _is_target(address, so_far)


def _is_role(address: str, so_far: SoFar) -> Problem | None:
    """Refuses what the wizard itself sets: the addresses that each domain must have (RFC 2142)."""
    name, _at, host = address.rpartition("@")
    if name not in ROLES or host not in (item.lower() for item in so_far.items("mail_domains")):
        return None
    return Problem(
        _("{address} must lead to somebody, and the wizard sets to whom (RFC 2142).").format(address=address),
        _("Start postwizard and change the answer to “Who reads the mail for postmaster?”."),
    )


def _is_target(address: str, so_far: SoFar) -> Problem | None:
    readers = [alias for alias in so_far.facts.mail_aliases if address in _targets_of(alias, so_far)]
    if not readers:
        return None
    return Problem(
        _("These aliases lead to {address}: {aliases}.").format(address=address, aliases=", ".join(readers[:6])),
        _("Let them lead elsewhere first, or remove them: `postwizard alias list`."),
    )


def _no_mailbox(address: str) -> Problem:
    return Problem(
        _("There is no mailbox {address}.").format(address=shown(address)),
        _("`postwizard mailbox list` shows those that are there."),
    )
