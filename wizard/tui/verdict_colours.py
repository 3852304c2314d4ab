"""The colour that goes with a verdict's words, never instead of them."""

from typing import assert_never

from wizard.check.finding import Verdict


def verdict_class(verdict: Verdict) -> str:
    """The style of a verdict."""
    match verdict:
        case Verdict.GOOD:
            return "$text-success"
        case Verdict.DOUBTFUL:
            return "$text-warning"
        case Verdict.BAD:
            return "$text-error"
        case Verdict.UNKNOWN:
            return "$quiet"
    assert_never(verdict)
