"""A preview as coloured text: the + and - of a unified diff stay characters, colour only adds to them."""

from textual.content import Content

from wizard.preview_text import folded
from wizard.tui.plain import plain, shown


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
