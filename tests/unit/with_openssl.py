"""A pretended machine whose openssl(1) is the real one, and certificates that it makes for the tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from wizard.machine.machine import CommandResult, FileState
from wizard.machine.pretend_machine import PretendMachine

CERTIFICATE, KEY = PurePosixPath("/etc/ssl/a.crt"), PurePosixPath("/etc/ssl/a.key")


def openssl(*argv: str, stdin: bytes = b"") -> CommandResult:
    """Runs the program of this computer, with no more than what is given to it."""
    ended = subprocess.run(("openssl", *argv), input=stdin, capture_output=True, check=False)
    return CommandResult(ended.returncode, ended.stdout, ended.stderr)


class WithOpenssl(PretendMachine):
    """openssl(1) sees the pretended files that it is asked about."""

    def run(self, *argv: str, **given: object) -> CommandResult:  # type: ignore[override]
        """Runs openssl(1), and pretends anything else."""
        return openssl(*argv[1:]) if argv[0] == "openssl" else super().run(*argv, **given)  # type: ignore[arg-type]

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """The same for what only looks."""
        super().output_of(*argv, stdin=stdin, timeout=timeout)
        if argv[0] != "openssl":
            return super().output_of(*argv, stdin=stdin, timeout=timeout)
        with self._on_disk(argv[1:]) as words:
            return openssl(*words, stdin=stdin)

    @contextmanager
    def _on_disk(self, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        with TemporaryDirectory() as folder:
            yield tuple(self._laid_out(word, Path(folder, str(place))) for place, word in enumerate(words))

    def _laid_out(self, word: str, path: Path) -> str:
        state = self.file(self.real_path(PurePosixPath(word))) if word.startswith("/etc/") else None
        if state is None:
            return word
        path.write_bytes(state.content)
        return str(path)


def with_files(certificate: bytes, key: bytes) -> WithOpenssl:
    """A machine that has these two."""
    machine = WithOpenssl()
    machine.lay(CERTIFICATE, FileState(content=certificate))
    machine.lay(KEY, FileState(content=key, mode=0o600))
    return machine


def new_key() -> bytes:
    """A private key in PEM form."""
    return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout


def certificate_for(
    name: str, folder: Path, key: bytes, *, issuer: tuple[bytes, bytes] | None = None, days: int = 60,
    is_ca: bool = False, names: str | None = None, subject: str | None = None,
) -> bytes:  # fmt: skip
    """A certificate of this key, signed by itself or by the issuer (certificate, key); `names` as x509v3_config(5)."""
    paths = {word: folder / word for word in ("key", "issuer", "issuer_key")}
    for path, content in zip(paths.values(), (key, *(issuer or (b"", b""))), strict=True):
        path.write_bytes(content)
    alternative = f"DNS:{name}" if names is None else names
    asked = openssl(
        "req", "-new", "-key", str(paths["key"]), "-subj", f"/CN={name}" if subject is None else subject,
        "-addext", f"basicConstraints=critical,CA:{'TRUE' if is_ca else 'FALSE'}",
        *(("-addext", f"subjectAltName={alternative}") if alternative else ()),
    )  # fmt: skip
    by = ("-CA", str(paths["issuer"]), "-CAkey", str(paths["issuer_key"])) if issuer else ("-key", str(paths["key"]))
    # x509(1), unlike req(1), makes one that is over too.
    made = openssl(
        "x509", "-req", "-copy_extensions", "copyall", "-days", str(days), "-set_serial", "1", *by, stdin=asked.stdout
    )
    assert made.ok, made.error_text
    return made.stdout
