"""The only room that touches the operating system: what can be read (Look), and what can be changed (Machine).

It knows files, packages, units, users and commands; it knows nothing of mail, questions, plans or screens.
To read one more tool's output, add `<tool>_output.py` (text in, values out); only `this_machine/` runs things.
"""
