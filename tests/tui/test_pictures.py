"""The pictures of the README are those that the program makes now."""

from pathlib import Path

import pytest

from wizard.tui.pictures import MACHINE, take_pictures

FOLDER = Path(__file__).parents[1] / "pictures"


def committed() -> dict[str, str]:
    """The pictures as the README shows them."""
    return {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.svg")}


@pytest.mark.thorough
async def test_the_committed_pictures_are_those_that_the_program_makes_now() -> None:
    pictures = await take_pictures(MACHINE.read_text("utf-8"))
    assert committed().keys() == pictures.keys()
    stale = [name for name, svg in pictures.items() if committed()[name] != svg]
    folder = FOLDER.relative_to(FOLDER.parents[1])
    assert not stale, f"stale pictures; make them again: python -m wizard.tui.pictures {folder}"


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    for svg in committed().values():
        assert "https://" not in svg
        assert svg.count("http://") == svg.count('xmlns="http://www.w3.org/2000/svg"')
