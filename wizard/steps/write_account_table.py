"""Write one of the plain tables in which mail accounts are looked up, from the accounts as they then are."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Self

from wizard.machine.account_store import content_of_store
from wizard.machine.machine import Look
from wizard.steps.step import Claim
from wizard.steps.write_file import WriteFile
from wizard.syntax.account_tables import table_text
from wizard.syntax.mail_rows import rows_in


@dataclass(frozen=True, kw_only=True)
class WriteAccountTable(WriteFile):
    """Makes a file be the `table` of the accounts in `source` (`table_text`); make_plan gives it its content."""

    source: PurePosixPath
    table: str
    content: bytes = field(default=b"", repr=False)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The file; what is in it comes and goes with the accounts, so no digest of it is kept."""
        return (Claim("file", str(self.path)),)

    def needed_after(self, changed: frozenset[str], look: Look) -> Self:
        """The same file with its content, from the accounts as the steps before leave them."""
        rows = rows_in(content_of_store(look, self.source) or b"")
        return replace(super().needed_after(changed, look), content=table_text(self.table, rows))
