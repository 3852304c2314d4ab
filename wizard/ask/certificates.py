"""Questions on the certificate with which the mail services show who they are."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.objections import alone, path
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion
from wizard.words import _

ENCRYPTION = _("Encryption")
# A folder of our own, so that no name in it can be another program's.
_FOLDER: Final = PurePosixPath("/etc/ssl/postwizard")
# certbot(1): each certificate has a folder here, with links to its newest files.
LINEAGES: Final = PurePosixPath("/etc/letsencrypt/live")


def made_here(so_far: SoFar) -> bool:
    """Whether the certificate is made on this machine."""
    return so_far.text("certificate") == "self_signed"


def by_acme(so_far: SoFar) -> bool:
    """Whether certbot(1) is to get the certificate."""
    return so_far.text("certificate") == "acme"


def certificate_paths(so_far: SoFar) -> tuple[PurePosixPath, PurePosixPath]:
    """The certificate, with its issuers after it, and its key."""
    name = so_far.text("hostname").lower()
    if made_here(so_far):
        return _FOLDER / f"{name}.crt", _FOLDER / f"{name}.key"
    if by_acme(so_far):
        return LINEAGES / name / "fullchain.pem", LINEAGES / name / "privkey.pem"
    return PurePosixPath(so_far.text("certificate_file")), PurePosixPath(so_far.text("key_file"))


def lineage(so_far: SoFar) -> PurePosixPath | None:
    """The folder in which certbot(1) keeps the certificate, so that it renews it; None where it does not."""
    folder = certificate_paths(so_far)[0].parent
    return folder if folder.parent == LINEAGES else None


certificate = ChoiceQuestion(
    key="certificate",
    ask=_("Which certificate shall the mail services show?"),
    why=_(
        "It lets mail programs see that they speak with this machine and nobody in between. One that is signed by "
        "itself encrypts as well, but each mail program asks whether to trust it; other mail servers do not mind."
    ),
    manual="postconf(5): smtpd_tls_chain_files",
    section=ENCRYPTION,
    choices=lambda _so_far: (
        Choice("self_signed", _("Make one here, signed by itself"), _("To begin with; it can be replaced later.")),
        Choice(
            "acme",
            _("Get one by ACME, such as from Let's Encrypt"),
            _("certbot(1) gets and renews it; the name must lead here, and port 80 be reachable."),
        ),
        Choice("own", _("Use one that I have"), _("Files in PEM form, such as those of an ACME client.")),
    ),
    default=lambda _so_far: "self_signed",
)


def _is_own(so_far: SoFar) -> bool:
    return so_far.text("certificate") == "own"


certificate_file = TextQuestion(
    key="certificate_file",
    ask=_("Where is the certificate?"),
    why=_(
        "A PEM file with the server's own certificate first and its issuers after it. It is checked before anything "
        "changes: that it is there, is for the name of this machine, is not over, and fits the key."
    ),
    manual="postconf(5): smtpd_tls_chain_files",
    section=ENCRYPTION,
    when=_is_own,
    default=lambda so_far: f"{LINEAGES}/{so_far.text('hostname').lower()}/fullchain.pem",
    objection=alone(path),
)

key_file = TextQuestion(
    key="key_file",
    ask=_("Where is its key?"),
    why=_(
        "A PEM file without a password, that root alone can read. Postfix and Dovecot read it as root when they start. "
        "Whoever has it can pass for this machine."
    ),
    manual="postconf(5): smtpd_tls_chain_files",
    section=ENCRYPTION,
    when=_is_own,
    default=lambda so_far: str(PurePosixPath(so_far.text("certificate_file")).with_name("privkey.pem")),
    objection=alone(path),
)

outgoing_tls = ChoiceQuestion(
    key="outgoing_tls",
    ask=_("Shall mail go out to servers that offer no TLS?"),
    why=_(
        "Almost all mail servers offer TLS; some that are old or small do not. TLS without a look at the certificate "
        "keeps out who only listens, and no more than that can be asked of every server (RFC 7435)."
    ),
    manual="postconf(5): smtp_tls_security_level",
    section=ENCRYPTION,
    choices=lambda _so_far: (
        Choice("may", _("Yes, in clear to those"), _("With TLS wherever it is offered. Mail gets through to all.")),
        Choice(
            "encrypt",
            _("No, with TLS or not at all"),
            _("Caution: mail to such a server waits for five days, and then comes back to its sender."),
        ),
    ),
    default=lambda _so_far: "may",
)
