"""Local only: what it writes for which machine and answers, and that nothing of what was there can send mail."""

from pathlib import Path, PurePosixPath

import pytest

from profiles.local_only import PROFILE
from tests.answers.machines import ALL, BY_HAND, DELIVERED_BY_PROGRAM, FRESH, GIB, NOBODY_AND_LITTLE, ODD, PACKAGED
from wizard.ask.answers import read_answers
from wizard.ask.question import Answer, SecretQuestion, SoFar, TextQuestion
from wizard.catalogue import all_profiles
from wizard.machine.facts import Facts, LocalUser
from wizard.session import objection
from wizard.steps.build_table import BuildTable
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_table_lines import SetTableLines

QUESTIONS = {question.key: question for question in PROFILE.questions}


def answered(facts: Facts, **given: Answer) -> SoFar:
    answers: dict[str, Answer] = {}
    for question in PROFILE.questions:
        if question.when(SoFar(answers, facts)):
            assert not isinstance(question, SecretQuestion)
            answers[question.key] = given.get(question.key, question.default(SoFar(answers, facts)))
    return SoFar(answers, facts)


def parameters(so_far: SoFar) -> tuple[dict[str, str], frozenset[str]]:
    step = next(step for step in PROFILE.desired(so_far) if isinstance(step, SetParameters))
    return dict(step.wanted), frozenset(step.removed)


def alias_lines(so_far: SoFar) -> tuple[dict[str, str], frozenset[str]]:
    step = next(step for step in PROFILE.desired(so_far) if isinstance(step, SetTableLines))
    return dict(step.wanted), frozenset(step.removed)


def refusal(so_far: SoFar, key: str) -> str:
    return str(objection(QUESTIONS[key], so_far.answers[key], so_far) or "")


def test_a_fresh_machine_gets_mail_of_its_own_and_nothing_else() -> None:
    wanted, removed = parameters(answered(FRESH))
    assert wanted == {
        "myhostname": "box.home.example",
        "myorigin": "$myhostname",
        "mydestination": "$myhostname, localhost.$mydomain, localhost",
        "inet_interfaces": "loopback-only",
        "inet_protocols": "all",
        "mynetworks_style": "host",
        "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
        "relay_domains": "",
        "default_transport": "error:5.7.1 outside mail is not deliverable",
        "alias_maps": "lmdb:/etc/postfix/aliases",
        "alias_database": "$alias_maps",
        "mail_spool_directory": "/var/spool/mail",
        "message_size_limit": "10240000",
        "mailbox_size_limit": "51200000",
        "biff": "no",
    }
    assert {"relayhost", "transport_maps", "mynetworks", "content_filter", "soft_bounce"} <= removed
    assert alias_lines(answered(FRESH)) == ({"root": "taro", "postmaster": "root"}, frozenset())


def test_the_steps_come_in_the_order_of_a_first_set_up() -> None:
    names = [type(step).__name__ for step in PROFILE.desired(answered(FRESH, mailbox="spool_maildir"))]
    assert names == [
        "InstallPackages",
        "CheckConfiguration",
        "MakeDirectory",
        "SetParameters",
        "SetMasterEntries",
        "SetTableLines",
        "BuildTable",
        "SetService",
        "RefreshService",
    ]


@pytest.mark.parametrize("machine", ALL)
def test_whatever_was_there_no_setting_names_a_way_out(machine: str) -> None:
    so_far = answered(ALL[machine])
    wanted, removed = parameters(so_far)
    after = {**ALL[machine].settings, **wanted}
    for name in removed:
        after.pop(name, None)
    assert after["default_transport"].startswith("error:5.7.1 ")
    assert after["inet_interfaces"] == "loopback-only"
    assert after["relay_domains"] == ""
    assert "mynetworks" not in after
    for name in (
        "relayhost", "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps", "transport_maps",
        "relay_transport", "local_transport", "virtual_transport", "virtual_mailbox_domains", "fallback_transport",
        "fallback_transport_maps", "smtp_fallback_relay", "fallback_relay", "content_filter", "soft_bounce",
    ):  # fmt: skip
        assert name not in after


