"""The full-screen front, on Textual: it asks, shows and drives `wizard.session`, and knows nothing of mail.

A screen is one file in `screens/`, a widget one file in `widgets/`; what a thread finds out comes back as a message.
New kind of question: one case in `question_field.py`, which mypy names.
"""
