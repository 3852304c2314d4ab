"""What well-known programs would say and do on a machine that exists only in memory."""

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.machine import CommandResult, FileState, Kind, ServiceState, UnitDetails
from wizard.machine.pretend_archive import move, remove, tar
from wizard.machine.pretend_files import PretendFiles
from wizard.machine.pretend_firewall import firewall_cmd, ufw
from wizard.machine.pretend_sql_server import content_of_pretended, pretended
from wizard.machine.pretend_sqlite import ASKED, look_up
from wizard.machine.systemctl_output import full_name, service_state, show_unit
from wizard.syntax.expand import expand
from wizard.syntax.mail_accounts import read_accounts
from wizard.syntax.main_cf import MainCf, as_shown
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.table_file import Form, TableFile, stored_value

INDEXED: Final[Mapping[str, str]] = {"lmdb": ".lmdb", "cdb": ".cdb", "hash": ".db", "btree": ".db"}
CONFIG: Final = "/etc/postfix"
# postconf(5), known_tcp_ports: the names of services that Postfix itself knows.
PORTS: Final[Mapping[str, int]] = {"smtp": 25, "smtps": 465, "submissions": 465, "submission": 587, "lmtp": 24}
MARK: Final = b"pretended index\n"
PRETENDED_KEY: Final = b"-----BEGIN PRIVATE KEY-----\npretended\n-----END PRIVATE KEY-----\n"
PRETENDED_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----\npretended for {name}\n-----END CERTIFICATE-----\n"
Defaults = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class PretendCommands:
    """Answers for a machine: its files, the state of its units, and Postfix's defaults (postconf -d)."""

    files: PretendFiles
    unit: Callable[[str], UnitDetails]
    defaults: Defaults

    def service(self, name: str) -> ServiceState:
        """Whether a unit is enabled, running and masked."""
        return service_state(self.unit(name))

    def answer(self, argv: tuple[str, ...], stdin: bytes) -> CommandResult | None:
        """How the command ends; None when nothing is known of it."""
        program = argv[0].rpartition("/")[2]
        match program, argv[1:]:
            case "postconf", arguments:
                return self._postconf(arguments)
            case "postmap", ("-q", key, place) if place.removeprefix("proxy:").startswith(ASKED):
                return look_up(self.files, PurePosixPath(place.rpartition(":")[2]), key)
            case "doveadm", ("user", *words):
                return self._doveadm_user(words[-1])
            case ("postmap" | "postalias") as tool, arguments:
                return self._table(tool, arguments, stdin)
            case "newaliases", _:
                named = self._setting(CONFIG, "alias_database")
                return self._table("postalias", tuple(re.findall(r"\w+:[^\s,]+", named)), stdin)
            case "postfix", ("status",):
                return _said("") if self.service("postfix.service").running else _failed("not running")
            case "postqueue", ("-j",):
                return _said("")
            case ("postqueue", ("-p",)) | ("mailq", ()):
                return _said("Mail queue is empty\n")
            case "systemctl", ("is-active", *names):
                states = [bool(self.service(full_name(name)).running) for name in names if not name.startswith("-")]
                return CommandResult(0 if all(states) else 3, _words("active", "inactive", states))
            case "systemctl", ("is-enabled", *names):
                states = [bool(self.service(full_name(name)).enabled) for name in names if not name.startswith("-")]
                return CommandResult(0 if all(states) else 1, _words("enabled", "disabled", states))
            case "systemctl", ("show", *names):
                units = [full_name(name) for name in names if not name.startswith("-")]
                return _said("\n".join(show_unit(name, self.unit(name)) for name in units))
            case "openssl", ("req", "-x509", *_):
                return CommandResult(0, PRETENDED_KEY + _pretended_certificate(argv))
            case "openssl", ("x509" | "pkey", *arguments):
                return self._openssl(arguments, stdin)
            case "certbot", ("certonly", *arguments):
                return self._certbot(arguments)
            case "openssl", ("genpkey", *_):
                return _said(PRETENDED_KEY.decode())
            case "ufw", words:
                return ufw(self.files, words)
            case "firewall-cmd", words:
                return firewall_cmd(self.files, words)
            case "date", ("+%Y%m",):
                return _said("202601\n")
            case "doveconf", ("-n", *_):
                return _said("")
            case "tar", arguments:
                return tar(self.files, arguments)
            case "mv", ("-T", "--", source, target):
                return move(self.files, PurePosixPath(source), PurePosixPath(target))
            case "rm", ("-r", *_, "--", folder):
                return remove(self.files, PurePosixPath(folder))
            case "find", arguments:
                return self._find(arguments)
            case "ss", _:
                return _said("".join(self._listening()))
            case "getent", ("passwd", name):
                user = self.files.user(name)
                return (
                    _said(f"{name}:x:{user.uid}:{user.gid}::{user.home}:{user.shell}\n") if user else CommandResult(2)
                )
            case _:
                return pretended(argv, stdin, self.files, lambda unit: bool(self.service(unit).running))

    def _openssl(self, arguments: list[str], stdin: bytes) -> CommandResult | None:
        """What is asked of a pretended key or certificate: its public key has no words, its name is kept in it."""
        path = PurePosixPath(arguments[-1])
        state = self.files.file(self.files.real_path(path)) if path.is_absolute() else FileState(content=stdin)
        if state is None or state.kind is not Kind.FILE or b"\npretended" not in state.content:
            return None
        name = re.search(rb"pretended for (.+)", state.content)
        return _said(f"DNS:{name[1].decode()}\n" if name and "subjectAltName" in arguments else "")

    def _certbot(self, arguments: list[str]) -> CommandResult:
        """A certificate is made at once, in the place where certbot(1) keeps it."""
        name, server = (arguments[arguments.index(option) + 1] for option in ("--cert-name", "--server"))
        live = PurePosixPath("/etc/letsencrypt/live") / name
        certificate = PRETENDED_CERTIFICATE.format(name=name).encode()
        conf = live.parent.parent / "renewal" / f"{name}.conf"
        for path, content, mode in (
            (live / "fullchain.pem", certificate, 0o644),
            (live / "privkey.pem", PRETENDED_KEY, 0o600),
            (conf, f"[renewalparams]\nserver = {server}\n".encode(), 0o644),
        ):
            self.files.lay(self.files.real_path(path), FileState(content=content, mode=mode))
        return _said("Successfully received certificate.\n")

    def _doveadm_user(self, address: str) -> CommandResult | None:
        maps = self._setting(CONFIG, "virtual_mailbox_maps")
        content = content_of_pretended(maps, self.files)
        if content is None:
            return None
        if read_accounts(content).mailbox(address) is None:
            return CommandResult(67, b"", f"userdb lookup: user {address} doesn't exist\n".encode())
        return _said(f"field\tvalue\nuser\t{address}\n")

    # Postfix's own

    def _main_cf(self, folder: str) -> MainCf | None:
        path = self.files.real_path(PurePosixPath(folder) / "main.cf")
        state = self.files.file(path)
        return MainCf.parse(state.content) if state is not None and state.kind is Kind.FILE else None

    def _setting(self, folder: str, name: str) -> str:
        main_cf, defaults = self._main_cf(folder), self.defaults()
        explicit = main_cf.value if main_cf is not None else lambda _name: None

        def lookup(wanted: str) -> str | None:
            value = explicit(wanted)
            return value if value is not None else defaults.get(wanted)

        value = lookup(name)
        return expand(value, lookup) if value else ""

    def _postconf(self, arguments: tuple[str, ...]) -> CommandResult | None:
        flags, names, folder = _options(arguments, "c")
        folder = folder or CONFIG
        main_cf = self._main_cf(folder)
        if main_cf is None:
            return _failed(f"postconf: fatal: open {folder}/main.cf: No such file or directory")
        if set(flags) - set("nhxdfc"):
            return None
        defaults = self.defaults()
        own = {name: as_shown(main_cf.value(name) or "") for name in main_cf.names()}
        values = dict(defaults) if "d" in flags else own if "n" in flags else {**defaults, **own}
        lines = []
        for name in names or sorted(values):
            if name in values:
                value = self._setting(folder, name) if "x" in flags else values[name]
                lines.append(f"{value}\n" if "h" in flags else f"{name} = {value}\n")
        return _said("".join(lines))

    def _table(self, tool: str, arguments: tuple[str, ...], stdin: bytes) -> CommandResult | None:
        form = Form.ALIASES if tool == "postalias" else Form.TABLE
        flags, places, asked = _options(arguments, "q")
        flags, places = _without_folder(flags, places, arguments)
        answers: list[str] = []
        warnings: list[str] = []
        for place in places:
            kind, _colon, name = place.removeprefix("proxy:").rpartition(":")
            kind = kind or self.defaults().get("default_database_type", "lmdb")
            path = self.files.real_path(PurePosixPath(name))
            source = self.files.file(path)
            index = path.with_name(path.name + INDEXED.get(kind, ""))
            if "q" in flags or "s" in flags:
                built = self.files.file(index)
                if built is None:
                    return _failed(f"{tool}: fatal: open database {index}: No such file or directory")
                if not built.content.startswith(MARK):
                    return None  # a real index of the machine below, which its own programs can read
                entries = dict(line.split("\t", 1) for line in built.content.decode().splitlines()[1:])
                keys = (
                    stdin.decode().splitlines() if asked == "-" else [asked.casefold()] if "q" in flags else [*entries]
                )
                for key in keys:
                    if key in entries:
                        answers.append(entries[key] if "q" in flags and asked != "-" else f"{key}\t{entries[key]}")
                continue
            if source is None or source.kind is not Kind.FILE:
                return _failed(f"{tool}: fatal: open {name}: No such file or directory")
            if kind not in INDEXED:
                return _failed(f"{tool}: fatal: unsupported dictionary type: {kind}")
            table = TableFile.parse(source.content, form)
            warnings += [
                f"{tool}: warning: {name}, line {number}: {problem.what}" for number, problem in table.problems()
            ]
            warnings += [f'{tool}: warning: {kind}:{name}: duplicate entry: "{key}"' for key in table.duplicates()]
            self._build(index, table, source)
        if "q" in flags and not answers:
            return CommandResult(1)
        return CommandResult(0, "".join(f"{line}\n" for line in answers).encode(), "\n".join(warnings).encode())

    def _build(self, index: PurePosixPath, table: TableFile, source: FileState) -> None:
        """The index file: a mark, and the first entry of each key; a real one is binary, but made of the same."""
        first: dict[str, str] = {}
        for entry in table.entries():
            first.setdefault(entry.key, stored_value(entry.value, table.form))
        content = MARK + "".join(f"{key}\t{value}\n" for key, value in first.items()).encode()
        standing = self.files.file(index)
        mode = standing.mode if standing is not None else 0o644
        self.files.put(index, FileState(Kind.FILE, content, mode, source.owner, source.group, self.files.now()))

    # Other tools

    def _listening(self) -> list[str]:
        """ss(8): what Postfix's master would listen on, when it runs."""
        if not self.service("postfix.service").running:
            return []
        state = self.files.file(PurePosixPath(CONFIG, "master.cf"))
        services = MasterCf.parse(state.content).services() if state is not None else ()
        outside = self._setting(CONFIG, "inet_interfaces") not in {"loopback-only", "localhost"}
        lines = []
        for service in services:
            if service.type != "inet":
                continue
            host, _colon, name = service.name.rpartition(":")
            port = int(name) if name.isdigit() else PORTS.get(name, 0)
            for address in (host,) if host else ("0.0.0.0", "[::]") if outside else ("127.0.0.1", "[::1]"):  # noqa: S104
                lines.append(f'LISTEN 0 100 {address}:{port} *:* users:(("master",pid=700,fd=13))\n')
        return lines

    def _find(self, arguments: tuple[str, ...]) -> CommandResult | None:
        roots = [argument for argument in arguments if argument.startswith("/")]
        if "-name" not in arguments:
            return None
        pattern = arguments[arguments.index("-name") + 1]
        found: list[str] = []
        todo = [PurePosixPath(root) for root in roots]
        while todo:
            folder = todo.pop()
            for name in self.files.names_in(folder):
                state = self.files.file(folder / name)
                if state is not None and state.kind is Kind.DIRECTORY:
                    todo.append(folder / name)
                if fnmatch.fnmatch(name, pattern):
                    found.append(f"{folder / name}\n")
        return _said("".join(sorted(found)))


