"""Secret: a value that never shows itself by accident."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """A password or key; its `repr` and `str` hide it, and only `reveal` gives it out."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The value itself; called where it is written to its file and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__
