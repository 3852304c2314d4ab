"""The command `dns` as people start it, on a pretended machine with virtual mail set up, and a small internet."""

import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator

from tests.line.test_accounts import SCHEMAS, call, set_up, streams
from tests.unit.small_internet import RESOLVER, SmallInternet
from wizard import session as engine
from wizard.command_line import Exit
from wizard.machine.pretend_machine import PretendMachine

__all__ = ["set_up", "streams"]  # fixtures

SOA = "{zone} 3600 IN SOA ns.{zone} admin.{zone} 1 3600 600 86400 300\n"


def published(machine: PretendMachine, change: Callable[[str], str]) -> PretendMachine:
    """The machine in an internet where its records are as the wizard shows them, but for a change."""
    beginning = engine.begin(machine)
    report = engine.compare_names(engine.choose(beginning, beginning.last_profile), machine)
    assert report is not None
    zones = "".join(SOA.format(zone=zone) for zone in ("example.", "test.", "arpa."))
    net = SmallInternet(dict.fromkeys(beginning.facts.resolvers or (RESOLVER,), zones + change(report.zone)))
    return PretendMachine(machine, know_names=net)


def test_the_records_are_shown_ready_to_copy_and_wrong_ones_end_with_4(set_up: PretendMachine) -> None:
    machine = published(set_up, lambda zone: zone.replace("-all", "+all"))
    code, said = call(machine, "dns")
    assert code == Exit.NOT_VERIFIED
    assert "IN MX 10 " in said
    assert "[failed] SPF club.example." in said
    assert "[ok] MX club.example." in said
    assert "hint: End the record with -all." in said


@pytest.mark.parametrize("change", [str, lambda _zone: ""])
def test_programs_get_one_document_that_fits_its_schema(set_up: PretendMachine, change: Callable[[str], str]) -> None:
    code, said = call(published(set_up, change), "dns", "--json")
    dns, report = (json.loads(line) for line in said.splitlines())
    Draft202012Validator(json.loads((SCHEMAS / "dns.schema.json").read_text("utf-8"))).validate(dns)
    assert {"ok", "failed"} & {found["verdict"] for found in dns["dns"]["compared"] if found["about"] == "MX"}
    assert code == report["report"]["exit_code"] == (Exit.DONE if change is str else Exit.NOT_VERIFIED)


def test_where_no_name_server_answers_nothing_failed(set_up: PretendMachine) -> None:
    code, said = call(PretendMachine(set_up), "dns")
    assert code == Exit.DONE
    assert "[not checked] MX" in said
    assert "[failed]" not in said
    assert "[ok]" not in said


def test_a_profile_without_domains_needs_no_records() -> None:
    code, said = call(PretendMachine(), "dns", "--profile", "local_only")
    assert code == Exit.DONE
    assert "needs no records" in said


def test_without_a_profile_there_is_nothing_to_look_at() -> None:
    code, said = call(PretendMachine(), "dns")
    assert code == Exit.BAD_CALL
    assert "No profile is set up yet" in said
