"""OpenDKIM signs and verifies; OpenDMARC judges after it, and looks at SPF itself."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.question import SoFar
from wizard.ask.signing_questions import signing_keys
from wizard.machine.machine import ServiceState
from wizard.plan.part import Wishes
from wizard.render import render
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.steps.write_drop_in import WriteDropIn
from wizard.steps.write_file import WriteFile
from wizard.syntax.dkim import FOLDER
from wizard.words import _

# The folder of the package, /etc/opendkim, belongs to the user opendkim, who could have root write elsewhere there.
_DKIM: Final = FOLDER / "opendkim"
_DMARC: Final = PurePosixPath("/etc/opendmarc")
# Ports that only this machine reaches; the names are those of the units and of the milters, in the order of asking.
_PORTS: Final = {"opendkim": 8891, "opendmarc": 8893}


def _files(so_far: SoFar) -> tuple[Step, ...]:
    reasons = {
        _DKIM / "opendkim.conf": _("So that mail sent from here is signed, and all other verified (opendkim.conf(5))."),
        _DKIM / "key_table": _("Which key each domain has (opendkim.conf(5): KeyTable)."),
        _DKIM / "signing_table": _("Whose mail is signed with which key (opendkim.conf(5): SigningTable)."),
        _DKIM / "internal_hosts": _("Only this machine's own mail counts as such (opendkim.conf(5): InternalHosts)."),
        _DMARC / "opendmarc.conf": _("What is done with mail that its domain does not stand for (opendmarc.conf(5))."),
    }
    hostname = so_far.text("hostname").lower()
    return (
        MakeDirectory(path=_DKIM, why=_("OpenDKIM's settings lie in it.")),
        MakeDirectory(path=_DMARC, why=_("OpenDMARC's settings lie in it.")),
        *(
            WriteFile(
                path=path,
                content=render(
                    str(path).lstrip("/"),
                    hostname=hostname,
                    folder=str(_DKIM),
                    dkim_port=_PORTS["opendkim"],
                    dmarc_port=_PORTS["opendmarc"],
                    reject=so_far.text("unauthenticated_mail") == "reject",
                    keys=signing_keys(so_far),
                ),
                why=reason,
            )
            for path, reason in reasons.items()
        ),
        WriteDropIn(
            unit="opendkim.service",
            name="postwizard",
            content=render("etc/systemd/system/opendkim.service.d/postwizard.conf", folder=str(_DKIM)),
            why=_("So that OpenDKIM reads settings that only root can write (opendkim(8): -x)."),
        ),
    )


def opendkim_wishes(so_far: SoFar) -> Wishes:
    """What is wanted of the machine for both."""
    names = {"opendkim": "OpenDKIM", "opendmarc": "OpenDMARC"}
    return Wishes(
        packages=(
            ("opendkim", _("OpenDKIM signs mail and verifies signatures.")),
            ("opendmarc", _("OpenDMARC judges who sent it.")),
            ("publicsuffix-list", _("It tells which domains belong together (opendmarc.conf(5): PublicSuffixList).")),
        ),
        files=_files(so_far),
        milters=tuple(f"inet:127.0.0.1:{port}" for port in _PORTS.values()),
        units=tuple(
            SetService(
                unit=f"{unit}.service",
                state=ServiceState(enabled=True, running=True),
                why=_("So that {name} runs, now and after each start of the machine (systemctl(1)).").format(name=name),
            )
            for unit, name in names.items()
        ),
        refreshed=(
            RefreshService(
                unit="opendkim.service",
                restart_for=(
                    f"file:{_DKIM}/",
                    "drop_in:/etc/systemd/system/opendkim.service.d/",
                    f"dkim_key:{FOLDER}/",
                ),
                why=_("So that OpenDKIM takes up what is written (opendkim(8))."),
            ),
            RefreshService(
                unit="opendmarc.service",
                restart_for=(f"file:{_DMARC}/",),
                why=_("So that OpenDMARC takes up what is written (opendmarc(8))."),
            ),
        ),
    )
