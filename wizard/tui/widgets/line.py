"""Line: one line to type in, of one row, with a cursor that stays still."""

from typing import Any

from textual.widgets import Input


class Line(Input):
    """Typing adds to what is there; nothing is sent to the terminal while nobody types."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, compact=True, select_on_focus=False, **options)
        self.cursor_blink = False
