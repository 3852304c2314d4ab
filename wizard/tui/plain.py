"""Text that was written by others, made safe to draw: no markup, no control characters, no jumping tabs."""

import re

from textual.content import Content

from wizard.words import IN_ASCII

# Control characters of ISO 6429, and the marks that turn the reading direction of what follows (Unicode UAX 9).
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """The text with every character that a terminal would obey written out, as in `\\x1b`; line breaks stay."""
    return _UNSAFE.sub(lambda match: "    " if match[0] == "\t" else match[0].encode("unicode_escape").decode(), text)


def plain(text: str, style: str = "") -> Content:
    """The text as it is: nothing in it is markup."""
    return Content.styled(shown(text), style) if style else Content(shown(text))


def in_ascii(content: Content) -> Content:
    """The content with our own punctuation in ASCII; letters stay as they are, for they are somebody's."""
    if content.plain.isascii():
        return content
    whole = content
    for symbol, ascii_text in IN_ASCII.items():
        if chr(symbol) in whole.plain:
            whole = Content(ascii_text).join(whole.split(chr(symbol), allow_blank=True))
    return whole