@pytest.mark.parametrize("machine", ALL)
def test_what_is_taken_out_does_not_depend_on_what_is_there(machine: str) -> None:
    """Else a second run would find less to take out, and what was taken out would count as no longer wanted."""
    so_far = answered(ALL[machine])
    wanted, removed = parameters(so_far)
    settings = {**ALL[machine].settings, **wanted}
    for name in removed:
        settings.pop(name, None)
    aliases, gone = alias_lines(so_far)
    entries = {name: value for name, value in {**ALL[machine].aliases, **aliases}.items() if name not in gone}
    kind = next(step.table_type for step in PROFILE.desired(so_far) if isinstance(step, BuildTable))
    later = Facts(**{**vars(ALL[machine]), "settings": settings, "aliases": entries, "alias_type": kind})
    again = SoFar(so_far.answers, later)
    assert parameters(again) == (wanted, removed)
    assert alias_lines(again)[0] == aliases
    assert PROFILE.desired(answered(later, **so_far.answers)) == PROFILE.desired(again)


def test_a_hand_made_postfix_is_the_source_of_the_proposals() -> None:
    so_far = answered(BY_HAND)
    assert so_far.text("hostname") == "mail.home.example"
    assert so_far.items("other_names") == ("home.example", "older.example")
    assert so_far.text("root_mail_to") == "hana"
    assert so_far.text("mailbox") == "home_maildir"
    assert so_far.text("home_mailbox") == "Mail/inbox/"
    assert so_far.text("recipient_delimiter") == "="
    assert so_far.text("message_size_limit") == "50000000"
    assert so_far.text("mailbox_size_limit") == "0"
    assert so_far.yes("second_lock")
    assert "header_checks" in QUESTIONS["second_lock"].seen(so_far)
    wanted, _removed = parameters(so_far)
    assert wanted["master_service_disable"] == "qmqp/unix"
    assert wanted["smtp_bind_address"] == "127.0.0.1"
    assert wanted["mydestination"].endswith("localhost, home.example, older.example")


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"mydomain": "example.test", "mydestination": "$myhostname, $mydomain"}, ("example.test",)),
        ({"mydestination": "$myhostname localhost.$mydomain ${mydomain}"}, ("house.test",)),
        ({"mydomain": "example.test", "mydestination": "$(mydomain), $mydomain_2"}, ("example.test",)),
        ({"myhostname": "", "mydestination": "$mydomain"}, ("home.example",)),
    ],
)
def test_the_domain_that_main_cf_means_is_the_one_that_is_proposed(
    settings: dict[str, str], names: tuple[str, ...]
) -> None:
    facts = Facts(**{**vars(PACKAGED), "settings": {"myhostname": "mail.house.test", **settings}})
    assert answered(facts).items("other_names") == names


def test_what_is_no_name_in_mydestination_is_said_to_be_left_out() -> None:
    question = QUESTIONS["other_names"]
    assert "hash:/etc/postfix/more" in question.seen(answered(BY_HAND))
    assert question.seen(answered(FRESH)) == ""


def test_an_alias_database_that_already_means_the_same_keeps_its_line() -> None:
    here = {"alias_maps": "lmdb:/etc/postfix/aliases", "alias_database": "lmdb:/etc/postfix/aliases"}
    wanted, _removed = parameters(answered(Facts(**{**vars(PACKAGED), "settings": here})))
    assert wanted["alias_database"] == "lmdb:/etc/postfix/aliases"


def test_what_is_taken_out_is_said_to_be_taken_out() -> None:
    step = next(step for step in PROFILE.desired(answered(BY_HAND)) if isinstance(step, SetParameters))
    reasons = dict(step.reasons)
    assert all(reasons[name].startswith("Taken out. ") for name in step.removed)
    assert not any(reasons[name].startswith("Taken out. ") for name, _value in step.wanted)


def test_ways_out_are_shown_and_whoever_keeps_them_is_refused() -> None:
    so_far = answered(BY_HAND)
    said = QUESTIONS["outside_routes"].seen(so_far)
    assert "relayhost = [smtp.provider.example]:587" in said
    assert "transport_maps" in said
    assert "could leave" in refusal(answered(BY_HAND, outside_routes="keep"), "outside_routes")
    assert "outside_routes" not in answered(PACKAGED).answers


