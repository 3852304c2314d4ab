"""Why a text cannot be written into a Postfix file so that Postfix reads the same text back."""

import unicodedata

from wizard.problem import BadInput, Problem
from wizard.syntax.logical_lines import WHITE
from wizard.words import _


class Unwritable(BadInput):
    """An edit was asked for that Postfix would read back as something else."""


def refuse(problem: Problem | None) -> None:
    """Raise the problem, if there is one."""
    if problem is not None:
        raise Unwritable(problem)


def unwritable_text(text: str) -> Problem | None:
    """Why no line of a Postfix file can carry this text: line breaks, control characters, what UTF-8 cannot write."""
    if "\n" in text or "\r" in text:
        return Problem(
            _("A value cannot contain a line break"), _("Write it on one line; Postfix lists take commas or spaces.")
        )
    if any(unicodedata.category(char) == "Cc" and char != "\t" for char in text):
        return Problem(
            _("A value cannot contain control characters"), _("Retype it: something invisible was pasted along.")
        )
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return Problem(_("A value contains half of a character"), _("Retype it: it was damaged on its way here."))
    return None


def unwritable_ends(text: str) -> Problem | None:
    """White space at the ends, which Postfix drops when it reads the file."""
    if text != text.strip(WHITE):
        return Problem(_("Postfix drops white space at the start and at the end of a value"), _("Remove it."))
    return None
