"""What ufw(8) and firewall-cmd(1) would write into their files on a machine that exists only in memory."""

from dataclasses import replace
from pathlib import PurePosixPath

from wizard.machine.firewall import MARK
from wizard.machine.machine import CommandResult, Kind
from wizard.machine.pretend_files import PretendFiles

UFW_FILES = {"/etc/ufw/user.rules": "0.0.0.0/0", "/etc/ufw/user6.rules": "::/0"}
DONE = CommandResult(0)


def ufw(files: PretendFiles, words: tuple[str, ...]) -> CommandResult | None:
    """`allow PORT/tcp comment …` and `delete allow PORT/tcp`; None for other words."""
    match words:
        case ("allow", port, "comment", _):
            adds = True
        case ("delete", "allow", port):
            adds = False
        case _:
            return None
    for path, anywhere in UFW_FILES.items():
        number = port.removesuffix("/tcp")
        rule = f"### tuple ### allow tcp {number} {anywhere} any {anywhere} in comment={MARK.encode().hex()}\n"
        end = "### END RULES ###"
        _edit(files, PurePosixPath(path), (end, rule + end) if adds else (rule, ""))
    return DONE


def firewall_cmd(files: PretendFiles, words: tuple[str, ...]) -> CommandResult | None:
    """`--permanent --zone=… --add-service=…` and its like; what only runs leaves no trace here."""
    if words[:1] != ("--permanent",):
        return DONE if words and words[0].startswith("--zone=") else None
    path = PurePosixPath("/etc/firewalld/zones", f"{words[1].partition('=')[2]}.xml")
    for word in words[2:]:
        verb, _equals, value = word.removeprefix("--").partition("=")
        number = value.removesuffix("/tcp")
        is_service = verb.endswith("service")
        line = f'  <service name="{value}"/>\n' if is_service else f'  <port port="{number}" protocol="tcp"/>\n'
        _edit(files, path, ("</zone>", line + "</zone>") if verb.startswith("add") else (line, ""))
    return DONE


def _edit(files: PretendFiles, path: PurePosixPath, change: tuple[str, str]) -> None:
    state = files.file(path)
    if state is None or state.kind is not Kind.FILE:
        return
    text = state.content.decode("utf-8", "surrogateescape")
    old, new = change
    if new and new.removesuffix(old) in text:
        return
    content = text.replace(old, new).encode("utf-8", "surrogateescape")
    if content != state.content:
        files.put(path, replace(state, content=content, mtime_ns=files.now()))
