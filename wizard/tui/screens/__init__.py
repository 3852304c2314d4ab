"""One file per screen, in the order of the journey: choose, ask, preview, apply, tests, report; and those beside it."""
