"""The DNS assistant: the records that are needed, and the verdict on whatever is found in their place."""

from dataclasses import replace

import pytest

from tests.unit.small_internet import ABOVE, FIRST, RESOLVER, SECOND, SOA, SmallInternet, internet
from wizard.check.dns_needs import DkimKey, DnsNeeds, MailNames, is_private, mail_names, zone_file
from wizard.check.dns_records import Compared, DnsReport, compare_dns, summary
from wizard.check.finding import Verdict
from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.machine.pretend_machine import PretendMachine

GOOD, DOUBTFUL, BAD, UNKNOWN = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD, Verdict.UNKNOWN
ADDRESS, SIX = "192.0.2.25", "2001:db8:2::25"
KEY = DkimKey("wizard", "example.test", "v=DKIM1; k=rsa; p=" + "MIIB" * 100)
NAMES = mail_names(
    (DnsNeeds(domains=("Example.test",)), DnsNeeds(services=("imaps", "submissions")), DnsNeeds(dkim_keys=(KEY,))),
    "box.example.test",
    (ADDRESS, SIX),
)
ZONE = zone_file(NAMES)


def look(net: SmallInternet, names: MailNames = NAMES) -> DnsReport:
    """What the assistant finds."""
    return compare_dns(PretendMachine(know_names=net), names, (RESOLVER,))


def the(report: DnsReport, about: str, name: str = "") -> Compared:
    """The first that was compared about this."""
    return next(found for found in report.compared if found.about == about and name in found.name)


def without(*words: str) -> str:
    """The zone without the lines in which all these words are."""
    return "".join(f"{line}\n" for line in ZONE.splitlines() if not all(word in line for word in words))


def instead(line: str, *words: str) -> str:
    """The zone with a line in the place of those in which all these words are."""
    return without(*words) + line + "\n"


def test_the_zone_as_it_is_shown_makes_every_verdict_good() -> None:
    report = look(internet(ZONE))
    assert {found.verdict for found in report.compared} == {GOOD}, report
    assert summary(report).verdict is GOOD
    assert [found.about for found in report.compared] == [
        "NS", "MX", "SPF", "DKIM", "DMARC", "SRV", "SRV", "A", "AAAA", "SPF", "PTR", "PTR",
    ]  # fmt: skip


def test_the_records_are_those_of_the_standards() -> None:
    lines = ZONE.splitlines()
    assert lines[:2] == ["; example.test", "example.test. 3600 IN MX 10 box.example.test."]
    for line in (
        'example.test. 3600 IN TXT "v=spf1 mx -all"',
        '_dmarc.example.test. 3600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.test"',
        "_imaps._tcp.example.test. 3600 IN SRV 0 1 993 box.example.test.",
        "_submissions._tcp.example.test. 3600 IN SRV 0 1 465 box.example.test.",
        f"box.example.test. 3600 IN A {ADDRESS}",
        f"box.example.test. 3600 IN AAAA {SIX}",
        'box.example.test. 3600 IN TXT "v=spf1 a -all"',
        "25.2.0.192.in-addr.arpa. 3600 IN PTR box.example.test.",
    ):
        assert line in lines
    unsigned = zone_file(replace(NAMES, dkim_keys=()))
    assert "p=none" in unsigned  # without signatures a forwarded mail passes no check
    assert "_domainkey" not in unsigned


NETWORKS = "".join(f'n{number}.example.test. 60 IN TXT "v=spf1 a:box.example.test ?all"\n' for number in range(6))
ELEVEN = " ".join(f"include:n{number}.example.test" for number in range(6))

