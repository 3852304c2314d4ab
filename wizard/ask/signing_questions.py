"""Questions on signing outgoing mail, and on judging by whom incoming mail was really sent."""

import re

from wizard.ask.mail_domains import domains_of
from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion
from wizard.problem import Problem
from wizard.syntax.dkim import DkimKey
from wizard.words import _

SIGNING = _("Signing and judging mail")
# RFC 1035, section 2.3.4: a label has 63 octets at most, a name 255, of which `._domainkey.` and the domain need some.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_SELECTOR = 100


def is_signed(so_far: SoFar) -> bool:
    """Whether a program signs and judges mail."""
    return so_far.text("signing") in {"rspamd", "opendkim"}


def signing_keys(so_far: SoFar) -> tuple[DkimKey, ...]:
    """The key of each domain that is served."""
    selector = so_far.text("dkim_selector").lower()
    return tuple(DkimKey(selector, name) for name in domains_of(so_far))


signing = ChoiceQuestion(
    key="signing",
    ask=_("Which program shall sign outgoing mail, and judge incoming mail?"),
    why=_(
        "A signature (DKIM, RFC 6376) lets others see that mail is really from your domain; large providers refuse or "
        "hide mail without one. The same program judges what comes in: its signature, whether the server may send for "
        "the domain (SPF, RFC 7208), and what the domain wants done otherwise (DMARC, RFC 7489). The result stands in "
        "the header Authentication-Results (RFC 8601)."
    ),
    manual="postconf(5): smtpd_milters",
    section=SIGNING,
    choices=lambda _so_far: (
        Choice(
            "rspamd",
            _("Rspamd"),
            _("One program for all of it, in active development. It filters no spam here and asks nobody but the DNS."),
        ),
        Choice(
            "opendkim",
            _("OpenDKIM and OpenDMARC"),
            _("Two small programs; neither has had a release for years. OpenDMARC looks at SPF itself."),
        ),
        Choice("none", _("None"), _("Nothing is signed or judged.")),
    ),
    default=lambda so_far: "opendkim" if _runs_already(so_far, "opendkim", "rspamd") else "rspamd",
    seen=lambda so_far: next(
        (
            _("{name} {version} is installed.").format(name=name, version=so_far.facts.packages[name])
            for name in ("rspamd", "opendkim")
            if name in so_far.facts.packages
        ),
        "",
    ),
)


def _runs_already(so_far: SoFar, this: str, other: str) -> bool:
    """Whether one of two programs is there and the other is not."""
    return this in so_far.facts.packages and other not in so_far.facts.packages


def _selector_default(so_far: SoFar) -> str:
    """The one in use, so that its records in the DNS hold on; at first the month, so that the next is another."""
    domains = domains_of(so_far)
    used = [key.selector for key in so_far.facts.dkim_keys if key.domain in domains]
    return max(used, default=so_far.facts.month or "mail")


def _selector_objection(value: str, _so_far: SoFar) -> Problem | None:
    problem = unfit(value, _LONGEST_SELECTOR, "RFC 1035") if value else nothing_given("202601")
    if problem is not None:
        return problem
    if not all(_LABEL.fullmatch(label) for label in value.lower().split(".")):
        return Problem(
            _("“{text}” cannot be a selector.").format(text=shown(value)),
            _("Letters a to z, digits, and hyphens between them are possible (RFC 6376, section 3.1)."),
        )
    return None


dkim_selector = TextQuestion(
    key="dkim_selector",
    ask=_("Under which selector shall the keys be found?"),
    why=_(
        "Others look for the public key of a domain at SELECTOR._domainkey.DOMAIN. A new selector means new keys, so "
        "that old mail can still be verified while both records are there. A key that is there is never replaced."
    ),
    manual="opendkim(8)",
    section=SIGNING,
    when=is_signed,
    default=_selector_default,
    objection=_selector_objection,
    seen=lambda so_far: (
        _("There are keys under: {selectors}.").format(
            selectors=", ".join(sorted({key.selector for key in so_far.facts.dkim_keys}))
        )
        if so_far.facts.dkim_keys
        else ""
    ),
)

unauthenticated_mail = ChoiceQuestion(
    key="unauthenticated_mail",
    ask=_("What shall be done with mail that is not from whom it says it is?"),
    why=_(
        "A domain says by DMARC what it wants done with mail in its name that has neither its signature nor came from "
        "its servers (RFC 7489, section 6.3). Mail of mailing lists and forwarders can look like that too, so marking "
        "is the careful choice (RFC 7960)."
    ),
    manual="postconf(5): smtpd_milters",
    section=SIGNING,
    when=is_signed,
    choices=lambda _so_far: (
        Choice("mark", _("Mark it"), _("It is delivered; Authentication-Results says what was found.")),
        Choice(
            "reject", _("Refuse it where its domain asks for that"), _("At once, with 5.7.1, and only for p=reject.")
        ),
    ),
    default=lambda _so_far: "mark",
)

when_signing_fails = ChoiceQuestion(
    key="when_signing_fails",
    ask=_("What shall be done with mail while that program does not run?"),
    why=_(
        "When it cannot be asked, mail can wait at the sender until it runs again, for days if need be (RFC 5321, "
        "section 4.5.4.1), or pass without signature and judgement."
    ),
    manual="postconf(5): milter_default_action",
    section=SIGNING,
    when=is_signed,
    choices=lambda _so_far: (
        Choice("tempfail", _("Let it wait"), _("Nothing leaves unsigned, and nothing comes in unjudged.")),
        Choice("accept", _("Let it pass"), _("Mail flows, but others may refuse what is not signed.")),
    ),
    default=lambda _so_far: "tempfail",
)
