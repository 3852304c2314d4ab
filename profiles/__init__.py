"""One file per profile, found by looking here; each ends in `PROFILE = Profile(...)`.

To add one, add a file: its name is the profile's id in answers files and reports. Nothing is registered.
A profile declares questions and wanted steps; it never acts and never imports another profile.
"""
