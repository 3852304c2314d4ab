"""Questions on mailboxes of local users: their format, their place, and words added to a name."""

from pathlib import PurePosixPath

from wizard.ask.existing_postfix import OTHER_DELIVERY, setting
from wizard.ask.objections import alone, home_place, mail_folder
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion
from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.words import _

MAILBOXES = _("Mailboxes")
SPOOL = "/var/spool/mail"
MAILDIR_SPOOL = "/var/spool/maildir"
# What the file system itself brings, with a mode of its own (Arch: package filesystem).
STANDARD_SPOOLS = frozenset({PurePosixPath(SPOOL), PurePosixPath("/var/mail")})


def _delivery_to_keep(facts: Facts) -> str:
    """The setting of now that hands local mail to a program of this machine, as text; empty when there is none."""
    if setting(facts, "mailbox_transport_maps") or setting(facts, "mailbox_command_maps"):
        return ""
    transport, command = setting(facts, "mailbox_transport"), setting(facts, "mailbox_command")
    if transport:
        return f"mailbox_transport = {transport}" if transport.startswith("lmtp:unix:") else ""
    return f"mailbox_command = {command}" if command else ""


def _mailbox_choices(so_far: SoFar) -> tuple[Choice, ...]:
    found: tuple[Choice, ...] = (
        Choice(
            "spool_mbox",
            _("One file for each user, in the mail folder (mbox)"),
            _("Where mail(1), mutt and others look first; usually /var/spool/mail."),
        ),
        Choice(
            "home_maildir",
            _("A folder in each user's home, one file a message (Maildir)"),
            _("Good for mutt and Dovecot; removing one message never damages another."),
        ),
        Choice(
            "spool_maildir",
            _("A folder for each user in a mail folder, one file a message (Maildir)"),
            _("For homes that are encrypted or mounted late. Mail programs must be told the place."),
        ),
        Choice("home_mbox", _("One file in each user's home (mbox)"), _("Counts into the user's own disk quota.")),
    )
    if keep := _delivery_to_keep(so_far.facts):
        found += (
            Choice("keep", _("As it is now: {setting}").format(setting=keep), _("Mail goes on to the same program.")),
        )
    return found


def _mailbox_default(so_far: SoFar) -> str:
    facts = so_far.facts
    if _delivery_to_keep(facts):
        return "keep"
    if home := setting(facts, "home_mailbox"):
        return "home_maildir" if home.endswith("/") else "home_mbox"
    return "spool_maildir" if setting(facts, "mail_spool_directory").endswith("/") else "spool_mbox"


mailbox = ChoiceQuestion(
    key="mailbox",
    ask=_("Where shall mail for users be kept?"),
    why=_(
        "Mail programs must look in the same place and know the same format, or they show nothing. "
        "Mail that is there already is not moved."
    ),
    manual="postconf(5): home_mailbox, mail_spool_directory",
    section=MAILBOXES,
    choices=_mailbox_choices,
    default=_mailbox_default,
)


def _home_default(so_far: SoFar) -> str:
    here = setting(so_far.facts, "home_mailbox")
    if here and _home_objection(here, so_far) is None:
        return here
    return "Maildir/" if so_far.text("mailbox") == "home_maildir" else "Mailbox"


def _home_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := home_place(value)) is not None:
        return problem
    if so_far.text("mailbox") == "home_maildir" and not value.endswith("/"):
        return Problem(_("A Maildir is written with a slash at the end."), _("Write: {place}/").format(place=value))
    if so_far.text("mailbox") == "home_mbox" and value.endswith("/"):
        return Problem(
            _("With a slash at the end it would be a Maildir, not one file."),
            _("Write it without, or choose the Maildir in the question before."),
        )
    return None


home_mailbox = TextQuestion(
    key="home_mailbox",
    ask=_("What shall the mailbox in each home be called?"),
    why=_(
        "The place begins at the home of each user; a slash at the end makes it a Maildir. Mail programs must be told "
        "the same place. It must not be something that users keep other files in."
    ),
    manual="postconf(5): home_mailbox",
    section=MAILBOXES,
    when=lambda so_far: so_far.text("mailbox").startswith("home_"),
    default=_home_default,
    objection=_home_objection,
)


def _spool_default(so_far: SoFar) -> str:
    here = setting(so_far.facts, "mail_spool_directory")
    maildir = so_far.text("mailbox") == "spool_maildir"
    if here.endswith("/") == maildir and mail_folder(here.rstrip("/")) is None:
        return here.rstrip("/")
    return MAILDIR_SPOOL if maildir else SPOOL


def _spool_caution(value: str, so_far: SoFar) -> Problem | None:
    if so_far.text("mailbox") == "spool_maildir" and PurePosixPath(value) in STANDARD_SPOOLS:
        return Problem(
            _("Users who have an mbox file in {folder} could not get mail there.").format(folder=value),
            _("A file and a folder cannot have one name; {folder} has none yet.").format(folder=MAILDIR_SPOOL),
        )
    return None


spool_folder = TextQuestion(
    key="spool_folder",
    ask=_("Which folder shall hold the mailboxes?"),
    why=_(
        "Each user gets a file or a Maildir of the user's name in it. If it is on a disk that is not mounted, "
        "mail waits in the queue."
    ),
    manual="postconf(5): mail_spool_directory",
    section=MAILBOXES,
    when=lambda so_far: so_far.text("mailbox").startswith("spool_"),
    default=_spool_default,
    objection=alone(mail_folder),
    caution=_spool_caution,
)


def _delimiter_choices(so_far: SoFar) -> tuple[Choice, ...]:
    here = setting(so_far.facts, "recipient_delimiter")
    found: tuple[Choice, ...] = (
        Choice("none", _("No"), _("taro+lists is then a user of its own, and mail for it is refused.")),
        Choice("+", _("Yes, with a plus sign: taro+lists"), _("The usual sign; few names have it in them.")),
        Choice(
            "-", _("Yes, with a hyphen: taro-lists"), _("A name with a hyphen in it is still looked up whole first.")
        ),
    )
    if here and here not in {"+", "-"} and "$" not in here:
        found += (Choice(here, _("As it is now: {sign}").format(sign=here)),)
    return found


recipient_delimiter = ChoiceQuestion(
    key="recipient_delimiter",
    ask=_("May users add a word to their name in an address?"),
    why=_(
        "Mail for taro+lists then goes to taro, whose program can sort it by the added word. With another sign than "
        "users expect, such mail is refused."
    ),
    manual="postconf(5): recipient_delimiter",
    section=MAILBOXES,
    choices=_delimiter_choices,
    default=lambda so_far: next(
        (
            choice.value
            for choice in _delimiter_choices(so_far)
            if choice.value == setting(so_far.facts, "recipient_delimiter")
        ),
        "none",
    ),
)


def delivery_parameters(so_far: SoFar) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str], ...]]:
    """What main.cf says for the mailboxes chosen: name, value and reason; and what it no longer says, with reasons."""
    kind = so_far.text("mailbox")
    if kind == "keep":
        return (), ()
    others = tuple(OTHER_DELIVERY.items())
    if kind.startswith("home_"):
        reason = _("The mailbox of each user, from the home on (postconf(5): home_mailbox).")
        return (("home_mailbox", so_far.text("home_mailbox"), reason),), others
    folder = so_far.text("spool_folder") + ("/" if kind == "spool_maildir" else "")
    reason = _(
        "The folder of the mailboxes; with a slash at the end they are Maildirs (postconf(5): mail_spool_directory)."
    )
    over = ("home_mailbox", _("It would come before mail_spool_directory."))
    return (("mail_spool_directory", folder, reason),), (*others, over)
