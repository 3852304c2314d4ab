"""Expansion of `$name` and of conditions; `tests/machine` compares many more expressions with the real postconf."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.syntax.expand import CannotExpand, compatibility_level, expand, names_in
from wizard.syntax.main_cf import literal

SETTINGS = {
    "plain": "yes",
    "empty": "",
    "nested": "<$plain>",
    "deep": "${nested}",
    "compatibility_level": "3.10",
    "loop": "$pool",
    "pool": "a $loop",
    "condition_loop": "${{$condition_loop} == {x} ? {y} : {z}}",
    "smtpd_reject_footer": "\\c $client_address",
}


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ("no references", "no references"),
        ("$plain ${plain} $(plain) ${ plain }", "yes yes yes yes"),
        ("$deep", "<yes>"),
        ("$undefined|${undefined}", "|"),
        ("$$plain $$$plain $$$$", "$plain $yes $$"),
        ("${plain?a}${plain:b}${empty?c}${empty:d}", "ad"),
        ("${plain?{a}:{b}} ${empty?{a}:{b}}", "a b"),
        ("${plain??a:{b}c}", "?a:{b}c"),  # without braces the rest is the value, marks and all
        ("${plain? spaces }", " spaces "),
        ("${{$plain} == {yes} ? {same} : {other}}", "same"),
        ("${{10} > {9}} ${{10a} > {9a}}|", "true |"),  # numbers when both are, else text
        ("${{3.10} <level {3.9}}|${{3.10} >level {3.9}}", "|true"),
        ("${{$compatibility_level} <level {3.11} ? {may be old} : {new}}", "may be old"),
        ("${plain?{${empty:{${undefined:inner}}}}}", "inner"),
        ("$smtpd_reject_footer", "\\c $client_address"),  # postconf(5): not subject to expansion
        ("${domain_to_ascii{mx.example}}", "mx.example"),
        ("日本 $plain", "日本 yes"),
    ],
)
def test_expansion(value: str, expanded: str) -> None:
    assert expand(value, SETTINGS.get) == expanded


@pytest.mark.parametrize(
    "value",
    [
        *(
            "$",
            "a $",
            "$-",
            "${}",
            "${plain",
            "$(plain",
            "${pl ain}",
            "${plain!x}",
            "${plain?{a}b}",
            "${plain?{a}:{b}c}",
        ),
        *(
            "${{a} = {b}}",
            "${{a} == b}",
            "${{a} <lev {b}}",
            "${{x} <level {1}}",
            "${{1.2.3.4} <level {2}}",
            "${{a} == {b}x}",
        ),
        *(
            "$loop",
            "$condition_loop",
            "${no_function{x}}",
            "${domain_to_ascii{日本}}",
            "${{a}}",
            "${domain_to_ascii{x}y}",
        ),
    ],
)
def test_errors_and_circles_are_named(value: str) -> None:
    with pytest.raises(CannotExpand) as refused:
        expand(value, SETTINGS.get)
    assert refused.value.problem.what


def test_the_names_a_value_refers_to() -> None:
    assert names_in("$a ${b?{$c}:{$d}} ${{$e} <level {x} ? $f} $$g") == frozenset("abcdef")


def test_levels_are_numbers_not_fractions() -> None:
    assert compatibility_level("3.9") < compatibility_level("3.10") < compatibility_level("4")
    assert compatibility_level("3") == compatibility_level("3.0.0")


@given(st.text())
def test_a_literal_text_expands_to_itself(text: str) -> None:
    assert expand(literal(text), SETTINGS.get) == text


@given(st.text(alphabet="${}()?:=<> ab", max_size=30))
def test_any_text_is_expanded_or_refused(text: str) -> None:
    with suppress(CannotExpand):
        assert isinstance(expand(text, {"a": "1"}.get), str)
