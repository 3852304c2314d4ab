"""Compiled tables: where the index of a source lies, how it is built, and what is in it (postmap(1), postalias(1))."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import Look, Machine
from wizard.problem import Trouble
from wizard.syntax.table_file import Form, TableFile, stored_value
from wizard.words import _

# postmap(1), "DATABASE TYPES": the files that are made beside the source. Other types need no building.
SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "lmdb": (".lmdb",),
    "cdb": (".cdb",),
    "hash": (".db",),
    "btree": (".db",),
    "dbm": (".dir", ".pag"),
    "sdbm": (".dir", ".pag"),
}
# postalias(1) adds these to alias tables for NIS and sendmail.
BOOKKEEPING: Final = frozenset({"@", "yp_last_modified", "yp_master_name"})
BUILD_TIMEOUT: Final = 600


def index_paths(source: PurePosixPath, table_type: str = "") -> tuple[PurePosixPath, ...]:
    """The files built from a source in this type, or in any; none for a type that is not built."""
    suffixes = SUFFIXES.get(table_type, ()) if table_type else sum(SUFFIXES.values(), ())
    return tuple(dict.fromkeys(source.with_name(source.name + suffix) for suffix in suffixes))


def builder(form: Form) -> str:
    """The program that builds and reads tables of this form."""
    return "postalias" if form is Form.ALIASES else "postmap"


def build(
    machine: Machine, source: PurePosixPath, table_type: str, form: Form, config_directory: PurePosixPath | None = None
) -> tuple[str, ...]:
    """Builds the index; gives what the program warned of. Raises Trouble when it could not be built.

    Without root's rights being given up (`-o`), for the folder of the source belongs to root all the same.
    """
    folder = () if config_directory is None else ("-c", str(config_directory))
    result = machine.run(builder(form), *folder, "-o", f"{table_type}:{source}", timeout=BUILD_TIMEOUT)
    said = tuple(line for line in result.error_text.splitlines() if line.strip())
    if not result.ok:
        raise Trouble(
            _("{program} could not build {table}: {said}").format(
                program=builder(form), table=f"{table_type}:{source}", said=" ".join(said)
            ),
            _("Check that the type is offered: `postconf -m`, and that the source is there."),
        )
    return said


def build_again(machine: Machine, source: PurePosixPath, form: Form) -> None:
    """Builds every index that lies beside the source."""
    done: set[tuple[PurePosixPath, ...]] = set()
    offered = set(machine.output_of("postconf", "-m").text.split())
    for table_type in SUFFIXES:
        paths = index_paths(source, table_type)
        if paths in done or not all(machine.file(path) for path in paths) or (offered and table_type not in offered):
            continue
        done.add(paths)
        build(machine, source, table_type, form)


def contents(look: Look, source: PurePosixPath, table_type: str, form: Form) -> Mapping[str, str] | None:
    """What the index holds now; None when it cannot be read."""
    try:
        result = look.output_of(builder(form), "-s", f"{table_type}:{source}", timeout=BUILD_TIMEOUT)
    except (Trouble, ValueError):
        return None
    if not result.ok:
        return None
    lines = result.stdout.decode("utf-8", "surrogateescape").split("\n")
    pairs = dict(line.split("\t", 1) for line in lines if "\t" in line)
    if form is Form.ALIASES:  # postalias(1) -s writes them as in the source: `key:` and the value
        named = {key.removesuffix(":"): value for key, value in pairs.items()}
        return {key: value for key, value in named.items() if key.lower() not in BOOKKEEPING}
    return pairs


def expected(content: bytes, form: Form) -> Mapping[str, str]:
    """What an index built from this source holds: of each key, its first line."""
    found: dict[str, str] = {}
    for entry in TableFile.parse(content, form).entries():
        found.setdefault(entry.key, stored_value(entry.value, form))
    return found
