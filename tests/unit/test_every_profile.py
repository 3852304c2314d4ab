"""Laws that each profile keeps, over all there are in the catalogue and all machines."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.answers.machines import ALL
from wizard.ask.question import Answer, ChoiceQuestion, ListQuestion, SecretQuestion, SoFar, TextQuestion
from wizard.catalogue import ProfilesAsNeeded, all_profiles
from wizard.machine.facts import Facts
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.session import objection
from wizard.steps.set_parameters import SetParameters
from wizard.steps.step import Step

RECORDED = Path(__file__).parent.parent / "recorded" / "postconf" / "defaults.txt"
PROFILES = all_profiles()
# src/postconf/postconf_unused.c of Postfix 3.11: these are warned about, and will go.
DEPRECATED = frozenset(
    """
    disable_dns_lookups lmtp_use_tls postscreen_use_tls smtp_use_tls smtpd_use_tls tlsproxy_client_use_tls
    tlsproxy_use_tls lmtp_enforce_tls postscreen_enforce_tls smtp_enforce_tls smtpd_enforce_tls
    tlsproxy_client_enforce_tls tlsproxy_enforce_tls lmtp_tls_per_site smtp_tls_per_site tlsproxy_client_per_site
    smtpd_tls_dh1024_param_file smtpd_tls_eecdh_grade authorized_verp_clients fallback_relay lmtp_per_record_deadline
    lmtp_tls_enforce_peername postscreen_blacklist_action postscreen_dnsbl_ttl postscreen_dnsbl_whitelist_threshold
    postscreen_whitelist_interfaces smtpd_client_connection_limit_exceptions smtpd_per_record_deadline
    smtp_per_record_deadline smtp_tls_enforce_peername tlsproxy_client_level tlsproxy_client_policy virtual_maps
    lmtp_cname_overrides_servername smtp_cname_overrides_servername tlsproxy_client_loglevel_parameter
    """.split()  # noqa: SIM905
)
EACH = [(profile_id, machine) for profile_id in PROFILES for machine in ALL]
each = pytest.mark.parametrize(("profile_id", "machine"), EACH)


def proposed(profile_id: str, facts: Facts) -> SoFar:
    """The answers of somebody who accepts every proposal."""
    answers: dict[str, Answer] = {}
    for question in PROFILES[profile_id].questions:
        so_far = SoFar(answers, facts)
        if not question.when(so_far):
            continue
        value: Answer = Secret("x" * 20)
        if not isinstance(question, SecretQuestion):
            value = question.default(so_far)
        assert objection(question, value, so_far) is None, question.key
        answers = {**answers, question.key: value}
    return SoFar(answers, facts)


def parameters_of(steps: tuple[Step, ...]) -> list[SetParameters]:
    return [step for step in steps if isinstance(step, SetParameters)]


def known_parameters() -> frozenset[str]:
    assert RECORDED.is_file(), f"record `postconf -d` of Postfix 3.11 in {RECORDED}"
    return frozenset(line.partition(" ")[0] for line in RECORDED.read_text().splitlines())


@each
def test_every_proposal_is_accepted_by_its_own_question(profile_id: str, machine: str) -> None:
    so_far = proposed(profile_id, ALL[machine])
    for question in PROFILES[profile_id].questions:
        if question.key in so_far.answers:
            assert objection(question, so_far.answers[question.key], so_far) is None, question.key


@each
def test_what_is_wanted_depends_on_the_answers_alone(profile_id: str, machine: str) -> None:
    so_far = proposed(profile_id, ALL[machine])
    wanted = PROFILES[profile_id].desired(so_far)
    assert wanted
    assert PROFILES[profile_id].desired(so_far) == wanted
    assert PROFILES[profile_id].desired(proposed(profile_id, ALL[machine])) == wanted


@each
def test_every_step_has_a_title_and_says_why(profile_id: str, machine: str) -> None:
    for step in PROFILES[profile_id].desired(proposed(profile_id, ALL[machine])):
        assert isinstance(step, Step)
        assert step.title
        assert re.search(r"\(\d\)|\.$", step.why)


@each
def test_every_parameter_written_exists_and_is_not_deprecated(profile_id: str, machine: str) -> None:
    known = known_parameters()
    for step in parameters_of(PROFILES[profile_id].desired(proposed(profile_id, ALL[machine]))):
        names = [name for name, _value in step.wanted]
        assert set(names) <= known
        assert not set(names) & DEPRECATED
        assert len(set(names)) == len(names)
        assert not set(names) & set(step.removed)
        assert set(step.removed) <= known | DEPRECATED


@each
def test_every_parameter_names_its_reason_and_manual(profile_id: str, machine: str) -> None:
    for step in parameters_of(PROFILES[profile_id].desired(proposed(profile_id, ALL[machine]))):
        reasons = dict(step.reasons)
        for name in (*dict(step.wanted), *step.removed):
            assert re.search(r"\((postconf\(5\): \w+|error\(8\); .*)\)\.$", reasons[name]), name
            assert not re.search(r"\.\.|\. \(", reasons[name]), name


@each
def test_every_value_written_is_one_line(profile_id: str, machine: str) -> None:
    for step in parameters_of(PROFILES[profile_id].desired(proposed(profile_id, ALL[machine]))):
        assert all(value.isprintable() and value == value.strip() for _name, value in step.wanted)


@pytest.mark.parametrize("profile_id", PROFILES)
def test_the_keys_are_words_and_each_is_there_once(profile_id: str) -> None:
    keys = [question.key for question in PROFILES[profile_id].questions]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", profile_id)


@pytest.mark.parametrize("profile_id", PROFILES)
def test_every_question_says_what_it_is_for_and_where_to_read_on(profile_id: str) -> None:
    profile = PROFILES[profile_id]
    assert profile.title
    assert len(profile.summary.splitlines()) <= 2
    assert all(len(line) <= 100 for line in profile.summary.splitlines())
    for question in profile.questions:
        assert question.ask.endswith("?"), question.key
        assert len(question.ask) <= 76, question.key
        assert len(question.why) >= 60, question.key
        assert question.why.endswith("."), question.key
        assert re.search(r"\w+\(\d\)", question.manual), question.key
        assert question.section, question.key
    sections = [question.section for question in profile.questions]
    assert len({*sections}) == len([s for s, before in zip(sections, ["", *sections], strict=False) if s != before])


@each
def test_choices_are_distinct_and_explained(profile_id: str, machine: str) -> None:
    so_far = proposed(profile_id, ALL[machine])
    for question in PROFILES[profile_id].questions:
        if isinstance(question, ChoiceQuestion) and question.when(so_far):
            choices = question.choices(so_far)
            assert len({choice.value for choice in choices}) == len(choices) >= 2, question.key
            assert len({choice.label for choice in choices}) == len(choices), question.key
            assert question.default(so_far) in {choice.value for choice in choices}, question.key


@each
def test_what_the_machine_says_is_a_sentence(profile_id: str, machine: str) -> None:
    so_far = proposed(profile_id, ALL[machine])
    for question in PROFILES[profile_id].questions:
        if question.when(so_far):
            assert question.seen(so_far) == "" or question.seen(so_far).endswith("."), question.key
        if isinstance(question, TextQuestion) and question.key in so_far.answers:
            caution = question.caution(so_far.text(question.key), so_far)
            assert caution is None or (caution.what and caution.hint), question.key
            assert all(isinstance(word, str) for word in question.suggestions(so_far))
        if isinstance(question, ListQuestion):
            assert question.item_name, question.key


def test_a_broken_profile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, content, said in (
        ("broken_one", "import no_such_module_anywhere", "no_such_module_anywhere"),
        ("broken_two", "x =", "SyntaxError"),
        ("broken_three", "x = 1", "PROFILE"),
        ("broken_four", "raise KeyboardInterrupt", ""),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
        (tmp_path / folder / "_no_profile.py").write_text("never imported (")
        (tmp_path / folder / "mine.py").write_text(content)
        monkeypatch.syspath_prepend(str(tmp_path))
        with pytest.raises((Trouble, KeyboardInterrupt)) as caught:
            all_profiles(folder)
        if said:
            assert isinstance(caught.value, Trouble)
            assert f"{folder}/mine.py" in caught.value.problem.what
            assert said in caught.value.problem.what
    (tmp_path / "none_here").mkdir()
    (tmp_path / "none_here" / "__init__.py").write_text("")
    assert all_profiles("none_here") == {}


def test_a_profile_that_is_named_needs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "some_profiles"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "broken.py").write_text("import no_such_module_anywhere")
    (folder / "sound.py").write_text("from profiles.local_only import PROFILE")
    monkeypatch.syspath_prepend(str(tmp_path))
    profiles = ProfilesAsNeeded("some_profiles")
    assert (list(profiles), len(profiles), "broken" in profiles) == (["broken", "sound"], 2, True)
    assert profiles["sound"] == PROFILES["local_only"]
    assert "other" not in profiles
    assert profiles.get("other") is None
    with pytest.raises(Trouble, match=r"some_profiles/broken\.py"):
        profiles["broken"]


@pytest.mark.parametrize("profile_id", PROFILES)
def test_an_unattended_call_reads_only_the_profile_that_it_names(profile_id: str) -> None:
    arguments = ("--profile", profile_id, "--pretend", "--dry-run", "--json")
    loaded = "sorted(name for name in sys.modules if name.startswith('profiles.'))"
    code = f"import sys; from wizard.__main__ import main; main({arguments!r}); print({loaded}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.splitlines()[-1] == f"['profiles.{profile_id}']", done.stderr
