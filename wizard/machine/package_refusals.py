"""Why packages could not be installed or removed, in the same words on a real and a pretended machine."""

from collections.abc import Sequence

from wizard.problem import Problem
from wizard.words import _, ngettext


def in_no_repository(names: Sequence[str]) -> Problem:
    """No repository has them; `-Sy NAME` is no way out but a partial upgrade (ArchWiki, System maintenance)."""
    what = ngettext("No repository has the package {names}.", "No repository has the packages {names}.", len(names))
    return Problem(
        what.format(names=", ".join(names)),
        _("The databases here may be old: bring the whole machine up to date (`pacman -Syu`), then try again."),
    )


def beside_rivals(names: Sequence[str], rivals: Sequence[str]) -> Problem:
    """Something installed stands in the way."""
    return Problem(
        _("{names} cannot be installed beside {rivals}.").format(names=", ".join(names), rivals=", ".join(rivals)),
        _("Remove it first if you no longer need it: `pacman -Rn {rivals}`.").format(rivals=" ".join(rivals)),
    )


def still_needed(names: Sequence[str], users: Sequence[str]) -> Problem:
    """Something else needs what would be removed."""
    return Problem(
        _("{names} cannot be removed: needed by {users}.").format(names=", ".join(names), users=", ".join(users)),
        _("Remove all of them with `pacman -Rn {all}` if you need none.").format(all=" ".join((*names, *users))),
    )
