"""Runs: what is kept of each time the wizard changed the machine (also called its snapshots)."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One time that the wizard changed, or began to change, the machine; `run_id` sorts by time."""

    run_id: str
    profile_id: str
    state: str  # "applied", "unfinished", "failed", "put-back", "unfinished-undo"
    began: str  # ISO 8601, UTC
    titles: tuple[str, ...]
    steps_done: int
