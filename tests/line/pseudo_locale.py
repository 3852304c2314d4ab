"""A pretended translation: every message in accented letters, so that a plain word was never translated."""

import re
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = CHECKOUT / "wizard" / "locale" / "postwizard.pot"
LANGUAGE = "eo"  # any language that gettext knows to have the plural forms of English
ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀćđéƒǧħíĵķĺɱńóþɋŕśţúṽŵẋýžÁɃĆĐÉƑǦĦÍĴĶĹḾŃÓÞɊŔŚŢÚṼŴẊÝŽ",
)
# What is the same in every language: commands, options, paths, and whatever is in backticks.
VERBATIM = re.compile(
    r"`[^`]*`|--[a-z-]+|\bpostwizard( (snapshots|undo|resume|test|practice))?\b|\bsudo\b|/[a-z/]+"
    r"|%\([a-z_]+\)[sr]|%[sr]"
)


def pseudo(message: str) -> str:
    """The message in accented letters; placeholders and what is verbatim stay."""
    parts = []
    for text, name, spec, conversion in Formatter().parse(message) if "{" in message else [(message, None, "", None)]:
        parts.append(_accented(text))
        if name is not None:
            parts.append("{" + name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "") + "}")
    return f"[!{''.join(parts)}!]"


def _accented(text: str) -> str:
    found, end = [], 0
    for match in VERBATIM.finditer(text):
        found.append(text[end : match.start()].translate(ACCENTED) + match.group())
        end = match.end()
    return "".join(found) + text[end:].translate(ACCENTED)


def write_pseudo_locale(folder: Path) -> None:
    """Compiles the pretended translation of every message in the template."""
    with TEMPLATE.open("rb") as file:
        template = read_po(file)
    catalogue = Catalog(locale=LANGUAGE, domain="postwizard")
    for message in template:
        if not message.id:
            continue
        forms = message.id if isinstance(message.id, tuple | list) else (message.id,)
        translated = tuple(pseudo(form) for form in forms)
        catalogue.add(tuple(forms) if len(forms) > 1 else forms[0], translated if len(forms) > 1 else translated[0])
    target = folder / LANGUAGE / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "postwizard.mo").open("wb") as file:
        write_mo(file, catalogue)
