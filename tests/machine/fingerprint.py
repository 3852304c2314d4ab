"""Run inside a machine: prints, as JSON, everything that must be the same again after putting a run back.

It shares no code with the wizard, so that a mistake there cannot hide itself here.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys


def entry(path: str) -> list[object]:
    """Kind, mode, owner, group, mtime, content digest, extended attributes; inode and ctime cannot be put back."""
    info = os.lstat(path)
    content = ""
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    elif stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    attributes = [
        [name, os.getxattr(path, name, follow_symlinks=False).hex()]
        for name in os.listxattr(path, follow_symlinks=False)
    ]
    return [oct(info.st_mode), info.st_uid, info.st_gid, info.st_mtime_ns, content, attributes]


def tree(root: str) -> dict[str, list[object]]:
    """Every path at and below root."""
    found: dict[str, list[object]] = {}
    if not os.path.lexists(root):
        return found
    found[root] = entry(root)
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[path] = entry(path)
    return found


def words(*argv: str) -> str:
    """What a program prints."""
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def units() -> dict[str, str]:
    """Unit files with their enablement, and services with their activity, without systemd's own short-lived ones."""
    states = {}
    for line in words("systemctl", "list-unit-files", "--no-legend", "--plain").splitlines():
        name, state = line.split()[:2]
        states[f"file {name}"] = state
    listing = words("systemctl", "list-units", "--no-legend", "--plain", "--all", "--type=service,socket,timer,path")
    for line in listing.splitlines():
        name, load, active, sub = line.split(maxsplit=4)[:4]
        if not name.startswith(("systemd-", "user@", "run-", "dbus", "session-", "user-runtime", "postwizard-")):
            states[f"unit {name}"] = f"{load} {active} {sub}"
    return states


def main() -> None:
    """Roots are the arguments."""
    paths: dict[str, list[object]] = {}
    for root in sys.argv[1:]:
        paths.update(tree(root))
    json.dump(
        {
            "paths": paths,
            "units": units(),
            "packages": words("pacman", "-Q"),
            "explicit": words("pacman", "-Qe"),
            "users": words("getent", "passwd"),
            "groups": words("getent", "group"),
        },
        sys.stdout,
    )


main()
