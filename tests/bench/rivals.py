"""ansible-core and pyinfra for the machine's Python, and the state of local-only as their users would write it.

Both are spared what they need not do: no facts are gathered, the interpreter is given, the connection is local, no
rights are raised, and whether the package is there is asked of pacman itself, not through a module.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from wizard.practice.practice_machine import PracticeMachine

RELEASES = {"ansible": "ansible-core==2.21.5", "pyinfra": "pyinfra==3.10.0"}
ALIASES = ("postmaster: root", "root: admin")
PLAYBOOK = "/root/playbook.json"
DEPLOY = "/root/deploy.py"
COMMANDS = {
    "ansible": (
        "python3", "-c", "import sys; sys.argv[0] = 'ansible-playbook'; from ansible.cli.playbook import main; main()",
        "--inventory", "localhost,", "--connection", "local", PLAYBOOK,
    ),
    "pyinfra": (
        "python3", "-c", "import sys; sys.argv[0] = 'pyinfra'; from pyinfra_cli.main import main; main()",
        "@local", DEPLOY, "--yes",
    ),
}  # fmt: skip


class RivalMissingError(Exception):
    """The wheels cannot be fetched for the machine's Python; the text says why."""


def cache_folder() -> Path:
    """Where what was fetched is kept; XDG Base Directory: it can be made again."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "postwizard" / "bench"


def unpacked(name: str, version: str) -> Path:
    """A folder with the rival and all that it needs, for this version of Python; raises RivalMissingError."""
    folder = cache_folder() / f"{RELEASES[name]}-python{version}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        wheels, site = Path(scratch, "wheels"), Path(scratch, "site")
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--dest", str(wheels),
             "--only-binary=:all:", "--python-version", version, RELEASES[name]],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if fetched.returncode != 0:
            said = [line for line in fetched.stderr.splitlines() if line.startswith("ERROR")]
            raise RivalMissingError(f"{RELEASES[name]} for Python {version}: {' '.join(said) or fetched.stderr[-300:]}")
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)  # noqa: S202
        site.rename(folder)
    return folder


def put_inside(machine: PracticeMachine, source: Path, target: str) -> None:
    """Copies a folder into the machine, and compiles its modules as an installation does."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(source, arcname=".", filter=lambda entry: None if "__pycache__" in entry.name else entry)
    assert machine.run("mkdir", "-p", target).ok
    result = machine.run("tar", "--extract", "--file=-", f"--directory={target}", stdin=packed.getvalue())
    assert result.ok, result.error_text
    machine.run("python3", "-m", "compileall", "-q", "-j", "2", target, timeout=300)


def own_parameters(machine: PracticeMachine) -> tuple[str, ...]:
    """The lines of main.cf that the package's own does not have: what the wizard set."""
    packaged = set(machine.run("cat", "/etc/postfix/main.cf.proto").text.splitlines())
    lines = machine.run("cat", "/etc/postfix/main.cf").text.splitlines()
    return tuple(line for line in lines if re.match(r"\w+ =", line) and line not in packaged)


def playbook(parameters: Sequence[str]) -> str:
    """The playbook; JSON is YAML."""
    edited = {"regexp": "^{{ item.partition(' =')[0] }}\\s*=", "line": "{{ item }}"}
    alias = {"regexp": "^{{ item.partition(':')[0] }}:", "line": "{{ item }}"}
    service = {"name": "postfix.service"}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "/usr/bin/python3"},
        "tasks": [
            {
                "block": [{"command": "pacman -Q postfix", "changed_when": False}],
                "rescue": [{"command": "pacman -S --noconfirm postfix"}],
            },
            {
                "lineinfile": {"path": "/etc/postfix/main.cf", **edited},
                "loop": list(parameters),
                "notify": "reload",
            },
            {"lineinfile": {"path": "/etc/postfix/aliases", **alias}, "loop": list(ALIASES), "notify": "newaliases"},
            {"systemd_service": {**service, "enabled": True, "state": "started"}},
        ],
        "handlers": [
            {"name": "newaliases", "command": "newaliases"},
            {"name": "reload", "systemd_service": {**service, "state": "reloaded"}},
        ],
    }
    return json.dumps([play], indent=1)


def deploy(parameters: Sequence[str]) -> str:
    """The deploy of pyinfra."""
    return f"""
from pyinfra.operations import files, pacman, server, systemd

pacman.packages(packages=["postfix"])
parameters = [
    files.line(path="/etc/postfix/main.cf", line="^" + line.partition(" =")[0] + " *=.*$", replace=line)
    for line in {tuple(parameters)!r}
]
aliases = [
    files.line(path="/etc/postfix/aliases", line="^" + line.partition(":")[0] + ":.*$", replace=line)
    for line in {ALIASES!r}
]
server.shell(commands=["newaliases"], _if=lambda: any(alias.did_change() for alias in aliases))
systemd.service(service="postfix.service", running=True, enabled=True)
systemd.service(
    service="postfix.service", reloaded=True, _if=lambda: any(parameter.did_change() for parameter in parameters)
)
"""


def changed_nothing(name: str, said: str) -> bool:
    """Whether its report at the end counts no change and no failure."""
    if name == "ansible":
        return bool(re.search(r"^localhost +: ok=[1-9]\d* +changed=0 +unreachable=0 +failed=0 ", said, re.MULTILINE))
    # Operations, then success, error and no change; a dash stands for none.
    total = re.search(r"Grand total +(\d+) +(\S+) +(\S+) +(\S+)", said)
    return total is not None and total.group(2, 3) == ("-", "-") and total[1] == total[4]
