"""Previews as all fronts lay them out: the difference first, what is said of it after, and no line wider than asked."""

import unicodedata

HANGING = 4


def diff_first(preview: str) -> str:
    """The preview with its diff at the top and the paragraphs before it below; any other preview as it is."""
    lines = preview.rstrip("\n").split("\n")
    headers = (place for place, line in enumerate(lines) if line.startswith("--- "))
    header = next(headers, 0)
    blanks = [place for place, line in enumerate(lines[:header]) if not line]
    if not blanks:
        return preview.rstrip("\n")
    said, diff = lines[: blanks[-1]], lines[blanks[-1] + 1 :]
    return "\n".join((*diff, "", *said))


def folded(line: str, width: int, hanging: int = HANGING) -> list[str]:
    """The line in pieces of that many cells, cut at blanks where there are any; no character is lost.

    Each piece after the first is indented, so that a mark in the first column always stands for a whole line.
    """
    if width <= hanging * 2 or cells(line) <= width:
        return [line]
    pieces: list[str] = []
    rest, room = line, width
    while cells(rest) > room:
        cut = 1
        while cells(rest[: cut + 1]) <= room:
            cut += 1
        blank = rest.rfind(" ", hanging, cut + 1)
        cut = blank + 1 if blank > 0 else cut
        pieces.append(rest[:cut])
        rest, room = rest[cut:], width - hanging
    pieces.append(rest)
    return [pieces[0], *(" " * hanging + piece for piece in pieces[1:])]


def cells(text: str) -> int:
    """How many columns of a terminal the text takes (Unicode UAX 11)."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
