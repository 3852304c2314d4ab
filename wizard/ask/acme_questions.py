"""Questions for a certificate that certbot(1) gets by ACME (RFC 8555)."""

import re
from typing import Final

from wizard.ask.certificates import ENCRYPTION, by_acme
from wizard.ask.objections import alone, mail_address, path
from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion
from wizard.problem import Problem
from wizard.words import _

# letsencrypt.org/docs/acme-protocol-updates: the directory of the server that everybody's programs trust.
LETS_ENCRYPT: Final = "https://acme-v02.api.letsencrypt.org/directory"
_LONGEST_URL: Final = 2000
# RFC 8555, section 6.1: https alone; the characters of RFC 3986 without those that never stand in such a path.
_HTTPS: Final = re.compile(r"https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9._~%!&'()*+,;=:@/?-]*)?")


def _url_objection(value: str) -> Problem | None:
    if not value:
        return nothing_given(LETS_ENCRYPT)
    if (problem := unfit(value, _LONGEST_URL)) is not None:
        return problem
    if _HTTPS.fullmatch(value):
        return None
    return Problem(
        _("“{text}” is not the address of an ACME server.").format(text=shown(value)),
        _("It begins with https:// and ends in the path of the directory (RFC 8555, section 7.1.1)."),
    )


acme_server = TextQuestion(
    key="acme_server",
    ask=_("Which ACME server shall issue the certificate?"),
    why=_(
        "The address of its directory. Let's Encrypt's is proposed; its staging server, for trying out, and private "
        "ones have others. A private one is reached only if this machine trusts its root (trust(1))."
    ),
    manual="certbot(1): --server",
    section=ENCRYPTION,
    when=by_acme,
    default=lambda _so_far: LETS_ENCRYPT,
    objection=alone(_url_objection),
)


def _terms_objection(value: str, _so_far: SoFar) -> Problem | None:
    if value == "agreed":
        return None
    return Problem(
        _("Without your agreement the server issues no certificate."),
        _("Read its terms, then choose that you agree. Or take another kind of certificate."),
    )


acme_terms = ChoiceQuestion(
    key="acme_terms",
    ask=_("Do you agree to the terms of service of this server?"),
    why=_(
        "An account is made there in your name, so only you can agree. Let's Encrypt's are at "
        "https://letsencrypt.org/repository; any server names its own in its directory, as termsOfService."
    ),
    manual="certbot(1): --agree-tos",
    section=ENCRYPTION,
    when=by_acme,
    choices=lambda _so_far: (
        Choice("not_agreed", _("Not yet"), _("No certificate can be had this way then.")),
        Choice("agreed", _("Yes, I have read them and agree")),
    ),
    default=lambda _so_far: "not_agreed",
    objection=_terms_objection,
)

acme_contact = TextQuestion(
    key="acme_contact",
    ask=_("At which address may the server write to you?"),
    why=_(
        "It may tell you when a certificate has to be replaced early. The address is handed to those who run the "
        "server. It may be left empty; the certificate is renewed all the same."
    ),
    manual="certbot(1): --email",
    section=ENCRYPTION,
    when=by_acme,
    objection=alone(mail_address),
    optional=True,
)


def _user_of_port_80(so_far: SoFar) -> str:
    """Who listens on port 80, in a word; empty where nobody does."""
    found = next((listener for listener in so_far.facts.listeners if listener.port == 80), None)
    return "" if found is None else found.unit or found.process or _("another program")


def _challenge_objection(value: str, so_far: SoFar) -> Problem | None:
    if value != "standalone" or not (user := _user_of_port_80(so_far)):
        return None
    return Problem(
        _("Port 80 is taken by {user}.").format(user=user),
        _("If it serves files, choose its folder. Otherwise stop it, or get a certificate by DNS and give its files."),
    )


acme_challenge = ChoiceQuestion(
    key="acme_challenge",
    ask=_("How shall this machine show that the name is its own?"),
    why=_(
        "The server fetches a file by HTTP on port 80 from the name of this machine (RFC 8555, section 8.3), now and "
        "at each renewal. Where port 80 cannot be reached, use `certbot certonly --manual --preferred-challenges dns` "
        "or a DNS plugin of certbot, and then choose the certificate that you have."
    ),
    manual="certbot(1): --standalone, --webroot",
    section=ENCRYPTION,
    when=by_acme,
    choices=lambda _so_far: (
        Choice("standalone", _("certbot answers on port 80"), _("For a moment; nothing else may listen there.")),
        Choice("webroot", _("A web server on this machine serves the file"), _("It goes on meanwhile.")),
    ),
    default=lambda so_far: "webroot" if _user_of_port_80(so_far) else "standalone",
    objection=_challenge_objection,
)

acme_webroot = TextQuestion(
    key="acme_webroot",
    ask=_("Which folder does the web server serve for this name?"),
    why=_(
        "The file is laid into .well-known/acme-challenge below it for a moment. If the server serves another folder "
        "for the name of this machine, the certificate is refused."
    ),
    manual="certbot(1): --webroot-path",
    section=ENCRYPTION,
    when=lambda so_far: by_acme(so_far) and so_far.text("acme_challenge") == "webroot",
    default=lambda _so_far: "/srv/http",
    objection=alone(path),
)
