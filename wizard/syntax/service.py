"""One service of master.cf: eight fields, then options and words of the command (master(5))."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from wizard.problem import Problem
from wizard.syntax.logical_lines import WHITE, decode, encode
from wizard.syntax.refusal import Unwritable, refuse, unwritable_text
from wizard.words import _

BLANKS = " \t\r\n"  # between the words of master.cf; a form feed is not one of them
TYPES = ("inet", "unix", "fifo", "pass", "unix-dgram")
FIELDS = ("service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command")
_VALID: Mapping[str, str] = {
    "service": r"[^\s={}#][^\s={}]*",
    "type": "|".join(TYPES),
    "private": "[yn-]",
    "unprivileged": "[yn-]",
    "chroot": "[yn-]",
    "wakeup": r"-|[0-9]+\??",
    "process_limit": "-|[0-9]+",
}
_READABLE = dict(_VALID, service=r".+", wakeup=r"(?:-|[0-9]*)\??", process_limit="-|[0-9]*")


@dataclass(frozen=True)
class Word:
    """One word of a line, with its place in the bytes of the joined line."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Argument:
    """One argument as postconf(1) shows it, with the range of words it stands in."""

    text: str
    first_word: int
    last_word: int
    option: tuple[str, str] | None = None


def words_of(raw: bytes) -> tuple[Word, ...]:
    """The words of a joined line; white space inside `{ }` does not end one (master(5))."""
    blanks = BLANKS.encode()
    words: list[Word] = []
    position = 0
    while position < len(raw):
        if raw[position] in blanks:
            position += 1
            continue
        start, depth = position, 0
        while position < len(raw) and (depth or raw[position] not in blanks):
            depth = max(depth + (raw[position] == ord("{")) - (raw[position] == ord("}")), 0)
            position += 1
        words.append(Word(start, position, decode(raw[start:position])))
    return tuple(words)


def _unbraced(word: str) -> str:
    if not word.startswith("{"):
        return word
    depth = 0
    for position, char in enumerate(word):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return word[1:position].strip(WHITE)
    return word[1:].strip(WHITE)


def split_name_value(text: str) -> tuple[str, str] | None:
    """`name = value` taken apart as Postfix does, or None."""
    found = re.match(rf"[{WHITE}]*([^{WHITE}=]+)[{WHITE}]*=", text)
    return (found[1], text[found.end() :].strip(WHITE)) if found else None


