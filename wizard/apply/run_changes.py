"""What a run changed, as text: its steps, and a diff of each file; where others changed it since, that is said."""

from wizard.apply.runs import content_of, the_run
from wizard.apply.snapshot import Snapshot, snapshot_of_run, taken_again
from wizard.machine.machine import Entry, FileState, Kind, Look
from wizard.problem import Trouble
from wizard.steps.diff import unified
from wizard.words import _


def run_changes(look: Look, run_id: str) -> str:
    """The steps of the run and what it did to files; raises BadInput for an unknown run."""
    run = the_run(look, run_id)
    lines = [_("Run {run_id}, {profile}: {state}").format(run_id=run_id, profile=run.profile_id, state=run.state), ""]
    for number, title in enumerate(run.titles, start=1):
        lines.append(f"{number}. {title}" + ("" if number <= run.steps_done else " " + _("(not done)")))
    before, after = snapshot_of_run(look, run_id, "before"), snapshot_of_run(look, run_id, "after")
    if before is not None and after is not None:
        lines.extend(("", *_file_changes(look, run_id, before, after)))
    return "\n".join(lines) + "\n"


def _file_changes(look: Look, run_id: str, before: Snapshot, after: Snapshot) -> list[str]:
    """What the run did to each path below /etc. Only contents from before it are kept, so now is said to be now."""
    texts: list[str] = []
    at_present = taken_again(look, before).entries
    for path in sorted({*before.entries, *after.entries}):
        old, new, now = before.entries.get(path), after.entries.get(path), at_present.get(path)
        if path.parts[1] != "etc" or _same(old, new):
            continue
        if _same(now, old):
            texts.append(_("{path}: changed by this run, and by now as it was before.").format(path=path))
            continue
        if now is None and new is not None:
            texts.append(_("{path}: written by this run; it is no longer there.").format(path=path))
            continue
        if not _same(now, new):
            said = _("{path}: changed once more after this run; the difference is from before the run to now.")
            texts.append(said.format(path=path))
        texts.append(unified(path, _state(look, run_id, old), look.file(path)))
    return texts


def _same(old: Entry | None, new: Entry | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.kind, old.digest, old.mode, old.owner, old.group) == (
        new.kind,
        new.digest,
        new.mode,
        new.owner,
        new.group,
    )


def _state(look: Look, run_id: str, entry: Entry | None) -> FileState | None:
    if entry is None:
        return None
    content = b""
    if entry.kind in {Kind.FILE, Kind.LINK}:
        try:
            content = content_of(look, run_id, entry.digest)
        except Trouble as trouble:
            content = trouble.problem.what.encode()
    return FileState(entry.kind, content, entry.mode, entry.owner, entry.group, entry.mtime_ns)
