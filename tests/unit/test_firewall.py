"""Which firewall is in use, and which ports it lets in, as its own tools say."""

import json

from profiles.virtual_mail import PROFILE
from tests.answers.machines import FRESH
from wizard.ask.question import SoFar
from wizard.machine.firewall import Firewall, commands, firewall_of, firewall_of_rules, ports_of_ufw, ports_of_words
from wizard.machine.pretend_machine import PretendMachine
from wizard.session import objection
from wizard.steps.firewall_ports import OpenPorts

QUESTION = next(question for question in PROFILE.questions if question.key == "open_firewall")
UFW = """\
Status: active

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW       Anywhere
25,465/tcp                 ALLOW       Anywhere                   # mail
80/tcp                     ALLOW       Anywhere                   # postwizard
993                        ALLOW       192.0.2.0/24
53/udp                     ALLOW       Anywhere
Mail submission            ALLOW       Anywhere
587/tcp                    DENY        Anywhere
"""


def chain(name: str = "input", **more: object) -> dict[str, object]:
    return {"chain": {"family": "inet", "table": "filter", "name": name, "hook": "input", **more}}


def rule(*parts: dict[str, object], comment: str = "") -> dict[str, object]:
    found = {"family": "inet", "table": "filter", "chain": "input", "expr": list(parts)}
    return {"rule": found | ({"comment": comment} if comment else {})}


def dport(right: object) -> dict[str, object]:
    return {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": right}}


def found(*entries: dict[str, object]) -> Firewall:
    return firewall_of_rules(json.dumps({"nftables": list(entries)}))


ACCEPT: dict[str, object] = {"accept": None}
FROM_ONE: dict[str, object] = {
    "match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "192.0.2.1"}
}


def test_a_chain_is_a_firewall_when_it_turns_away_what_no_rule_accepts() -> None:
    assert found(chain(policy="accept"), rule(dport(25), ACCEPT)) == Firewall()
    assert found(chain(policy="drop")).place == ("inet filter input",)
    assert found(chain(policy="accept"), rule({"counter": None}, {"reject": None})).kind == "nftables"
    assert found(chain(policy="accept"), rule(FROM_ONE, {"drop": None})) == Firewall()
    assert firewall_of_rules("") == firewall_of_rules("not JSON") == Firewall()


def test_ports_are_let_in_by_rules_without_another_condition_and_ours_do_not_count() -> None:
    rules = (
        rule(dport(25), ACCEPT),
        rule(dport({"set": [80, {"range": [440, 444]}]}), {"counter": None}, ACCEPT),
        rule(FROM_ONE, dport(993), ACCEPT),
        rule(dport(587), {"drop": None}),
        rule(dport(465), ACCEPT, comment="postwizard"),
    )
    assert found(chain(policy="drop"), *rules).ports == (25, 80, 440, 441, 442, 443, 444)


def test_rules_that_iptables_made_are_left_to_whoever_made_them() -> None:
    firewall = found(chain("INPUT", policy="drop"))
    assert firewall.kind == "other"
    so_far = SoFar({}, FRESH.__class__(firewall=firewall))
    assert QUESTION.default(so_far) == "leave"
    refused = objection(QUESTION, "open", so_far)
    assert refused is not None
    assert "iptables -I INPUT -p tcp --dport 993 -j ACCEPT" in refused.hint


def test_what_ufw_lists_is_read_but_for_rules_of_ours() -> None:
    assert ports_of_ufw(UFW) == (22, 25, 465)
    assert ports_of_words(["25/tcp", "1000-1002/tcp", "53/udp"]) == (25, 1000, 1001, 1002)


def test_nobody_is_asked_where_nothing_turns_mail_away() -> None:
    assert firewall_of(PretendMachine()) == Firewall()
    assert not QUESTION.when(SoFar({}, FRESH))
    assert QUESTION.when(SoFar({}, FRESH.__class__(firewall=Firewall("ufw", (), (25, 465, 587)))))
    assert not QUESTION.when(SoFar({}, FRESH.__class__(firewall=Firewall("ufw", (), (25, 465, 587, 993)))))


def test_firewalld_is_told_of_services_and_of_other_ports_in_calls_of_their_own() -> None:
    assert commands("firewalld", ("public",), (25, 4190)) == (
        "firewall-cmd --permanent --zone=public --add-service=smtp",
        "firewall-cmd --zone=public --add-service=smtp",
        "firewall-cmd --permanent --zone=public --add-port=4190/tcp",
        "firewall-cmd --zone=public --add-port=4190/tcp",
    )


def test_only_the_ports_that_are_closed_are_opened_and_last_of_all() -> None:
    facts = FRESH.__class__(firewall=Firewall("ufw", (), (25,)), host_name="a.b.example", users=FRESH.users)
    answers: dict[str, object] = {}
    for question in PROFILE.questions:
        if question.when(SoFar(answers, facts)) and question.key != "mailbox_password":
            answers[question.key] = question.default(SoFar(answers, facts))
    from wizard.secret import Secret

    answers["mailbox_password"] = Secret("correct horse")
    last = PROFILE.desired(SoFar(answers, facts))[-1]
    assert isinstance(last, OpenPorts)
    assert (last.kind, last.ports) == ("ufw", (465, 587, 993, 4190))


def test_the_port_for_renewals_is_opened_where_the_certificate_comes_by_acme() -> None:
    closed = Firewall("ufw", (), (25, 465, 587, 993))
    for certificate, asked in (("acme", True), ("self_signed", False)):
        so_far = SoFar({"certificate": certificate, "sieve": False}, FRESH.__class__(firewall=closed))
        assert QUESTION.when(so_far) is asked
