"""Fixtures of every test: the practice machine is a plug-in of its own."""

import gc

pytest_plugins = ["tests.practice_machine"]


def pytest_collection_finish() -> None:
    """Thousands of tests stay in memory; the collector of garbage need not walk through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
