"""Words: a text on a screen, never markup, drawn again only when it has changed."""

from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from wizard.tui.plain import in_ascii

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class Words(Static):
    """A Static for texts of any origin."""

    def __init__(self, words: Content | str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        self._said = words if isinstance(words, Content) else Content(words)
        super().__init__(self._said, id=id, classes=classes, markup=False)

    def say(self, words: Content | str) -> None:
        """Shows these words; the layout is worked out again only where the text differs."""
        content = words if isinstance(words, Content) else Content(words)
        if not content.is_same(self._said):
            is_new_text = content.plain != self._said.plain
            self._said = content
            self.update(content, layout=is_new_text)

    def render(self) -> VisualType:
        """The words, with our own punctuation in ASCII on a console that has no more."""
        return in_ascii(self._said) if cast("WizardApp", self.app).reduced else super().render()
