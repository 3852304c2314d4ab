"""Copies the project's own files into a tree or package, where the path below the folder is the path there."""

from pathlib import Path


def copy_files(source: Path, target: Path) -> None:
    """Copies with the modes of an installed system, whatever a checkout or an umask made of them."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            if not place.is_dir():
                place.mkdir(parents=True)
                place.chmod(0o755)
        elif "__pycache__" not in path.parts:
            content = path.read_bytes()
            place.unlink(missing_ok=True)
            place.write_bytes(content)
            place.chmod(0o755 if content.startswith(b"#!") else 0o644)