def arguments_of(words: tuple[Word, ...]) -> tuple[Argument, ...]:
    """The arguments after the command: options as `-o` and `name=value`, then everything else, without braces."""
    arguments: list[Argument] = []
    at = len(FIELDS)
    while at < len(words) and words[at].text.startswith("-") and words[at].text != "--":
        flags, has_value, value = words[at].text[1:].partition("o")
        if flags or not has_value:
            arguments.append(Argument("-" + flags, at, at))
        first = last = at
        if has_value and not value and at + 1 < len(words):
            last = at + 1
            value = words[last].text
        at = last + 1
        if not has_value:
            continue
        if not value:
            arguments.append(Argument("-o", first, first))
            continue
        if value.startswith("{"):
            value = _unbraced(value)
            found = split_name_value(value)
            value = "=".join(found) if found else value
        arguments.append(Argument(value, first, last, split_name_value(value) or ("", value)))
    arguments.extend(Argument(_unbraced(word.text), number, number) for number, word in enumerate(words[at:], at))
    return tuple(arguments)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as postconf(1) `-M` would show it; `arguments` holds `-o`, `name=value` pairs first, words after."""

    name: str
    type: str
    private: str = "-"
    unprivileged: str = "-"
    chroot: str = "-"
    wakeup: str = "-"
    process_limit: str = "-"
    command: str
    arguments: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Service":
        """The service that a line of master.cf describes."""
        service = service_of(words_of(encode(text)))
        if isinstance(service, Problem):
            raise Unwritable(service)
        return service

    @property
    def key(self) -> str:
        """What identifies it: `name/type`."""
        return f"{self.name}/{self.type}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The first seven columns and the command without its arguments."""
        flags = (self.private, self.unprivileged, self.chroot, self.wakeup, self.process_limit)
        return (self.name, self.type, *flags, self.command)

    @property
    def options(self) -> Mapping[str, str]:
        """The parameters that `-o` overrides for this service; the last of a name is in force."""
        pairs = (split_name_value(text) for option, text in self._split()[0] if option == "-o")
        return dict(pair for pair in pairs if pair)

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments after the options."""
        return self._split()[1]

    def _split(self) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        options: list[tuple[str, str]] = []
        rest = list(self.arguments)
        while rest and rest[0].startswith("-") and rest[0] != "--":
            option = rest.pop(0)
            options.append((option, rest.pop(0) if option == "-o" and rest else ""))
        return tuple(options), tuple(rest)

    def with_options(self, options: Mapping[str, str]) -> "Service":
        """The same service with these parameters overridden, in place where one already is, else after the others."""
        pairs, words = self._split()
        texts = [text for pair in pairs for text in pair if text]
        for name, value in options.items():
            refuse(unwritable_option(name, value))
            if name in self.options:
                found = [
                    i for i, text in enumerate(texts) if i and texts[i - 1] == "-o" and text.startswith(name + "=")
                ]
                for index in found:
                    texts[index] = f"{name}={value}"
            else:
                texts += ["-o", f"{name}={value}"]
        return replace(self, arguments=(*texts, *words))

    def groups(self) -> tuple[str, ...]:
        """The arguments as they are written, one option with its value together."""
        options, words = self._split()
        return (
            *(f"{option} {_option_braced(text)}" if text else option for option, text in options),
            *map(_braced, words),
        )


def _braced(argument: str) -> str:
    needs = not argument or argument.startswith("{") or any(char in BLANKS for char in argument)
    if not needs:
        return argument
    return f"{{{argument}}}"


def _option_braced(argument: str) -> str:
    found = split_name_value(argument)
    if _braced(argument) == argument or not found or argument != "=".join(found):
        return _braced(argument)
    return f"{{ {found[0]} = {found[1]} }}"


def option_text(name: str, value: str) -> str:
    """The word after `-o`: `name=value`, in braces when the value has white space (master(5))."""
    return _option_braced(f"{name}={value}")


def service_of(words: tuple[Word, ...]) -> Service | Problem:
    """The service these words describe, or why Postfix refuses the line."""
    if len(words) < len(FIELDS):
        return Problem(_("A service needs eight fields; this line has {count}").format(count=len(words)))
    texts = [word.text for word in words]
    for field, text in zip(FIELDS, texts, strict=False):
        if field in _READABLE and not re.fullmatch(_READABLE[field], text):
            return Problem(_("“{text}” is not a valid {field} field").format(text=text, field=field))
    arguments: list[str] = []
    for argument in arguments_of(words):
        arguments += ["-o", argument.text] if argument.option else [argument.text]
    names = ("name", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command")
    return Service(**dict(zip(names, texts, strict=False)), arguments=tuple(arguments))


def unwritable_option(name: str, value: str) -> Problem | None:
    """Why `-o name=value` would not be read back as it is given."""
    if problem := unwritable_text(name + value):
        return problem
    words = words_of(encode(f"x inet - - - - - x -o {option_text(name, value)} end"))
    arguments = arguments_of(words)
    if len(arguments) != 2 or arguments[0].option != (name, value) or arguments[1].text != "end":
        return Problem(
            _("“{name} = {value}” cannot be an option of a service").format(name=name, value=value),
            _("Its braces must match, and white space at its ends is lost. Set it in main.cf under a name of its own."),
        )
    return None


def unwritable_field(field: str, text: str) -> Problem | None:
    """Why a field of a service cannot have this text (master(5))."""
    if field not in FIELDS:
        return Problem(_("master.cf has no field “{field}”").format(field=field), ", ".join(FIELDS))
    if field == "command":
        return unwritable_text(text) or (None if text.strip(WHITE) else Problem(_("A service needs a command")))
    if not text or not re.fullmatch(_VALID[field], text):
        return Problem(_("“{text}” is not a valid {field} field").format(text=text, field=field))
    return None


def unwritable_service(service: Service) -> Problem | None:
    """Why a service would not be read back as it is given."""
    for field, text in zip(FIELDS, service.fields, strict=True):
        if problem := unwritable_field(field, text):
            return problem
    line = " ".join((*service.fields, *service.groups()))
    if problem := unwritable_text(line):
        return problem
    if service_of(words_of(encode(line))) != service:
        return Problem(
            _("The arguments of {key} cannot be written in master.cf").format(key=service.key),
            _("Their braces must match, and options come before other words."),
        )
    return None
