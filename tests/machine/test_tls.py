"""TLS as others meet it on each port: versions, ciphers, the certificate and its name."""

import re
from pathlib import Path

import pytest

from tests.machine.test_virtual_mail import set_up_mail
from tests.machine.the_wizard import put_file
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

NAME = "box.practice.test"
CERTIFICATE = f"/etc/ssl/postwizard/{NAME}.crt"
PORTS = {25: ("-starttls", "smtp"), 587: ("-starttls", "smtp"), 465: (), 993: (), 4190: ("-starttls", "sieve")}
FOR_PEOPLE = (587, 465, 993, 4190)
# IANA's numbers of cipher suites. The certificate that is made here has an ECDSA key; those with it could be taken.
GOOD = {"ECDHE-ECDSA-AES128-GCM-SHA256": "c02b", "ECDHE-ECDSA-CHACHA20-POLY1305": "cca9"}
OLD = "c009,c00a,c013,c014,002f,0035,0033,0039"
BAD = {
    "anonymous DH": "0034,003a,006c,006d,00a6,00a7",
    "anonymous ECDH": "c018,c019,c017,c016,c015",
    "export": "0003,0006,0008,000b,000e,0011,0014,0017,0019",
    "no encryption": "0001,0002,003b,c006,c010",
    "RC4": "0004,0005,c007,c011",
    "single and triple DES": "0009,000a,0012,0013,0015,0016,c008,c012",
    "IDEA, SEED": "0007,0096,0099,009a",
}
# For users' mail programs: RSA key exchange, CBC, CCM, Camellia and ARIA are not among Mozilla's intermediate ones.
NOT_INTERMEDIATE = {
    "CBC": "c009,c00a,c023,c024,c013,c014,c027,c028,0033,0039,0067,006b",
    "RSA key exchange": "002f,0035,003c,003d,009c,009d",
    "CCM, Camellia, ARIA": "c0ac,c0ad,c0ae,c0af,c072,c073,c05c,c05d",
}
TLS_1_0, TLS_1_1, TLS_1_2 = "0301", "0302", "0303"


def offered(machine: PracticeMachine, offers: list[tuple[int, str, str]]) -> list[str]:
    """What the server answers to each offer of (port, version, suites)."""
    put_file(machine, "/root/raw_tls.py", (Path(__file__).with_name("raw_tls.py")).read_text())
    lines = "".join(f"{port} {version} {suites}\n" for port, version, suites in offers)
    said = machine.run("python3", "/root/raw_tls.py", stdin=lines.encode(), timeout=300)
    assert said.ok, said.error_text
    answers = said.text.splitlines()
    assert len(answers) == len(offers)
    return answers


def connect(machine: PracticeMachine, port: int, *options: str, ca: str = CERTIFICATE) -> str:
    """openssl(1) as a client that checks the certificate and the name, and what it says at the end."""
    said = machine.run(
        "openssl", "s_client", "-brief", "-connect", f"{NAME}:{port}", *PORTS[port], "-CAfile", ca, "-no-CApath",
        "-verify_return_error", "-verify_hostname", NAME, "-servername", NAME, *options,
    )  # fmt: skip
    return said.text + said.error_text if said.ok else f"refused: {said.text}{said.error_text}"


def test_each_port_speaks_tls_1_2_and_1_3_with_good_ciphers_and_nothing_else(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    result = set_up_mail(machine)
    assert result.exit_code == 0, result.text + result.error_text

    wanted, offers = [], []
    for port in PORTS:
        for suites in GOOD.values():
            offers.append((port, TLS_1_2, suites))
            wanted.append((port, f"hello {suites}"))
        # The same suites that are taken with TLS 1.2 on port 25 are offered with the old versions.
        for version in (TLS_1_0, TLS_1_1):
            offers.append((port, version, OLD))
            wanted.append((port, "refused"))
        for suites in (*BAD.values(), *(NOT_INTERMEDIATE.values() if port in FOR_PEOPLE else ())):
            offers.append((port, TLS_1_2, suites))
            wanted.append((port, "refused"))
    answers = offered(machine, offers)
    # RFC 5246, section 7.2.2: 40 is handshake_failure, 70 protocol_version.
    seen = [answer if answer not in {"alert 40", "alert 70"} else "refused" for answer in answers]
    assert [(offer[0], answer) for offer, answer in zip(offers, seen, strict=True)] == wanted, list(
        zip(offers, answers, strict=True)
    )
    # Port 25 goes on with what old servers have, as long as it is TLS 1.2: otherwise they would send in clear.
    assert offered(machine, [(25, TLS_1_2, OLD)])[0].startswith("hello ")

    for port in PORTS:
        for option, version in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            said = connect(machine, port, option)
            assert f"Protocol version: {version}" in said, (port, said)
            assert "Verification: OK" in said, (port, said)
            assert f"Verified peername: {NAME}" in said, (port, said)
        for option in ("-tls1", "-tls1_1"):
            assert "refused" in connect(machine, port, option, "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        assert "refused" in connect(machine, port, "-verify_hostname", "other.practice.test")

    for port, options in ((25, ()), (587, ()), (465, ("-w",))):
        finger = machine.run(
            "posttls-finger", "-c", "-l", "secure", "-F", CERTIFICATE, *options, f"[127.0.0.1]:{port}", NAME
        )
        said = finger.text + finger.error_text
        assert re.search(r"Verified TLS connection established to \S+: TLSv1\.3 with cipher", said), (port, said)
