"""The journal's form of a step holds no content, and nothing unknown is read from it."""

import json
from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import FileState
from wizard.problem import Trouble
from wizard.steps.as_data import decode, encode
from wizard.steps.restore_file import RestoreFile
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_table_lines import SetTableLines

PATH = PurePosixPath("/etc/x")


def nothing_kept(_content: bytes) -> str:
    raise AssertionError("no content was expected")


def no_content(_digest: str) -> bytes:
    raise AssertionError("no content was expected")


def test_contents_and_secret_lines_stand_in_the_store_alone() -> None:
    kept: list[bytes] = []

    def put(content: bytes) -> str:
        kept.append(content)
        return f"{len(kept)}"

    undo = SetTableLines(path=PATH, wanted=(("host", "user:pw"),), secret=True, why="w")
    step = RestoreFile(path=PATH, before=FileState(content=b"content"), otherwise=undo, why="w")
    text = json.dumps(encode(step, put))
    assert "pw" not in text
    assert "content" not in text.replace('"content": {"bytes"', "")
    assert set(kept) == {b"content", b"host", b"user:pw"}


def test_text_that_is_not_utf_8_survives() -> None:
    step = SetParameters(path=PurePosixPath("/etc/\udcff"), wanted=(("a", "\udce9 かな"),), why="w")
    assert decode(json.loads(json.dumps(encode(step, nothing_kept))), no_content) == step


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "Format", "fields": {}},
        {"kind": "SetParameters"},
        {"kind": "SetParameters", "fields": {"path": {"path": "/x"}, "why": "w", "wanted": [], "new": 1}},
        {"kind": "SetParameters", "fields": {"why": "w"}},
        {"kind": "SetParameters", "fields": {"path": {"what": 1}, "why": "w", "wanted": []}},
        {"kind": "FileEdit", "fields": {"path": {"path": "/x"}, "why": "w"}},
        {"kind": "Nothing", "fields": {"why": {"enum": "Kind", "value": "unheard of"}}},
    ],
)
def test_what_is_not_known_is_refused_with_a_hint(data: dict[str, object]) -> None:
    with pytest.raises(Trouble) as raised:
        decode(data, no_content)
    assert raised.value.problem.hint
