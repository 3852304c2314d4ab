"""Virtual mail: what it writes for which machine and answers, and that the change to and from it takes back its own."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from profiles.virtual_mail import PROFILE
from tests.answers.machines import BY_HAND, FRESH, PACKAGED
from tests.unit.test_golden import the_machine, the_session
from wizard import session as engine
from wizard.apply.events import Ending
from wizard.ask.question import Answer, SecretQuestion, SoFar
from wizard.check.finding import Verdict
from wizard.machine.facts import Facts
from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.secret import Secret
from wizard.session import objection
from wizard.steps.install_packages import InstallPackages
from wizard.steps.set_mail_accounts import SetMailAccounts
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_parameters import SetParameters
from wizard.steps.write_file import WriteFile
from wizard.syntax.mail_accounts import DATABASE
from wizard.syntax.main_cf import MainCf
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.password_hash import hashed, is_password_of
from wizard.syntax.service import Service

QUESTIONS = {question.key: question for question in PROFILE.questions}
PASSWORD = Secret("correct horse battery")
P = PurePosixPath


def answered(facts: Facts, **given: Answer) -> SoFar:
    answers: dict[str, Answer] = {}
    for question in PROFILE.questions:
        if question.when(SoFar(answers, facts)):
            value = PASSWORD if isinstance(question, SecretQuestion) else question.default(SoFar(answers, facts))
            answers[question.key] = given.get(question.key, value)
    return SoFar(answers, facts)


def parameters(so_far: SoFar) -> dict[str, str]:
    return dict(next(step for step in PROFILE.desired(so_far) if isinstance(step, SetParameters)).wanted)


def accounts(so_far: SoFar) -> SetMailAccounts:
    return next(step for step in PROFILE.desired(so_far) if isinstance(step, SetMailAccounts))


def services(so_far: SoFar) -> dict[str, Service]:
    step = next(step for step in PROFILE.desired(so_far) if isinstance(step, SetMasterEntries))
    return {Service.parse(line).key: Service.parse(line) for line in step.wanted}


def refusal(so_far: SoFar, key: str) -> str:
    return str(objection(QUESTIONS[key], so_far.answers[key], so_far) or "")


def test_the_steps_come_in_the_order_of_a_first_set_up() -> None:
    names = [type(step).__name__ for step in PROFILE.desired(answered(FRESH))]
    assert list(dict.fromkeys(names)) == [
        "InstallPackages",
        "MakeDirectory",
        "MakeDkimKey",
        "AddGroup",
        "AddUser",
        "MakeCertificate",
        "CheckConfiguration",
        "CheckDovecot",
        "SetMailAccounts",
        "WriteFile",
        "SetParameters",
        "SetMasterEntries",
        "SetTableLines",
        "BuildTable",
        "SetService",
        "RefreshService",
    ]


@pytest.mark.parametrize("facts", [FRESH, PACKAGED, BY_HAND])
def test_nobody_relays_without_a_login_and_no_domain_is_in_two_classes(facts: Facts) -> None:
    wanted = parameters(answered(facts))
    assert wanted["smtpd_relay_restrictions"] == "reject_unauth_destination"
    assert wanted["smtpd_recipient_restrictions"].startswith("reject_unauth_destination, ")
    assert wanted["mydestination"] == "$myhostname, localhost.$mydomain, localhost"
    assert wanted["virtual_alias_domains"] == ""
    assert wanted["virtual_transport"] == "lmtp:unix:private/dovecot-lmtp"
    assert wanted["smtpd_sasl_auth_enable"] == "no"


@pytest.mark.parametrize(("name", "tls"), [("submission", "encrypt"), ("submissions", "wrappermode")])
def test_users_log_in_with_tls_and_send_in_their_own_name(name: str, tls: str) -> None:
    options = services(answered(FRESH))[f"{name}/inet"].options
    assert options["smtpd_sasl_auth_enable"] == "yes"
    assert options["smtpd_sender_restrictions"] == "reject_authenticated_sender_login_mismatch"
    assert options["smtpd_recipient_restrictions"] == "permit_sasl_authenticated,reject"
    assert options["smtpd_tls_auth_only"] == "yes"
    assert options["smtpd_hide_client_session"] == "yes"
    assert options["cleanup_service_name"] == "submission-header-cleanup"
    open_about_it = services(answered(FRESH, hide_sender_details=False))
    assert not {"smtpd_hide_client_session", "cleanup_service_name"} & set(open_about_it[f"{name}/inet"].options)
    assert "submission-header-cleanup/unix" not in open_about_it
    assert "encrypt" not in tls or options["smtpd_tls_security_level"] == "encrypt"
    assert "wrapper" not in tls or options["smtpd_tls_wrappermode"] == "yes"


def test_what_an_older_postfix_does_not_know_is_not_written_for_it() -> None:
    older = Facts(postfix_version="3.5.9", postfix_installed=True, host_name="box.home.example")
    assert "smtpd_hide_client_session" not in services(answered(older))["587/inet"].options
    assert parameters(answered(older))["smtpd_tls_mandatory_protocols"].startswith("!SSLv2")
    assert parameters(answered(FRESH))["smtpd_tls_mandatory_protocols"] == ">=TLSv1.2"
    smuggled = Facts(postfix_version="3.9.1", defaults={"smtpd_forbid_bare_newline": "no"}, host_name="a.b.example")
    assert parameters(answered(smuggled))["smtpd_forbid_bare_newline"] == "normalize"
    assert "smtpd_forbid_bare_newline" not in parameters(answered(FRESH))


def test_each_domain_has_its_postmaster_abuse_and_hostmaster() -> None:
    so_far = answered(FRESH, mail_domains=("home.example", "Club.example"), mailbox_address="abuse@club.example")
    assert dict(accounts(so_far).aliases) == {
        f"{role}@{domain}": "abuse@club.example"
        for domain in ("home.example", "club.example")
        for role in ("postmaster", "abuse", "hostmaster")
        if (role, domain) != ("abuse", "club.example")
    }
    assert accounts(so_far).domains == ("home.example", "club.example")


def test_the_name_of_the_machine_is_refused_as_a_domain_of_mailboxes() -> None:
    so_far = answered(FRESH, hostname="home.example", mail_domains=("Home.example",))
    assert "is the name of this machine itself" in refusal(so_far, "mail_domains")
    elsewhere = Facts(host_name="a.b.example", settings={"relay_domains": "c.example, D.example"})
    assert "stands in relay_domains" in refusal(answered(elsewhere, mail_domains=("d.example",)), "mail_domains")


def test_a_password_is_hashed_kept_when_it_is_the_same_and_set_anew_when_it_is_another() -> None:
    stored = hashed(Secret("another password"))
    known = Facts(
        host_name="a.b.example", mailboxes={"taro@b.example": stored}, mail_domains=("b.example",), mailbox_quotas={}
    )
    for given, same in ((Secret(""), True), (Secret("another password"), True), (PASSWORD, False)):
        so_far = answered(known, mailbox_password=given)
        assert refusal(so_far, "mailbox_password") == ""
        ((address, written, _quota),) = accounts(so_far).mailboxes
        assert address == "taro@b.example"
        assert (written == stored) is same
        assert is_password_of(PASSWORD, written) is not same
    assert "Without a password" in refusal(answered(FRESH, mailbox_password=Secret("")), "mailbox_password")


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "fewer than 8"), ("a\tb c d e f", "cannot be typed"), ("x" * 257, "longer than 256"), ("あ" * 8, "")],
)
def test_a_password_that_serves_badly_is_refused_without_being_repeated(password: str, why: str) -> None:
    said = refusal(answered(FRESH, mailbox_password=Secret(password)), "mailbox_password")
    assert why in said
    assert bool(why) == bool(said)
    assert password not in said


def test_neither_password_nor_hash_shows_in_a_step() -> None:
    shown = repr(PROFILE.desired(answered(FRESH)))
    assert PASSWORD.reveal() not in shown
    assert "$7$" not in shown


def of_fresh_machine(machine: PretendMachine, answers: str) -> engine.Session:
    """The conversation with the answers that a fresh machine proposes, where the machine now proposes what it has."""
    session = the_session(machine, answers)
    for key, value in (("second_lock", False), ("recipient_delimiter", "none")) if answers == "local_only" else ():
        found = engine.answer(session, key, value)
        assert isinstance(found, engine.Session), found
        session = found
    return session


def carried_out(machine: PretendMachine, answers: str) -> str:
    session = of_fresh_machine(machine, answers)
    outcome = engine.carry_out(session, engine.make(session, machine), machine, lambda _event: None)
    assert outcome.ending is Ending.DONE, outcome.problem
    again = of_fresh_machine(machine, answers)
    assert engine.make(again, machine).is_empty, [step.step.title for step in engine.make(again, machine).steps]
    return outcome.run_id


def settings(machine: PretendMachine) -> dict[str, str | None]:
    state = machine.file(P("/etc/postfix/main.cf"))
    assert state is not None
    file = MainCf.parse(state.content)
    return {name: file.value(name) for name in file.names()}


def service_keys(machine: PretendMachine) -> list[str]:
    state = machine.file(P("/etc/postfix/master.cf"))
    assert state is not None
    return sorted(service.key for service in MasterCf.parse(state.content).services())


@pytest.mark.parametrize(
    ("first", "second"),
    [("local_only", "virtual_mail"), pytest.param("virtual_mail", "local_only", marks=pytest.mark.thorough)],
)
def test_a_change_of_profile_ends_as_a_fresh_machine_set_up_so(first: str, second: str) -> None:
    changed, fresh = the_machine("fresh_arch"), the_machine("fresh_arch")
    carried_out(changed, first)
    carried_out(changed, second)
    carried_out(fresh, second)
    assert settings(changed) == settings(fresh)
    assert service_keys(changed) == service_keys(fresh)
    assert changed.packages() == fresh.packages()
    ours = ("/etc/dovecot/dovecot.conf", "/etc/postfix/sqlite", "/etc/ssl/postwizard", "/etc/postfix/aliases.lmdb")
    for path in ours:
        assert (changed.file(P(path)) is None) == (fresh.file(P(path)) is None), path
    for unit in ("postfix.service", "dovecot.service"):
        assert bool(changed.service(unit).running) == bool(fresh.service(unit).running)


@pytest.mark.thorough
def test_mail_and_accounts_stay_when_the_profile_changes() -> None:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    mail = P("/var/vmail/home.example/taro/Maildir/new/1.mail")
    machine.lay(mail, FileState(content=b"Subject: kept\n\n"))
    before = machine.file(DATABASE)
    assert engine.make(of_fresh_machine(machine, "local_only"), machine).notes == (
        "The folder /etc/dkim is no longer wanted, but is not empty, and stays.",
        "The folder /var/lib/virtual_mail is no longer wanted, but is not empty, and stays.",
        "The folder /var/vmail is no longer wanted, but is not empty, and stays.",
        "The group vmail is no longer wanted, but users are in it, and it stays: vmail.",
        "The user vmail is no longer wanted, but something lies in /var/vmail, and it stays.",
    )
    carried_out(machine, "local_only")
    assert engine.make(of_fresh_machine(machine, "local_only"), machine).notes == ()
    after = machine.file(DATABASE)
    assert before is not None
    assert after is not None
    assert after.content == before.content
    assert machine.file(mail) is not None
    assert machine.user("vmail") is not None


def test_the_accounts_are_found_as_postfix_and_dovecot_look_them_up() -> None:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    finding, *others = engine.look_at_checks(the_session(machine, "virtual_mail"), machine)
    assert finding.verdict is Verdict.GOOD, finding
    # A pretended machine reaches no name server, and has no firewall.
    assert {other.verdict for other in others} == {Verdict.UNKNOWN, Verdict.GOOD}, others
    for key, table, found in (
        ("club.example", "domains", "club.example"),
        ("elsewhere.example", "domains", ""),
        ("hana@home.example", "mailboxes", ""),
        ("x' OR '1'='1", "mailboxes", ""),
        ("abuse@club.example", "senders", "taro@home.example"),
    ):
        asked = machine.output_of("postmap", "-q", key, f"sqlite:/etc/postfix/sqlite/{table}.cf")
        assert (asked.text.strip(), asked.error_text) == (found, "")


@pytest.mark.thorough
def test_undoing_all_of_it_leaves_the_machine_as_it_was() -> None:
    machine = the_machine("fresh_arch")
    first = carried_out(machine, "local_only")
    carried_out(machine, "virtual_mail")
    carried_out(machine, "local_only")
    outcome = engine.put_back(machine, first, lambda _event: None)
    assert outcome.ending is Ending.PUT_BACK, (outcome.problem, outcome.notes)
    elsewhere = tuple(map(P, ("/usr", "/var/lib/postwizard", "/run")))
    assert machine.differences(the_machine("fresh_arch"), elsewhere) == ()


def test_the_runs_of_a_set_up_hold_no_password() -> None:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    for path in machine.manifest((P("/var/lib/postwizard"), P("/etc"), P("/var/lib/virtual_mail"))):
        state = machine.file(path)
        assert state is not None
        assert b"correct horse battery" not in state.content, path


def edited(machine: PretendMachine, statement: str) -> None:
    """What a person does to the database, as with PostfixAdmin."""
    state = machine.file(DATABASE)
    assert state is not None
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(state.content)
        base.execute(statement)
        base.commit()
        machine.write_file(DATABASE, replace(state, content=base.serialize()))


@pytest.mark.parametrize(
    ("statement", "name", "now"),
    [
        ("UPDATE mailbox SET quota = 7000000000", "taro@home.example", "7000000000"),
        pytest.param(
            "UPDATE alias SET goto = 'x@y.example' WHERE address LIKE 'abuse@h%'", "abuse@home.example →",
            "x@y.example", marks=pytest.mark.thorough,
        ),
        pytest.param(
            "UPDATE domain SET active = 0 WHERE domain = 'club.example'", "domains", "home.example",
            marks=pytest.mark.thorough,
        ),
    ],
)  # fmt: skip
def test_what_a_person_changed_among_the_accounts_is_asked_about(statement: str, name: str, now: str) -> None:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    edited(machine, statement)
    (conflict,) = engine.make(of_fresh_machine(machine, "virtual_mail"), machine).conflicts
    assert (conflict.name.rpartition("#")[2], conflict.now) == (name, now)
    assert conflict.wanted == conflict.ours != now


def test_a_mailbox_that_a_person_switched_off_is_left_so_by_the_next_run() -> None:
    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    edited(machine, "UPDATE mailbox SET active = 0")
    session = of_fresh_machine(machine, "virtual_mail")
    assert session.facts.mailboxes_off == set(session.facts.mailboxes)
    assert engine.make(session, machine).is_empty


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        (FRESH, {"submission/inet", "submissions/inet"}),
        (PACKAGED, {"submission/inet", "submissions/inet"}),
        (replace(PACKAGED, settings={"known_tcp_ports": ""}), {"587/inet", "465/inet"}),
        (replace(PACKAGED, postfix_version="3.5.9"), {"587/inet", "465/inet"}),
        (
            replace(PACKAGED, postfix_version="3.5.9", service_names=("smtps", "submission")),
            {"submission/inet", "465/inet"},
        ),
        (replace(PACKAGED, defaults={"known_tcp_ports": "smtps = submissions=465"}), {"587/inet", "submissions/inet"}),
    ],
)
def test_a_port_whose_name_is_known_nowhere_is_a_number(facts: Facts, keys: set[str]) -> None:
    step = next(step for step in PROFILE.desired(answered(facts)) if isinstance(step, SetMasterEntries))
    assert set(services(answered(facts))) & {"587/inet", "465/inet", "submission/inet", "submissions/inet"} == keys
    assert set(step.removed) == {"587/inet", "465/inet", "submission/inet", "submissions/inet", "smtps/inet"} - keys


@pytest.mark.parametrize(
    ("packages", "release", "names"),
    [
        ({}, "2.4", ("dovecot", "pigeonhole")),
        ({"dovecot": "2.4.5-1"}, "2.4", ("dovecot", "pigeonhole")),
        ({"dovecot": "2.3.21-2"}, "2.3", ("dovecot", "pigeonhole")),
        ({"dovecot23": "2.3.21.1-3"}, "2.3", ("dovecot23", "pigeonhole23")),
    ],
)
def test_dovecot_gets_the_syntax_of_the_release_that_is_here(
    packages: dict[str, str], release: str, names: tuple[str, ...]
) -> None:
    steps = PROFILE.desired(answered(replace(FRESH, packages=packages)))
    files = {step.path.name: step.content.decode() for step in steps if isinstance(step, WriteFile)}
    assert ("dovecot_config_version = 2.4" in files["dovecot.conf"]) is (release == "2.4")
    assert ("disable_plaintext_auth = yes" in files["dovecot.conf"]) is (release == "2.3")
    assert ("dovecot-sql.conf.ext" in files) is (release == "2.3")
    (install,) = (step for step in steps if isinstance(step, InstallPackages))
    assert set(names) <= set(install.packages)
    assert not {"dovecot", "dovecot23", "pigeonhole", "pigeonhole23"} - set(names) & set(install.packages)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FRESH, packages={"dovecot": "2.4.5-1"}), ("Dovecot 2.4.5 is installed",)),
        (replace(FRESH, packages={"dovecot": "2.4.5-1"}, dovecot_syntax="2.3"), ("2.4 does not read",)),
        (replace(FRESH, dovecot_syntax="2.3"), ("2.4 does not read",)),
        (replace(FRESH, packages={"dovecot23": "2.3.21-1"}, dovecot_syntax="2.4.0"), ("2.3.21", "syntax of 2.4")),
        (
            replace(FRESH, dovecot_syntax="2.4.0", pacnew_files=("/etc/dovecot/dovecot.conf.pacnew", "/etc/x.pacnew")),
            ("would bring lies in /etc/dovecot/dovecot.conf.pacnew.",),
        ),
    ],
)
def test_a_configuration_of_another_release_is_recognised_before_it_is_replaced(
    facts: Facts, said: tuple[str, ...]
) -> None:
    so_far = answered(facts)
    question = QUESTIONS["dovecot_configuration"]
    assert question.when(so_far)
    assert all(part in question.seen(so_far) for part in said), question.seen(so_far)
    assert "x.pacnew" not in question.seen(so_far)
    assert "or choose another profile" in refusal(answered(facts, dovecot_configuration="keep"), question.key)
    assert not question.when(SoFar(so_far.answers, FRESH))


def test_postscreen_takes_the_place_of_smtpd_and_asks_no_list_unless_one_is_named() -> None:
    without = services(answered(PACKAGED))
    assert without["smtp/inet"].command == "smtpd"
    assert not {"smtpd/pass", "dnsblog/unix", "tlsproxy/unix"} & set(without)
    assert not [name for name in parameters(answered(PACKAGED)) if name.startswith("postscreen_")]

    wanted = answered(PACKAGED, postscreen=True)
    assert services(wanted)["smtp/inet"].command == "postscreen"
    assert {"smtpd/pass", "dnsblog/unix", "tlsproxy/unix"} <= set(services(wanted))
    assert parameters(wanted)["postscreen_greet_action"] == "enforce"
    assert parameters(wanted)["postscreen_access_list"] == "permit_mynetworks"
    assert "postscreen_dnsbl_sites" not in parameters(wanted)

    named = answered(
        PACKAGED, postscreen=True, postscreen_dnsbl_sites=("list.example",), postscreen_exempt=("[2001:db8::]/32",)
    )
    assert parameters(named)["postscreen_dnsbl_sites"] == "list.example"
    assert parameters(named)["postscreen_access_list"].endswith(", cidr:/etc/postfix/postscreen_access.cidr")
    files = {step.path.name: step.content.decode() for step in PROFILE.desired(named) if isinstance(step, WriteFile)}
    assert files["postscreen_access.cidr"].endswith("\n2001:db8::/32 permit\n")
    assert "not an IP network" in refusal(
        answered(PACKAGED, postscreen=True, postscreen_exempt=("x",)), "postscreen_exempt"
    )


@pytest.mark.parametrize(
    ("default", "types", "cache"),
    [
        ("$default_cache_db_type:$data_directory/postscreen_cache", ("lmdb",), None),
        ("btree:$data_directory/postscreen_cache", ("lmdb", "cdb"), "lmdb:$data_directory/postscreen_cache"),
        ("btree:$data_directory/postscreen_cache", ("btree", "lmdb"), None),
    ],
)
def test_postscreens_cache_is_of_a_type_that_is_offered(
    default: str, types: tuple[str, ...], cache: str | None
) -> None:
    facts = replace(PACKAGED, defaults={"postscreen_cache_map": default}, table_types=types)
    assert parameters(answered(facts, postscreen=True)).get("postscreen_cache_map") == cache


def test_the_checks_of_a_persons_own_hold_for_sent_mail_too() -> None:
    own = replace(PACKAGED, settings={"header_checks": "regexp:/etc/postfix/mine, pcre:/etc/postfix/more"})
    options = services(answered(own))["submission-header-cleanup/unix"].options
    mine = "regexp:/etc/postfix/mine,pcre:/etc/postfix/more"
    assert options["header_checks"] == f"regexp:/etc/postfix/submission_header_checks,{mine}"
    assert options["mime_header_checks"] == options["nested_header_checks"] == mine
    assert services(answered(PACKAGED))["submission-header-cleanup/unix"].options["mime_header_checks"] == ""