def test_berkeley_db_tables_become_what_this_postfix_offers() -> None:
    wanted, _removed = parameters(answered(BY_HAND))
    assert wanted["alias_maps"] == "lmdb:/etc/aliases"
    assert wanted["alias_database"] == "$alias_maps"
    built = next(step for step in PROFILE.desired(answered(BY_HAND)) if isinstance(step, BuildTable))
    assert (built.source, built.table_type) == (PurePosixPath("/etc/aliases"), "lmdb")
    wanted, _removed = parameters(answered(DELIVERED_BY_PROGRAM))
    assert wanted["alias_maps"] == "hash:/etc/aliases"


def test_every_alias_table_that_is_looked_up_is_built() -> None:
    settings = {"alias_maps": "hash:/etc/postfix/aliases, hash:/srv/lists/aliases, regexp:/etc/postfix/re"}
    facts = Facts(**{**vars(PACKAGED), "settings": settings, "alias_type": "hash"})
    built = [step for step in PROFILE.desired(answered(facts)) if isinstance(step, BuildTable)]
    assert [(str(step.source), step.table_type) for step in built] == [
        ("/etc/postfix/aliases", "lmdb"),
        ("/srv/lists/aliases", "lmdb"),
    ]


@pytest.mark.parametrize(
    ("value", "maps", "database"),
    [
        ("lmdb:/etc/postfix/aliases", "lmdb:/etc/postfix/aliases", "$alias_maps"),
        ("${indexed}aliases", "${indexed}aliases", "$alias_maps"),
        ("$default_database_type:/etc/aliases, unix:x", "$default_database_type:/etc/aliases, unix:x",
         "$default_database_type:/etc/aliases"),
        ("hash:/etc/postfix/aliases, lmdb:/etc/postfix/aliases nis:x ldap:/etc/x", "lmdb:/etc/postfix/aliases",
         "$alias_maps"),
        ("inline:{ root=taro }", "lmdb:/etc/postfix/aliases, inline:{ root=taro }", "lmdb:/etc/postfix/aliases"),
        ("btree:/etc/postfix/aliases hash:/srv/more", "lmdb:/etc/postfix/aliases, lmdb:/srv/more", "$alias_maps"),
    ],
)  # fmt: skip
def test_alias_maps_keep_what_still_works(value: str, maps: str, database: str) -> None:
    facts = Facts(**{**vars(PACKAGED), "settings": {"alias_maps": value}})
    wanted, _removed = parameters(answered(facts))
    assert (wanted["alias_maps"], wanted["alias_database"]) == (maps, database)


@pytest.mark.parametrize(
    ("version", "here", "asked", "proposed", "written"),
    [
        ("3.11.7", "3.11", False, "", "3.11"),
        ("3.11.7", "2", True, "keep", "2"),
        ("3.11.7", "", True, "match", "3.11"),
        ("3.9.1", "3.11", True, "match", "3.9"),
        ("3.11.7", "3.9", True, "keep", "3.9"),
        ("3.5.9", "2", False, "", "2"),
        ("3.5.9", "", True, "match", "2"),
        ("", "", False, "", None),
    ],
)
def test_a_level_set_by_hand_stays_unless_asked(
    version: str, here: str, asked: bool, proposed: str, written: str | None
) -> None:
    settings = {"compatibility_level": here} if here else {}
    facts = Facts(postfix_installed=bool(version), postfix_version=version, settings=settings)
    so_far = answered(facts)
    assert ("compatibility" in so_far.answers) is asked
    assert so_far.text("compatibility") == proposed
    assert parameters(so_far)[0].get("compatibility_level") == written


def test_without_a_listener_no_port_is_open() -> None:
    wanted, removed = parameters(answered(PACKAGED, listener="none"))
    assert wanted["master_service_disable"] == "inet"
    assert wanted["inet_interfaces"] == "loopback-only"
    assert wanted["inet_protocols"] == "all"
    assert "master_service_disable" not in removed
    wanted, removed = parameters(answered(PACKAGED))
    assert "master_service_disable" in removed
    assert parameters(answered(BY_HAND, listener="none"))[0]["master_service_disable"] == "inet qmqp/unix"