# What takes the place of the right record; about what; the verdict; a word that names the cause.
FAULTS = [
    (without(" MX "), "MX", BAD, "no MX record"),
    (instead("example.test. 60 IN MX 0 .", " MX "), "MX", BAD, "null MX"),
    (instead("example.test. 60 IN MX 10 192.0.2.25.", " MX "), "MX", BAD, "is an address"),
    (instead("example.test. 60 IN MX 10 gone.example.test.", " MX "), "MX", BAD, "has no address"),
    (
        instead("example.test. 60 IN MX 10 m.example.test.\nm.example.test. 60 IN CNAME box.example.test.", " MX "),
        "MX",
        BAD,
        "alias (CNAME)",
    ),
    (
        instead("example.test. 60 IN MX 10 other.example.test.\nother.example.test. 60 IN A 192.0.2.9", " MX "),
        "MX",
        BAD,
        "not to this machine",
    ),
    (
        ZONE + "example.test. 60 IN MX 5 other.example.test.\nother.example.test. 60 IN A 192.0.2.9\n",
        "MX",
        DOUBTFUL,
        "before this machine",
    ),
    (
        ZONE + "example.test. 60 IN MX 20 other.example.test.\nother.example.test. 60 IN A 192.0.2.9\n",
        "MX",
        DOUBTFUL,
        "they must know your users",
    ),
    (without("IN A "), "A", BAD, "no A record"),
    (instead("box.example.test. 60 IN A 203.0.113.9", "IN A "), "A", BAD, "not an address of this machine"),
    (without("spf1 mx"), "SPF", BAD, "no SPF record"),
    (ZONE + 'example.test. 60 IN TXT "v=spf1 a -all"\n', "SPF", BAD, "more than one SPF"),
    (ZONE + 'example.test. 60 IN TXT "something else"\n', "SPF", GOOD, "no other may"),
    (instead('example.test. 60 IN TXT "v=spf1 mx +all"', "spf1 mx"), "SPF", BAD, "+all"),
    (instead('example.test. 60 IN TXT "v=spf1 mx all"', "spf1 mx"), "SPF", BAD, "+all"),
    (instead('example.test. 60 IN TXT "v=spf1 mx ip6:::/0 -all"', "spf1 mx"), "SPF", BAD, "+all"),
    (instead('example.test. 60 IN TXT "v=spf1 mx ~all"', "spf1 mx"), "SPF", GOOD, "~all"),
    (instead('example.test. 60 IN TXT "v=spf1 mx ?all"', "spf1 mx"), "SPF", DOUBTFUL, "nothing of other senders"),
    (instead('example.test. 60 IN TXT "v=spf1 mx"', "spf1 mx"), "SPF", DOUBTFUL, "nothing of other senders"),
    (instead('example.test. 60 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"', "spf1 mx"), "SPF", BAD, SIX),
    (instead('example.test. 60 IN TXT "v=spf1 mxx -all"', "spf1 mx"), "SPF", BAD, "mxx"),
    (instead('example.test. 60 IN TXT "v=spf1 include:none.example.test -all"', "spf1 mx"), "SPF", BAD, "include:none"),
    (
        instead(f'example.test. 60 IN TXT "v=spf1 {ELEVEN} mx -all"', "spf1 mx") + NETWORKS.replace("box.", "ns1."),
        "SPF",
        BAD,
        "More than 10 look-ups",
    ),
    (
        instead('example.test. 60 IN TXT "v=spf1 mx exists:%{i}.example.test -all"', "spf1 mx"),
        "SPF",
        UNKNOWN,
        "macros",
    ),
    (without("_domainkey"), "DKIM", BAD, "no such name"),
    (
        instead('wizard._domainkey.example.test. 60 IN TXT "v=DKIM1; p="', "_domainkey"),
        "DKIM",
        BAD,
        "taken back",
    ),
    (
        instead('wizard._domainkey.example.test. 60 IN TXT "v=DKIM1; p=AAAA"', "_domainkey"),
        "DKIM",
        BAD,
        "not the key",
    ),
    (without("_dmarc"), "DMARC", BAD, "no such name"),
    (instead('_dmarc.example.test. 60 IN TXT "v=DMARC1; p=maybe"', "_dmarc"), "DMARC", BAD, "cannot be read"),
    (instead('_dmarc.example.test. 60 IN TXT "p=none; v=DMARC1"', "_dmarc"), "DMARC", BAD, "begin with v=DMARC1"),
    (instead('_dmarc.example.test. 60 IN TXT "v=DMARC1; p=none"', "_dmarc"), "DMARC", GOOD, "p=none"),
    (without("_imaps"), "SRV", DOUBTFUL, "type in the name"),
    (
        instead("_imaps._tcp.example.test. 60 IN SRV 0 1 993 old.example.test.", "_imaps"),
        "SRV",
        BAD,
        "old.example.test.:993",
    ),
    (without("in-addr.arpa"), "PTR", BAD, "without a name that leads back"),
    (instead("25.2.0.192.in-addr.arpa. 60 IN PTR host-25.isp.test.", "in-addr"), "PTR", BAD, "greets as"),
    (without("IN A "), "PTR", BAD, "does not lead back"),
    (ZONE + "25.2.0.192.in-addr.arpa. 60 IN PTR www.example.test.\n", "PTR", DOUBTFUL, "several names"),
]


@pytest.mark.parametrize(("published", "about", "verdict", "said"), FAULTS, ids=lambda value: str(value)[-30:])
def test_each_fault_has_its_verdict_and_its_cause(published: str, about: str, verdict: Verdict, said: str) -> None:
    found = the(look(internet(published)), about)
    assert (found.verdict, said in f"{found.what} {found.hint}") == (verdict, True), found


def test_what_was_published_takes_no_set_up_for_failed() -> None:
    finding = summary(look(internet("")))
    assert finding.verdict is DOUBTFUL
    assert "missing or wrong" in finding.what
    assert "MX example.test." in finding.evidence


@pytest.mark.parametrize("status", [DnsStatus.TIMED_OUT, DnsStatus.UNREACHABLE, DnsStatus.FAILED, DnsStatus.REFUSED])
def test_where_nobody_answers_nothing_is_good_and_nothing_bad(status: DnsStatus) -> None:
    net = internet(ZONE)
    net.fails = dict.fromkeys((RESOLVER, FIRST, SECOND), status)
    report = look(net)
    assert {found.verdict for found in report.compared} == {UNKNOWN}
    assert summary(report).verdict is UNKNOWN


def test_a_silent_resolver_is_asked_once() -> None:
    net = SmallInternet({})
    look(net)
    assert net.asked == [(RESOLVER, "example.test.", "SOA")]


