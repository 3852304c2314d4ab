"""A preview as coloured text: the + and - of a unified diff stay characters, colour only adds to them."""

from textual.content import Content

from wizard.tui.plain import shown


def coloured_diff(text: str) -> Content:
    """The text, each line in the colour of what it says; a text that is not a diff stays as it is."""
    is_diff = any(line.startswith(("@@", "+")) for line in text.splitlines())
    lines = [_coloured(line) if is_diff else Content(shown(line)) for line in text.splitlines()]
    return Content("\n").join(lines)


def _coloured(line: str) -> Content:
    if line.startswith(("+++", "---")):
        return Content.styled(shown(line), "bold")
    if line.startswith("@@"):
        return Content.styled(shown(line), "$text-primary")
    if line.startswith("+"):
        return Content.styled(shown(line), "$text-success")
    if line.startswith("-"):
        return Content.styled(shown(line), "$text-error")
    return Content(shown(line))
