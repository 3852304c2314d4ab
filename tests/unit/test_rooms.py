"""What imports cannot show in the static graph: what is loaded when, and what the wheel carries."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLKITS = ("textual", "rich", "questionary", "prompt_toolkit", "jinja2", "tomlkit", "sh")


def loaded_after(statement: str) -> set[str]:
    """The names of all modules that a fresh interpreter has loaded after this statement."""
    lines = (
        "import sys",
        f"sys.path.insert(0, {str(ROOT)!r})",
        statement,
        "print(*sys.modules, sep=chr(10), file=sys.stderr)",
    )
    program = "\n".join(lines)
    result = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    return set(result.stderr.split())


def test_the_conversation_loads_no_toolkit_of_a_front() -> None:
    loaded = loaded_after("import wizard.session")
    assert "wizard.session" in loaded
    assert not loaded & {"textual", "rich", "questionary", "prompt_toolkit"}


def test_help_loads_no_library_at_all() -> None:
    loaded = loaded_after("import wizard.__main__ as m\ntry: m.main(['--help'])\nexcept SystemExit: pass")
    assert "wizard.__main__" in loaded
    assert not loaded & set(TOOLKITS)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.mark.thorough
def test_the_wheel_carries_profiles_templates_styles_and_schemas(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in ("profiles/local_only.py", "wizard/tui/wizard.tcss", "wizard/schema/plan.schema.json"):
        assert needed in names
    here = {str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert here <= names


@pytest.mark.thorough
def test_the_installed_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    site = str(tmp_path / "site")
    program = f"import sys; sys.path.insert(0, {site!r}); from wizard.__main__ import console; console()"
    result = subprocess.run(
        [sys.executable, "-P", "-c", program, "--list"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "local_only" in result.stdout
