"""Answers with their origin; reading and writing answers.toml, which never holds a secret."""

from dataclasses import dataclass
from enum import Enum

from wizard.ask.question import Answer


class Origin(Enum):
    """Where an answer came from; shown beside it on a re-run."""

    DEFAULT = "default"
    KEPT = "kept from last time"
    FILE = "answers file"
    GIVEN = "given now"


@dataclass(frozen=True)
class Answered:
    """An answer and where it came from."""

    value: Answer
    origin: Origin
