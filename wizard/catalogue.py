"""The profiles there are, found by looking in their folder; nothing is registered."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from types import ModuleType

from wizard.plan.profile import Profile
from wizard.problem import Trouble
from wizard.words import _


class ProfilesAsNeeded(Mapping[str, Profile]):
    """The profiles by their ids, each read when it is asked for, which raises Trouble where its file is broken.

    For calls that show no list of them: to read one more takes as long as a program that is asked.
    """

    def __init__(self, folder: str = "profiles") -> None:
        self._folder = folder
        self._names = _names_in(folder)

    def __getitem__(self, name: str) -> Profile:
        if name not in self._names:
            raise KeyError(name)
        return _profile(self._folder, name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def all_profiles(folder: str = "profiles") -> Mapping[str, Profile]:
    """Every profile by its id, which is the name of its file, in alphabetical order; Trouble names a broken file.

    The folder is imported by name, so that the engine depends on no profile.
    """
    return {name: _profile(folder, name) for name in _names_in(folder)}


def _names_in(folder: str) -> tuple[str, ...]:
    package = _imported(folder, folder)
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def _profile(folder: str, name: str) -> Profile:
    file = f"{folder}/{name}.py"
    found = getattr(_imported(f"{folder}.{name}", file), "PROFILE", None)
    if not isinstance(found, Profile):
        raise Trouble(
            _("The profile in {file} cannot be used: it has no PROFILE.").format(file=file),
            _("A profile ends in PROFILE = Profile(...); take the file away, or finish it."),
        )
    twice = [key for key, count in Counter(question.key for question in found.questions).items() if count > 1]
    if twice:
        raise Trouble(
            _("The profile in {file} cannot be used: it has two questions named {key}.").format(
                file=file, key=twice[0]
            ),
            _("Give each question a key of its own."),
        )
    return found


def _imported(module: str, file: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:  # whatever a profile does while it is read, its file is to be named
        raise Trouble(
            _("The profile in {file} cannot be read: {error}").format(
                file=file, error=f"{type(error).__name__}: {error}"
            ),
            _("Take the file away, or repair it; the other profiles need it not."),
        ) from error
