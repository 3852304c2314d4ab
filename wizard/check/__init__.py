"""Is it well? Test sends that follow a marked message, and checks that return findings.

It reads through Look and sends test mail through Machine; it knows no screen and no profile.
To add a probe: one function here that tells its stages as they happen and returns findings.
"""