def test_a_machine_without_ipv6_uses_ipv4() -> None:
    assert answered(FRESH).text("inet_protocols") == "all"
    assert answered(Facts(addresses=("192.0.2.7",))).text("inet_protocols") == "ipv4"
    assert answered(Facts()).text("inet_protocols") == "all"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"message_size_limit": "10M", "mailbox_size_limit": "9M"}, "at least one message of 10M"),
        ({"message_size_limit": "10M", "mailbox_size_limit": "10M"}, ""),
        ({"message_size_limit": "10M", "mailbox_size_limit": "0"}, ""),
        ({"message_size_limit": "0", "mailbox_size_limit": "100G"}, "A message may be of any size"),
        ({"message_size_limit": "0", "mailbox_size_limit": "0"}, ""),
    ],
)
def test_a_mailbox_holds_at_least_one_message(given: dict[str, Answer], said: str) -> None:
    assert said in refusal(answered(FRESH, **given), "mailbox_size_limit")
    assert bool(said) == bool(refusal(answered(FRESH, **given), "mailbox_size_limit"))


def test_a_message_must_fit_the_disk_one_and_a_half_times() -> None:
    small = Facts(free_bytes={"/": 100 * GIB, "/var/spool/postfix": 15 * 1024**2})
    assert refusal(answered(small, message_size_limit="10M"), "message_size_limit") == ""
    assert "1.5 times" in refusal(answered(small, message_size_limit="10241k"), "message_size_limit")
    question = QUESTIONS["message_size_limit"]
    assert isinstance(question, TextQuestion)
    assert "fill the disk" in str(question.caution("5M", SoFar({}, small)))
    assert "fill the disk" in str(question.caution("0", SoFar({}, FRESH)))
    assert question.caution("10M", SoFar({}, FRESH)) is None
    assert int(answered(NOBODY_AND_LITTLE).text("message_size_limit")) < 3_000_000


@pytest.mark.parametrize(
    ("given", "wanted", "absent"),
    [
        ({"mailbox": "spool_mbox"}, {"mail_spool_directory": "/var/spool/mail"}, {"home_mailbox", "mailbox_command"}),
        ({"mailbox": "spool_maildir"}, {"mail_spool_directory": "/var/spool/maildir/"}, {"home_mailbox"}),
        ({"mailbox": "home_maildir"}, {"home_mailbox": "Maildir/"}, {"mailbox_transport", "mailbox_command_maps"}),
        ({"mailbox": "home_mbox"}, {"home_mailbox": "Mailbox"}, {"mailbox_transport"}),
    ],
)
def test_each_kind_of_mailbox_is_written_as_local_8_wants_it(
    given: dict[str, Answer], wanted: dict[str, str], absent: set[str]
) -> None:
    written, removed = parameters(answered(PACKAGED, **given))
    assert wanted.items() <= written.items()
    assert absent <= removed
    folders = [step for step in PROFILE.desired(answered(PACKAGED, **given)) if isinstance(step, MakeDirectory)]
    assert [(str(step.path), step.mode) for step in folders] == (
        [("/var/spool/maildir", 0o1777)] if given["mailbox"] == "spool_maildir" else []
    )


def test_a_program_that_delivers_may_stay() -> None:
    so_far = answered(DELIVERED_BY_PROGRAM)
    assert so_far.text("mailbox") == "keep"
    written, removed = parameters(so_far)
    assert not {"mailbox_command", "home_mailbox", "mail_spool_directory", "local_recipient_maps"} & {
        *written,
        *removed,
    }
    assert "mailbox_command" in parameters(answered(DELIVERED_BY_PROGRAM, mailbox="home_maildir"))[1]
    elsewhere = Facts(**{**vars(PACKAGED), "settings": {"mailbox_transport": "lmtp:inet:other.example:24"}})
    assert answered(elsewhere).text("mailbox") == "spool_mbox"
    assert "mailbox_transport" in parameters(answered(elsewhere))[1]
    socket = Facts(**{**vars(PACKAGED), "settings": {"mailbox_transport": "lmtp:unix:private/dovecot-lmtp"}})
    assert answered(socket).text("mailbox") == "keep"


