"""Install packages from the configured repositories."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.machine.machine import Kind, Look, Machine, Tell, silent
from wizard.problem import BadInput, Problem
from wizard.steps.in_turn import InTurn
from wizard.steps.nothing import Nothing
from wizard.steps.package_paths import PACMANS_RECORDS, SIDE_EFFECTS, arriving, paths_of, refusal
from wizard.steps.remove_packages import RemovePackages
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _, ngettext


@dataclass(frozen=True, kw_only=True)
class InstallPackages:
    """Installs packages that are not there; `brings` are their paths below /etc and /var, as make_plan found them."""

    packages: tuple[str, ...]
    why: str
    brings: tuple[PurePosixPath, ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Install {names}").format(names=", ".join(self.packages))

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """What the packages bring, and what pacman and its hooks change."""
        return tuple(dict.fromkeys((*SIDE_EFFECTS, *self.brings)))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """The folder of pacman's records: other packages have theirs in it."""
        return (PACMANS_RECORDS,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for each package."""
        return tuple(Claim("package", name) for name in self.packages)

    def _missing(self, look: Look) -> tuple[str, ...]:
        return tuple(name for name in dict.fromkeys(self.packages) if look.package(name) is None)

    def _coming(self, look: Look) -> tuple[tuple[str, str], ...]:
        """All that will arrive, with versions; at least what was asked for."""
        missing = self._missing(look)
        found = arriving(missing, look) if missing else ()
        return found or tuple((name, "") for name in missing)

    def needed_after(self, _changed: frozenset[str], look: Look) -> Step:
        """The same step, which knows the paths that will arrive."""
        return replace(self, brings=paths_of((name for name, _version in self._coming(look)), look))

    def differs(self, look: Look) -> frozenset[str]:
        """The packages that are not installed."""
        missing = self._missing(look)
        return frozenset(claim.name for claim in self.claims if claim.key in missing)

    def preview(self, look: Look) -> str:
        """What arrives, with versions, then the files below /etc and /var; raises BadInput where nothing can arrive."""
        missing = self._missing(look)
        if not missing:
            return ""
        if (problem := refusal(missing, look)) is not None:
            raise BadInput(problem)
        coming = self._coming(look)
        others = [f"{name} {version}".strip() for name, version in coming if name not in missing]
        asked = [f"{name} {version}".strip() for name, version in coming if name in missing]
        lines = [ngettext("Package: {names}", "Packages: {names}", len(asked)).format(names=", ".join(asked))]
        if others:
            along = ngettext("It needs, and brings along: {names}", "They need, and bring along: {names}", len(asked))
            lines.append(along.format(names=", ".join(others)))
        paths = [
            path
            for path in (self.brings or paths_of((name for name, _v in coming), look))
            if not _is_above(path, self.brings)
        ]
        lines += [
            _("New: {path}").format(path=path)
            if look.file(path) is None
            else _("There already: {path}").format(path=path)
            for path in paths
        ]
        return "\n".join(lines) + "\n"

    def inverse(self, look: Look) -> Step:
        """Removes what was not there before, dependencies included, and puts back files that pacman laid aside."""
        missing = self._missing(look)
        if not missing:
            return Nothing(why=_("{names} were installed before").format(names=", ".join(self.packages)))
        found = arriving(missing, look)
        along = tuple(name for name, _version in found or () if name not in missing)
        back = RemovePackages(
            packages=missing,
            along=along,
            among=() if found else tuple(sorted(look.packages())),
            why=self.why,
        )
        brings = self.brings or paths_of((*missing, *along), look)
        states = ((path, look.file(path)) for path in brings)
        # A folder that was there before belongs to the package meanwhile, and pacman takes it along when it is empty.
        files = tuple(
            RestoreFile(
                path=path,
                before=replace(state, mtime_ns=None) if state.kind is Kind.DIRECTORY else state,
                secret=True,
                why=self.why,
            )
            for path, state in states
            if state is not None and state.kind is not Kind.OTHER
        )
        return InTurn(steps=(back, *files), why=self.why) if files else back

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Installs what is missing."""
        if missing := self._missing(machine):
            machine.install(missing, tell)

    def verify(self, look: Look) -> Problem | None:
        """Whether all are installed."""
        if missing := self._missing(look):
            return Problem(
                _("{names} did not get installed.").format(names=", ".join(missing)),
                _("See the end of /var/log/pacman.log."),
            )
        return None


def _is_above(path: PurePosixPath, paths: tuple[PurePosixPath, ...]) -> bool:
    """Whether another of the paths lies below this one, which then needs no line of its own."""
    return any(path in other.parents for other in paths)
