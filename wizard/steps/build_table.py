"""Build the compiled table of a source, so that the two say the same."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.diff import OTHERS_READ, readable
from wizard.steps.restore_file import digest_of_content
from wizard.steps.restore_table import RestoreTable
from wizard.steps.step import Claim, Step
from wizard.steps.table_index import SUFFIXES, build, builder, contents, expected, index_paths
from wizard.syntax.logical_lines import encode
from wizard.syntax.table_file import Form
from wizard.words import _

SECOND_NS = 10**9
MOST_LINES = 40


@dataclass(frozen=True, kw_only=True)
class BuildTable:
    """Builds the index that Postfix looks up, by postmap(1), or postalias(1) for the style `aliases`.

    Types that are read from the source itself (texthash, regexp, cidr, …) need no index. The values of a `secret`
    table, and of one that not everybody may read, are not shown. With `if_there`, a missing source is no fault: the
    table is somebody else's to make.
    """

    source: PurePosixPath
    table_type: str
    style: str = "table"
    secret: bool = False
    if_there: bool = False
    why: str

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Build the table {table}").format(table=f"{self.table_type}:{self.source}")

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """The index beside the source."""
        return index_paths(self.source, self.table_type)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The index."""
        return (Claim("table", self.table_type, "", str(self.source)),)

    @property
    def _form(self) -> Form:
        return Form(self.style)

    def _source(self, look: Look) -> FileState | None:
        return look.file(look.real_path(self.source))

    def differs(self, look: Look) -> frozenset[str]:
        """Whether the index is missing, older than its source, or says something else."""
        return frozenset({self.claims[0].name}) if self._is_stale(look) else frozenset()

    def _is_stale(self, look: Look) -> bool:
        if self.table_type not in SUFFIXES:
            return False
        source = self._source(look)
        indexes = [look.file(path) for path in self.touches]
        if source is None and self.if_there:
            return False
        if source is None or any(index is None or index.kind is not Kind.FILE for index in indexes):
            return True
        # Postfix compares whole seconds, and warns when the source is the younger one (dict_open(3)).
        times = [(index.mtime_ns or 0) // SECOND_NS for index in indexes if index is not None]
        if min(times) < (source.mtime_ns or 0) // SECOND_NS:
            return True
        return contents(look, self.source, self.table_type, self._form) != expected(source.content, self._form)

    def preview(self, look: Look) -> str:
        """The entries that come, change and go in the index."""
        if not self._is_stale(look):
            return ""
        source = self._source(look)
        if source is None or source.kind is not Kind.FILE:
            raise Trouble(
                _("There is no {path} to build a table from.").format(path=self.source),
                _("Write it, or name another table."),
            )
        hidden = self.secret or not source.mode & OTHERS_READ
        before = {}
        if all(look.file(path) for path in self.touches):
            before = dict(contents(look, self.source, self.table_type, self._form) or {})
        after = expected(source.content, self._form)
        lines = [f"-{self._shown(key, value, hidden)}" for key, value in before.items() if after.get(key) != value]
        lines += [f"+{self._shown(key, value, hidden)}" for key, value in after.items() if before.get(key) != value]
        if len(lines) > MOST_LINES:
            lines = [*lines[:MOST_LINES], _("… and {count} more").format(count=len(lines) - MOST_LINES)]
        heading = _("{program} builds {paths}:").format(
            program=builder(self._form), paths=", ".join(map(str, self.touches))
        )
        return "\n".join((heading, *(lines or (_("(the same entries, built anew)"),)))) + "\n"

    def _shown(self, key: str, value: str, hidden: bool) -> str:
        separator = ":" if self._form is Form.ALIASES else ""
        return f"{readable(encode(key))}{separator} {'•••' if hidden else readable(encode(value))}"

    def inverse(self, look: Look) -> Step:
        """Puts the index back to the byte, or removes it."""
        return RestoreTable(
            source=self.source,
            indexes=tuple((path, look.file(path)) for path in self.touches),
            built_from=digest_of_content(self._source(look)),
            why=self.why,
        )

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Builds it, if it is not so yet; raises Trouble where lines of the source were skipped."""
        if not self._is_stale(machine):
            return
        for line in build(machine, self.source, self.table_type, self._form):
            tell(line)

    def verify(self, look: Look) -> Problem | None:
        """Whether a look-up finds what the source says."""
        if self._is_stale(look):
            return Problem(
                _("The table {table} does not say what its source says.").format(
                    table=f"{self.table_type}:{self.source}"
                ),
                _("Compare: `{program} -s {table}`.").format(
                    program=builder(self._form), table=f"{self.table_type}:{self.source}"
                ),
            )
        return None
