"""Steps that every profile takes with Postfix, whatever kind of mail it is for."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.ask.existing_postfix import alias_source, alias_tables
from wizard.machine.facts import Facts
from wizard.machine.machine import ServiceState
from wizard.steps.build_table import BuildTable
from wizard.steps.check_configuration import CheckConfiguration
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.words import _

# Mail passes through these (OVERVIEW); the fields are those of the package's own master.cf.
_SERVICES = (
    "smtp inet n - n - - smtpd",
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - - smtp",
    "showq unix n - n - - showq",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "local unix - n n - - local",
    "lmtp unix - - n - - lmtp",
    "anvil unix - - n - 1 anvil",
)


# The line of Postfix's own master.cf with which it stands before port 25, in the place of smtpd(8).
POSTSCREEN = "smtp inet n - n - 1 postscreen"


def service_key(line: str) -> str:
    """The name and type by which postconf(1) -M knows the service of a line."""
    return "/".join(line.split()[:2])


def services_without(*keys: str) -> tuple[str, ...]:
    """The services that mail passes through, in the package's own order, but for these."""
    return tuple(line for line in _SERVICES if service_key(line) not in keys)


def still(lines: Iterable[str]) -> tuple[tuple[str, str | None], ...]:
    """On what a usual service is set: that it is missing, or that postscreen(8), which is not wanted, has its port."""
    return tuple(
        (service_key(line), there)
        for line in lines
        for there in ((None, POSTSCREEN) if service_key(line) == "smtp/inet" else (None,))
    )


@dataclass(frozen=True)
class PostfixFiles:
    """Where the configuration of this machine's Postfix lies."""

    folder: PurePosixPath
    aliases: PurePosixPath
    tables: tuple[tuple[PurePosixPath, str], ...]

    @property
    def main_cf(self) -> PurePosixPath:
        """The file of parameters (postconf(5))."""
        return self.folder / "main.cf"

    @property
    def master_cf(self) -> PurePosixPath:
        """The file of services (master(5))."""
        return self.folder / "master.cf"


def postfix_files(facts: Facts) -> PostfixFiles:
    """As this Postfix says, or as its package will."""
    return PostfixFiles(PurePosixPath(facts.config_directory), alias_source(facts), tuple(alias_tables(facts)))


def try_configuration(files: PostfixFiles) -> Step:
    """The gate before the first file that Postfix reads."""
    return CheckConfiguration(
        config_directory=files.folder,
        why=_("What is wanted is tried in a copy first; if Postfix objects, nothing is changed (postfix(1): check)."),
    )


def set_parameters(
    files: PostfixFiles, wanted: Iterable[tuple[str, str, str]], removed: Iterable[tuple[str, str]], why: str
) -> Step:
    """Parameters with their values, and those that are taken out, each with its reason."""
    wanted, removed = tuple(wanted), tuple(removed)
    return SetParameters(
        path=files.main_cf,
        wanted=tuple((name, value) for name, value, _reason in wanted),
        removed=tuple(name for name, _reason in removed),
        reasons=(*((name, reason) for name, _value, reason in wanted), *removed),
        why=why,
    )


def build_aliases(files: PostfixFiles) -> tuple[Step, ...]:
    """The tables of local aliases, built before the first start."""
    return tuple(
        BuildTable(
            source=source,
            table_type=kind,
            style="aliases",
            if_there=source != files.aliases,
            why=_("Postfix reads the built table; without it, all local mail waits (newaliases(1))."),
        )
        for source, kind in files.tables
    )


def run_postfix() -> Step:
    """Enables and starts it."""
    return SetService(
        unit="postfix.service",
        state=ServiceState(enabled=True, running=True),
        why=_("So that Postfix runs, now and after each start of the machine (systemctl(1))."),
    )


def refresh_postfix(files: PostfixFiles, *also: str) -> Step:
    """Reloads or restarts it after a change of what it reads; `also` are the beginnings of further claims."""
    return RefreshService(
        unit="postfix.service",
        reload_for=(
            *also,
            f"parameter:{files.main_cf}#",
            f"service_entry:{files.master_cf}#",
            f"table_line:{files.aliases}#",
            f"table:{files.aliases}#",
        ),
        restart_for=(f"parameter:{files.main_cf}#inet_interfaces", f"parameter:{files.main_cf}#inet_protocols"),
        why=_("So that what runs is what is written; addresses to listen on need a new start (postconf(5))."),
    )
