"""Runs: what is kept of each time the wizard changed the machine; a person knows them as snapshots.

A run is a folder below places.RUNS, named by the time it began:

    journal       what was done and how it is taken back, one record a line
    blobs/        file contents, each named by its SHA-256 digest
    before        a manifest of what the steps may touch, as it was before
    after         the same as the last step that came to its end left it
    half-way      the same as putting back left it, where that came to an end
    ledger        the ledger as it was before
    answers.toml  the answers, without secrets
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath

from wizard import places
from wizard.apply.journal import Journal, Record, number_of, of_kind, read_journal, strings
from wizard.machine.machine import FileState, Kind, Look, Machine
from wizard.problem import BadInput, Trouble
from wizard.words import _

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class Run:
    """One time that the wizard changed, or began to change, the machine; `run_id` sorts by time.

    `state` is one of: unfinished, failed, stopped, applied, unfinished-undo, put-back. The first `steps_done` of its
    `titles` are done. `pending` are the claims that it
    changed, as long as it has not come to its end. Of a run that was put back, `undone_at` says when, and `has_left`
    whether something of it stayed, since somebody had changed it.
    """

    run_id: str
    profile_id: str
    state: str
    began: str
    titles: tuple[str, ...]
    steps_done: int
    steps_begun: int = 0
    pending: frozenset[str] = frozenset()
    undone_at: str = ""
    has_left: bool = False

    @property
    def needs_a_decision(self) -> bool:
        """Whether it must be gone on with or put back before anything else is done."""
        return self.state in {"unfinished", "failed", "stopped", "unfinished-undo"}

    @property
    def folder(self) -> PurePosixPath:
        """Where it is kept."""
        return places.RUNS / self.run_id


def run_from(run_id: str, records: Iterable[Record]) -> Run | None:
    """The run that a journal tells of; None before its first record."""
    records = tuple(records)
    begins = of_kind(records, "began")
    if not begins:
        return None
    titles, done = _steps(records)
    state = "unfinished"
    for record in records:
        match record["kind"]:
            case "ended":
                state = {"done": "applied"}.get(str(record["ending"]), str(record["ending"]))
            case "went-on":
                state = "unfinished"
            case "putting-back":
                state = "unfinished-undo"
            case "put-back":
                state = "put-back"
    pending: set[str] = set()
    if state in {"unfinished", "failed", "stopped"}:
        for record in of_kind(records, "doing"):
            pending.update(strings(record.get("changes")))
    undone = of_kind(records, "put-back")
    return Run(
        run_id=run_id,
        profile_id=str(begins[0].get("profile", "")),
        state=state,
        began=str(begins[0].get("time", "")),
        titles=titles,
        steps_done=done,
        steps_begun=max(map(number_of, of_kind(records, "doing")), default=0),
        pending=frozenset(pending),
        undone_at=str(undone[-1].get("time", "")) if undone else "",
        has_left=bool(undone and undone[-1].get("has_left")),
    )


def _steps(records: Iterable[Record]) -> tuple[tuple[str, ...], int]:
    """The titles of the steps that were done, then of those that were left, and how many were done.

    A run that was gone on with has a plan of its own for what was left, in which a step may stand once more.
    """
    done: list[str] = []
    left: tuple[str, ...] = ()
    title = ""
    for record in records:
        match record["kind"]:
            case "began" | "went-on":
                left = strings(record.get("titles"))
            case "doing":
                title = str(record.get("title", ""))
            case "done":
                done.append(title)
                left = left[1:]
    return (*done, *left), len(done)


def records_of(look: Look, run_id: str) -> tuple[Record, ...]:
    """The journal of a run; empty when it never came to a first record."""
    state = look.file(places.RUNS / run_id / "journal")
    return read_journal(state.content) if state is not None else ()


def all_runs(look: Look) -> tuple[Run, ...]:
    """Every run that is kept, oldest first."""
    found = (run_from(run_id, records_of(look, run_id)) for run_id in look.names_in(places.RUNS))
    return tuple(run for run in found if run is not None)


def the_run(look: Look, run_id: str) -> Run:
    """The run of that id; raises BadInput when there is none."""
    run = next((run for run in all_runs(look) if run.run_id == run_id), None)
    if run is None:
        raise BadInput(
            _("There is no snapshot {run_id}.").format(run_id=run_id), _("`postwizard snapshots` lists them.")
        )
    return run


@dataclass(frozen=True)
class RunFolder:
    """Reads and writes the files of one run."""

    machine: Machine
    run_id: str

    @property
    def path(self) -> PurePosixPath:
        """The folder itself."""
        return places.RUNS / self.run_id

    @property
    def journal(self) -> Journal:
        """The journal of the run."""
        return Journal(self.machine, self.path / "journal")

    def put(self, content: bytes) -> str:
        """Keeps a content once, and names it by its digest."""
        digest = sha256(content).hexdigest()
        path = self.path / "blobs" / digest
        if self.machine.file(path) is None:
            self.machine.write_file(path, FileState(content=content, mode=PRIVATE_FILE))
        return digest

    def put_all(self, contents: Iterable[bytes]) -> None:
        """Keeps each content once, as `put` does, with one wait for the disk."""
        blobs = self.path / "blobs"
        by_digest = {sha256(content).hexdigest(): content for content in contents}
        for digest in by_digest.keys() & set(self.machine.names_in(blobs)):
            del by_digest[digest]
        self.machine.write_own_files(blobs, by_digest)

    def keep(self, name: str, content: bytes) -> None:
        """Writes one of the files of the run."""
        self.machine.write_file(self.path / name, FileState(content=content, mode=PRIVATE_FILE))

    def keep_all(self, contents: Mapping[str, bytes]) -> None:
        """Writes these files of the run, with one wait for the disk."""
        self.machine.write_own_files(self.path, contents)

    def get(self, digest: str) -> bytes:
        """The content of that digest; raises Trouble when it is lost or damaged."""
        return content_of(self.machine, self.run_id, digest)


def content_of(look: Look, run_id: str, digest: str) -> bytes:
    """A content that the run keeps; raises Trouble when it is lost or damaged."""
    state = look.file(places.RUNS / run_id / "blobs" / digest)
    if state is None or sha256(state.content).hexdigest() != digest:
        raise Trouble(
            _("Snapshot {run_id} has lost the file content {digest}.").format(run_id=run_id, digest=digest[:12]),
            _("It cannot be put back by the wizard; the journal in {folder} says what it was.").format(
                folder=places.RUNS / run_id
            ),
        )
    return state.content


def kept(look: Look, run_id: str, name: str) -> bytes | None:
    """One of the files of the run, or None."""
    state = look.file(places.RUNS / run_id / name)
    return state.content if state is not None and state.kind is Kind.FILE else None


def ensure_folder(machine: Machine, path: PurePosixPath) -> None:
    """Makes a private folder of our own, and those above it, where they are missing."""
    if machine.file(path) is None:
        if path.parent != path:
            ensure_folder(machine, path.parent)
        machine.write_file(path, FileState(kind=Kind.DIRECTORY, mode=PRIVATE_FOLDER))


def new_run(machine: Machine, now: datetime | None = None) -> RunFolder:
    """A folder for a run that begins now (UTC); its id comes after all others, even where the clock was put back.

    Folders that are no run, but hold copies of files all the same, go. Called under the lock of the wizard.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    names_there = machine.names_in(places.RUNS)
    for name in names_there:
        if machine.file(places.RUNS / name / "journal") is None:  # cut short before it began, or while it was removed
            remove_run_folder(machine, name)
    newest = max(names_there, default="")
    stamp = max(stamp, newest.partition("-")[0])
    names = (stamp, *(f"{stamp}-{more:03}" for more in range(2, 1000)))
    folder = RunFolder(machine, next(name for name in names if name > newest))
    try:
        ensure_folder(machine, folder.path / "blobs")
    except Trouble:
        with suppress(Trouble):
            remove_run_folder(machine, folder.run_id)
        raise
    return folder


def remove_run_folder(machine: Machine, run_id: str) -> None:
    """Removes all that is kept of a run; its changes can then no longer be put back."""
    root = places.RUNS / run_id
    machine.remove(root / "journal")  # first, so that a run of which only half is kept is none
    for path in sorted(machine.manifest((root,)), key=lambda path: len(path.parts), reverse=True):
        machine.remove(path)