def test_a_resolver_that_fails_where_the_servers_are_right_is_not_called_good() -> None:
    net = internet(ZONE)
    broken = SmallInternet(net.texts)

    def signed_badly(server: str, name: str, kind: str) -> DnsAnswer:
        return DnsAnswer(DnsStatus.FAILED) if (server, kind) == (RESOLVER, "MX") else broken(server, name, kind)

    report = compare_dns(PretendMachine(know_names=signed_badly), NAMES, (RESOLVER,))
    found = the(report, "MX")
    assert found.verdict is UNKNOWN
    assert "DNSSEC" in found.what


def test_an_old_answer_of_the_resolver_is_waited_out() -> None:
    found = the(look(internet(ZONE, resolver=without(" MX "))), "MX")
    assert found.verdict is DOUBTFUL
    assert "300 seconds" in found.hint


def test_servers_that_do_not_agree_are_bad_whichever_is_asked() -> None:
    found = the(look(internet(ZONE, second=without("spf1 mx"))), "SPF", "example.test.")
    assert found.verdict is BAD
    assert "do not agree" in found.what
    assert any(line.startswith("ns2.example.test.") for line in found.seen)


def test_a_server_with_an_older_version_of_the_zone_is_told() -> None:
    net = internet(ZONE)
    net.texts[SECOND] = net.texts[SECOND].replace(" 1 3600", " 2 3600")
    found = the(look(net), "NS")
    assert found.verdict is DOUBTFUL
    assert "1, 2" in found.what


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(DnsStatus.REFUSED, BAD), (DnsStatus.FAILED, BAD), (DnsStatus.TIMED_OUT, UNKNOWN)],
)
def test_a_server_that_does_not_know_its_zone_is_lame_and_a_silent_one_is_not_judged(
    status: DnsStatus, verdict: Verdict
) -> None:
    net = internet(ZONE)
    net.fails = {SECOND: status}
    report = look(net)
    assert the(report, "NS").verdict is verdict
    assert the(report, "MX").verdict is GOOD


def test_a_delegation_to_none_but_lame_servers_is_found_at_the_zone_above() -> None:
    parent = "198.51.100.9"

    def answer(server: str, name: str, kind: str) -> DnsAnswer:
        if server == RESOLVER and name == "test.":
            return DnsAnswer(DnsStatus.FOUND, ("a.nic.test.",))
        if server == RESOLVER and name == "a.nic.test.":
            return DnsAnswer(DnsStatus.FOUND, (parent,) if kind == "A" else ())
        if server == parent:
            return DnsAnswer(DnsStatus.NO_RECORD, referral=("ns1.example.test.",), glue=(("ns1.example.test.", FIRST),))
        return DnsAnswer(DnsStatus.REFUSED if server == FIRST else DnsStatus.FAILED)

    report = compare_dns(PretendMachine(know_names=answer), NAMES, (RESOLVER,))
    assert the(report, "NS").verdict is BAD
    assert "lame delegation" in the(report, "NS").what
    assert the(report, "MX").verdict is UNKNOWN


def test_a_domain_that_is_not_registered_is_said_to_be_so() -> None:
    report = look(SmallInternet({RESOLVER: ABOVE}))
    assert the(report, "NS").verdict is BAD
    assert "not registered" in the(report, "NS").what
    assert "no such name" in the(report, "MX").what


def test_behind_nat_the_address_cannot_be_told_and_the_rest_can() -> None:
    names = replace(NAMES, addresses=("192.168.1.5",))
    text = zone_file(names)
    assert "IN A" not in text
    assert "PTR" not in text
    report = look(internet(ZONE), names)
    assert the(report, "A").verdict is UNKNOWN
    assert ADDRESS in the(report, "A").what
    assert the(report, "MX").verdict is GOOD
    assert not [found for found in report.compared if found.about in {"AAAA", "PTR"}]


@pytest.mark.parametrize(
    ("address", "private"),
    [("10.1.2.3", True), ("100.64.0.1", True), ("fd00::1", True), ("192.0.2.1", False), ("2001:db8::1", False)],
)
def test_addresses_that_nobody_outside_can_reach_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_the_record_of_the_domain_above_holds_for_a_subdomain() -> None:
    names = replace(NAMES, domains=("lists.example.test",), dkim_keys=())
    found = the(look(internet(ZONE), names), "DMARC")
    assert found.verdict is GOOD
    assert "example.test" in found.what


def test_without_servers_of_its_own_the_resolver_tells() -> None:
    report = look(SmallInternet({RESOLVER: ABOVE + SOA.format(serial=1) + ZONE}))
    assert the(report, "NS").verdict is UNKNOWN
    assert the(report, "MX").verdict is GOOD


def test_what_strangers_publish_gives_the_terminal_no_orders() -> None:
    found = the(look(internet(instead('example.test. 60 IN TXT "v=spf1 \\027[2J -all"', "spf1 mx"))), "SPF")
    assert found.verdict is BAD
    assert "\x1b" not in "".join((found.what, found.hint, *found.seen))
