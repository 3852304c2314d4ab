"""Gathers Facts from a Look: all at once, no DNS that could hang, and nothing fails for want of a program."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from wizard.machine.account_store import STORE_PLACES, content_of_store, store_in_use
from wizard.machine.alias_facts import TYPE, AliasTable, alias_table
from wizard.machine.dkim_keys import dkim_keys
from wizard.machine.facts import Facts, Listener, LocalUser
from wizard.machine.firewall import firewall_of
from wizard.machine.host_files import (
    full_name_in_hosts,
    read_assignments,
    read_dovecot_syntax,
    read_resolvers,
    read_service_names,
    unit_of_cgroup,
)
from wizard.machine.ip_output import read_addresses
from wizard.machine.machine import CommandResult, Kind, Look
from wizard.machine.meanwhile import meanwhile
from wizard.machine.pacman_output import read_owners
from wizard.machine.postconf_output import read_settings, read_words
from wizard.machine.queue_output import read_queue
from wizard.machine.ss_output import Socket, read_sockets
from wizard.machine.systemctl_output import PROPERTIES, read_units
from wizard.problem import Trouble
from wizard.syntax.mail_accounts import Accounts, read_accounts
from wizard.syntax.main_cf import MainCf
from wizard.words import _

MAIL_PORTS: Final = frozenset({25, 465, 587, 143, 993, 110, 995, 4190, 53, 80, 443})
SUBMISSION_PORTS: Final = (465, 587)
MAIL_UNITS: Final = (
    "postfix.service", "dovecot.service", "smtpd.service", "exim.service", "sendmail.service", "msmtpd.service",
    "rspamd.service", "spamassassin.service", "opendkim.service", "opendmarc.service", "postgrey.service",
    "clamav-daemon.service", "amavisd.service", "saslauthd.service", "fail2ban.service", "unbound.service",
    "named.service", "dnsmasq.service", "systemd-resolved.service", "nginx.service", "httpd.service", "caddy.service",
    "php-fpm.service", "mariadb.service", "postgresql.service",
)  # fmt: skip
# systemd.unit(5), unit file load path of the system manager.
UNIT_FOLDERS: Final = tuple(
    PurePosixPath(folder)
    for folder in (
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
        "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system",
        "/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/run/systemd/generator.late",
    )
)  # fmt: skip
LOOK_UP_TIMEOUT: Final = 1.0
ANSWER_TIMEOUT: Final = 5.0
FEWEST_FREE_BYTES: Final = 100 * 10**6
NO_LOGIN: Final = frozenset({"nologin", "false", "git-shell", "sync", "shutdown", "halt"})
ETC: Final = PurePosixPath("/etc")
Ask = Callable[..., CommandResult]

QUESTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "defaults": ("postconf", "-d"),
    "settings": ("postconf", "-n"),
    "types": ("postconf", "-m"),
    "servers": ("postconf", "-a"),
    "clients": ("postconf", "-A"),
    "queue": ("postqueue", "-j"),
    "sockets": ("ss", "-Hltnp"),
    "addresses": ("ip", "-o", "addr", "show", "scope", "global"),
    "month": ("date", "+%Y%m"),
    "pacnew": ("find", "/etc", "-xdev", "-name", "*.pacnew"),
}


def gather_facts(look: Look) -> Facts:
    """Everything that questions and profiles may know; well under half a second on a usual machine."""
    asked = {key: meanwhile(partial(_answer, look, argv)) for key, argv in QUESTIONS.items()}
    asked["units"] = meanwhile(partial(_ask_units, look))
    firewall = meanwhile(partial(firewall_of, look))
    listening = meanwhile(lambda: _listeners(look, read_sockets(asked["sockets"]().text)))
    host_name, full_name, name_source = _names(look)
    release = read_assignments(_text(look, ETC / "os-release") or _text(look, PurePosixPath("/usr/lib/os-release")))
    services = _text(look, ETC / "services")
    packages, users, over_ssh = look.packages(), _readers(look), _is_over_ssh(look)
    said = {key: answer() for key, answer in asked.items()}
    defaults, settings = read_settings(said["defaults"].text), _settings(look, said["settings"])
    types = read_words(said["types"].text)
    default_type = _default_type({**defaults, **settings}, types)
    aliases = alias_table(look, {**defaults, **settings, "default_database_type": default_type}, types)
    version = defaults.get("mail_version", packages.get("postfix", "").rpartition("-")[0])
    queue_folder = settings.get("queue_directory") or defaults.get("queue_directory") or "/var/spool/postfix"
    store = store_in_use(settings.get("virtual_mailbox_maps", ""), look)
    read = _accounts(look, store)
    accounts = read if read is not None else Accounts()
    free_bytes = {folder: look.free_space(PurePosixPath(folder)) for folder in (queue_folder, "/var/mail", "/")}
    return Facts(
        os_id=release.get("ID", ""),
        os_name=release.get("PRETTY_NAME", release.get("NAME", "")),
        is_root=look.is_root(),
        host_name=host_name,
        fully_qualified_name=full_name,
        name_source=name_source,
        domain=full_name.partition(".")[2],
        addresses=read_addresses(said["addresses"].text),
        resolvers=read_resolvers(_text(look, look.real_path(ETC / "resolv.conf"))),
        service_names=tuple(name for port in SUBMISSION_PORTS for name in read_service_names(services, port)),
        users=users,
        packages=packages,
        pacnew_files=tuple(sorted(said["pacnew"].text.splitlines())),
        postfix_version=version,
        postfix_installed=bool(version),
        table_types=types,
        default_table_type=default_type,
        sasl_server_types=read_words(said["servers"].text),
        sasl_client_types=read_words(said["clients"].text),
        defaults=defaults,
        settings=settings,
        config_directory=defaults.get("config_directory", "/etc/postfix"),
        alias_source=aliases.source,
        alias_type=aliases.type,
        aliases=aliases.entries,
        dovecot_syntax=read_dovecot_syntax(_text(look, ETC / "dovecot/dovecot.conf")),
        account_store=store,
        account_store_answers=read is not None or not look.is_root(),
        mail_domains=accounts.domains,
        mailboxes={mailbox.address: mailbox.password for mailbox in accounts.mailboxes},
        mailboxes_off=frozenset(mailbox.address for mailbox in accounts.mailboxes if not mailbox.active),
        mailbox_quotas={mailbox.address: mailbox.quota for mailbox in accounts.mailboxes},
        mail_aliases=dict(accounts.aliases or {}),
        dkim_keys=dkim_keys(look),
        month=said["month"].text.strip(),
        firewall=firewall(),
        listeners=listening(),
        units=_unit_states(said["units"].text),
        queue_size=len(read_queue(said["queue"].text)),
        free_bytes={folder: free for folder, free in free_bytes.items() if free is not None},
        over_ssh=over_ssh,
        warnings=_warnings(said, free_bytes, aliases),
    )


def _accounts(look: Look, store: str) -> Accounts | None:
    """What the store of virtual mail holds, nothing where there is none; None where it cannot be read."""
    if not store:
        return Accounts()
    try:
        content = content_of_store(look, STORE_PLACES[store])
        return read_accounts(content) if content is not None else None
    except Trouble:
        return None


def _default_type(settings: Mapping[str, str], types: tuple[str, ...]) -> str:
    """The default type of table, or where its package is not installed, the best that is offered."""
    told = settings.get("default_database_type") or TYPE
    return next((kind for kind in (told, TYPE, "cdb", "hash") if kind in types), told)


def _answer(look: Look, argv: tuple[str, ...], timeout: float = ANSWER_TIMEOUT) -> CommandResult:
    """What the program says; nothing, with exit code 127, when it is not there, and 124 when it is too slow."""
    try:
        return look.output_of(*argv, timeout=timeout)
    except Trouble as trouble:
        return CommandResult(127, b"", trouble.problem.what.encode())


def _ask_units(look: Look) -> CommandResult:
    """The states of those mail units that there are; each unknown one would make systemd search all its folders."""
    present = {name for folder in UNIT_FOLDERS for name in look.names_in(folder)}
    # One is always asked for, to hear whether systemd answers.
    names = [name for name in MAIL_UNITS if name in present] or MAIL_UNITS[:1]
    return _answer(look, ("systemctl", "show", f"--property={PROPERTIES}", "--", *names))


def _text(look: Look, path: PurePosixPath) -> str:
    try:
        state = look.file(path)
    except Trouble:
        return ""
    return state.content.decode("utf-8", "replace") if state is not None and state.kind is Kind.FILE else ""


def _names(look: Look) -> tuple[str, str, str]:
    """The host name, the same with its domain, and where the domain was found."""
    in_file = _text(look, ETC / "hostname").strip()
    host_name = _text(look, PurePosixPath("/proc/sys/kernel/hostname")).strip() or in_file
    short = host_name.partition(".")[0]
    if "." in host_name:
        return short, host_name, "/etc/hostname" if host_name == in_file else "hostname"
    if full_name := full_name_in_hosts(_text(look, ETC / "hosts"), short):
        return short, full_name, "/etc/hosts"
    if not short:
        return "", "", ""
    looked_up = _answer(look, ("getent", "hosts", short), LOOK_UP_TIMEOUT).text.split()
    full_name = next((name for name in looked_up[1:2] if name.startswith(f"{short}.")), "")
    return short, full_name, "getent" if full_name else ""


def _settings(look: Look, said: CommandResult) -> Mapping[str, str]:
    """What main.cf sets; read by ourselves where postconf cannot, as when a line of master.cf is broken."""
    if said.ok:
        return read_settings(said.text)
    state = look.file(PurePosixPath("/etc/postfix/main.cf")) if look.is_root() else None
    main_cf = MainCf.parse(state.content if state is not None else b"")
    return {name: main_cf.value(name) or "" for name in main_cf.names()}


def _readers(look: Look) -> tuple[LocalUser, ...]:
    """Users who could read root's mail: people with a login shell, by the numbers of login.defs(5)."""
    limits = dict(line.split()[:2] for line in _text(look, ETC / "login.defs").splitlines() if len(line.split()) >= 2)
    first, last = (
        int(limits[key]) if limits.get(key, "").isdigit() else usual
        for key, usual in (("UID_MIN", 1000), ("UID_MAX", 60000))
    )
    return tuple(
        LocalUser(user.name, user.uid, user.home)
        for user in look.users()
        if first <= user.uid <= last and user.shell.rpartition("/")[2] not in NO_LOGIN
    )


