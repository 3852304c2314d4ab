"""The DNS assistant against a real name server: its records make all good, and each broken one is found."""

import json

import pytest

from tests.machine.test_virtual_mail import set_up_mail
from tests.machine.the_wizard import wizard
from tests.machine.three_hosts import NAME_SERVER, ThreeHosts

pytestmark = pytest.mark.real_machine

ZONES = ("example.test.", "club.test.", "practice.test.", "2.0.192.in-addr.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa.")
SERVED = (
    *(f"{zone} SOA ns.practice.test. admin.practice.test. 1 3600 600 86400 300" for zone in ZONES),
    *(f"{zone} NS ns.practice.test." for zone in ZONES),
    f"ns.practice.test. A {NAME_SERVER}",
)


def compared(hosts: ThreeHosts, *records: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and the verdict and words on each record, by `MX example.test.`, when these are published."""
    hosts.publish(*hosts.sender.records, *hosts.receiver.records, *records)
    return asked(hosts)


def asked(hosts: ThreeHosts) -> tuple[int, dict[str, tuple[str, str]]]:
    """The same, with whatever is published."""
    result = wizard(hosts.server.machine, "dns", "--json")
    found = json.loads(result.text.splitlines()[0])["dns"]["compared"]
    return result.exit_code, {f"{one['about']} {one['name']}": (one["verdict"], one["what"]) for one in found}


def as_shown(hosts: ThreeHosts) -> list[str]:
    """The lines of the zone file that the wizard shows, without time to live and class."""
    result = wizard(hosts.server.machine, "dns", "--json")
    lines = json.loads(result.text.splitlines()[0])["dns"]["zone"].splitlines()
    split = (line.split(" ", 4) for line in lines if line and not line.startswith(";"))
    return [f"{owner} {kind} {value}" for owner, _ttl, _class, kind, value in split]


# The record that is taken out, what is put in its place, what is judged, the verdict, and a word of the cause.
BROKEN = [
    ("example.test. MX", "", "MX example.test.", "failed", "no MX record"),
    (
        "example.test. MX",
        "example.test. MX 10 mx.example.test.|mx.example.test. CNAME box.practice.test.",
        "MX example.test.",
        "failed",
        "alias",
    ),
    ("example.test. TXT", "", "SPF example.test.", "failed", "no SPF record"),
    (
        "example.test. TXT",
        'example.test. TXT "v=spf1 mx -all"|example.test. TXT "v=spf1 a -all"',
        "SPF example.test.",
        "failed",
        "more than one",
    ),
    ("example.test. TXT", 'example.test. TXT "v=spf1 +all"', "SPF example.test.", "failed", "+all"),
    ("example.test. TXT", 'example.test. TXT "v=spf1 mx ~all"', "SPF example.test.", "ok", "~all"),
    ("_dmarc.example.test.", "", "DMARC _dmarc.example.test.", "failed", "no such name"),
    ("_imaps._tcp.example.test.", "", "SRV _imaps._tcp.example.test.", "warning", "type in the name"),
    ("box.practice.test. AAAA", "", "AAAA box.practice.test.", "failed", "no AAAA record"),
    (
        "25.2.0.192.in-addr.arpa.",
        "25.2.0.192.in-addr.arpa. PTR host.provider.test.",
        "PTR 25.2.0.192.in-addr.arpa.",
        "failed",
        "greets as box.practice.test.",
    ),
]


def test_records_as_they_are_shown_are_all_good_and_each_broken_one_is_found(three_hosts: ThreeHosts) -> None:
    made = set_up_mail(three_hosts.server.machine)
    assert made.exit_code == 0, made.text + made.error_text
    assert "missing or wrong" in made.text  # nothing of it is published yet, and the set-up is good all the same

    shown = as_shown(three_hosts)
    code, found = compared(three_hosts, *SERVED, *shown)
    assert {about: said for about, said in found.items() if said[0] != "ok"} == {}
    assert code == 0

    for taken_out, put_in, about, verdict, said in BROKEN:
        left = [record for record in shown if not record.startswith(taken_out)]
        assert len(left) == len(shown) - 1, taken_out
        code, found = compared(three_hosts, *SERVED, *left, *(put_in.split("|") if put_in else ()))
        assert found[about][0] == verdict, (about, found[about])
        assert said in found[about][1], (about, found[about])
        assert code == (4 if verdict == "failed" else 0), about

    # A server that the zone names, and at which nobody answers, is not judged; what the other says holds.
    code, found = compared(three_hosts, *SERVED, *shown, "club.test. NS mail.receiver.test.")
    assert (code, found["NS club.test."][0], found["MX club.test."][0]) == (0, "not checked", "ok")

    code, found = compared(three_hosts)
    assert code == 4
    assert found["NS example.test."][0] == "failed", found  # not registered

    three_hosts.sender.run("systemctl", "stop", "unbound")
    code, found = asked(three_hosts)
    assert (code, {verdict for verdict, _what in found.values()}) == (0, {"not checked"})
