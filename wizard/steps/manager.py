"""Files that systemd itself reads, after whose change its manager must read them again."""

from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Machine

# systemd.unit(5), unit search path: what an administrator writes.
UNIT_FOLDER: Final = PurePosixPath("/etc/systemd/system")


def reload_manager_for(machine: Machine, path: PurePosixPath) -> None:
    """Makes systemd read its units again when this path is one that it reads (systemctl(1), daemon-reload)."""
    if UNIT_FOLDER in path.parents:
        machine.refresh_service("", "daemon-reload")
