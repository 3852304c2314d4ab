"""Questions for mailboxes whose users have no account here: domains, the first mailbox, who reads for roles."""

import re
from collections.abc import Mapping

from wizard.ask.existing_postfix import items_of, setting
from wizard.ask.mail_addresses import split_address
from wizard.ask.mail_questions import names_of_this_machine
from wizard.ask.objections import domain, mail_address
from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.ask.question import ListQuestion, SecretQuestion, SoFar, TextQuestion
from wizard.problem import Problem
from wizard.words import _

MAILBOXES = _("Domains and mailboxes")
# RFC 2142, sections 4 to 6: names that somebody must read in every domain that takes mail.
ROLES = ("postmaster", "abuse", "hostmaster")
_LOCAL_PART = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
# NIST SP 800-63B, section 5.1.1.2: at least 8 characters; longer ones are taken, up to a line of IMAP.
_SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 256
_LONGEST_MAILBOX = 64
_MOST_DOMAINS = 1000


def domains_of(so_far: SoFar) -> tuple[str, ...]:
    """The domains in the answers, in lower case."""
    return tuple(item.lower() for item in so_far.items("mail_domains"))


def first_mailbox(so_far: SoFar) -> str:
    """The address of the first mailbox, in lower case, as it stands in the database."""
    return so_far.text("mailbox_address").lower()


def role_aliases(so_far: SoFar) -> Mapping[str, str]:
    """The address of each role in each domain with its reader; a role that is a mailbox itself needs none."""
    target = so_far.text("role_mail_to")
    mailboxes = {first_mailbox(so_far), *so_far.facts.mailboxes}
    addresses = (f"{role}@{name}" for name in domains_of(so_far) for role in ROLES)
    return {address: target for address in addresses if address not in mailboxes}


def _domains_default(so_far: SoFar) -> tuple[str, ...]:
    known = tuple(name for name in so_far.facts.mail_domains if _domain_objection(name, so_far) is None)
    if known:
        return known
    here = so_far.text("hostname").lower()
    candidates = (here.partition(".")[2], so_far.facts.domain.lower(), f"mail.{here}")
    return next(((name,) for name in candidates if _domain_objection(name, so_far) is None), ())


def _domains_seen(so_far: SoFar) -> str:
    if so_far.facts.mail_domains:
        return _("The proposal is what the database of mail accounts says now.")
    return _("The proposal comes from the name of this machine.")


def _domain_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := domain(value)) is not None:
        return problem
    name = value.lower()
    # ADDRESS_CLASS_README: a domain is in one class only; in two, trivial-rewrite(8) warns and mydestination wins.
    if name in names_of_this_machine(so_far):
        return Problem(
            _("{name} is the name of this machine itself, whose mail goes to its own users.").format(name=shown(value)),
            _("Give the machine another name, such as mail.{name}, or give another domain here.").format(name=name),
        )
    for parameter in ("relay_domains", "virtual_alias_domains"):
        if name in (item.lower() for item in items_of(setting(so_far.facts, parameter))):
            return Problem(
                _("{name} stands in {parameter} of main.cf, and a domain can be in one place only.").format(
                    name=shown(value), parameter=parameter
                ),
                _("Take it out there first: `postconf {parameter}`.").format(parameter=parameter),
            )
    return None


def _domains_together(items: tuple[str, ...], _so_far: SoFar) -> Problem | None:
    if not items:
        return Problem(_("No domain is given."), _("Without one there is no mail to take. Give one like example.org."))
    if len({item.lower() for item in items}) < len(items):
        return Problem(_("The same domain is there twice."), _("Take one of them away."))
    if len(items) > _MOST_DOMAINS:
        return Problem(
            _("There are more than {most} domains.").format(most=_MOST_DOMAINS),
            _("Give one here, and put the others into the database."),
        )
    return None


mail_domains = ListQuestion(
    key="mail_domains",
    ask=_("For which domains does this machine take mail?"),
    why=_(
        "What stands behind the @ of the mailboxes. The DNS must name this machine as their mail server (MX), or no "
        "mail comes. A domain that is taken out later is no longer served; its mailboxes and its mail stay."
    ),
    manual="postconf(5): virtual_mailbox_domains",
    section=MAILBOXES,
    item_name=_("domain"),
    default=_domains_default,
    seen=_domains_seen,
    objection=_domain_objection,
    list_objection=_domains_together,
)


def _mailbox_default(so_far: SoFar) -> str:
    domains = domains_of(so_far) or ("",)
    known = [address for address in so_far.facts.mailboxes if address.rpartition("@")[2] in domains]
    people = [user.name for user in sorted(so_far.facts.users, key=lambda user: user.uid) if user.name != "root"]
    candidates = (*known, *(f"{name.lower()}@{domains[0]}" for name in (*people, "mail")))
    return next((name for name in candidates if _mailbox_objection(name, so_far) is None), "")


