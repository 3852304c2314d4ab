"""A certificate by ACME: got by certbot from a server on the machine, shown on each port, renewed, and kept."""

from collections.abc import Iterable

import pytest

from tests.machine.acme_server import DIRECTORY, FORBIDDEN, ROOT, serial_of, start_acme_server
from tests.machine.same_machine import differences, fingerprint
from tests.machine.test_tls import NAME, PORTS, connect
from tests.machine.test_virtual_mail import ANSWERS, set_up_mail
from tests.machine.the_wizard import put_file, read_file, wizard
from wizard.practice.practice_machine import PracticeMachine

pytestmark = pytest.mark.real_machine

LIVE = f"/etc/letsencrypt/live/{NAME}"
FOLDERS = ("/etc/letsencrypt", "/var/lib/letsencrypt", "/var/log/letsencrypt")
HOOK = "/etc/letsencrypt/renewal-hooks/deploy/postwizard"
RENEW = ("certbot", "renew", "--force-renewal", "--non-interactive", "--no-random-sleep-on-renew")


def answers(hostname: str = NAME, more: str = "") -> str:
    """Those of somebody who takes the certificate of our server, and agreed to its terms."""
    return (
        ANSWERS + f'hostname = "{hostname}"\ncertificate = "acme"\nacme_server = "{DIRECTORY}"\n'
        f'acme_terms = "agreed"\nacme_contact = "hostmaster@example.test"\n{more}'
    )


def is_shown(machine: PracticeMachine, serial: str) -> None:
    """Each port shows the certificate with this serial number, which the root of the server vouches for."""
    for port in PORTS:
        said = connect(machine, port, ca=ROOT)
        assert "Verification: OK" in said, (port, said)
        shown = machine.run(
            "openssl", "s_client", "-connect", f"{NAME}:{port}", *PORTS[port], "-showcerts", "-servername", NAME
        ).stdout
        first = machine.run("openssl", "x509", "-noout", "-serial", stdin=shown).text.strip()
        assert first == serial, (port, first)
        assert shown.count(b"BEGIN CERTIFICATE") == 2, port  # with its issuer


def running(machine: PracticeMachine) -> list[str]:
    """The first processes of both daemons."""
    return machine.run("systemctl", "show", "--property=MainPID", "postfix.service", "dovecot.service").text.split()


def outside(folders: Iterable[str], different: Iterable[str]) -> list[str]:
    """What is different elsewhere; the folders above have other names in them, and so other times."""
    inside = tuple(f"paths {folder}" for folder in folders)
    above = {"paths /etc", "paths /var/lib"}
    return [name for name in different if not name.startswith(inside) and name not in above]


def test_a_certificate_is_got_shown_renewed_without_a_restart_and_kept(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    start_acme_server(machine)
    before = fingerprint(machine)

    result = set_up_mail(machine, answers=answers())
    assert result.exit_code == 0, result.text + result.error_text
    assert "stay in /etc/letsencrypt when this is put back" in " ".join(result.text.split())
    serial = serial_of(machine, f"{LIVE}/fullchain.pem")
    is_shown(machine, serial)
    assert machine.run("systemctl", "is-enabled", "certbot-renew.timer").ok
    assert machine.run("systemctl", "is-active", "certbot-renew.timer").ok
    assert machine.run("stat", "-c", "%a %u:%g", HOOK).text.strip() == "755 0:0"
    again = set_up_mail(machine, answers=answers())
    assert "othing" in again.text, again.text + again.error_text

    daemons = running(machine)
    renewed = machine.run(*RENEW, timeout=120)
    assert renewed.ok, renewed.text + renewed.error_text
    new_serial = serial_of(machine, f"{LIVE}/fullchain.pem")
    assert new_serial != serial
    is_shown(machine, new_serial)
    assert running(machine) == daemons
    assert "othing" in set_up_mail(machine, answers=answers()).text

    undone = wizard(machine, "undo", "--yes")
    assert undone.exit_code == 0, undone.text + undone.error_text
    assert f"{LIVE}/fullchain.pem stays" in undone.text
    assert outside(FOLDERS, differences(before, fingerprint(machine))) == []
    assert machine.run("test", "-e", HOOK).exit_code == 1
    assert serial_of(machine, f"{LIVE}/fullchain.pem") == new_serial

    # The certificate that stayed is taken again, and no other is asked for.
    result = set_up_mail(machine, answers=answers())
    assert result.exit_code == 0, result.text + result.error_text
    is_shown(machine, new_serial)


def test_when_none_can_be_had_the_reason_is_told_and_all_is_as_before(fresh_machine: PracticeMachine) -> None:
    machine = fresh_machine
    start_acme_server(machine)
    hosts = read_file(machine, "/etc/hosts")
    put_file(machine, "/etc/hosts", hosts + f"127.0.1.1 {FORBIDDEN}\n192.0.2.1 away.practice.test\n")
    before = fingerprint(machine)

    for hostname, reason in (
        ("nowhere.practice.test", "nowhere.practice.test"),  # it does not resolve
        (FORBIDDEN, "forbid"),  # the server does not issue for it
    ):
        result = set_up_mail(machine, answers=answers(hostname))
        said = " ".join((result.text + result.error_text).split())
        assert result.exit_code == 1, said
        assert f"No certificate for {hostname} came from {DIRECTORY}" in said, said
        assert reason in said.partition("came from")[2], said
        assert differences(before, fingerprint(machine)) == {}

    refused = set_up_mail(machine, answers=answers().replace('"agreed"', '"not_agreed"'))
    assert refused.exit_code == 2, refused.text + refused.error_text
    assert "Without your agreement" in " ".join(refused.error_text.split())

    # Port 80 is taken: that is known before anything changes.
    web = ("systemd-run", "--unit=web", "--working-directory=/srv/http", "python3", "-m", "http.server", "80")
    assert machine.run("mkdir", "--parents", "/srv/http").ok
    assert machine.run(*web).ok
    assert machine.run("curl", "--silent", "--retry", "60", "--retry-connrefused", "http://localhost/").ok
    before = fingerprint(machine)
    refused = set_up_mail(machine, answers=answers(more='acme_challenge = "standalone"\n'))
    assert refused.exit_code == 2, refused.text + refused.error_text
    assert "Port 80 is taken by" in " ".join(refused.error_text.split())
    assert differences(before, fingerprint(machine)) == {}

    # With the web server's folder the same machine gets one.
    result = set_up_mail(machine, answers=answers())
    assert result.exit_code == 0, result.text + result.error_text
    is_shown(machine, serial_of(machine, f"{LIVE}/fullchain.pem"))
