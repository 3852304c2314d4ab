"""The words of an address list as postalias(1) reads it: quoted strings, comments, atoms and single marks (RFC 822)."""

import re
from dataclasses import dataclass

_MARKS = '|%!()<>@,;:\\".[]'
_BLANKS = " \t\r\n"
_NEEDS_QUOTES = re.compile(rf"[\x00-\x1f\x7f {re.escape(_MARKS)}]")


@dataclass(frozen=True)
class AddressWord:
    """One word: its kind (atom, quoted, comment, literal, or the mark itself), its text, and where it ends."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        """Whether it is a single character with a meaning, such as `,` or `@`."""
        return len(self.kind) == 1

    def external(self) -> str:
        """The word as it is stored in a value."""
        if self.kind == "quoted":
            return '"' + re.sub(r'(["\\\r\n])', r"\\\1", self.text) + '"'
        if self.kind == "literal":
            return "[" + re.sub(r"([\\\r\n])", r"\\\1", self.text) + "]"
        return self.text

    def internal(self) -> str:
        """The word as it is stored in a key."""
        return f"[{self.text}]" if self.kind == "literal" else self.text


def address_words(text: str) -> tuple[AddressWord, ...]:
    """All words of a text; nothing is thrown away but white space between them."""
    words: list[AddressWord] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char in _BLANKS:
            position += 1
            continue
        start = position
        if char == "(":
            position = _comment_end(text, position)
            word = AddressWord("comment", text[start:position], start, position)
        elif char in '["':
            closing = "]" if char == "[" else '"'
            content, position = _collected(text, position + 1, closing)
            position = min(position + 1, len(text))
            word = AddressWord("literal" if char == "[" else "quoted", content, start, position)
        elif char != "\\" and char in _MARKS:
            position += 1
            word = AddressWord(char, char, start, position)
        else:
            content, position = _collected(text, position, _MARKS.replace("\\", "") + _BLANKS)
            kind = "quoted" if _NEEDS_QUOTES.search(content) else "atom"
            word = AddressWord(kind, content, start, position)
        words.append(word)
    return tuple(words)


def _collected(text: str, position: int, stops: str) -> tuple[str, int]:
    content: list[str] = []
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
            if position == len(text):
                break
            char = text[position]
        elif char in stops:
            break
        content.append(" " if char in _BLANKS else char)
        position += 1
    return "".join(content), position


def _comment_end(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        char = text[position]
        position += 2 if char == "\\" else 1
        depth += (char == "(") - (char == ")")
        if depth == 0:
            break
    return min(position, len(text))


def joined(words: tuple[AddressWord, ...], *, external: bool) -> str:
    """The words as one string, spaced as postalias(1) stores it."""
    result = ""
    for word, following in zip(words, (*words[1:], None), strict=False):
        if word.kind == ",":
            result += ", " if external or following else ","
            continue
        result += word.external() if external else word.internal()
        if following and (following.kind == "<" or not (word.is_mark or following.is_mark)):
            result += " "
    return result


def quoted_if_needed(local_part: str) -> str:
    """A name as it is written before the colon: in quotes when it has white space or marks (aliases(5))."""
    if local_part and not re.search(rf"[\s{re.escape(_MARKS.replace('.', ''))}#\x00-\x20\x7f]", local_part):
        return local_part
    return '"' + re.sub(r'(["\\])', r"\\\1", local_part) + '"'
