"""How previews are laid out on any front."""

from hypothesis import given
from hypothesis import strategies as st

from wizard.preview_text import HANGING, cells, diff_first, folded

DIFF = "--- /etc/postfix/main.cf\n+++ /etc/postfix/main.cf\n@@ -1 +1 @@\n-biff = yes\n+biff = no"


def test_the_diff_comes_before_the_reasons() -> None:
    assert diff_first(f"biff: Nobody listens.\n\n{DIFF}\n") == f"{DIFF}\n\nbiff: Nobody listens."


def test_what_is_said_of_the_file_itself_stays_above_its_diff() -> None:
    preview = f"biff: Nobody listens.\n\nNew file /etc/postfix/main.cf.\n{DIFF}\n"
    assert diff_first(preview) == f"New file /etc/postfix/main.cf.\n{DIFF}\n\nbiff: Nobody listens."


def test_a_preview_without_reasons_or_without_a_diff_stays_as_it_is() -> None:
    for preview in (DIFF, "Package: postfix\n\nNew: /etc/postfix", "", "- - -"):
        assert diff_first(preview) == preview


def test_a_blank_line_within_a_diff_parts_nothing() -> None:
    preview = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n-x\n\n--- b\n+++ b"
    assert diff_first(preview) == preview


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.integers(9, 80))
def test_folding_loses_no_character_and_fits(line: str, width: int) -> None:
    first, *more = folded(line, width)
    assert first + "".join(piece[HANGING:] for piece in more) == line
    assert all(piece.startswith(" " * HANGING) for piece in more)
    assert all(cells(piece) <= width + 1 for piece in (first, *more))  # one character may be two cells wide


def test_kana_take_two_cells_and_accents_none() -> None:
    assert [cells(text) for text in ("abc", "メール", "e\u0301", "📮")] == [3, 6, 1, 2]
