r"""A list on one line: items separated by commas; a comma or backslash within an item is written \, or \\."""


def joined(items: tuple[str, ...]) -> str:
    """The items on one line."""
    return ", ".join(item.replace("\\", "\\\\").replace(",", "\\,") for item in items)


def split(line: str) -> tuple[str, ...]:
    """The items of a line, without the white space around them; empty ones are dropped."""
    items = [""]
    characters = iter(line)
    for character in characters:
        if character == "\\":
            items[-1] += next(characters, "\\")
        elif character == ",":
            items.append("")
        else:
            items[-1] += character
    return tuple(item.strip() for item in items if item.strip())
