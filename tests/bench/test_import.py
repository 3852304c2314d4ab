"""An import of 100,000 mailboxes against sqlite3(1) loading the same rows, and the memory that it needs."""

import csv
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from tests.bench.timing import ROOT, Ratio, check, in_turn, least
from tests.unit.test_virtual_mail import carried_out, the_machine
from wizard.syntax.mail_accounts import SCHEMA

COUNT = 100_000
LONG_AGO = "2000-01-01 00:00:00"
MEGABYTES = 200


@pytest.fixture
def mailboxes(tmp_path: Path) -> Path:
    """The file that is imported, and beside it the same rows as each table of the database has them."""
    with (tmp_path / "mailboxes.csv").open("w", newline="") as file:
        csv.writer(file).writerows((address, password, "1G", name) for address, password, name in _rows())
    with (tmp_path / "mailbox.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            (address, password, name, f"club.example/{name}/", 1024**3, name, "club.example", LONG_AGO, LONG_AGO, 1,
             "", "", "", LONG_AGO, LONG_AGO)
            for address, password, name in _rows()
        )  # fmt: skip
    with (tmp_path / "alias.csv").open("w", newline="") as file:
        csv.writer(file).writerows((row[0], row[0], "club.example", LONG_AGO, LONG_AGO, 1) for row in _rows())
    return tmp_path


def _rows() -> Iterator[tuple[str, str, str]]:
    """Address, hash and name; the hashes are as long as those of SHA512-CRYPT."""
    for number in range(COUNT):
        yield f"user{number}@club.example", f"{{SHA512-CRYPT}}$6$saltsaltsaltsalt${number:086}", f"user{number}"


def _raw(folder: Path) -> float:
    database = folder / "raw.sqlite"
    database.unlink(missing_ok=True)
    statements = ";\n".join(SCHEMA) + ";\n.mode csv\n.import mailbox.csv mailbox\n.import alias.csv alias\n"
    began = perf_counter()
    subprocess.run(["sqlite3", "-bail", database], input=statements, text=True, cwd=folder, check=True)
    return perf_counter() - began


def test_many_mailboxes_are_imported_nearly_as_fast_as_sqlite_loads_them(table: list[Ratio], mailboxes: Path) -> None:
    megabytes: list[float] = []

    def ours() -> float:
        ended = subprocess.run(
            (sys.executable, ROOT / "tests" / "bench" / "importing.py",
             *(mailboxes / name for name in ("machine", "disk", "mailboxes.csv"))),
            env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert f"{COUNT} mailboxes are imported" in ended.stdout
        measured = json.loads(ended.stdout.splitlines()[-1])
        megabytes.append(measured["megabytes"])
        return float(measured["seconds"])

    machine = the_machine("fresh_arch")
    carried_out(machine, "virtual_mail")
    (mailboxes / "machine").write_bytes(pickle.dumps(machine))
    (mailboxes / "disk").mkdir()
    taken = least(in_turn(3, ours=ours, raw=lambda: _raw(mailboxes)))
    check(
        table,
        Ratio(
            what=f"mailbox import / sqlite3 .import, {COUNT} mailboxes",
            ours=taken["ours"],
            theirs=taken["raw"],
            aim=3,
            bound=4,
        ),
    )
    assert max(megabytes) < MEGABYTES