def _pretended_certificate(argv: tuple[str, ...]) -> bytes:
    name = next((word.rpartition(":")[2] for word in argv if word.startswith("subjectAltName=DNS:")), "")
    return PRETENDED_CERTIFICATE.format(name=name).encode()


def _options(arguments: tuple[str, ...], with_value: str) -> tuple[str, tuple[str, ...], str]:
    """The option letters, the other words, and the value of the one option that has one."""
    letters, words, value = "", [], ""
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        if word.startswith("-") and len(word) > 1:
            for place, letter in enumerate(word[1:], start=2):
                letters += letter
                if letter in with_value:
                    value = word[place:] or (rest.pop(0) if rest else "")
                    break
        else:
            words.append(word)
    return letters, tuple(words), value


def _without_folder(flags: str, words: tuple[str, ...], arguments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """`-c FOLDER` taken out: the folder names a configuration, not a table."""
    if "c" in flags and "-c" in arguments:
        folder = arguments[arguments.index("-c") + 1]
        words = tuple(word for word in words if word != folder)
    return flags, words


def _words(yes: str, no: str, states: list[bool]) -> bytes:
    return "".join(f"{yes if state else no}\n" for state in states).encode()


def _said(text: str) -> CommandResult:
    return CommandResult(0, text.encode("utf-8", "surrogateescape"))


def _failed(text: str) -> CommandResult:
    return CommandResult(1, b"", text.encode() + b"\n")
