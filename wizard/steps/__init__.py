"""One file per kind of change: each can show, do, check and reverse itself.

A step knows files, packages, units and users through Look and Machine; it knows no profile, no screen, no journal.
To add a kind: one frozen dataclass in one file that keeps the Step protocol; `test_every_step.py` holds it to its laws.
"""
