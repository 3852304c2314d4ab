"""What installing or removing packages changes beside the packages themselves."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Look
from wizard.machine.package_refusals import beside_rivals
from wizard.machine.pacman_output import read_details
from wizard.problem import Problem, Trouble
from wizard.steps.account_paths import ACCOUNT_FILES
from wizard.words import _

# libalpm adds and removes these itself; those of other packages are nothing to a run that installed one.
PACMANS_RECORDS: Final = PurePosixPath("/var/lib/pacman/local")
# alpm-hooks(5) of Arch: systemd-sysusers, ldconfig, and units that are enabled by presets; libalpm keeps its records.
SIDE_EFFECTS: Final = (
    *ACCOUNT_FILES,
    PurePosixPath("/etc/ld.so.cache"),
    PurePosixPath("/etc/systemd/system"),
    PurePosixPath("/var/cache/ldconfig"),
    PACMANS_RECORDS,
    PurePosixPath("/var/lib/pacman/sync"),
)
_TMPFILES: Final = PurePosixPath("/usr/lib/tmpfiles.d")
# tmpfiles.d(5): lines of these types make what is not there; those with a specifier are for other places.
_MADE: Final = re.compile(r"^(?:[dDvqQ]|[fLC]\+?|F)[!=~^$?-]*\s+(/(?:etc|var)/[^\s%\"'\\]+)", re.MULTILINE)
# What a package lays below /usr pacman takes back itself.
CONFIGURATION_AND_STATE: Final = (PurePosixPath("/etc"), PurePosixPath("/var"))


def arriving(packages: Iterable[str], look: Look) -> tuple[tuple[str, str], ...] | None:
    """Names and versions of all that pacman would install, dependencies included; None when it cannot tell."""
    try:
        said = look.output_of("pacman", "-Sp", "--needed", "--print-format=%n %v", "--", *packages)
    except Trouble:
        return None
    pairs = [line.split() for line in said.text.splitlines()]
    found = tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2)
    return found if said.ok and found else None


def refusal(packages: tuple[str, ...], look: Look) -> Problem | None:
    """Why these packages could not be installed, as far as it can be told beforehand."""
    if rivals := _rivals(packages, look):
        return beside_rivals(packages, rivals)
    cannot_be_had = [name for name in packages if not look.packaged_paths(name)]
    if not cannot_be_had:
        return None
    if not look.is_root():
        return Problem(
            _("Without root, the package {names} can be neither downloaded nor looked into.").format(
                names=", ".join(cannot_be_had)
            ),
            _("Run it as root: `--dry-run` changes nothing. Or try it in memory: `--pretend`."),
        )
    return Problem(
        _("The package {names} could not be found or downloaded; nothing was changed.").format(
            names=", ".join(cannot_be_had)
        ),
        _("Check the network and the mirrors: `pacman -Sw {names}` says more.").format(names=" ".join(cannot_be_had)),
    )


def _rivals(packages: tuple[str, ...], look: Look) -> tuple[str, ...]:
    """Installed packages that these would not stand beside; `pacman -Sp` does not look for them."""
    try:
        coming = read_details(look.output_of("pacman", "-Si", "--", *packages).text)
        conflicts = {word for package in coming for word in package.get("Conflicts With", ())}
        # pacman -T says which of them nothing installed stands for; only when one is, are all packages read.
        if not conflicts or set(look.output_of("pacman", "-T", "--", *conflicts).text.split()) >= conflicts:
            return ()
        installed = read_details(look.output_of("pacman", "-Qi").text)
    except Trouble:
        return ()
    named = [(package["Name"][0], {*package["Name"], *package.get("Provides", ())}) for package in installed]
    return tuple(name for name, offers in named if name not in packages and offers & conflicts)


def paths_of(packages: Iterable[str], look: Look) -> tuple[PurePosixPath, ...]:
    """The paths of these packages below /etc and /var that are theirs alone: files, and folders that they made."""
    owned = dict.fromkeys(path for name in packages for path in (*look.packaged_paths(name), *_by_tmpfiles(name, look)))
    return tuple(sorted(path for path in owned if _is_kept(path)))


def _by_tmpfiles(package: str, look: Look) -> Iterable[PurePosixPath]:
    """What systemd-tmpfiles(8) makes for a package when it is installed (alpm-hooks(5) of Arch)."""
    for path in look.packaged_paths(package):
        if path.parent == _TMPFILES and (state := look.packaged_file(package, path)) is not None:
            yield from map(PurePosixPath, _MADE.findall(state.content.decode("utf-8", "replace")))


def _is_kept(path: PurePosixPath) -> bool:
    # A folder as /etc or /var/lib belongs to the whole machine, and covering it would cover everything in it.
    below = any(folder in path.parents for folder in CONFIGURATION_AND_STATE)
    return below and path not in SHARED_FOLDERS


# file-hierarchy(7), and what the filesystem and systemd packages bring.
SHARED_FOLDERS: Final = frozenset(
    map(
        PurePosixPath,
        (
            "/var/lib",
            "/var/log",
            "/var/cache",
            "/var/spool",
            "/var/mail",
            "/var/spool/mail",
            "/var/empty",
            "/var/tmp",  # noqa: S108 - a folder that is left out, not one that is used
            "/var/run",
            "/var/lock",
            "/var/opt",
            "/etc/systemd",
            "/etc/systemd/system",
            "/etc/ssl",
            "/etc/ssl/certs",
            "/etc/pam.d",
            "/etc/profile.d",
            "/etc/ld.so.conf.d",
            "/etc/logrotate.d",
            "/etc/security",
            "/etc/xdg",
            "/etc/conf.d",
            "/etc/default",
            "/etc/cron.d",
        ),
    )
)
