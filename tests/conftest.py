"""Fixtures of every test: the practice machine is a plug-in of its own."""

pytest_plugins = ["tests.practice_machine"]
