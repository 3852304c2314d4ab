"""What is known to come with a package: its own files, and what systemd-tmpfiles(8) makes for it."""

from pathlib import PurePosixPath

import pytest

from wizard.machine.machine import FileState
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.pretend_packages import PretendPackage
from wizard.steps.install_packages import InstallPackages
from wizard.steps.package_paths import paths_of

P = PurePosixPath
CONF = P("/usr/lib/tmpfiles.d/certbot.conf")


def with_tmpfiles(lines: str) -> PretendMachine:
    files = {CONF: FileState(content=lines.encode()), P("/etc/certbot.ini"): FileState()}
    return PretendMachine(available={"certbot": PretendPackage("5.5-1", files)})


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("d /etc/letsencrypt", "/etc/letsencrypt"),
        ("d /var/log/letsencrypt 0700 root root -", "/var/log/letsencrypt"),
        ("D! /var/lib/a 0755 - - -", "/var/lib/a"),
        ("q /var/lib/b", "/var/lib/b"),
        ("f+ /etc/c.conf 0644 root root - text", "/etc/c.conf"),
        ("L /etc/d - - - - ../usr/share/d", "/etc/d"),
        ("C /etc/e - - - - /usr/share/e", "/etc/e"),
        ("z /var/lib/postfix 700 postfix root", ""),  # only what is there gets a mode
        ("Z /var/lib/rspamd - rspamd rspamd -", ""),
        ("h /var/lib/mysql - - - - +C", ""),
        ("r /etc/gone", ""),
        ("d /run/dovecot 0755 root dovecot -", ""),  # gone at the next boot
        ("d /var/lib/%b", ""),
        ("# d /etc/comment", ""),
        ("d /var/lib", ""),  # of the whole machine
    ],
)
def test_what_tmpfiles_makes_for_a_package_comes_with_it(line: str, made: str) -> None:
    found = paths_of(("certbot",), with_tmpfiles(f"# of a package\n{line}\n"))
    assert found == tuple(sorted({P("/etc/certbot.ini"), *([P(made)] if made else ())}))


def test_it_is_shown_and_among_what_is_put_back() -> None:
    machine = with_tmpfiles("d /etc/letsencrypt\nd /var/log/letsencrypt 0700\n")
    step = InstallPackages(packages=("certbot",), why="w").needed_after(frozenset(), machine)
    assert {P("/etc/letsencrypt"), P("/var/log/letsencrypt")} <= {*step.touches}
    assert "New: /var/log/letsencrypt" in step.preview(machine)
