"""A list of mailboxes as CSV (RFC 4180): read line by line, judged whole, and every cell that is wrong is named."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from wizard.ask.mail_addresses import LONGEST_ADDRESS
from wizard.ask.mail_domains import can_name_a_mailbox, domains_of, mailbox_address, password_problem
from wizard.ask.plain_text import shown
from wizard.ask.question import SoFar
from wizard.ask.size_questions import mailbox_quota
from wizard.ask.sizes import bytes_of
from wizard.problem import Problem
from wizard.secret import Secret
from wizard.syntax.mailbox_rows import NewMailbox, packed, unpacked
from wizard.syntax.password_hash import STRONG, as_stored, scheme_of
from wizard.words import _

COLUMNS: Final = ("address", "password", "quota", "name")
_NEEDED: Final = ("address", "password")
_LONGEST_NAME: Final = 255  # the width of its column in PostfixAdmin's schema
_TOLD_EVERY: Final = 10_000
# What stands for a hash that is still to be made; crypt(5) never gives it, so nobody can log in with it.
_NOT_YET: Final = Secret("{CRYPT}!")
_NONE_WRONG: Final = (None, None, None, None)
Told = Callable[[int], None]


@dataclass(frozen=True)
class WrongCell:
    """What is wrong in one line of the file, counted from 1; `column` is empty where the line itself is wrong."""

    line: int
    column: str
    problem: Problem


@dataclass(frozen=True)
class MailboxImport:
    """What a file holds: mailboxes as mailbox_rows packs them, and all that is wrong with it.

    `clear` are the passwords that are not hashed yet, by the place of their mailbox.
    """

    rows: bytes = field(default=b"", repr=False)
    count: int = 0
    clear: Mapping[int, Secret] = field(default_factory=dict)
    wrong: tuple[WrongCell, ...] = ()

    def with_hashes(self, hashes: Iterable[Secret]) -> "MailboxImport":
        """The same with these hashes, in their order, for the passwords that were clear."""
        coming = iter(hashes)
        rows = bytearray()
        for place, row in enumerate(unpacked(self.rows)):
            rows += packed(row._replace(password=next(coming)) if place in self.clear else row)
        return MailboxImport(bytes(rows), self.count)


def read_import(lines: Iterable[str], so_far: SoFar, told: Told = lambda _lines: None) -> MailboxImport:
    """Reads and judges a whole file; `told` hears from time to time how many lines are read.

    The columns are address, password, quota and name, in this order or as a first line names them. A password is clear,
    or a hash of a strong scheme; an empty quota is the one that the answers give.
    """
    judge = _Judge(so_far)
    rows, clear, count = bytearray(), {}, 0
    for line, cells in _records(lines, judge.wrong):
        if line % _TOLD_EVERY == 0:
            told(line)
        mailbox = judge.mailbox(line, cells)
        if mailbox is None or judge.wrong:
            continue
        if mailbox.password is _NOT_YET:
            clear[count] = Secret(cells[1])
        rows += packed(mailbox)
        count += 1
    if not count and not judge.wrong:
        judge.wrong.append(WrongCell(1, "", Problem(_("There is no mailbox in the file."), _how_it_looks())))
    if judge.wrong:
        return MailboxImport(wrong=tuple(judge.wrong))
    return MailboxImport(bytes(rows), count, clear)


def _records(lines: Iterable[str], wrong: list[WrongCell]) -> Iterator[tuple[int, list[str]]]:
    """Each line that holds something, its cells in the order of COLUMNS; what cannot be cut into cells is `wrong`."""
    reader = csv.reader(lines, strict=True)
    columns: tuple[str, ...] = ()
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong.append(
                WrongCell(
                    reader.line_num,
                    "",
                    Problem(
                        _("The line cannot be cut into columns: {error}.").format(error=error),
                        _('Put a cell with a comma or a quote into quotes, and write a quote twice: "a ""b"" c".'),
                    ),
                )
            )
            continue
        if not any(cells):
            continue
        if not columns:
            columns, problem = _columns(cells)
            if problem is not None:
                wrong.append(WrongCell(reader.line_num, "", problem))
                return
            if _is_header(cells):
                continue
        if not len(_NEEDED) <= len(cells) <= len(columns):
            wrong.append(WrongCell(reader.line_num, "", _wrong_count(len(cells), columns)))
            continue
        cells += [""] * (len(columns) - len(cells))
        if columns != COLUMNS:
            named = dict(zip(columns, cells, strict=True))
            cells = [named.get(column, "") for column in COLUMNS]
        yield reader.line_num, cells


def _is_header(cells: list[str]) -> bool:
    return "address" in (cell.strip().lower() for cell in cells)


def _columns(cells: list[str]) -> tuple[tuple[str, ...], Problem | None]:
    """The columns in their order, from a first line that names them; the usual ones where it names none."""
    if not _is_header(cells):
        return COLUMNS, None
    named = tuple(cell.strip().lower() for cell in cells)
    if unknown := [name for name in named if name not in COLUMNS]:
        return (), Problem(
            _("There is no column named “{name}”.").format(name=shown(unknown[0])), _how_it_looks()
        )  # fmt: skip
    if len(set(named)) < len(named):
        return (), Problem(_("The same column is there twice."), _how_it_looks())
    if missing := [name for name in _NEEDED if name not in named]:
        return (), Problem(_("The column {name} is missing.").format(name=missing[0]), _how_it_looks())
    return named, None


def _how_it_looks() -> str:
    return _("The columns are: {columns}. Quota and name can be left out.").format(columns=", ".join(COLUMNS))


def _wrong_count(count: int, columns: tuple[str, ...]) -> Problem:
    return Problem(
        _("There are {count} cells in the line.").format(count=count),
        _("There must be {least} to {most}: {columns}.").format(
            least=len(_NEEDED), most=len(columns), columns=", ".join(columns)
        ),
    )


class _Judge:
    """Judges line after line, and remembers what it has seen."""

    def __init__(self, so_far: SoFar) -> None:
        self.wrong: list[WrongCell] = []
        self._so_far = so_far
        self._lines: dict[str, int] = {}
        self._quota = lru_cache(maxsize=1000)(self._judged_quota)
        self._domains = frozenset(domains_of(so_far))
        self._usual_quota = bytes_of(so_far.text("mailbox_quota"))

    def mailbox(self, line: int, cells: list[str]) -> NewMailbox | None:
        """The mailbox of a line, or None where something in it is wrong."""
        address, given_password, given_quota, name = cells
        address, name = address.strip().lower(), name.strip()
        password, of_password = _judged_password(given_password)
        quota, of_quota = self._quota(given_quota.strip())
        problems = (self._address_problem(address, line), of_password, of_quota, _name_problem(name))
        if problems == _NONE_WRONG:
            return NewMailbox(address, password, quota, name)
        self.wrong += [
            WrongCell(line, column, problem)
            for column, problem in zip(COLUMNS, problems, strict=True)
            if problem is not None
        ]
        return None

    def _address_problem(self, address: str, line: int) -> Problem | None:
        if not self._is_plain(address) and (problem := mailbox_address.objection(address, self._so_far)) is not None:
            return problem
        first = self._lines.setdefault(address, line)
        if first != line:
            return Problem(
                _("{address} is in line {line} already.").format(address=shown(address), line=first),
                _("Take one of the two lines out."),
            )
        facts = self._so_far.facts
        if address in facts.mailboxes:
            return Problem(
                _("There is a mailbox {address} already.").format(address=shown(address)),
                _("Take the line out; an import never changes a mailbox that is there."),
            )
        if (targets := facts.mail_aliases.get(address)) is not None:
            return Problem(
                _("{address} is an alias already; it leads to {targets}.").format(
                    address=shown(address), targets=targets
                ),
                _("`postwizard alias remove {address}` takes it away first.").format(address=shown(address)),
            )
        return None

    def _is_plain(self, address: str) -> bool:
        """Whether nothing speaks against an address, told at a glance; most are so."""
        local_part, _at, host = address.rpartition("@")
        return host in self._domains and len(address) <= LONGEST_ADDRESS and can_name_a_mailbox(local_part)

    def _judged_quota(self, text: str) -> tuple[int, Problem | None]:
        if not text:
            return self._usual_quota, None
        return bytes_of(text), mailbox_quota.objection(text, self._so_far)


def _judged_password(text: str) -> tuple[Secret, Problem | None]:
    """The hash that is kept, or what stands for it as long as it is to be made; a password is never repeated."""
    if (stored := as_stored(text)) is not None:
        return stored, None
    scheme = scheme_of(text)
    if not scheme:
        return _NOT_YET, password_problem(text)
    if scheme not in STRONG:
        return _NOT_YET, Problem(
            _("A password of the scheme {scheme} is not taken.").format(scheme=shown(scheme)),
            _("Dovecot takes these for strong: {schemes}. A clear password stands there without a scheme.").format(
                schemes=", ".join(STRONG)
            ),
        )
    return _NOT_YET, Problem(
        _("The hash does not look like one of the scheme {scheme}.").format(scheme=shown(scheme)),
        _("Copy it whole from where it was made, as `doveadm pw -s {scheme}` gives it.").format(scheme=shown(scheme)),
    )


def _name_problem(name: str) -> Problem | None:
    if len(name) > _LONGEST_NAME:
        return Problem(
            _("The name is longer than {most} characters.").format(most=_LONGEST_NAME), _("Make it shorter.")
        )
    if name.isprintable():
        return None
    return Problem(
        _("There is something in the name that is no letter."),
        _("Save the file as UTF-8, and take out tabs and line breaks."),
    )
