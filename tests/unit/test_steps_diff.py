"""A diff says all that changes, to any terminal, and no secret."""

from pathlib import PurePosixPath

from wizard.machine.machine import FileState, Kind
from wizard.steps.diff import unified

PATH = PurePosixPath("/etc/x")


def test_equal_states_have_no_diff() -> None:
    assert unified(PATH, FileState(content=b"a"), FileState(content=b"a")) == ""
    assert unified(PATH, None, None) == ""


def test_mode_and_owner_are_said_in_sentences() -> None:
    text = unified(
        PATH, FileState(content=b"a\n", mode=0o644), FileState(content=b"a\n", mode=0o600, owner=5, group="mail")
    )
    assert "0644 becomes 0600" in text
    assert "root:root becomes 5:mail" in text
    assert "@@" not in text


def test_a_missing_end_of_line_is_noted_as_diff_does() -> None:
    text = unified(PATH, FileState(content=b"a\nb"), FileState(content=b"a\nb\n"))
    assert text.splitlines()[-3:] == ["-b", "\\ No newline at end of file", "+b"]


def test_what_a_terminal_would_not_show_is_escaped() -> None:
    text = unified(PATH, None, FileState(content="ok \x1b[31m \u202e かな　é\r\n".encode() + b"\xff\n"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "+ok \\x1b[31m \\u202e かな　é\\r" in text
    assert "+\\xff" in text


def test_a_file_that_is_not_text_is_named_by_its_digest() -> None:
    text = unified(PATH, FileState(content=b"\0\1"), FileState(content=b"\0\2"))
    assert "2 bytes, SHA-256" in text


def test_a_file_that_not_everybody_may_read_is_hidden_unless_it_is_said_to_be_open() -> None:
    before, after = FileState(content=b"pw1\n", mode=0o640), FileState(content=b"pw2\n", mode=0o640)
    assert "pw" not in unified(PATH, before, after)
    assert "secret" in unified(PATH, before, after)
    assert "+pw2" in unified(PATH, before, after, secret=False)
    assert "pw" not in unified(PATH, FileState(content=b"pw1\n"), None, secret=True)


def test_links_and_folders_are_described() -> None:
    link = FileState(Kind.LINK, b"a")
    assert "to a" in unified(PATH, None, link)
    assert "points to b instead of a" in unified(PATH, link, FileState(Kind.LINK, b"b"))
    assert "New folder /etc/x, mode 0750" in unified(PATH, None, FileState(Kind.DIRECTORY, mode=0o750))
    assert "becomes a file; it is a link" in unified(PATH, link, FileState(content=b"x\n"))


def test_a_long_file_is_folded_to_what_changes() -> None:
    lines = [f"line {number}\n".encode() for number in range(500)]
    text = unified(
        PATH, FileState(content=b"".join(lines)), FileState(content=b"".join([*lines[:250], b"new\n", *lines[250:]]))
    )
    assert len(text.splitlines()) == 10
