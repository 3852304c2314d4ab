"""Keeps one machine: mounts its copy-on-write root where nobody else sees it, boots it, and outlives no owner.

Runs as a program of its own with nothing but the standard library: `python -I -S keeper.py SETTINGS.json`.
"""

import contextlib
import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
MS_REC_PRIVATE = 0x4000 | 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
CGROUPS = "/sys/fs/cgroup"
OUR_CGROUPS = Path(CGROUPS, "postwizard-practice")


def checked(outcome: int, what: str) -> None:
    """Raises OSError with the reason of the C library when a call failed."""
    if outcome != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    checked(
        LIBC.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()),
        f"mount {target}",
    )


def enter_own_mounts(settings: dict[str, Any]) -> None:
    """Mounts that vanish with the last process that sees them: nothing has to be unmounted, whatever is killed."""
    checked(LIBC.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", flags=MS_REC_PRIVATE)
    if not host_runs_systemd():
        # systemd 258 and newer refuse cgroup v1, so a host with the old hierarchies shows the new one here.
        if not Path(CGROUPS, "cgroup.controllers").exists():
            while LIBC.umount2(CGROUPS.encode(), MNT_DETACH) == 0:
                pass
            mount("cgroup2", CGROUPS, "cgroup2")
        enter_own_cgroup()
    # systemd-nspawn leaves folders of each machine here.
    runtime = Path("/run/systemd/nspawn")
    runtime.mkdir(parents=True, exist_ok=True)
    mount("tmpfs", str(runtime), "tmpfs", options="mode=755")
    lower = ":".join(settings["lower"])
    options = f"lowerdir={lower},upperdir={settings['upper']},workdir={settings['work']}"
    mount("overlay", settings["merged"], "overlay", options=options)


def enter_own_cgroup() -> None:
    """Machines in one cgroup would share the group that nspawn makes for its payload."""
    for group in OUR_CGROUPS.glob("*"):
        if group.is_dir() and not Path("/proc", group.name).exists():
            remove_cgroup(group)
    own = OUR_CGROUPS / str(os.getpid())
    while not own.is_dir():
        # Another keeper may be removing the folder of all.
        with contextlib.suppress(FileNotFoundError):
            own.mkdir(parents=True, exist_ok=True)
    (own / "cgroup.procs").write_text(str(os.getpid()))


def leave_own_cgroup() -> None:
    """Kills what is left in the machine and removes its cgroup."""
    own = OUR_CGROUPS / str(os.getpid())
    if own.is_dir():
        Path(CGROUPS, "cgroup.procs").write_text(str(os.getpid()))
        with contextlib.suppress(OSError):
            (own / "cgroup.kill").write_text("1")
        remove_cgroup(own)
        with contextlib.suppress(OSError):
            OUR_CGROUPS.rmdir()


def remove_cgroup(group: Path) -> None:
    """Removes a group and those below it; one that still holds a dying process stays for the next keeper."""
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        group.rmdir()


def host_runs_systemd() -> bool:
    """Whether systemd is this machine's init (sd_booted(3)): then nspawn asks it for a cgroup."""
    return Path("/run/systemd/system").is_dir()


def nspawn(settings: dict[str, Any], notify: str) -> subprocess.Popen[bytes]:
    """Boots; --notify-ready makes nspawn pass on the word of the systemd inside that its start is complete."""
    argv = [
        "systemd-nspawn", "--quiet", "--boot", "--register=no", "--private-network", "--console=pipe", "--settings=no",
        "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--notify-ready=yes",
        f"--directory={settings['merged']}", f"--machine={settings['name']}", f"--hostname={settings['hostname']}",
        *(f"--bind-ro={source}:{target}" for source, target in settings["read_only"]),
    ]  # fmt: skip
    if not host_runs_systemd():
        argv.append("--keep-unit")

    def end_with_keeper() -> None:
        # nspawn answers SIGTERM by shutting the machine down; its own sudden death the machine would survive.
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    with Path(settings["console"]).open("ab") as console:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env={"PATH": os.environ.get("PATH", "/usr/bin"), "LANG": "C.UTF-8", "NOTIFY_SOCKET": notify},
            preexec_fn=end_with_keeper,
            start_new_session=True,
        )


def say(channel: int, **what: object) -> None:
    """One line of JSON to the owner, who may be gone."""
    with contextlib.suppress(OSError):
        os.write(channel, json.dumps(what).encode() + b"\n")


def keep(settings: dict[str, Any]) -> None:
    """Boots and stays until the machine ends, or its owner does (the lifeline closes), or a signal says so."""
    tell = int(settings["tell"])
    enter_own_mounts(settings)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    # In the abstract name space: nothing to remove, and no limit of 108 bytes on the folder's length.
    notify = f"@postwizard-practice-{os.getpid()}"
    listener.bind("\0" + notify[1:])
    wake_up, waker = os.pipe()
    for end in (wake_up, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    machine = nspawn(settings, notify)
    watch = selectors.DefaultSelector()
    watch.register(listener, selectors.EVENT_READ, "notify")
    watch.register(wake_up, selectors.EVENT_READ, "signal")
    if settings["lifeline"] is not None:
        watch.register(int(settings["lifeline"]), selectors.EVENT_READ, "lifeline")
    wanted, leader = True, 0
    while wanted and machine.poll() is None:
        for key, _ in watch.select():
            if key.data == "notify":
                for line in listener.recv(4096).decode().splitlines():
                    field, _, value = line.partition("=")
                    if field == "X_NSPAWN_LEADER_PID":
                        leader = int(value)
                        say(tell, leader=leader)
                    elif line == "READY=1":
                        say(tell, ready=True)
            elif key.data == "lifeline" or signal.SIGTERM in os.read(wake_up, 64):
                wanted = False
    # With its process 1 everything in the machine dies (pid_namespaces(7)); nspawn then ends by itself.
    if leader and machine.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGKILL)
    try:
        machine.wait(3)
    except subprocess.TimeoutExpired:
        machine.kill()
    ended = machine.wait()
    leave_own_cgroup()
    say(tell, exited=ended)


def main() -> None:
    """Reads the settings and keeps the machine; a failure is one line to the owner."""
    settings = json.loads(Path(sys.argv[1]).read_text())
    if settings["lifeline"] is None and os.fork():
        # A machine that is to be kept has a keeper that is nobody's child.
        os._exit(0)
    say(int(settings["tell"]), keeper=os.getpid())
    try:
        keep(settings)
    except OSError as error:
        say(int(settings["tell"]), failed=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
