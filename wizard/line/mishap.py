"""A mishap of our own: the details go to a file that only its owner reads; the screen gets one sentence."""

import os
import tempfile
import traceback

from wizard import __version__
from wizard.command_line import Exit
from wizard.problem import Problem
from wizard.report import Report
from wizard.words import _


def report_of_mishap(error: BaseException, *, has_run: bool) -> Report:
    """The report of an exception nobody expected; `has_run` when the machine may have been changed."""
    kind = type(error).__name__
    what = _("Something unexpected went wrong in the wizard itself ({kind}).").format(kind=kind)
    path = _details(error)
    if has_run:
        hint = _("Start postwizard again to go on or to put everything back. The details are in {path}.")
    else:
        hint = _("Nothing was changed. The details are in {path}.")
    exit_code = Exit.NOT_PUT_BACK if has_run else Exit.FAILED
    return Report(exit=exit_code, ending="failed", problem=Problem(what, hint.format(path=path)))


def _details(error: BaseException) -> str:
    """Writes the traceback without the values of variables, which may be secrets; gives the path."""
    text = f"postwizard {__version__}\n" + "".join(traceback.format_exception(error))
    try:
        handle, path = tempfile.mkstemp(prefix="postwizard-", suffix=".txt")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return _("(no file: no folder for temporary files can be written)")
    return path
