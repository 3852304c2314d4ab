"""An ACME server of our own on a practice machine: Pebble, whose root the machine trusts for its own HTTPS alone."""

import json

from tests.machine.the_wizard import put_file, read_file
from wizard.practice.practice_machine import PracticeMachine

DIRECTORY = "https://localhost:14000/dir"
FORBIDDEN = "forbidden.practice.test"
ROOT = "/srv/acme/root.pem"  # of what it issues, made anew at each start
CONFIGURATION = {
    "pebble": {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": "/srv/acme/https.pem",
        "privateKey": "/srv/acme/https.key",
        "httpPort": 80,
        "tlsPort": 443,
        "domainBlocklist": [FORBIDDEN],
    }
}


def start_acme_server(machine: PracticeMachine) -> None:
    """Installs and starts it; returns when it answers."""
    assert machine.run("pacman", "-Sy", "--noconfirm", "pebble").ok
    assert machine.run("mkdir", "--parents", "/srv/acme", "/usr/local/share/ca-certificates").ok
    put_file(machine, "/srv/acme/pebble.json", json.dumps(CONFIGURATION))
    made = machine.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "/srv/acme/https.key",
        "-out", "/usr/local/share/ca-certificates/acme.crt",
    )  # fmt: skip
    assert made.ok, made.error_text
    assert machine.run("cp", "/usr/local/share/ca-certificates/acme.crt", "/srv/acme/https.pem").ok
    assert machine.run("update-ca-certificates").ok
    started = machine.run(
        "systemd-run", "--unit=acme", "--setenv=PEBBLE_VA_NOSLEEP=1", "--setenv=PEBBLE_WFE_NONCEREJECT=0",
        "pebble", "-config", "/srv/acme/pebble.json",
    )  # fmt: skip
    assert started.ok, started.error_text
    answered = machine.run(
        "curl", "--silent", "--fail", "--retry", "60", "--retry-connrefused", "--retry-delay", "1", DIRECTORY
    )
    assert answered.ok, machine.run("journalctl", "--unit=acme", "--no-pager").text
    root = machine.run("curl", "--silent", "--fail", "https://localhost:15000/roots/0")
    assert root.ok, root.error_text
    put_file(machine, ROOT, root.text)


def serial_of(machine: PracticeMachine, path: str) -> str:
    """The serial number of the first certificate in a file."""
    said = machine.run("openssl", "x509", "-noout", "-serial", stdin=read_file(machine, path).encode())
    assert said.ok, said.error_text
    return said.text.strip()
