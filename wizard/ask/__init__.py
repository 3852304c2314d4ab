"""What can be asked, what may be answered, and why an answer is refused; pure.

It knows facts about the machine and earlier answers; it knows no screen and no step, and never looks by itself.
To add a kind of question: one class in `question.py`; mypy then names each front that must learn it.
"""
