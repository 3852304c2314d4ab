"""master.cf: services, each one logical line of eight fields and the arguments of its command (master(5))."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from wizard.problem import Problem
from wizard.syntax import logical_lines as ll
from wizard.syntax.refusal import Unwritable, refuse
from wizard.syntax.service import (
    FIELDS,
    Service,
    Word,
    arguments_of,
    option_text,
    service_of,
    unwritable_field,
    unwritable_option,
    unwritable_service,
    words_of,
)
from wizard.words import _

_COLUMNS = (0, 11, 17, 25, 33, 41, 49, 57)  # where postconf(1) starts each field
_INDENT = b"    "
_WIDTH = 80


@dataclass(frozen=True)
class Row:
    """A service where it stands: its logical line, the words of it, and what they mean."""

    logical: ll.LogicalLine
    words: tuple[Word, ...]
    service: Service


@dataclass(frozen=True)
class MasterCf:
    """The text of a master.cf, seen as services."""

    lines: tuple[bytes, ...]

    @classmethod
    def parse(cls, content: bytes) -> "MasterCf":
        """Any bytes are accepted; what Postfix would not accept is listed by `problems`."""
        return cls(ll.physical_lines(content))

    def render(self) -> bytes:
        """The bytes of the file."""
        return b"".join(self.lines)

    @cached_property
    def _rows(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        for logical in ll.logical_lines(self.lines):
            words = words_of(logical.raw)
            service = service_of(words)
            if not logical.is_orphan and isinstance(service, Service):
                rows.append(Row(logical, words, service))
        return tuple(rows)

    def services(self) -> tuple[Service, ...]:
        """Every service in the order of the file."""
        return tuple(row.service for row in self._rows)

    def service(self, key: str) -> Service | None:
        """The service called `name/type`, or None."""
        return next((row.service for row in self._rows_of(key)), None)

    def line_numbers(self, key: str) -> tuple[int, ...]:
        """The lines of the file that carry a service."""
        return tuple(number for row in self._rows_of(key) for number in row.logical.numbers)

    def problems(self) -> tuple[tuple[int, Problem], ...]:
        """Lines that Postfix refuses or ignores, with their numbers; one of them makes every postconf(1) call fail."""
        found: list[tuple[int, Problem]] = []
        seen: set[str] = set()
        for logical in ll.logical_lines(self.lines):
            service = service_of(words_of(logical.raw))
            if logical.is_orphan:
                service = Problem(_("An indented line continues nothing, so Postfix ignores it"))
            elif isinstance(service, Service):
                if service.key not in seen:
                    seen.add(service.key)
                    continue
                service = Problem(_("The service {key} is defined twice").format(key=service.key))
            found.append((logical.numbers[0], service))
        return tuple(found)

    def _rows_of(self, key: str) -> tuple[Row, ...]:
        return tuple(row for row in self._rows if row.service.key == key)

    def set_service(self, service: Service) -> "MasterCf":
        """A file with this service: its line changed where it differs, or a line added at the end."""
        refuse(unwritable_service(service))
        rows = self._rows_of(service.key)
        if not rows:
            text = _rendered_fields(service) + _rendered_arguments(service, ll.usual_ending(self.lines), _INDENT)
            return MasterCf(ll.appended(self.lines, text))
        surplus = [line for row in rows[1:] for line in row.logical.lines]
        changed = MasterCf(ll.without(self.lines, surplus))
        for field, wanted, present in zip(FIELDS[:-1], service.fields, rows[0].service.fields, strict=False):
            if wanted != present:
                changed = changed.set_field(service.key, field, wanted)
        present_service = changed._rows_of(service.key)[0].service
        if present_service == service:
            return changed
        if present_service.command == service.command:
            by_options = changed._with_options_of(service, present_service)
            if by_options.service(service.key) == service:
                return by_options
        return changed._with_command(changed._rows_of(service.key)[0], service)

    def _with_options_of(self, wanted: Service, present: Service) -> "MasterCf":
        changed = self
        for name in present.options:
            if name not in wanted.options:
                changed = changed.remove_option(wanted.key, name)
        for name, value in wanted.options.items():
            changed = changed.set_option(wanted.key, name, value)
        return changed

    def set_field(self, key: str, field: str, text: str) -> "MasterCf":
        """A file in which one field of a service has this text; `command` means all that follows the limits."""
        refuse(unwritable_field(field, text))
        return self._each(key, lambda file, row: file._with_field(row, FIELDS.index(field), text))

    def _with_field(self, row: Row, index: int, text: str) -> "MasterCf":
        if FIELDS[index] == "command":
            service = Service.parse(" ".join((*row.service.fields[:-1], text)))
            refuse(unwritable_service(service))
            return self if service == row.service else self._with_command(row, service)
        word, following = row.words[index], row.words[index + 1]
        if word.text == text:
            return self
        new = ll.encode(text)
        gap = row.logical.raw[word.end : following.start]
        end = word.end
        if len(gap) > 1 and not gap.strip(b" ") and len(row.logical.pieces(word.start, following.start)) == 1:
            room = len(gap) + (word.end - word.start) - len(new)
            new, end = new + b" " * max(room, 1), following.start
        return MasterCf(ll.edited(self.lines, row.logical, row.logical.replacement(word.start, end, new)))

    def _with_command(self, row: Row, service: Service) -> "MasterCf":
        text = ll.encode(service.command) + _rendered_arguments(service, ll.usual_ending(self.lines), _indent_of(row))
        edits = row.logical.replacement(row.words[7].start, row.words[-1].end, text)
        return MasterCf(ll.edited(self.lines, row.logical, edits))

    def set_option(self, key: str, name: str, value: str) -> "MasterCf":
        """A file in which a service overrides a parameter with `-o` (postconf(1), `-P`)."""
        refuse(unwritable_option(name, value))
        return self._each(key, lambda file, row: file._with_option(row, name, value))

    def _with_option(self, row: Row, name: str, value: str) -> "MasterCf":
        standing = [argument for argument in arguments_of(row.words) if argument.option and argument.option[0] == name]
        edits: list[ll.Edit] = []
        for argument in standing:
            if argument.option == (name, value):
                continue
            word = row.words[argument.last_word]
            text = option_text(name, value)
            if argument.first_word == argument.last_word:
                flags = word.text.partition("o")[0]
                text = f"{flags} -o {text}" if flags != "-" else f"-o {text}" if text.startswith("{") else f"-o{text}"
            edits += row.logical.replacement(word.start, word.end, ll.encode(text))
        if not standing:
            edits += _insertion(row, ll.encode("-o " + option_text(name, value)), ll.usual_ending(self.lines))
        changed = MasterCf(ll.edited(self.lines, row.logical, edits))
        if changed._rows[self._rows.index(row)].service.options.get(name) != value:
            raise Unwritable(
                _("The line of {key} has a brace that is not closed").format(key=row.service.key), _("Close it first.")
            )
        return changed

    def remove_option(self, key: str, name: str) -> "MasterCf":
        """A file in which a service does not override a parameter (postconf(1), `-PX`)."""
        if self.service(key) is None:
            return self
        return self._each(key, lambda file, row: file._without_option(row, name))

    def _without_option(self, row: Row, name: str) -> "MasterCf":
        place = self._rows.index(row)
        for argument in arguments_of(row.words):
            if argument.option and argument.option[0] == name:
                flags = row.words[argument.first_word].text.partition("o")[0]
                edits = _deletion(row, argument.first_word, argument.last_word, "" if flags == "-" else flags)
                changed = MasterCf(ll.edited(self.lines, row.logical, edits))
                return changed._without_option(changed._rows[place], name)
        return self

    def remove_service(self, key: str) -> "MasterCf":
        """A file without this service; comments among its lines stay (postconf(1), `-MX`)."""
        return MasterCf(ll.without(self.lines, (line for row in self._rows_of(key) for line in row.logical.lines)))

    def comment_out_service(self, key: str) -> "MasterCf":
        """A file in which every line of this service is a comment (postconf(1), `-M#`)."""
        return MasterCf(
            ll.commented_out(self.lines, (line for row in self._rows_of(key) for line in row.logical.lines))
        )

    def _each(self, key: str, change: Callable[["MasterCf", Row], "MasterCf"]) -> "MasterCf":
        places = [index for index, row in enumerate(self._rows) if row.service.key == key]
        if not places:
            raise Unwritable(
                _("master.cf has no service {key}").format(key=key), _("Add the service before changing it.")
            )
        changed = self
        for place in places:
            changed = change(changed, changed._rows[place])
        return changed


def renamed(service: Service, name: str) -> Service:
    """The same service under another name, to be added beside it."""
    return replace(service, name=name)


def _rendered_fields(service: Service) -> bytes:
    line = ""
    for column, text in zip(_COLUMNS, service.fields, strict=True):
        line = (line + " ").ljust(column) + text if line else text
    return ll.encode(line)


def _rendered_arguments(service: Service, ending: bytes, indent: bytes) -> bytes:
    """Flags beside the command, each option on a line of its own, words filled into lines, as by postconf(1)."""
    text = b""
    room = 0
    for group in service.groups():
        item = ll.encode(group)
        fits = len(item) < room and not group.startswith("-o ")
        if fits or group.startswith("#") or (not text and group.startswith("-") and not group.startswith("-o ")):
            text += b" " + item
            room -= len(item) + 1
        else:
            text += ending + indent + item
            room = 0 if group.startswith("-o ") else _WIDTH - len(indent) - len(item)
    return text


def _indent_of(row: Row) -> bytes:
    bodies = row.logical.bodies[1:]
    dashed = next((body for body in bodies if body.lstrip().startswith(b"-")), bodies[0] if bodies else None)
    return _INDENT if dashed is None else dashed[: len(dashed) - len(dashed.lstrip())]


def _insertion(row: Row, text: bytes, ending: bytes) -> list[ll.Edit]:
    """A new option after the last one: on a line of its own, unless other words follow on the same line."""
    count = len(FIELDS) - 1
    for argument in arguments_of(row.words):
        is_word = not row.words[argument.first_word].text.startswith("-") or argument.text == "--"
        # A last -o without a value would take the new option for its value.
        if not argument.option and (is_word or argument.text == "-o"):
            break
        count = argument.last_word
    which, _start, end = row.logical.pieces(row.words[count].start, row.words[count].end)[-1]
    body = row.logical.bodies[which]
    rest = body[end:]
    if rest.strip(ll.WHITE_BYTES):
        return [(which, end, end, b" " + text)]
    at = len(body) - rest.endswith(b"\r")
    return [(which, at, at, ending + _indent_of(row) + text)]


def _deletion(row: Row, first: int, last: int, instead: str) -> list[ll.Edit]:
    """Words taken out together with the white space that held them apart."""
    pieces = row.logical.pieces(row.words[first].start, row.words[last].end)
    which, start, end = pieces[0]
    body = row.logical.bodies[which]
    others = [(*piece, b"") for piece in pieces[1:]]
    if instead:
        return [(which, start, end, ll.encode(instead)), *others]
    if body[:start].strip(ll.WHITE_BYTES):
        start = len(body[:start].rstrip(ll.WHITE_BYTES))
    elif body[end:].strip(ll.WHITE_BYTES):
        end = len(body) - len(body[end:].lstrip(ll.WHITE_BYTES))
    return [(which, start, end, b""), *others]
