"""The practice machine: a disposable computer with systemd, pacman and Postfix, built and booted on this one.

It knows nothing of profiles, plans or screens; what is run inside it is a command like any other.
A package more is a line in `recipe.py`, and a folder below `package_files/` for files that its Debian build lacks.
"""
