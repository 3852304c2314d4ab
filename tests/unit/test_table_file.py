"""Lookup tables and aliases: keys, values, and that an edit leaves every byte it does not concern."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.syntax.refusal import Unwritable
from wizard.syntax.table_file import Form, TableFile, destinations, folded_key, stored_value, unwritable_entry

CORPUS = sorted(
    path for path in (Path(__file__).parents[1] / "corpus").glob("*/*") if path.name not in {"main.cf", "master.cf"}
)

TABLE = b"""\
# virtual
@club.example          club
info@club.example      kim,
    # until June
    lee
"quo ted"@club.example sam
INFO@club.example      never
"""

ALIASES = b"""\
# aliases
postmaster:\troot
staff: kim,
  # on leave
  lee
"odd name": "|/usr/bin/filter a, b", :include:/etc/list
Root: kim
root: lee
"""

PIECES = st.sampled_from(
    [b"a 1\n", b"A: b\n", b"  more\n", b"# c\n", b" # d\n", b"\n", b'"q r" s\n', b'"', b"x", b":", b"\xe9", b"\\"]
)
CONTENT = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=12).map(b"".join))
FORMS = st.sampled_from(Form)


def form_of(path: Path) -> Form:
    return Form.ALIASES if path.name == "aliases" else Form.TABLE


def test_the_first_line_of_a_key_is_in_force_and_case_does_not_matter() -> None:
    table = TableFile.parse(TABLE)
    assert table.get("Info@Club.Example") == "kim,    lee"
    assert table.get('"quo ted"@club.example') == "sam"
    assert table.get("nobody@club.example") is None
    assert [entry.value for entry in table.duplicates()["info@club.example"]] == ["kim,    lee", "never"]
    assert table.entries()[1].line_numbers == (3, 5)


def test_aliases_have_their_own_form() -> None:
    aliases = TableFile.parse(ALIASES, Form.ALIASES)
    assert aliases.get("POSTMASTER") == "root"
    assert aliases.get("odd name") == '"|/usr/bin/filter a, b", :include:/etc/list'
    assert destinations(aliases.get("odd name") or "") == ('"|/usr/bin/filter a, b"', ":include:/etc/list")
    assert destinations("kim (a, b), , lee") == ("kim (a, b)", "lee")
    assert stored_value("a,b ,  c", Form.ALIASES) == "a, b, c"
    assert set(aliases.duplicates()) == {"root"}


def test_a_value_is_replaced_where_it_stands_and_the_comment_inside_it_stays() -> None:
    assert TableFile.parse(TABLE).set("info@club.example", "sam").render() == TABLE.replace(
        b"kim,\n    # until June\n    lee\n", b"sam\n    # until June\n"
    )
    assert TableFile.parse(ALIASES, Form.ALIASES).set("staff", "sam").render() == ALIASES.replace(
        b"kim,\n  # on leave\n  lee\n", b"sam\n  # on leave\n"
    )


def test_a_new_entry_looks_like_its_neighbours() -> None:
    table = TableFile.parse(TABLE).set("x@club.example", "kim")
    assert table.render() == TABLE + b"x@club.example         kim\n"
    aliases = TableFile.parse(b"root: kim", Form.ALIASES).set("new name", "lee")
    assert aliases.render() == b'root: kim\n"new name": lee\n'


def test_removing_takes_every_line_of_the_key_and_no_comment() -> None:
    table = TableFile.parse(TABLE).remove("info@club.example")
    assert table.get("info@club.example") is None
    assert b"    # until June\n" in table.render()
    assert TableFile.parse(TABLE).remove("nobody") == TableFile.parse(TABLE)
    assert TableFile.parse(TABLE).comment_out("info@club.example").render().count(b"\n#") == 3


def test_lines_that_postfix_skips_are_named() -> None:
    table = TableFile.parse(b'  lost\nkey\n"open x\n\xe9 latin\ngood 1\n')
    assert [line for line, _problem in table.problems()] == [1, 2, 3, 4]
    aliases = TableFile.parse(b"no colon\n: x\nempty:\na, b: c\na@b.example: c\ngood: x\n", Form.ALIASES)
    assert [line for line, _problem in aliases.problems()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("key", "value", "form"),
    [
        ("", "x", Form.TABLE),
        ("a", "", Form.TABLE),
        ("a b", "x", Form.TABLE),
        ("#a", "x", Form.TABLE),
        ('"a', "x", Form.TABLE),
        ("a:", "x", Form.TABLE),
        ("a", "x\ny", Form.TABLE),
        ("a", " x", Form.TABLE),
        ("a", "\udce9", Form.TABLE),
        ("a@b.example", "x", Form.ALIASES),
        ("a", "x\0", Form.ALIASES),
        ("", "x", Form.ALIASES),
    ],
)
def test_what_would_not_be_read_back_is_refused_with_a_reason(key: str, value: str, form: Form) -> None:
    assert unwritable_entry(key, value, form) is not None
    with pytest.raises(Unwritable):
        TableFile.parse(TABLE, form).set(key, value)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_file_of_the_corpus_comes_back_to_the_byte(path: Path) -> None:
    content = path.read_bytes()
    table = TableFile.parse(content, form_of(path))
    assert table.render() == content
    for entry in table.entries():
        assert table.get(entry.key) is not None
        assert table.remove(entry.key).get(entry.key) is None


@given(CONTENT, FORMS)
def test_whatever_is_read_is_rendered_again(content: bytes, form: Form) -> None:
    assert TableFile.parse(content, form).render() == content


@given(CONTENT, FORMS, st.text(max_size=12), st.text(max_size=20))
def test_what_is_set_is_read_back_and_other_keys_keep_their_value(
    content: bytes, form: Form, key: str, value: str
) -> None:
    if unwritable_entry(key, value, form) is not None:
        return
    table = TableFile.parse(content, form)
    changed = table.set(key, value)
    assert changed.get(key) == value
    assert changed.set(key, value) == changed
    others = [entry.key for entry in table.entries() if entry.key != folded_key(key)]
    assert [changed.get(other) for other in others] == [table.get(other) for other in others]
    removed = changed.remove(key)
    assert removed.get(key) is None
    assert removed.remove(key) == removed
