"""master.cf: what is read, and that an edit keeps the layout, the comments and every other line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.syntax.master_cf import MasterCf
from wizard.syntax.refusal import Unwritable
from wizard.syntax.service import FIELDS, Service, unwritable_option, unwritable_service

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*/master.cf"))

SAMPLE = b"""\
# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       n       -       -       smtpd
submission inet n       -       n       -       -       smtpd
  -o syslog_name=postfix/submission
  # people must encrypt
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }
pickup    unix  n       -       n       60      1       pickup -v
filter    unix  -       n       n       -       10      pipe
  flags=Rq user=filter argv=/usr/bin/filter {-f ${sender}} -- ${recipient}
"""

PIECES = st.sampled_from(
    [
        *(b"smtp inet n - n - - smtpd", b"\nqmgr unix n - n 300 1 qmgr", b" -o a=b", b" -oc=d", b" -v", b" -vo e=f"),
        *(
            b" -o { g = h i }",
            b"\n  -o a=m",
            b"\n# comment",
            b"\n  # indented",
            b"\n",
            b"\r\n",
            b"\t",
            b" word",
            b" {x y}",
        ),
        *(b" {", b"}", b" -o", b" --", b"\0", b"\xe9"),
    ]
)
CONTENT = st.one_of(
    st.binary(max_size=60),
    st.lists(PIECES, max_size=14).map(lambda parts: b"smtp inet n - n - - smtpd" + b"".join(parts)),
)
OPTION_NAMES = st.sampled_from(["a", "c", "g", "new_one"])
OPTION_VALUES = st.text(max_size=20).filter(lambda value: unwritable_option("a", value) is None)


def lines_of(file: MasterCf) -> list[str]:
    return file.render().decode().splitlines()


def changes(before: MasterCf, after: MasterCf) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    old, new = lines_of(before), lines_of(after)
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_service_is_its_fields_its_options_and_its_words() -> None:
    file = MasterCf.parse(SAMPLE)
    assert [service.key for service in file.services()] == [
        "smtp/inet",
        "submission/inet",
        "pickup/unix",
        "filter/unix",
    ]
    submission = file.service("submission/inet")
    assert submission is not None
    assert dict(zip(FIELDS, submission.fields, strict=True))["private"] == "n"
    assert submission.options == {
        "syslog_name": "postfix/submission",
        "smtpd_tls_security_level": "encrypt",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_client_restrictions": "permit_sasl_authenticated, reject",
    }
    filter_service = file.service("filter/unix")
    assert filter_service is not None
    assert filter_service.words == (
        "flags=Rq",
        "user=filter",
        "argv=/usr/bin/filter",
        "-f ${sender}",
        "--",
        "${recipient}",
    )
    assert file.service("smtps/inet") is None
    assert file.line_numbers("submission/inet") == (3, 4, 6, 7)
    assert file.problems() == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("-o a=b", {"a": "b"}),
        ("-oa=b", {"a": "b"}),
        ("-osoft_bounce=yes", {"soft_bounce": "yes"}),
        ("-vo a=b", {"a": "b"}),
        ("-v -o { a = b c }", {"a": "b c"}),
        ("-o {a=b}", {"a": "b"}),
        ("-o a={b c}", {"a": "{b c}"}),
        ("-o a= -o b==", {"a": "", "b": "="}),
        ("-o a=1 -o a=2", {"a": "2"}),
        ("word -o a=b", {}),
        ("-- -o a=b", {}),
    ],
)
def test_options_are_read_however_they_are_written(written: str, read: dict[str, str]) -> None:
    assert Service.parse(f"smtp inet n - n - - smtpd {written}").options == read


def test_an_option_is_changed_where_it_stands() -> None:
    before = MasterCf.parse(SAMPLE)
    after = before.set_option("submission/inet", "smtpd_tls_security_level", "may")
    assert changes(before, after) == (
        ["  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes"],
        ["  -o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes"],
    )


def test_a_new_option_comes_after_the_others_in_the_same_layout() -> None:
    before = MasterCf.parse(SAMPLE)
    after = before.set_option("submission/inet", "a", "b c").set_option("smtp/inet", "x", "y")
    assert changes(before, after) == ([], ["    -o x=y", "  -o { a = b c }"])
    assert lines_of(after)[2] == "    -o x=y"
    assert lines_of(after)[8] == "  -o { a = b c }"


def test_a_new_option_stands_before_the_words_of_the_command() -> None:
    after = MasterCf.parse(SAMPLE).set_option("filter/unix", "x", "y")
    service = after.service("filter/unix")
    assert service is not None
    assert service.arguments[:3] == ("-o", "x=y", "flags=Rq")


def test_a_removed_option_leaves_no_blank_line_and_no_comment_goes() -> None:
    before = MasterCf.parse(SAMPLE)
    after = before.remove_option("submission/inet", "smtpd_client_restrictions")
    after = after.remove_option("submission/inet", "smtpd_tls_security_level")
    gone, came = changes(before, after)
    assert came == ["  -o smtpd_sasl_auth_enable=yes"]
    assert len(gone) == 2
    assert before.remove_option("smtp/inet", "no_such") == before
    assert before.remove_option("no_such/inet", "a") == before


def test_a_field_is_changed_and_the_columns_stay() -> None:
    before = MasterCf.parse(SAMPLE)
    assert changes(before, before.set_field("pickup/unix", "wakeup", "300?"))[1] == [
        "pickup    unix  n       -       n       300?    1       pickup -v"
    ]
    assert changes(before, before.set_field("smtp/inet", "command", "postscreen"))[1] == [
        "smtp      inet  n       -       n       -       -       postscreen"
    ]


def test_a_service_that_is_wanted_as_it_is_changes_nothing() -> None:
    before = MasterCf.parse(SAMPLE)
    for service in before.services():
        assert before.set_service(service) == before


def test_a_service_is_replaced_by_the_least_change() -> None:
    before = MasterCf.parse(SAMPLE)
    wanted = Service.parse(
        "submission inet n - y - - smtpd -o syslog_name=postfix/submission -o smtpd_tls_security_level=encrypt"
        " -o smtpd_sasl_auth_enable=yes -o { smtpd_client_restrictions = reject }"
    )
    after = before.set_service(wanted)
    assert after.service("submission/inet") == wanted
    assert changes(before, after)[1] == [
        "submission inet n       -       y       -       -       smtpd",
        "  -o { smtpd_client_restrictions = reject }".replace("{ ", "").replace(" }", "").replace(" = ", "="),
    ]


def test_a_new_service_is_laid_out_as_by_postconf() -> None:
    wanted = Service(name="submissions", type="inet", private="n", chroot="n", command="smtpd").with_options(
        {"syslog_name": "postfix/submissions", "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject"}
    )
    assert MasterCf.parse(b"# mine\r\n").set_service(wanted).render() == (
        b"# mine\r\n"
        b"submissions inet n       -       n       -       -       smtpd\r\n"
        b"    -o syslog_name=postfix/submissions\r\n"
        b"    -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\r\n"
    )


def test_removing_and_commenting_out_leave_the_comments() -> None:
    before = MasterCf.parse(SAMPLE)
    assert b"  # people must encrypt\n" in before.remove_service("submission/inet").render()
    commented = before.comment_out_service("submission/inet")
    assert commented.service("submission/inet") is None
    assert b"\n#  -o syslog_name=postfix/submission\n  # people must encrypt\n#  -o smtpd" in commented.render()


def test_what_would_not_be_read_back_is_refused_with_a_reason() -> None:
    file = MasterCf.parse(SAMPLE)
    for name, value in (("a", "{ b"), ("a", "x\ny"), ("a b", "c"), ("", "c"), ("a", " b"), ("a", "b } c")):
        assert unwritable_option(name, value) is not None, (name, value)
        with pytest.raises(Unwritable):
            file.set_option("smtp/inet", name, value)
    for field, text in (
        ("type", "tcp"),
        ("chroot", "yes"),
        ("wakeup", "soon"),
        ("process_limit", ""),
        ("nonsense", "x"),
    ):
        with pytest.raises(Unwritable):
            file.set_field("smtp/inet", field, text)
    with pytest.raises(Unwritable):
        file.set_option("no_such/inet", "a", "b")
    with pytest.raises(Unwritable):
        Service.parse("smtp inet n - n - -")
    assert unwritable_service(Service(name="a b", type="unix", command="x")) is not None
    assert unwritable_service(Service(name="a", type="unix", command="x", arguments=("{",))) is not None


def test_lines_that_postfix_refuses_are_named() -> None:
    file = MasterCf.parse(b"  lost\nsmtp inet n - n - -\nx tcp - - - - - y\nq unix - - - - - q\nq unix - - - - - q\n")
    assert [line for line, _problem in file.problems()] == [1, 2, 3, 5]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.parent.name)
def test_every_file_of_the_corpus_comes_back_to_the_byte_and_takes_edits(path: Path) -> None:
    content = path.read_bytes()
    file = MasterCf.parse(content)
    assert file.render() == content
    for service in file.services():
        changed = file.set_option(service.key, "new_option", "a b")
        found = changed.service(service.key)
        assert found is not None
        assert found.options == {**service.options, "new_option": "a b"}
        assert changed.remove_option(service.key, "new_option").services() == file.services()
        assert file.remove_service(service.key).service(service.key) is None


@given(CONTENT)
def test_whatever_is_read_is_rendered_again(content: bytes) -> None:
    assert MasterCf.parse(content).render() == content


@given(CONTENT, OPTION_NAMES, OPTION_VALUES)
def test_an_option_that_is_set_is_read_back(content: bytes, name: str, value: str) -> None:
    file = MasterCf.parse(content)
    for key in {service.key for service in file.services()}:
        try:
            changed = file.set_option(key, name, value)
        except Unwritable:
            assert b"{" in content  # one that is not closed would swallow the option
            continue
        found = changed.service(key)
        assert found is not None
        assert found.options[name] == value
        assert changed.set_option(key, name, value) == changed
        assert MasterCf.parse(changed.render()) == changed
        others = [service for service in file.services() if service.key != key]
        assert [service for service in changed.services() if service.key != key] == others
        removed = changed.remove_option(key, name)
        assert all(name not in service.options for service in removed.services() if service.key == key)
        assert removed.remove_option(key, name) == removed


@given(CONTENT)
def test_every_service_that_can_be_read_can_be_written_elsewhere(content: bytes) -> None:
    for service in MasterCf.parse(content).services():
        if unwritable_service(service) is None:
            assert MasterCf.parse(b"# empty").set_service(service).services() == (service,)
