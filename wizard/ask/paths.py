"""Paths: absolute ones for files and folders, relative ones for a mailbox in a home."""

import re

from wizard.ask.plain_text import nothing_given, shown, unfit
from wizard.problem import Problem
from wizard.words import _

LONGEST_PATH = 1000
LONGEST_PART = 255  # limits.h: NAME_MAX
_PART = re.compile(r"[A-Za-z0-9._@+-]+")
# postfix.service on Arch: ProtectSystem=true, PrivateTmp=true, PrivateDevices=true (systemd.exec(5)).
_NOT_FOR_MAIL = ("/usr", "/boot", "/efi", "/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run", "/etc", "/root")  # noqa: S108


def path(value: str) -> Problem | None:
    """An absolute path that means the same to Postfix, systemd and a shell."""
    if not value:
        return nothing_given("/var/spool/mail")
    if (problem := unfit(value, LONGEST_PATH)) is not None:
        return problem
    if not value.startswith("/"):
        return Problem(
            _("“{path}” does not begin with a slash.").format(path=shown(value)),
            _("Give the whole path, such as /var/spool/mail."),
        )
    if value == "/":
        return Problem(_("This is the root of the whole machine."), _("Name a folder below it."))
    if value.endswith("/"):
        return Problem(_("There is a slash at the end."), _("Write it without: {path}").format(path=value.rstrip("/")))
    return _parts_problem(value[1:].split("/"))


def mail_folder(value: str) -> Problem | None:
    """A folder that Postfix can write mail below, given what its systemd unit hides from it."""
    if (problem := path(value)) is not None:
        return problem
    for top in _NOT_FOR_MAIL:
        if value == top or value.startswith(top + "/"):
            return Problem(
                _("Postfix cannot keep mail below {folder}.").format(folder=top),
                _("Its systemd unit hides or protects that folder, or it is not for mail; /var/spool is made for it."),
            )
    return None


def home_place(value: str) -> Problem | None:
    """A mailbox relative to each home; a slash at the end makes it a Maildir (postconf(5): home_mailbox)."""
    if not value:
        return nothing_given("Maildir/")
    if (problem := unfit(value, LONGEST_PART)) is not None:
        return problem
    if value.startswith(("/", "~")):
        return Problem(_("The place begins at the home already."), _("Leave out / or ~ at the start, as in: Maildir/"))
    return _parts_problem(value.removesuffix("/").split("/"))


def _parts_problem(parts: list[str]) -> Problem | None:
    for part in parts:
        if not part:
            return Problem(_("There are two slashes beside each other."), _("Write one."))
        if part in {".", ".."}:
            return Problem(
                _("There is a “{part}” on the way.").format(part=part), _("Write the path that you mean, without it.")
            )
        if len(part) > LONGEST_PART:
            return Problem(_("One part is longer than 255 characters."), _("No file system of Linux takes that."))
        if part.startswith("-"):
            return Problem(
                _("A part begins with a hyphen."), _("Programs would take it for an option; choose another.")
            )
        if " " in part:
            return Problem(_("There is a blank in the path."), _("Postfix splits its lists at blanks; choose another."))
        if not _PART.fullmatch(part):
            return Problem(
                _("“{part}” has characters that make trouble in mail settings.").format(part=shown(part)),
                _("Letters a to z, digits, and . _ - + @ are possible."),
            )
    return None
