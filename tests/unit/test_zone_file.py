"""Zone file text: what is written is what a name server reads."""

import dns.rdatatype
import dns.zonefile
from hypothesis import given
from hypothesis import strategies as st

from wizard.machine.this_machine.name_servers import _value
from wizard.syntax.zone_file import Record, absolute, txt_strings, zone_text

names = st.sampled_from(["example.test", "_imaps._tcp.example.test", "a-1.b", "xn--bcher-kva.test"]).map(absolute)
# Short texts made long, since what is drawn letter by letter takes its time.
texts = st.tuples(st.text(max_size=6), st.integers(0, 120)).map(lambda parts: parts[0] * parts[1])
numbers = st.integers(0, 65535)
records = st.one_of(
    st.builds(lambda owner, text: Record(owner, "TXT", text), names, texts),
    st.builds(lambda owner, number, host: Record(owner, "MX", f"{number} {host}"), names, numbers, names),
    st.builds(lambda owner, port, host: Record(owner, "SRV", f"0 1 {port} {host}"), names, numbers, names),
    st.builds(lambda owner, address: Record(owner, "A", str(address)), names, st.ip_addresses(v=4)),
    st.builds(lambda owner, address: Record(owner, "AAAA", str(address)), names, st.ip_addresses(v=6)),
    st.builds(lambda owner, host: Record(owner, "PTR", host), names, names),
)


@given(st.lists(records, max_size=4, unique=True), st.sampled_from(["example.test", "two\nlines"]))
def test_what_is_written_is_what_a_name_server_reads(written: list[Record], heading: str) -> None:
    sets = dns.zonefile.read_rrsets(zone_text([(heading, written)]), rdclass=None, origin=".", relativize=False)
    read = {
        (found.name.to_text(), dns.rdatatype.to_text(found.rdtype), _value(record))
        for found in sets
        for record in found
    }
    assert read == {(record.owner, record.kind, record.value) for record in written}


def test_a_text_is_cut_into_strings_of_255_octets() -> None:
    assert txt_strings("a" * 256) == f'"{"a" * 255}" "a"'
    assert txt_strings("") == '""'
    assert txt_strings('say "a\\b"; é') == r'"say \"a\\b\"; \195\169"'


def test_records_stand_below_their_heading_and_name_no_origin() -> None:
    text = zone_text([("example.test", [Record("example.test.", "MX", "10 box.example.test.")]), ("empty", [])])
    assert text == "; example.test\nexample.test. 3600 IN MX 10 box.example.test.\n"