def _listeners(look: Look, sockets: tuple[Socket, ...]) -> tuple[Listener, ...]:
    ours = [socket for socket in sockets if socket.port in MAIL_PORTS]
    owners = [socket.owner for socket in ours]
    programs = {owner.pid: _program_of(look, owner.pid) for owner in owners if owner.pid}
    asked = sorted({program for program in programs.values() if program})
    packages = read_owners(_answer(look, ("pacman", "-Qo", "--", *asked)).text) if asked else {}
    return tuple(
        Listener(
            socket.address,
            socket.port,
            owner.process,
            owner.pid,
            unit_of_cgroup(_text(look, PurePosixPath(f"/proc/{owner.pid}/cgroup"))) if owner.pid else "",
            packages.get(programs.get(owner.pid, ""), ""),
        )
        for socket, owner in zip(ours, owners, strict=True)
    )


def _program_of(look: Look, pid: int) -> str:
    try:
        link = look.file(PurePosixPath(f"/proc/{pid}/exe"))
    except Trouble:
        return ""
    return link.content.decode("utf-8", "replace").removesuffix(" (deleted)") if link is not None else ""


def _unit_states(text: str) -> Mapping[str, str]:
    units = read_units(text)
    return {
        name: f"{unit.unit_file_state or unit.load_state} {unit.active_state}"
        for name, unit in units.items()
        if unit.load_state != "not-found"
    }


def _is_over_ssh(look: Look) -> bool:
    """Whether a process above us is sshd; sudo(8) takes SSH_CONNECTION out of the environment, but not its parents."""
    pid = "self"
    for _generation in range(50):
        status = dict(
            line.split(":\t", 1)
            for line in _text(look, PurePosixPath(f"/proc/{pid}/status")).splitlines()
            if ":\t" in line
        )
        if status.get("Name", "").startswith("sshd"):
            return True
        pid = status.get("PPid", "0").strip()
        if pid in {"0", "1"}:
            return False
    return False


def _warnings(
    said: Mapping[str, CommandResult], free_bytes: Mapping[str, int | None], aliases: AliasTable
) -> tuple[str, ...]:
    found = [line for line in said["settings"].error_text.splitlines() if line and said["settings"].exit_code != 127]
    found += [
        _("{folder} has only {size} MB of free space.").format(folder=folder, size=free // 10**6)
        for folder, free in free_bytes.items()
        if free is not None and free < FEWEST_FREE_BYTES
    ]
    if said["units"].exit_code not in {0, 127}:
        found.append(_("systemd does not run here, so the states of services cannot be told."))
    return tuple(dict.fromkeys((*found, *aliases.warnings)))
