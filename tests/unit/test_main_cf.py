"""main.cf: what is read, and that an edit leaves every byte it does not concern."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wizard.problem import Problem
from wizard.syntax.main_cf import MainCf, as_shown, folded, literal, unwritable
from wizard.syntax.refusal import Unwritable

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*/main.cf"))

SAMPLE = b"""\
# about this server
myhostname = mail.example\x20\x20
mydestination =
    $myhostname,
    # the old name
    old.example

relayhost=[smtp.example]:587
mynetworks\t=\t127.0.0.0/8
"""

PIECES = st.sampled_from(
    [
        b"a = 1\n",
        b"b=2\n",
        b"  more\n",
        b"# c\n",
        b" # d\n",
        b"\n",
        b"\r\n",
        b"a = 3\r\n",
        b"bare\n",
        b"x",
        b"=",
        b" ",
        b"\0",
    ]
)
CONTENT = st.one_of(st.binary(max_size=80), st.lists(PIECES, max_size=12).map(b"".join))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(max_size=40).filter(lambda value: unwritable("name", value) is None)


def test_a_value_is_what_postfix_makes_of_its_lines() -> None:
    file = MainCf.parse(SAMPLE)
    assert file.names() == ("myhostname", "mydestination", "relayhost", "mynetworks")
    assert file.value("myhostname") == "mail.example"
    assert file.value("mydestination") == "$myhostname,    old.example"
    assert as_shown(file.value("mydestination") or "") == "$myhostname, old.example"
    assert file.value("smtpd_banner") is None
    assert [entry.line_numbers for entry in file.entries()] == [(2,), (3, 4, 6), (8,), (9,)]


def test_the_last_line_of_a_name_is_in_force() -> None:
    file = MainCf.parse(b"a = 1\nb = 2\na = 3\n")
    assert file.value("a") == "3"
    assert [entry.value for entry in file.duplicates()["a"]] == ["1", "3"]
    assert set(file.duplicates()) == {"a"}


def test_a_value_is_replaced_where_it_stands_and_the_comment_inside_it_stays() -> None:
    changed = MainCf.parse(SAMPLE).set("mydestination", "$myhostname")
    assert changed.render() == SAMPLE.replace(
        b"mydestination =\n    $myhostname,\n    # the old name\n    old.example\n",
        b"mydestination = $myhostname\n    # the old name\n",
    )


def test_the_way_a_line_is_laid_out_stays() -> None:
    changed = MainCf.parse(SAMPLE).set("relayhost", "").set("mynetworks", "10.0.0.0/8")
    assert b"\nrelayhost=\nmynetworks\t=\t10.0.0.0/8\n" in changed.render()


def test_a_new_name_comes_after_the_last_line_in_the_same_line_ending() -> None:
    assert MainCf.parse(b"a = 1\r\nb = 2").set("c", "3").render() == b"a = 1\r\nb = 2\r\nc = 3\r\n"
    assert MainCf.parse(b"").set("c", "3").render() == b"c = 3\n"


def test_a_missing_final_newline_stays_missing_when_its_line_is_edited() -> None:
    assert MainCf.parse(b"a = 1\nb = 2").set("b", "3").render() == b"a = 1\nb = 3"


def test_every_occurrence_of_a_name_changes_as_by_postconf() -> None:
    assert MainCf.parse(b"a = 1\nb = 2\na=3\n").set("a", "4").render() == b"a = 4\nb = 2\na=4\n"


def test_a_value_that_is_already_there_changes_nothing() -> None:
    assert MainCf.parse(SAMPLE).set("myhostname", "mail.example").render() == SAMPLE
    assert MainCf.parse(SAMPLE).set("mydestination", "$myhostname, old.example", fold=True).render() == SAMPLE


def test_removing_and_commenting_out_leave_the_comments() -> None:
    file = MainCf.parse(SAMPLE)
    assert b"    # the old name\n" in file.remove("mydestination").render()
    assert file.remove("mydestination").value("mydestination") is None
    assert b"#mydestination =\n#    $myhostname,\n    # the old name\n#    old.example\n" in (
        file.comment_out("mydestination").render()
    )


def test_a_folded_list_has_one_element_to_a_line_and_no_element_becomes_a_comment() -> None:
    value = "permit_mynetworks, check_policy_service { inet:x, timeout=10s }, #odd, permit"
    changed = MainCf.parse(b"").set("smtpd_recipient_restrictions", value, fold=True)
    assert changed.render() == (
        b"smtpd_recipient_restrictions =\n    permit_mynetworks,\n"
        b"    check_policy_service { inet:x, timeout=10s }, #odd,\n    permit\n"
    )
    assert as_shown(changed.value("smtpd_recipient_restrictions") or "") == value
    assert changed.set("smtpd_recipient_restrictions", value, fold=True) == changed
    assert folded("a b {c d} e") == ("a", "b", "{c d}", "e")


def test_an_equals_sign_on_the_next_line_is_understood() -> None:
    file = MainCf.parse(b"a\n  = 1\nb = 2\n")
    assert file.value("a") == "1"
    assert file.set("a", "3").render() == b"a = 3\nb = 2\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a = 1\nnot a parameter\n", 2),
        (b"= 1\n", 1),
        (b"\n  lost = 1\na = 1\n", 2),
        (b"a = 1\0 2\n", 1),
        (b"\xef\xbb\xbfa = 1\n", 1),
    ],
)
def test_lines_that_mislead_are_named(content: bytes, line: int) -> None:
    (number, problem), *others = MainCf.parse(content).problems()
    assert (number, others) == (line, [])
    assert problem.what


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("a=b", "x"),
        ("#a", "x"),
        ("\ufeffa", "x"),
        ("a", "x\ny"),
        ("a", "x\r"),
        ("a", "x\0"),
        ("a", "\x1b[0m"),
        ("a", " x"),
        ("a", "x\t"),
        ("a", "\ud800"),
    ],
)
def test_what_would_not_be_read_back_is_refused_with_a_reason(name: str, value: str) -> None:
    assert isinstance(unwritable(name, value), Problem)
    with pytest.raises(Unwritable):
        MainCf.parse(SAMPLE).set(name, value)


def test_dollar_signs_hash_signs_and_kana_arrive() -> None:
    for value in ("$$5", "#1", "= x", "日本語　と 📬", "\u00a0x\u2028y\u0020z", literal("$x")):
        assert MainCf.parse(SAMPLE).set("mail_name", value).value("mail_name") == value
    assert literal("a$b") == "a$$b"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.parent.name)
def test_every_file_of_the_corpus_comes_back_to_the_byte(path: Path) -> None:
    content = path.read_bytes()
    file = MainCf.parse(content)
    assert file.render() == content
    for name in file.names():
        if unwritable(name, "x") is None:
            assert file.set(name, "x").value(name) == "x"
            assert name not in file.remove(name).names()
            assert name not in file.comment_out(name).names()


@given(CONTENT)
def test_whatever_is_read_is_rendered_again(content: bytes) -> None:
    assert MainCf.parse(content).render() == content


@given(CONTENT, NAMES, VALUES)
@example(b"a\0 = 1\n", "a", "2")
def test_what_is_set_is_read_back_and_other_names_keep_their_value(content: bytes, name: str, value: str) -> None:
    file = MainCf.parse(content)
    changed = file.set(name, value)
    assert changed.value(name) == value
    assert MainCf.parse(changed.render()) == changed
    assert {n: changed.value(n) for n in file.names() if n != name} == {
        n: file.value(n) for n in file.names() if n != name
    }
    assert changed.set(name, value) == changed


@given(CONTENT, NAMES, VALUES)
def test_an_edit_leaves_the_other_lines(content: bytes, name: str, value: str) -> None:
    file = MainCf.parse(content)
    numbers = {number for entry in file.entries() if entry.name == name for number in entry.line_numbers}
    kept = [line for number, line in enumerate(file.lines, 1) if number not in numbers]
    for changed in (file.set(name, value), file.remove(name), file.comment_out(name)):
        rest = iter(changed.lines)
        assert all(any(line.rstrip(b"\r\n") == other.rstrip(b"\r\n") for other in rest) for line in kept)


@given(CONTENT, NAMES)
def test_removing_what_is_not_there_changes_nothing(content: bytes, name: str) -> None:
    file = MainCf.parse(content).remove(name)
    assert file.remove(name) == file
    assert file.comment_out(name) == file
