"""The shell around the core: executes a plan with journal and snapshot, takes it back, and goes on after a crash.

It writes only through Machine, so a pretended run leaves nothing on the disk; it never decides to roll back by itself.
"""