def _mailbox_objection(value: str, so_far: SoFar) -> Problem | None:
    if not value:
        return nothing_given("taro@example.org")
    if (problem := mail_address(value)) is not None:
        return problem
    local_part, _at, host = split_address(value)
    if host.lower() not in domains_of(so_far):
        return Problem(
            _("{domain} is none of the domains that this machine takes mail for.").format(domain=shown(host)),
            _("Give an address in one of: {domains}").format(domains=", ".join(domains_of(so_far)[:6])),
        )
    if not can_name_a_mailbox(local_part.lower()):
        return Problem(
            _("“{text}” cannot be the name of a mailbox.").format(text=shown(local_part)),
            _("Letters a to z, digits, and . _ - between them are possible before the @."),
        )
    return None


def can_name_a_mailbox(local_part: str) -> bool:
    """Whether this can stand before the @ of a mailbox, in lower case."""
    # It names a folder too; a plus sign begins a detail (recipient_delimiter).
    return (
        _LOCAL_PART.fullmatch(local_part) is not None and ".." not in local_part and len(local_part) <= _LONGEST_MAILBOX
    )


mailbox_address = TextQuestion(
    key="mailbox_address",
    ask=_("Which address shall the first mailbox have?"),
    why=_(
        "A mailbox that is read with a mail program over IMAP; its address is also the name to log in with. It needs "
        "no user of this machine. Test mails are sent to it."
    ),
    manual="postconf(5): virtual_mailbox_maps",
    section=MAILBOXES,
    default=_mailbox_default,
    objection=_mailbox_objection,
    seen=lambda so_far: (
        _("There are {count} mailboxes now.").format(count=len(so_far.facts.mailboxes))
        if so_far.facts.mailboxes
        else ""
    ),
)


def _password_objection(value: str, so_far: SoFar) -> Problem | None:
    if not value and first_mailbox(so_far) in so_far.facts.mailboxes:
        return None  # it has one already, and keeps it
    return password_problem(value)


def password_problem(value: str) -> Problem | None:
    """What makes a password unfit for a mailbox; it is never repeated."""
    if not value:
        return Problem(_("Without a password nobody can read the mailbox."), _("Give one of 8 characters or more."))
    if len(value) < _SHORTEST_PASSWORD:
        return Problem(
            _("The password has fewer than {least} characters.").format(least=_SHORTEST_PASSWORD),
            _("Several words are easy to remember and hard to guess (NIST SP 800-63B)."),
        )
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST_PASSWORD:
        return Problem(
            _("The password is longer than {most} bytes.").format(most=_LONGEST_PASSWORD), _("Make it shorter.")
        )
    if not value.isprintable():
        return Problem(
            _("There is a character in the password that cannot be typed in every mail program."),
            _("Take out tabs, line breaks and what does not show."),
        )
    return None


mailbox_password = SecretQuestion(
    key="mailbox_password",
    ask=_("Which password shall that mailbox have?"),
    why=_(
        "Whoever knows it reads the mail and sends in this name. Only its scrypt hash is kept, in the database of mail "
        "accounts. A mailbox that is there already keeps its password when nothing is given."
    ),
    manual="crypt(5): scrypt",
    section=MAILBOXES,
    objection=_password_objection,
)


def _role_default(so_far: SoFar) -> str:
    known = [so_far.facts.mail_aliases.get(f"postmaster@{name}", "") for name in domains_of(so_far)]
    return next((to for to in known if to and _role_objection(to, so_far) is None), first_mailbox(so_far))


def _role_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := unfit(value, 254, "RFC 5321") if value else nothing_given("taro@example.org")) is not None:
        return problem
    if (problem := mail_address(value)) is not None:
        return problem
    host = split_address(value)[2].lower()
    mailboxes = {first_mailbox(so_far), *so_far.facts.mailboxes}
    if host in domains_of(so_far) and value.lower() not in mailboxes:
        return Problem(
            _("There is no mailbox {address}.").format(address=shown(value)),
            _("Give the first mailbox, {address}, or an address elsewhere.").format(address=first_mailbox(so_far)),
        )
    if host in names_of_this_machine(so_far):
        return Problem(
            _("{address} is a user of this machine, whose mail leads here again.").format(address=shown(value)),
            _("Give the first mailbox, {address}, or an address elsewhere.").format(address=first_mailbox(so_far)),
        )
    return None


role_mail_to = TextQuestion(
    key="role_mail_to",
    ask=_("Who reads the mail for postmaster, abuse, hostmaster and root?"),
    why=_(
        "Every domain that takes mail must have a postmaster (RFC 5321, section 4.5.1); others write to abuse and "
        "hostmaster when something is wrong (RFC 2142). Mail of this machine for root goes there too."
    ),
    manual="postconf(5): virtual_alias_maps",
    section=MAILBOXES,
    default=_role_default,
    objection=_role_objection,
    suggestions=lambda so_far: (first_mailbox(so_far),),
)
