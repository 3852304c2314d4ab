"""The wizard in the machine: its libraries in the tree, its code mounted at each boot as it then is."""

import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import wizard
from wizard.practice.chroot import in_tree
from wizard.practice.folders import downloads_folder
from wizard.practice.recipe import APP_FOLDER, SITE_FOLDER
from wizard.problem import Trouble

LOCK = Path(wizard.__file__).resolve().parent / "requirements.lock"


def requirements() -> tuple[str, ...]:
    """What the wizard needs: its lock file, else its own declaration (pyproject.toml, or the package's metadata)."""
    if LOCK.is_file():
        return tuple(line.strip(" \\") for line in LOCK.read_text().splitlines())
    project = Path(wizard.__file__).resolve().parent.parent / "pyproject.toml"
    if project.is_file():
        declared = tomllib.loads(project.read_text())["project"]["dependencies"]
        return tuple(sorted(str(line) for line in declared))
    try:
        lines = metadata.requires("postwizard") or []
    except metadata.PackageNotFoundError:
        raise Trouble("The wizard's own requirements are not known", "Install it with pip, or run its checkout")
    return tuple(sorted(line for line in lines if "extra ==" not in line))


def put_wizard_inside(tree: Path) -> None:
    """Unpacks the wheels for the machine's Python, and makes the folders that the boot mounts the code on."""
    site = tree / SITE_FOLDER.lstrip("/")
    site.mkdir(parents=True)
    wheels = downloads_folder() / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    version = in_tree(tree, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    for wheel in fetch_wheels(wheels, version):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    for name in ("wizard", "profiles", "templates"):
        (tree / APP_FOLDER.lstrip("/") / name).mkdir(parents=True)
    in_tree(tree, "python3", "-m", "compileall", "-q", SITE_FOLDER)


def fetch_wheels(cache: Path, version: str) -> list[Path]:
    """pip's choice of wheels for that version of Python, on this processor."""
    wanted = ("--require-hashes", "--requirement", str(LOCK)) if LOCK.is_file() else requirements()
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "--cache-dir", str(cache), "download",
             "--quiet", "--dest", folder, "--only-binary=:all:", "--python-version", version, *wanted],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if ended.returncode != 0:
            last = "\n".join(line for line in ended.stderr.splitlines() if re.match("ERROR|.*No module", line))
            raise Trouble(f"pip could not fetch what the wizard needs: {last}", "Check the network, and python -m pip")
        kept = []
        for wheel in sorted(Path(folder).glob("*.whl")):
            kept.append(cache / wheel.name)
            kept[-1].write_bytes(wheel.read_bytes())
        return kept
