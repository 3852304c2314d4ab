"""Questions on the certificate with which the mail services show who they are."""

from pathlib import PurePosixPath

from wizard.ask.objections import alone, path
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion
from wizard.words import _

ENCRYPTION = _("Encryption")
# A folder of our own, so that no name in it can be another program's.
_FOLDER = PurePosixPath("/etc/ssl/postwizard")


def made_here(so_far: SoFar) -> bool:
    """Whether the certificate is made on this machine."""
    return so_far.text("certificate") == "self_signed"


def certificate_paths(so_far: SoFar) -> tuple[PurePosixPath, PurePosixPath]:
    """The certificate, with its issuers after it, and its key."""
    if not made_here(so_far):
        return PurePosixPath(so_far.text("certificate_file")), PurePosixPath(so_far.text("key_file"))
    name = so_far.text("hostname").lower()
    return _FOLDER / f"{name}.crt", _FOLDER / f"{name}.key"


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
    default=lambda so_far: f"/etc/letsencrypt/live/{so_far.text('hostname').lower()}/fullchain.pem",
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
