"""Steps as data for the journal, and back; contents of files, which may be secret, go into a store of their own."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Final

import wizard.steps
from wizard.machine.machine import FileState, GroupState, Kind, ServiceState, UserState
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.steps.step import Step
from wizard.words import _

Put = Callable[[bytes], str]
Get = Callable[[str], bytes]
# Fields that say what a step is about; everything else in the fields of a secret step may be the secret.
OPEN_FIELDS: Final = frozenset({"why", "style", "table_type", "owner", "group", "ours", "unit", "name"})
STATES: Final[Mapping[str, type]] = {kind.__name__: kind for kind in (FileState, ServiceState, UserState, GroupState)}
ENUMS: Final[Mapping[str, type[Enum]]] = {"Kind": Kind}


@cache
def every_kind() -> Mapping[str, type[Step]]:
    """The kinds of step by their class names, found by looking in this folder."""
    found: dict[str, type[Step]] = {}
    for module in pkgutil.iter_modules(wizard.steps.__path__):
        loaded = importlib.import_module(f"wizard.steps.{module.name}")
        for name, kind in vars(loaded).items():
            if isinstance(kind, type) and kind.__module__ == loaded.__name__ and _is_kind(kind):
                found[name] = kind
    return found


def _is_kind(kind: type) -> bool:
    is_abstract = bool(getattr(kind, "__abstractmethods__", None))
    return (
        is_dataclass(kind) and not is_abstract and all(hasattr(kind, name) for name in ("apply", "inverse", "differs"))
    )


def encode(step: Step, put: Put) -> dict[str, Any]:
    """The step as JSON can hold it; `put` keeps a content and gives a word for it."""
    return {
        "kind": type(step).__name__,
        "fields": _encoded_fields(step, put, secret=bool(getattr(step, "secret", False))),
    }


def _encoded_fields(value: Any, put: Put, secret: bool) -> dict[str, Any]:
    return {
        field.name: _encoded(getattr(value, field.name), put, secret and field.name not in OPEN_FIELDS)
        for field in fields(value)
    }


def _encoded(value: Any, put: Put, secret: bool) -> Any:
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return {"enum": type(value).__name__, "value": value.value}
        case str():
            return {"text": put(value.encode("utf-8", "surrogateescape"))} if secret else value
        case bytes():
            return {"bytes": put(value)}
        case Secret():
            return {"secret": put(value.reveal().encode("utf-8", "surrogateescape"))}
        case PurePosixPath():
            return {"path": str(value)}
        case tuple():
            return [_encoded(item, put, secret) for item in value]
        case _ if type(value).__name__ in STATES:
            return {"state": type(value).__name__, "fields": _encoded_fields(value, put, secret=False)}
        case _ if type(value).__name__ in every_kind():
            return {"step": encode(value, put)}
        case _:
            raise TypeError(f"a step holds a {type(value).__name__}, which cannot be journaled")


def decode(data: Mapping[str, Any], get: Get) -> Step:
    """The step from its data; `get` finds a content by the word for it. Raises Trouble for what is not known here."""
    kind = every_kind().get(str(data.get("kind")))
    if kind is None:
        raise _unknown(data.get("kind"))
    made: Step = _made(kind, data.get("fields"), get)
    return made


def _made(kind: type, given: Any, get: Get) -> Any:
    known = {field.name for field in fields(kind)}
    if not isinstance(given, dict) or not set(given) <= known:
        raise _unknown(", ".join(sorted(set(given) - known)) if isinstance(given, dict) else kind.__name__)
    try:
        return kind(**{name: _decoded(value, get) for name, value in given.items()})
    except (TypeError, ValueError) as error:
        raise _unknown(f"{kind.__name__}: {error}") from error


def _decoded(value: Any, get: Get) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case list():
            return tuple(_decoded(item, get) for item in value)
        case {"enum": name, "value": word} if name in ENUMS:
            return ENUMS[name](word)
        case {"text": digest}:
            return get(digest).decode("utf-8", "surrogateescape")
        case {"bytes": digest}:
            return get(digest)
        case {"secret": digest}:
            return Secret(get(digest).decode("utf-8", "surrogateescape"))
        case {"path": path}:
            return PurePosixPath(path)
        case {"state": name, "fields": given} if name in STATES:
            return _made(STATES[name], given, get)
        case {"step": data} if isinstance(data, dict):
            return decode(data, get)
        case _:
            raise _unknown(value)


def _unknown(what: object) -> Trouble:
    return Trouble(
        _("The journal holds something that this version does not know: {what}").format(what=what),
        _("It was written by another version of the wizard. Put the run back with that version."),
    )
