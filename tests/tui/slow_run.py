"""Run by test_lost_terminal: the wizard on a real terminal, with a run that waits for a file before its last step."""

import sys
import time
from pathlib import Path

import pytest

from tests.tui.fake_engine import NO_MACHINE, Engine
from wizard.tui.app import run_app


def leave(path: Path, text: str) -> None:
    """Leaves a file that is whole as soon as it is there."""
    path.with_suffix(".part").write_text(text)
    path.with_suffix(".part").rename(path)


def main(folder: Path) -> int:
    """Leaves `running` when the run has begun and `ended` with its ending; waits for `go`."""
    engine = Engine()
    patches = pytest.MonkeyPatch()
    engine.install(patches)

    def carry_out(*arguments: object) -> object:
        stop = arguments[4]
        (folder / "running").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        leave(folder / "asked", str(stop()))  # type: ignore[operator]
        outcome = engine.carry_out(*arguments)  # type: ignore[arg-type]
        leave(folder / "ended", outcome.ending.value)
        return outcome

    patches.setattr("wizard.session.carry_out", carry_out)
    return run_app(NO_MACHINE)


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    leave(Path(sys.argv[1]) / "code", str(code))
    sys.exit(code)
