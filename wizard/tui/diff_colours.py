"""A preview as coloured text: the + and - of a unified diff stay characters, colour only adds to them."""

from rich.cells import cell_len
from textual.content import Content

from wizard.tui.plain import plain, shown

HANGING = 4


def coloured_diff(text: str, width: int = 0) -> Content:
    """The text, each line in the colour of what it says; a text that is not a diff stays as it is.

    A line longer than `width` goes on below, indented, so that nothing but a mark stands in the first column.
    """
    lines = shown(text).splitlines()
    is_diff = any(line.startswith(("@@", "+")) for line in lines)
    if not is_diff:
        return Content("\n".join(lines))
    return Content("\n").join(plain("\n".join(folded(line, width)), _style(line)) for line in lines)


def _style(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "bold"
    for mark, style in (("@@", "$text-primary"), ("+", "$text-success"), ("-", "$text-error")):
        if line.startswith(mark):
            return style
    return ""


def folded(line: str, width: int) -> list[str]:
    """The line in pieces of that many cells, cut at blanks where there are any; no character is lost."""
    if width <= HANGING * 2 or cell_len(line) <= width:
        return [line]
    pieces: list[str] = []
    rest, room = line, width
    while cell_len(rest) > room:
        cut = 1
        while cell_len(rest[: cut + 1]) <= room:
            cut += 1
        blank = rest.rfind(" ", HANGING, cut + 1)
        cut = blank + 1 if blank > 0 else cut
        pieces.append(rest[:cut])
        rest, room = rest[cut:], width - HANGING
    pieces.append(rest)
    return [pieces[0], *(" " * HANGING + piece for piece in pieces[1:])]
