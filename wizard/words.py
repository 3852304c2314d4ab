"""Words to people pass through gettext here; keys, file formats, exit codes and JSON do not."""

import gettext
import os
from functools import cache
from pathlib import Path

DOMAIN = "postwizard"
CATALOGUES = Path(__file__).parent / "locale"
# Punctuation of ours that a terminal may not have, and what stands for it.
IN_ASCII = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "•": "*", "—": "-", "–": "-", "→": "->"}
)


@cache
def catalogue() -> gettext.NullTranslations:
    """The message catalogue for LANGUAGE, LC_ALL, LC_MESSAGES or LANG, as gettext(3) looks them up."""
    if not CATALOGUES.is_dir() or os.environ.get("LC_ALL", "") in {"C", "POSIX"}:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, str(CATALOGUES), fallback=True)


def _(message: str) -> str:
    """The message in the reader's language."""
    return catalogue().gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The message in the reader's language, in the form for this count."""
    return catalogue().ngettext(one, many, count)
