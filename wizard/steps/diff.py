"""What changes at a path, as text: a unified diff of its content, and sentences for its mode, owner and kind."""

import difflib
import unicodedata
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import FileState, Kind
from wizard.words import _

CONTEXT: Final = 3
OTHERS_READ: Final = 0o004


def unified(
    path: PurePosixPath, before: FileState | None, after: FileState | None, *, secret: bool | None = None
) -> str:
    """The difference as a person reads it; empty when there is none.

    `secret` hides the content; None hides it where not everybody may read the file, for it may hold a password.
    """
    if secret is None:
        secret = any(state is not None and _is_private(state) for state in (before, after))
    sentences = tuple(_described(path, before, after))
    body = _content(path, before, after, secret)
    return "\n".join(part for part in ("\n".join(sentences), body) if part) + ("\n" if sentences or body else "")


def _is_private(state: FileState) -> bool:
    return state.kind is Kind.FILE and not state.mode & OTHERS_READ


def _described(path: PurePosixPath, before: FileState | None, after: FileState | None) -> list[str]:
    """Sentences on all but the content."""
    if before is None and after is None:
        return []
    if before is None and after is not None:
        made = {
            Kind.FILE: _("New file {path}, {rights}."),
            Kind.DIRECTORY: _("New folder {path}, {rights}."),
            Kind.LINK: _("New link {path} to {target}."),
        }.get(after.kind, _("New {path}."))
        return [made.format(path=path, rights=_rights(after), target=readable(after.content))]
    if after is None:
        assert before is not None  # noqa: S101 - the case of two missing states is above
        gone = {
            Kind.FILE: _("File {path} is removed."),
            Kind.DIRECTORY: _("Folder {path} is removed."),
            Kind.LINK: _("Link {path} to {target} is removed."),
        }.get(before.kind, _("{path} is removed."))
        return [gone.format(path=path, target=readable(before.content))]
    assert before is not None  # noqa: S101
    sentences = []
    if before.kind is not after.kind:
        what = {Kind.FILE: _("file"), Kind.DIRECTORY: _("folder"), Kind.LINK: _("link"), Kind.OTHER: _("device")}
        sentences.append(
            _("{path} becomes a {after}; it is a {before}.").format(
                path=path, after=what[after.kind], before=what[before.kind]
            )
        )
    if before.kind is Kind.LINK and after.kind is Kind.LINK and before.content != after.content:
        sentences.append(
            _("{path} points to {after} instead of {before}.").format(
                path=path, after=readable(after.content), before=readable(before.content)
            )
        )
    if after.kind is not Kind.LINK and before.mode != after.mode:
        sentences.append(
            _("Mode of {path}: {before:04o} becomes {after:04o}.").format(
                path=path, before=before.mode, after=after.mode
            )
        )
    if (before.owner, before.group) != (after.owner, after.group):
        sentences.append(
            _("Owner of {path}: {before} becomes {after}.").format(
                path=path, before=_owner(before), after=_owner(after)
            )
        )
    if before.xattrs != after.xattrs:
        sentences.append(_("Extended attributes or ACL of {path} change.").format(path=path))
    return sentences


def _owner(state: FileState) -> str:
    return f"{_account(state.owner)}:{_account(state.group)}"


def _account(account: int | str) -> str:
    return "root" if account == 0 else str(account)


def _rights(state: FileState) -> str:
    return _("mode {mode:04o}, owner {owner}").format(mode=state.mode, owner=_owner(state))


def _content(path: PurePosixPath, before: FileState | None, after: FileState | None, secret: bool) -> str:
    old = before.content if before is not None and before.kind is Kind.FILE else None
    new = after.content if after is not None and after.kind is Kind.FILE else None
    if old == new or not (old or new):
        return ""
    if secret:
        return _("(The content is secret and not shown.)")
    if b"\0" in (old or b"") or b"\0" in (new or b""):
        return _("(Not text: {before} becomes {after}.)").format(before=_digest(old), after=_digest(new))
    lines = difflib.unified_diff(
        readable_lines(old or b""),
        readable_lines(new or b""),
        str(path) if old is not None else "/dev/null",
        str(path) if new is not None else "/dev/null",
        n=CONTEXT,
        lineterm="",
    )
    return "\n".join(line for whole in lines for line in whole.split("\n"))


def _digest(content: bytes | None) -> str:
    if content is None:
        return _("nothing")
    return _("{size} bytes, SHA-256 {digest}").format(size=len(content), digest=sha256(content).hexdigest()[:16])


def readable_lines(content: bytes) -> list[str]:
    """The lines of a file, each fit for a terminal; a last line without an end has a note, as diff(1) writes it."""
    lines = [readable(line) for line in content.split(b"\n")]
    if lines[-1]:
        lines[-1] += "\n\\ " + _("No newline at end of file")
        return lines
    return lines[:-1]


def readable(content: bytes) -> str:
    """Text that a terminal shows as it is: bytes that are not UTF-8 and characters that cannot be seen are escaped."""
    text = content.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(char: str) -> str:
    if char == "\t" or char.isprintable() or unicodedata.category(char) == "Zs":
        return char
    if char == "\r":
        return "\\r"
    return char.encode("unicode_escape").decode("ascii")
