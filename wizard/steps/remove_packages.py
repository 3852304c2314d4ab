"""Remove packages."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from wizard.machine.machine import Kind, Look, Machine, Tell, silent
from wizard.problem import Problem, Trouble
from wizard.steps.in_turn import InTurn
from wizard.steps.nothing import Nothing
from wizard.steps.package_paths import PACMANS_RECORDS, SIDE_EFFECTS, paths_of
from wizard.steps.restore_file import RestoreFile
from wizard.steps.step import Claim, Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class RemovePackages:
    """Removes packages, and of those that came `along` with them the ones that nothing else needs by now.

    `among` names all packages that were there before ours, for when pacman could not tell beforehand what would come
    along. `loses` are the packages' paths below /etc and /var, as make_plan found them.
    """

    packages: tuple[str, ...]
    why: str
    along: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    loses: tuple[PurePosixPath, ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative."""
        return _("Remove {names}").format(names=", ".join(self.packages))

    @property
    def touches(self) -> tuple[PurePosixPath, ...]:
        """What the packages have below /etc and /var, and what pacman and its hooks change."""
        return tuple(dict.fromkeys((*SIDE_EFFECTS, *self.loses)))

    @property
    def spares(self) -> tuple[PurePosixPath, ...]:
        """The folder of pacman's records: other packages have theirs in it."""
        return (PACMANS_RECORDS,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for each package."""
        return tuple(Claim("package", name) for name in self.packages)

    def _there(self, look: Look, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in dict.fromkeys(names) if look.package(name) is not None)

    def needed_after(self, _changed: frozenset[str], look: Look) -> Step:
        """The same step, which knows the paths that will go."""
        return replace(self, loses=paths_of(self._there(look, (*self.packages, *self.along)), look))

    def differs(self, look: Look) -> frozenset[str]:
        """The packages that are installed."""
        there = self._there(look, self.packages)
        return frozenset(claim.name for claim in self.claims if claim.key in there)

    def preview(self, look: Look) -> str:
        """What goes, with versions."""
        there = self._there(look, (*self.packages, *self.along))
        lines = [_("Removed: {name} {version}").format(name=name, version=look.package(name)) for name in there]
        return "".join(f"{line}\n" for line in lines)

    def inverse(self, look: Look) -> Step:
        """Installs them again, and gives them back their files as they are now."""
        from wizard.steps.install_packages import InstallPackages  # each is the other's inverse

        there = self._there(look, (*self.packages, *self.along))
        if not there:
            return Nothing(why=_("{names} were not installed").format(names=", ".join(self.packages)))
        states = ((path, look.file(path)) for path in self.loses or paths_of(there, look))
        files = tuple(
            RestoreFile(path=path, before=state, secret=True, why=self.why)
            for path, state in states
            if state is not None and state.kind in {Kind.FILE, Kind.LINK}
        )
        return InTurn(steps=(InstallPackages(packages=there, why=self.why), *files), why=self.why)

    def apply(self, machine: Machine, tell: Tell = silent) -> None:
        """Removes what is there; what came along stays where something else needs it."""
        # Asked for by name even when they are not there: a pacman that outlived its wizard may still be bringing them.
        try:
            machine.uninstall((*self.packages, *self.along), tell)
        except Trouble:
            if not self.along:
                raise
            machine.uninstall(self.packages, tell)
        along = self._there(machine, self.along)
        self._remove_unneeded(machine, along, tell)
        while orphans := self._new_orphans(machine):
            before = len(machine.packages())
            self._remove_unneeded(machine, orphans, tell)
            if len(machine.packages()) == before:
                break

    def _remove_unneeded(self, machine: Machine, names: tuple[str, ...], tell: Tell) -> None:
        for name in self._there(machine, names):
            try:
                machine.uninstall((name,), tell)
            except Trouble as needed:
                tell(needed.problem.what)

    def _new_orphans(self, look: Look) -> tuple[str, ...]:
        """Packages that came after ours, as dependencies, and that nothing needs any more (pacman(8), -Qdt)."""
        if not self.among:
            return ()
        said = look.output_of("pacman", "-Qdtq")
        return tuple(name for name in said.text.split() if name not in self.among and look.package(name) is not None)

    def verify(self, look: Look) -> Problem | None:
        """Whether all are gone."""
        if there := self._there(look, self.packages):
            return Problem(_("{names} is still installed.").format(names=", ".join(there)))
        return None
