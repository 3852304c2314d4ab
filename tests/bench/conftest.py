"""The table of ratios, shown after the tests whether they passed or not."""

import pytest

from tests.bench.timing import HEADING, Ratio

_table: list[Ratio] = []


@pytest.fixture
def table() -> list[Ratio]:
    """The lines so far; a test adds its own."""
    return _table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what was measured."""
    if _table:
        terminalreporter.section("ratios")
        for line in (HEADING, *(ratio.line() for ratio in _table)):
            terminalreporter.write_line(line)
