"""Brings the message catalogues up to date with the code: run `python wizard/locale/update.py` (needs Babel).

It writes postwizard.pot from the code, merges it into each LANGUAGE/LC_MESSAGES/postwizard.po, and compiles those.
"""

from io import BytesIO
from pathlib import Path  # noqa: TID251 - a tool for developers

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LOCALE = Path(__file__).resolve().parent
CHECKOUT = LOCALE.parent.parent
DOMAIN = "postwizard"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "ngettext": (1, 2)}
NOISE = tuple(
    f'"{name}'.encode()
    for name in (
        "POT-Creation",
        "PO-Revision",
        "Report-Msgid",
        "Last-Tr",
        "Language-Team",
        "Generated-By",
        "Project-Id",
    )
)
# argparse looks its own words up in our catalogue; these are the ones that a call of ours can bring up.
ARGPARSE = (
    "usage: ",
    "argument %(argument_name)s: %(message)s",
    "ambiguous option: %(option)s could match %(matches)s",
    "expected one argument",
    "ignored explicit argument %r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "options",
    "positional arguments",
    "not allowed with argument %s",
    "unrecognized arguments: %s",
)


def messages_in_code() -> Catalog:
    """Every message that the code passes through gettext."""
    catalogue = Catalog(domain=DOMAIN, project=DOMAIN, charset="utf-8", fuzzy=False)
    catalogue.header_comment = "# Words of postwizard; written by wizard/locale/update.py."
    for room in ("wizard", "profiles"):
        found = extract_from_dir(
            CHECKOUT / room, method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("translators:",)
        )
        for file, _line, message, comments, context in found:
            catalogue.add(message, locations=[(f"{room}/{file}", 0)], auto_comments=comments, context=context)
    for message in ARGPARSE:
        catalogue.add(message, locations=[("argparse", 0)])
    return catalogue


def template_text(catalogue: Catalog) -> bytes:
    """The catalogue as a .pot or .po file: no line numbers and no dates, so that it changes only with the words."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=False, include_lineno=False, sort_output=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(NOISE))


def main() -> None:
    """Writes the template, and every translation that there is."""
    catalogue = messages_in_code()
    (LOCALE / f"{DOMAIN}.pot").write_bytes(template_text(catalogue))
    for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        with path.open("rb") as file:
            translation = read_po(file, locale=path.parent.parent.name, domain=DOMAIN)
        translation.update(catalogue, no_fuzzy_matching=True)
        path.write_bytes(template_text(translation))
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, translation)


if __name__ == "__main__":
    main()
