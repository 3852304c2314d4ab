"""The line-by-line front, complete and accessible: asks, shows, tells and reports from top to bottom, in plain lines.

It knows the session, the prompts and the printer; it decides nothing about mail and opens no machine.
To learn a new kind of question: one case in `prompts.py` and one in `plain_prompts.py`; mypy names both.
"""
