"""Plans carried out and put back on machines in memory, with nothing of a profile in them."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from wizard.apply.events import Event
from wizard.apply.execute import Outcome, execute
from wizard.apply.left_alone import LEFT_ALONE
from wizard.apply.runs import Run, all_runs
from wizard.apply.state import kept_ledger
from wizard.machine.machine import FileState, GroupState, Kind, Machine, ServiceState, UserState
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.pretend_packages import PretendPackage
from wizard.plan.make_plan import Plan, make_plan
from wizard.session import never, put_back
from wizard.steps.add_group import AddGroup
from wizard.steps.add_user import AddUser
from wizard.steps.build_table import BuildTable
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.remove_file import RemoveFile
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_service import SetService
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.steps.write_drop_in import WriteDropIn
from wizard.steps.write_file import WriteFile

P = PurePosixPath
WHY = "So that it can be put back (test)."
MAIN_CF = P("/etc/postfix/main.cf")
ALIASES = P("/etc/postfix/aliases")
UNITS = P("/etc/systemd/system")
RECORDS = P("/var/lib/pacman/local")
MAIL = P("/var/spool/maildir")
UNIT = FileState(content=b"[Install]\nWantedBy=multi-user.target\n")
# Below /usr pacman takes back itself what it laid there.
OWN = (*LEFT_ALONE, P("/run"), P("/usr"))

FILES = {
    "/etc/passwd": FileState(content=b"root:x:0:0:root:/root:/bin/bash\ntaro:x:1000:1000::/home/taro:/bin/bash\n"),
    "/etc/group": FileState(content=b"root:x:0:\ntaro:x:1000:\n"),
    "/etc/systemd/system/own.service": UNIT,
    "/etc/systemd/system/multi-user.target.wants/own.service": FileState(Kind.LINK, b"../own.service"),
    "/etc/mailname": FileState(content=b"old\n", mode=0o640),
    "/var/lib/pacman/local/bash-5.3-1/desc": FileState(content=b"%NAME%\nbash\n"),
    "/var/spool/mail": FileState(Kind.DIRECTORY, mode=0o1777),
    "/run": FileState(Kind.DIRECTORY),
    "/usr": FileState(Kind.DIRECTORY),
    "/var/lib/postwizard": FileState(Kind.DIRECTORY, mode=0o700),
}
POSTFIX = PretendPackage(
    "3.11.7-1",
    {
        P("/usr/lib/systemd/system/postfix.service"): UNIT,
        P("/etc/postfix"): FileState(Kind.DIRECTORY, mode=0o755),
        MAIN_CF: FileState(content=b"# As it comes.\ncompatibility_level = 3.11\n"),
        ALIASES: FileState(content=b"postmaster: root\n"),
        P("/var/lib/postfix"): FileState(Kind.DIRECTORY, mode=0o700),
        P("/usr/lib/sysusers.d/postfix.conf"): FileState(content=b'u postfix 73 "mail" /var/spool/postfix\n'),
    },
    depends=("lmdb",),
)
LMDB = PretendPackage("0.9-1", {P("/etc/lmdb.conf"): FileState(content=b"x\n")})


def bare_machine() -> PretendMachine:
    """A machine without a mail system, on which some things are a person's own."""
    machine = PretendMachine(
        packages={"bash": "5.3-1"},
        available={"postfix": POSTFIX, "lmdb": LMDB},
        outputs={"postconf -d": "default_database_type = lmdb\n"},
    )
    for path, state in FILES.items():
        machine.lay(P(path), state)
    return machine


def all_steps() -> tuple[Step, ...]:
    """Something of nearly every kind."""
    return (
        InstallPackages(packages=("postfix",), why=WHY),
        AddGroup(group=GroupState("vmail", 800), why=WHY),
        AddUser(user=UserState("vmail", 800, 800, "/var/empty"), why=WHY),
        MakeDirectory(path=MAIL, mode=0o1777, why=WHY),
        SetParameters(path=MAIN_CF, wanted=(("myhostname", "box.example"), ("biff", "no")), why=WHY),
        SetTableLines(path=ALIASES, style="aliases", wanted=(("root", "taro"),), why=WHY),
        BuildTable(source=ALIASES, table_type="lmdb", style="aliases", why=WHY),
        WriteFile(path=P("/etc/mailname"), content=b"box.example\n", why=WHY),
        WriteFile(path=P("/etc/secrets"), content=b"hush\n", mode=0o600, secret=True, why=WHY),
        WriteDropIn(unit="postfix.service", name="wizard", content=b"[Unit]\n", why=WHY),
        SetService(unit="postfix.service", state=ServiceState(enabled=True, running=True), why=WHY),
        RemoveFile(path=P("/etc/lmdb.conf"), why=WHY),
        RefreshService(unit="postfix.service", reload_for=(f"parameter:{MAIN_CF}#",), why=WHY),
    )


def some_steps() -> tuple[Step, ...]:
    """Those of the steps that are least alike, for tests that take them hundreds of times."""
    return tuple(step for step in all_steps() if not isinstance(step, AddGroup | AddUser | RemoveFile | WriteFile))


def plan_for(machine: Machine, *steps: Step, pending: frozenset[str] = frozenset()) -> Plan:
    """What is left to do of these steps on this machine."""
    return make_plan(steps, machine, profile_id="test", ledger=kept_ledger(machine), pending=pending)


def carry_out(
    machine: Machine,
    *steps: Step,
    tell: Callable[[Event], None] = lambda _event: None,
    stop: Callable[[], bool] = never,
    run: Run | None = None,
) -> Outcome:
    """Plans and executes; with `run` goes on with that one."""
    plan = plan_for(machine, *steps, pending=run.pending if run is not None else frozenset())
    return execute(plan, machine, tell, stop, run=run)


def undo(machine: Machine, run_id: str = "", *, force: bool = False) -> Outcome:
    """Puts back that run, or the oldest, and those after it first."""
    return put_back(machine, run_id or all_runs(machine)[0].run_id, lambda _event: None, force=force)


def differences(one: PretendMachine, other: PretendMachine, ignoring: Iterable[PurePosixPath] = ()) -> tuple[str, ...]:
    """What putting back should have made the same: everything but our own state and what is left alone."""
    return one.differences(other, (*OWN, *ignoring))
