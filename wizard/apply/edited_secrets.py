"""Secret files that somebody changed after the wizard wrote them, of which the ledger keeps nothing to compare with."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import PurePosixPath

from wizard.apply.runs import all_runs
from wizard.apply.snapshot import snapshot_of_run
from wizard.machine.machine import Look
from wizard.plan.ledger import Ledger, LedgerEntry
from wizard.steps.step import Step


def edited_secrets(look: Look, ledger: Ledger, desired: Iterable[Step]) -> tuple[LedgerEntry, ...]:
    """Those that nobody wants any more, and that are not for certain as the run left them that wrote them."""
    wanted = {claim.name for step in desired for claim in step.claims}
    return tuple(
        entry
        for name, entry in ledger.entries.items()
        if name not in wanted and _is_secret_of_ours(entry) and _is_edited(look, entry)
    )


def _is_secret_of_ours(entry: LedgerEntry) -> bool:
    return entry.claim.kind == "file" and not entry.claim.value and entry.before is None


def _is_edited(look: Look, entry: LedgerEntry) -> bool:
    path = look.real_path(PurePosixPath(entry.claim.key))
    state = look.file(path)
    if state is None:
        return False
    digest = sha256(state.content).hexdigest()
    # A command for one account writes the file too, and is not in the ledger.
    later = (run.run_id for run in all_runs(look) if run.run_id >= entry.run_id)
    return not any(_left(look, run_id, path) == digest for run_id in later)


def _left(look: Look, run_id: str, path: PurePosixPath) -> str:
    """The digest of the file as this run left it; empty where it was not looked at."""
    after = snapshot_of_run(look, run_id, "after")
    then = after.at(path) if after is not None else None
    return then.digest if then is not None else ""
