"""Fixtures of every test: the practice machine is a plug-in of its own."""

import gc
import signal

pytest_plugins = ["tests.practice_machine"]


def pytest_configure() -> None:
    """Under nohup and behind an & these signals are ignored, which the wizard respects; its tests send them."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_finish() -> None:
    """Thousands of tests stay in memory; the collector of garbage need not walk through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
