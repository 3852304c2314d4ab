"""Every question of every profile against hostile answers: each row says why it is refused, or that it is taken."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers.machines import PACKAGED
from wizard.ask import objections
from wizard.ask.question import Answer, AnyQuestion, ChoiceQuestion, ListQuestion, SoFar, TextQuestion, YesNoQuestion
from wizard.catalogue import all_profiles
from wizard.problem import Problem
from wizard.session import objection

TAKEN = ""
BREAK, NUL, CONTROL, HIDDEN = "line break", "NUL", "control character", "does not show"
DOLLAR, BLANK, ODD_BLANK, LONG = "dollar sign", "blank at the start or at the end", "not a plain space", "too long"

# Refused by every question that takes text.
EVERYWHERE: tuple[tuple[str, str], ...] = (
    ("a\nrelayhost = evil.example", BREAK),
    ("a\r\nb", BREAK),
    ("a\rb", BREAK),
    ("a\u2028b", BREAK),
    ("a\u0085b", BREAK),
    ("a\x0bb", BREAK),
    ("a\0b", NUL),
    ("a\tb", CONTROL),
    ("a\x1b[31mb", CONTROL),
    ("a\x7fb", CONTROL),
    ("$(reboot)", DOLLAR),
    ("${mydomain}", DOLLAR),
    ("$myhostname", DOLLAR),
    ("a$$b", DOLLAR),
    ("a\u202eb", HIDDEN),
    ("a\u2066b", HIDDEN),
    ("a\u200bb", HIDDEN),
    ("a\u00adb", HIDDEN),
    ("\ufeffa", HIDDEN),
    ("a\ud800b", HIDDEN),
    ("a\ue000b", HIDDEN),
    ("a\u00a0b", ODD_BLANK),
    ("a\u3000b", ODD_BLANK),
    (" a", BLANK),
    ("a ", BLANK),
    ("   ", BLANK),
    ("x" * 10240, LONG),
    ("あ" * 5000, LONG),
    ("", "Nothing is given"),
)
LOCAL_NAMES: tuple[tuple[str, str], ...] = (
    ("a..b.example", "part of the name is missing"),
    (".a.example", "part of the name is missing"),
    ("box.home.example.", "dot at the end"),
    ("-box.example", "hyphen"),
    ("box-.example", "hyphen"),
    ("my_box.example", "underscore"),
    ("a b.example", "characters that host names cannot have"),
    ("a;rm -rf /", "slash"),
    ("a;rm.example", "characters that host names cannot have"),
    ('"box".example', "characters that host names cannot have"),
    ("box|cat.example", "characters that host names cannot have"),
    ("%s%n.example", "characters that host names cannot have"),
    ("日本.example", "xn--wgv71a.example"),
    ("メール.example", "xn--"),
    ("ﬀ.example", "ff.example"),
    ("straße.example", "DNS does not know"),
    ("😀.example", "cannot have"),
    ("xn--wgv71a.example", TAKEN),
    ("xn--.example", "xn--"),
    ("192.0.2.1", "IP address"),
    ("[192.0.2.1]", "IP address"),
    ("2001:db8::1", "IP address"),
    ("[IPv6:2001:db8::1]", "IP address"),
    ("box.example:25", "colon"),
    ("http://box.example", "slash"),
    ("taro@box.example", "mail address"),
    ("box.123", "is a number"),
    ("a" * 63 + ".example", TAKEN),
    ("a" * 64 + ".example", "longer than 63"),
    (".".join(["a" * 60] * 4) + ".example", TAKEN),
    (".".join(["a" * 62] * 4) + ".example", LONG),
    ("BOX.Example", TAKEN),
    ("1.example", TAKEN),
    ("a--b.example", TAKEN),
)
USERS: tuple[tuple[str, str], ...] = (
    ("taro", TAKEN),
    ("taro, hana", TAKEN),
    ("taro,hana@localhost", TAKEN),
    ("TARO", TAKEN),
    ("taro@box.home.example", TAKEN),
    ("taro@localhost.home.example", TAKEN),
    ("taro@outside.example", "not on this machine"),
    ('"taro"@localhost', TAKEN),
    ("nobody-here", "no user or alias named"),
    ("nobody@localhost", "no user or alias named"),
    ("|/bin/sh", "a program"),
    ('"|/bin/sh -c x"', "a program"),
    (":include:/etc/passwd", "addresses in a file"),
    (":INCLUDE:/x", "addresses in a file"),
    ("/etc/passwd", "a file"),
    ("~/x", "a file"),
    ("../x", "a file"),
    ("taro, |x", "a program"),
    ("-froot", "hyphen"),
    ("\\taro", "backslash"),
    ("taro;rm -rf /", "blank in"),
    ("taro;rm", "characters"),
    ("taro'", "characters"),
    ('taro"', "characters"),
    ("taro hana", "blank in"),
    ("taro,,hana", "nothing is written"),
    (",", "nothing is written"),
    ("taro, Taro", "twice"),
    ("タロウ", "characters"),
    ("taro😀", "characters"),
    ("%s%s%n", "characters"),
    ("1000", "number"),
    ("<taro@localhost>", "more than an address"),
    ("Taro <taro@localhost>", "more than an address"),
    ("mailto:taro@localhost", "link"),
    ("taro@", "nothing after"),
    ("@localhost", "nothing before"),
    ("ta..ro@localhost", "cannot stand before"),
    ("tarō@localhost", "SMTPUTF8"),
    ("taro%outside.example@localhost", "route"),
    ("outside.example!taro@localhost", "route"),
    ("taro@日本.example", "xn--wgv71a.example"),
    ("taro@[192.0.2.1]", "not on this machine"),
    ("taro@[2001:db8::1]", "not an address in brackets"),
    ("x" * 65 + "@localhost", "more than 64"),
    ("taro..", "dot"),
)
SIZES: tuple[tuple[str, str], ...] = (
    ("10M", TAKEN),
    ("10m", TAKEN),
    ("10 MiB", TAKEN),
    ("500k", TAKEN),
    ("1G", TAKEN),
    ("10240000", TAKEN),
    ("10MB", "1000 or 1024"),
    ("10Mb", "bits"),
    ("10 B", "not a size"),
    ("M", "not a size"),
    ("-1", "negative"),
    ("-10M", "negative"),
    ("+5", "not a size"),
    ("1.5G", "not a size"),
    ("1,5G", "not a size"),
    ("10_000_000", "not a size"),
    ("10,000,000", "not a size"),
    ("1e9", "not a size"),
    ("0x100000", "not a size"),
    ("010", "begin with 0"),
    ("00", "begin with 0"),
    ("１０", "not a size"),
    ("十", "not a size"),
    ("NaN", "not a size"),
    ("inf", "not a size"),
    ("10M; rm", "not a size"),
    ("%d", "not a size"),
    ("unlimited", "not a size"),
    ("9223372036854775808", "more than Postfix can count"),
    ("9" * 30, "more than Postfix can count"),
    ("9999999T", "more than Postfix can count"),
    ("10", "too few"),
)
FOLDERS: tuple[tuple[str, str], ...] = (
    ("/var/spool/mail", TAKEN),
    ("/srv/mail/boxes", TAKEN),
    ("/var/spool/mail/", "slash at the end"),
    ("/", "root of the whole machine"),
    ("//", "slash at the end"),
    ("/var//mail", "two slashes"),
    ("/var/../etc", "“..”"),
    ("/var/./mail", "“.”"),
    ("..", "begin with a slash"),
    ("var/mail", "begin with a slash"),
    ("~/mail", "begin with a slash"),
    ("-rf", "begin with a slash"),
    ("/var/-rf", "hyphen"),
    ("/var/my mail", "blank in the path"),
    ("/var/mail;rm", "characters"),
    ("/var/'mail'", "characters"),
    ('/var/"mail"', "characters"),
    ("/var/メール", "characters"),
    ("/var/mail|x", "characters"),
    ("/var/{a,b}", "characters"),
    ("/var/mail,x", "characters"),
    ("/var/%s", "characters"),
    ("/var/*", "characters"),
    ("/tmp/mail", "/tmp"),
    ("/usr/mail", "/usr"),
    ("/etc", "/etc"),
    ("/dev/shm", "/dev"),
    ("/" + "a" * 255, TAKEN),
    ("/" + "a" * 256, "longer than 255"),
)

ROWS: dict[str, tuple[tuple[str, str], ...]] = {
    "hostname": (
        *EVERYWHERE,
        *LOCAL_NAMES,
        ("box", "no dot"),
        ("localhost", "no dot"),
        ("localhost.localdomain", TAKEN),
        ("12345", "number alone"),
    ),
    "other_names": (*EVERYWHERE, *LOCAL_NAMES, ("box", TAKEN), ("localhost", TAKEN)),
    "root_mail_to": (
        *EVERYWHERE,
        *USERS,
        ("root", TAKEN),
        ("taro, root", TAKEN),
        ("postmaster", "round in a circle"),
        ("bin", "round in a circle"),
        ("mailer-daemon", "round in a circle"),
    ),
    "postmaster_to": (*EVERYWHERE, *USERS, ("root", TAKEN), ("postmaster", "no user named postmaster")),
    "forwards": (
        *EVERYWHERE,
        *((f"info: {value}", why) for value, why in USERS if value != "|/bin/sh"),
        ("info", "no colon"),
        (":", "Nothing is given"),
        ("info:", "Nothing is given"),
        (": taro", "Nothing is given"),
        ("info@box.home.example: taro", "has a domain"),
        ("root: taro", "question of its own"),
        ("Postmaster: taro", "question of its own"),
        ("#info: taro", "characters"),
        ("in fo: taro", "blank in"),
        ("info: |/bin/sh", "a program"),
        ("info: info", "no user or alias"),
        ("taro: taro, hana", TAKEN),
    ),
    "home_mailbox": (
        *EVERYWHERE,
        ("Maildir/", TAKEN),
        ("mail/in.box/", TAKEN),
        ("Maildir", "slash at the end"),
        ("/Maildir/", "begins at the home"),
        ("~/Maildir/", "begins at the home"),
        ("../Maildir/", "“..”"),
        ("./", "“.”"),
        ("a//", "two slashes"),
        ("a//b/", "two slashes"),
        ("-a/", "hyphen"),
        ("Mail dir/", "blank"),
        ("メール/", "characters"),
        ("😀/", "characters"),
        ("a;rm/", "characters"),
        ("a|b/", "characters"),
        ("'a'/", "characters"),
        (":include:/", "characters"),
        ("%h/", "characters"),
        ("a" * 254 + "/", TAKEN),
        ("a" * 255 + "/", LONG),
    ),
    "dkim_selector": (
        *EVERYWHERE,
        ("202601", TAKEN),
        ("S1.mail", TAKEN),
        ("a_b", "cannot be a selector"),
        ("a..b", "cannot be a selector"),
        ("-a", "cannot be a selector"),
        ("a/b", "cannot be a selector"),
        ("あ", "cannot be a selector"),
        ("a" * 64, "cannot be a selector"),
        ("a" * 63, TAKEN),
    ),
    "spool_folder": (*EVERYWHERE, *FOLDERS),
    "message_size_limit": (
        *EVERYWHERE,
        *SIZES,
        ("0", TAKEN),
        ("10239", "too few"),
        ("10k", TAKEN),
        ("9", "write 10M"),
        ("10240", TAKEN),
        ("14G", "No mail"),
    ),
    "mailbox_size_limit": (
        *EVERYWHERE,
        *(row for row in SIZES if row[0] not in {"10", "500k"}),
        ("0", TAKEN),
        ("10", "at least one message"),
        ("500k", "at least one message"),
        ("10239999", "at least one message"),
        ("8E", "not a size"),
    ),
    "bounce_text": (
        *EVERYWHERE,
        ("outside mail is not deliverable", TAKEN),
        ("ask 'them'; or \"us\": 50% | {less} <no> #1 \\ `x` %s", TAKEN),
        ("-n no", TAKEN),
        ("..", "no words"),
        ("12345", "no words"),
        ("?!", "no words"),
        ("5.1.1 no", "status code"),
        ("550 no", "status code"),
        ("450", "status code"),
        ("外には送れません", "cannot carry"),
        ("no 😀", "cannot carry"),
        ("naïve", "cannot carry"),
        ("x" * 200, TAKEN),
        ("x" * 201, LONG),
    ),
}

MAILBOXES: tuple[tuple[str, str], ...] = (
    ("taro@home.example", TAKEN),
    ("Taro@Home.Example", TAKEN),
    ("t@second.example", TAKEN),
    ("taro", "no @ in it"),
    ("taro@elsewhere.example", "none of the domains"),
    ("taro@box.home.example", "none of the domains"),
    ("taro@localhost", "none of the domains"),
    ("taro@", "nothing after"),
    ("@home.example", "nothing before"),
    ("taro@@home.example", "cannot stand before"),
    ("ta..ro@home.example", "cannot stand before"),
    (".taro@home.example", "cannot stand before"),
    ("-taro@home.example", "hyphen"),
    ("../taro@home.example", "cannot stand before"),
    ("a/b@home.example", "cannot be the name of a mailbox"),
    ("/etc@home.example", "begin with | or /"),
    ("|sh@home.example", "begin with | or /"),
    ("taro+news@home.example", "cannot be the name of a mailbox"),
    ("o'neil@home.example", "cannot be the name of a mailbox"),
    ("x' OR '1'='1@home.example", "cannot stand before"),
    ("x'--@home.example", "cannot be the name of a mailbox"),
    ("_taro@home.example", "cannot be the name of a mailbox"),
    ("taro_@home.example", "cannot be the name of a mailbox"),
    ("taro*@home.example", "cannot be the name of a mailbox"),
    ("{taro}@home.example", "cannot be the name of a mailbox"),
    ("taro%home.example@home.example", "route"),
    ("home.example!taro@home.example", "route"),
    ('"a b"@home.example', "cannot be the name of a mailbox"),
    ("tarō@home.example", "SMTPUTF8"),
    ("Taro <taro@home.example>", "more than an address"),
    ("mailto:taro@home.example", "link"),
    ("taro@[192.0.2.1]", "none of the domains"),
    ("x" * 64 + "@home.example", TAKEN),
    ("x" * 65 + "@home.example", "more than 64"),
)
NETWORKS: tuple[tuple[str, str], ...] = (
    ("127.0.0.0/8", TAKEN),
    ("192.0.2.1", TAKEN),
    ("[::1]/128", TAKEN),
    ("[::1]", TAKEN),
    ("[2001:db8::]/32", TAKEN),
    ("2001:db8::/32", "[2001:db8::]/32"),
    ("[192.0.2.1]/32", "192.0.2.1/32"),
    ("192.0.2.1/24", "192.0.2.0/24"),
    ("[2001:db8::1]/32", "[2001:db8::]/32"),
    ("0.0.0.0/0", "every address"),
    ("[::]/0", "every address"),
    ("192.0.2.0/33", "length"),
    ("192.0.2.0/", "length"),
    ("192.0.2.0/-1", "length"),
    ("192.0.2.0/255.255.255.0", "length"),
    ("192.0.2.0/２４", "length"),
    ("192.0.2", "not an IP network"),
    ("010.0.0.0/8", "not an IP network"),
    ("!192.0.2.0/24", "not an IP network"),
    ("hash:/etc/x", "not an IP network"),
    ("localhost", "not an IP network"),
    ("[fe80::1%lo]/128", "interface"),
)
ROWS |= {
    "mail_domains": (
        *EVERYWHERE,
        *LOCAL_NAMES,
        ("box", "no dot"),
        ("localhost", "no dot"),
        ("box.home.example", "name of this machine itself"),
        ("Box.Home.Example", "name of this machine itself"),
        ("localhost.home.example", "name of this machine itself"),
        ("home.example", TAKEN),
        ("*.example", "characters that host names cannot have"),
        ("a' OR 1=1.example", "characters that host names cannot have"),
    ),
    "mailbox_address": (*EVERYWHERE, *MAILBOXES),
    "postscreen_dnsbl_sites": (
        *EVERYWHERE,
        *LOCAL_NAMES,
        ("list.example", TAKEN),
        ("box", "no dot"),
        ("list.example*2", "characters that host names cannot have"),
        ("list.example=127.0.0.2", "characters that host names cannot have"),
    ),
    "postscreen_exempt": (*EVERYWHERE, *NETWORKS),
    "role_mail_to": (
        *EVERYWHERE,
        ("taro@home.example", TAKEN),
        ("Taro@Home.example", TAKEN),
        ("someone@outside.example", TAKEN),
        ("o'neil@outside.example", TAKEN),
        ("hana@home.example", "no mailbox"),
        ("postmaster@home.example", "no mailbox"),
        ("root@box.home.example", "leads here again"),
        ("root@localhost", "leads here again"),
        ("taro", "no @ in it"),
        ("taro@home.example, hana@outside.example", "cannot stand before"),
        ("|sh@outside.example", "begin with | or /"),
    ),
    "acme_server": (
        *EVERYWHERE,
        ("https://acme.example/directory", TAKEN),
        ("http://acme.example/directory", "is not the address of an ACME server"),
        ("acme.example", "is not the address of an ACME server"),
        ("--server", "is not the address of an ACME server"),
        ("https://acme.example/dir --dry-run", "is not the address of an ACME server"),
        ("https://user:word@acme.example/", "is not the address of an ACME server"),
        ("file:///etc/shadow", "is not the address of an ACME server"),
    ),
    "acme_contact": (
        *(row for row in EVERYWHERE if row[0]),
        ("", TAKEN),
        ("me@outside.example", TAKEN),
        ("me", "no @ in it"),
        ("--agree-tos", "no @ in it"),
    ),
    "acme_webroot": (*EVERYWHERE, *(row for row in FOLDERS if not row[1].startswith("/"))),
    "certificate_file": (*EVERYWHERE, *(row for row in FOLDERS if not row[1].startswith("/"))),
    "key_file": (*EVERYWHERE, *(row for row in FOLDERS if not row[1].startswith("/"))),
    "mailbox_quota": (
        *EVERYWHERE,
        *(row for row in SIZES if row[0] not in {"500k", "10"}),
        ("500k", "Not even one message"),
        ("0", TAKEN),
    ),
}

QUESTIONS = {question.key: question for profile in all_profiles().values() for question in profile.questions}
GIVEN: dict[str, Answer] = {
    "hostname": "box.home.example",
    "mailbox": "home_maildir",
    "root_mail_to": "hana",
    "mail_domains": ("home.example", "second.example"),
    "mailbox_address": "taro@home.example",
    "certificate": "own",
    "postmaster_to": "root",
    "message_size_limit": "10240000",
}
HERE = SoFar(GIVEN, PACKAGED)


def judged(question: AnyQuestion, value: str) -> Problem | None:
    return objection(question, (value,) if isinstance(question, ListQuestion) else value, HERE)


TEXT_ROWS = [(key, value, why) for key, rows in ROWS.items() for value, why in rows]


@pytest.mark.parametrize(
    ("key", "value", "why"), TEXT_ROWS, ids=[f"{key}-{number}" for number, (key, _v, _w) in enumerate(TEXT_ROWS)]
)
def test_each_hostile_answer_is_refused_with_its_reason_or_taken(key: str, value: str, why: str) -> None:
    problem = judged(QUESTIONS[key], value)
    if why == TAKEN:
        assert problem is None
        return
    assert problem is not None
    assert why in str(problem)
    assert problem.what
    assert problem.hint
    assert problem.what.endswith(".")
    assert str(problem).isprintable() or set(str(problem)) & set("\n")
    assert len(str(problem)) < 700


def test_every_question_that_takes_text_has_at_least_twenty_hostile_answers() -> None:
    asked = {key for key, question in QUESTIONS.items() if isinstance(question, TextQuestion | ListQuestion)}
    assert asked == set(ROWS)
    assert all(sum(why != TAKEN for _value, why in rows) >= 20 for rows in ROWS.values())


@pytest.mark.parametrize("key", [key for key, found in QUESTIONS.items() if isinstance(found, ChoiceQuestion)])
def test_a_choice_takes_nothing_but_what_is_offered(key: str) -> None:
    question = QUESTIONS[key]
    assert isinstance(question, ChoiceQuestion)
    offered = {choice.value for choice in question.choices(HERE)}
    for value, _why in (*EVERYWHERE, *LOCAL_NAMES, *SIZES):
        assert value not in offered
        assert objection(question, value, HERE) is not None
    for value in offered:
        for near in (value.upper() + " ", value + "\n", " " + value, value + "\0", value + "s"):
            assert objection(question, near, HERE) is not None
    for wrong in (True, (), ("loopback",)):
        assert objection(question, wrong, HERE) is not None


@pytest.mark.parametrize("key", [key for key, found in QUESTIONS.items() if isinstance(found, YesNoQuestion)])
def test_yes_or_no_takes_nothing_but_true_and_false(key: str) -> None:
    for value, _why in (*EVERYWHERE, ("yes", ""), ("no", ""), ("true", ""), ("1", ""), ("False", "")):
        assert objection(QUESTIONS[key], value, HERE) is not None
    assert objection(QUESTIONS[key], ("yes",), HERE) is not None
    assert objection(QUESTIONS[key], True, HERE) is None
    assert objection(QUESTIONS[key], False, HERE) is None


OTHERS = {
    objections.mail_address: (
        *EVERYWHERE,
        ("taro@mail.example", TAKEN),
        ("ta.ro+x=1'/?^_`{|}~@mail.example", TAKEN),
        ('"a b"@mail.example', TAKEN),
        ('"a\\"@b"@mail.example', TAKEN),
        ('"a"b"@mail.example', "quotes"),
        ('"a@mail.example', "quotes"),
        ("taro@[192.0.2.1]", TAKEN),
        ("taro@[IPv6:2001:db8::1]", TAKEN),
        ("taro@[IPv6:192.0.2.1]", "in brackets"),
        ("taro@[x]", "in brackets"),
        ("taro@localhost", TAKEN),
        ("taro@mail", "no dot"),
        ("taro", "no @"),
        ("a@b@mail.example", "cannot stand before"),
        (".a@mail.example", "cannot stand before"),
        ("a.@mail.example", "cannot stand before"),
        ("a b@mail.example", "cannot stand before"),
        ("a,b@mail.example", "cannot stand before"),
        ("(x)a@mail.example", "cannot stand before"),
        ("-a@mail.example", "hyphen"),
        ("|x@mail.example", "program or a file"),
        ("a@-x.example", "hyphen"),
        ("a@mail.example.", "dot at the end"),
        ("x" * 64 + "@mail.example", TAKEN),
        ("用@mail.example", "SMTPUTF8"),
    ),
    objections.network: (*EVERYWHERE, *NETWORKS),
    objections.port: (
        *EVERYWHERE,
        ("25", TAKEN),
        ("65535", TAKEN),
        ("0", "no port 0"),
        ("65536", "no port"),
        ("9" * 50, "no port"),
        ("-1", "not a port"),
        ("025", "not a port"),
        ("25.0", "not a port"),
        ("0x19", "not a port"),
        ("２５", "not a port"),
        ("submission", "587"),
        ("[::1]:25", "not a port"),
    ),
    objections.domain: (*EVERYWHERE, *LOCAL_NAMES, ("example", "no dot")),
    objections.path: (*EVERYWHERE, *(row for row in FOLDERS if row[1] not in {"/tmp", "/usr", "/etc", "/dev"})),
    objections.yes_or_no: (("yes", TAKEN), ("no", TAKEN), ("Yes", "neither"), ("1", "neither"), ("yes\n", BREAK)),
}
OTHER_ROWS = [(check, value, why) for check, rows in OTHERS.items() for value, why in rows]


@pytest.mark.parametrize(
    ("check", "value", "why"), OTHER_ROWS, ids=[f"{row[0].__name__}-{number}" for number, row in enumerate(OTHER_ROWS)]
)
def test_each_objection_stands_by_itself(check: objections.Objection, value: str, why: str) -> None:
    problem = check(value)
    if why == TAKEN:
        assert problem is None
    else:
        assert problem is not None
        assert why in str(problem)
        assert problem.hint


def test_programs_and_files_are_alias_targets_only_where_allowed() -> None:
    assert objections.alias_target("|/bin/x", programs=True) is None
    assert objections.alias_target(":include:/x", files=True) is None
    assert objections.alias_target("/var/x", files=True) is None
    assert objections.alias_target("/var/x", programs=True) is not None
    assert objections.mail_address("用@mail.example", smtputf8=True) is None


@given(st.text(max_size=300))
def test_whatever_is_typed_nothing_breaks_and_nothing_unsafe_is_taken(value: str) -> None:
    for question in QUESTIONS.values():
        if isinstance(question, TextQuestion | ListQuestion) and judged(question, value) is None:
            assert value == value.strip()
            assert value.isprintable()
            assert "$" not in value


def test_objections_are_fast_enough_for_every_key_press() -> None:
    began = time.perf_counter()
    for _round in range(20):
        for question in QUESTIONS.values():
            for value in ("x" * 200, "a." * 100, "あ" * 60, "taro, " * 40):
                if not isinstance(question, YesNoQuestion):
                    judged(question, value)
    calls = 20 * len(QUESTIONS) * 4
    assert (time.perf_counter() - began) / calls < 0.002