def test_words_of_an_earlier_refusal_are_kept() -> None:
    assert answered(DELIVERED_BY_PROGRAM).text("bounce_text") == "write to the office instead"
    assert answered(ODD).text("bounce_text") == "outside mail is not deliverable"
    wanted, _removed = parameters(answered(FRESH, bounce_text="no: {really} 50%"))
    assert wanted["default_transport"] == "error:5.7.1 no: {really} 50%"


def test_existing_aliases_stay_unless_told_otherwise() -> None:
    assert "info: taro, hana; robot: |/usr/bin/robot" in QUESTIONS["keep_aliases"].seen(answered(BY_HAND))
    assert alias_lines(answered(BY_HAND)) == ({"root": "hana", "postmaster": "root"}, frozenset())
    given: dict[str, Answer] = {"keep_aliases": False, "forwards": ("Info: hana",)}
    wanted, removed = alias_lines(answered(BY_HAND, **given))
    assert wanted == {"root": "hana", "postmaster": "root", "info": "hana"}
    assert removed == {"robot"}
    assert "keep_aliases" not in answered(PACKAGED).answers


def test_root_keeps_its_own_mailbox_by_having_no_alias() -> None:
    wanted, removed = alias_lines(answered(BY_HAND, root_mail_to="root"))
    assert "root" not in wanted
    assert "root" in removed
    only_root = Facts(users=(LocalUser("root", 0, "/root"),))
    assert answered(only_root).text("root_mail_to") == "root"
    question = QUESTIONS["root_mail_to"]
    assert isinstance(question, TextQuestion)
    assert "overlooked" in str(question.caution("root", answered(only_root)))
    assert question.caution("taro", answered(FRESH)) is None


def test_mail_never_goes_round_in_a_circle() -> None:
    given: dict[str, Answer] = {"root_mail_to": "ops", "forwards": ("ops: team", "team: root")}
    assert "circle" in refusal(answered(FRESH, **given), "forwards")
    assert "circle" in refusal(answered(FRESH, root_mail_to="hana", forwards=("hana: root",)), "forwards")
    assert "circle" in refusal(answered(FRESH, root_mail_to="postmaster", postmaster_to="root"), "postmaster_to")
    good: dict[str, Answer] = {"root_mail_to": "ops", "forwards": ("ops: team", "team: taro, hana", "hana: hana, taro")}
    assert refusal(answered(FRESH, **good), "forwards") == ""
    assert refusal(answered(FRESH, **good), "root_mail_to") == ""


def test_a_name_twice_is_refused() -> None:
    assert "twice" in refusal(answered(FRESH, forwards=("info: taro", "INFO: hana")), "forwards")
    assert "twice" in refusal(answered(FRESH, other_names=("a.example", "A.example")), "other_names")


def test_the_name_comes_from_where_the_machine_says_it() -> None:
    assert "from /etc/hosts" in QUESTIONS["hostname"].seen(answered(FRESH))
    assert "main.cf" in QUESTIONS["hostname"].seen(answered(BY_HAND))
    assert answered(ODD).text("hostname") == "localhost.localdomain"
    assert answered(Facts(host_name="box")).text("hostname") == "box.localdomain"
    assert answered(Facts(host_name="box", domain="home.example")).text("hostname") == "box.home.example"


@pytest.mark.parametrize("name", ["local_only", "local_only_maildir"])
def test_the_answers_files_here_are_accepted(name: str) -> None:
    text = (Path(__file__).parent.parent / "answers" / f"{name}.toml").read_text()
    _profile_id, given = read_answers(text, all_profiles())
    so_far = answered(FRESH, **given)
    assert given.keys() <= so_far.answers.keys()
    for key in so_far.answers:
        assert refusal(so_far, key) == "", key
    assert PROFILE.desired(so_far)
