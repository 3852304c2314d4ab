"""The programs that can change nothing, each with the forms of its arguments for which that is so."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from wizard.machine.sql_servers import SQL_SERVERS
from wizard.problem import Problem
from wizard.words import _

Arguments = tuple[str, ...]
Rule = Callable[[Arguments], bool]


def can_change_something(argv: Arguments) -> Problem | None:
    """Why this call is refused where only reading is allowed; None when it can only read."""
    if not argv:
        return Problem(_("No program was named."))
    program = argv[0].rpartition("/")[2]
    rule = RULES.get(program)
    if rule is not None and rule(argv[1:]):
        return None
    if argv[1:] == ("--version",) and program in VERSION_ONLY:
        return None
    return Problem(
        _("`{command}` could change the machine, so it is not run while only looking.").format(command=" ".join(argv))
    )


def missing_program(program: str) -> Problem:
    """What is said of a program that is not there."""
    return Problem(
        _("The program {program} is not installed.").format(program=program),
        _("`pacman -F {program}` tells which package has it.").format(program=program),
    )


def _anything(_arguments: Arguments) -> bool:
    return True


def _nothing(arguments: Arguments) -> bool:
    return not arguments


def _without(*options: str) -> Rule:
    """Allowed unless one of these stands among the arguments, joined to a value, or among bundled letters."""
    letters = {option[1] for option in options if re.fullmatch(r"-\w", option)}
    words = {option for option in options if not re.fullmatch(r"-\w", option)}

    def rule(arguments: Arguments) -> bool:
        for argument in arguments:
            if argument.partition("=")[0] in words:
                return False
            if argument.startswith("-") and not argument.startswith("--") and letters & set(argument[1:]):
                return False
        return True

    return rule


def _begins(*beginnings: str) -> Rule:
    """Allowed when the words that are not options begin with one of these, and every option is of the harmless kind."""
    wanted = [tuple(beginning.split()) for beginning in beginnings]

    def rule(arguments: Arguments) -> bool:
        words = tuple(argument for argument in arguments if not argument.startswith("-"))
        return any(words[: len(beginning)] == beginning for beginning in wanted)

    return rule


def _only(letters: str, words: str = "") -> Rule:
    """Allowed when each option is one of these letters, bundled or with its value joined, or one of these words."""
    allowed = set(words.split())

    def rule(arguments: Arguments) -> bool:
        for argument in arguments:
            if argument == "--":
                return True
            if argument.startswith("--"):
                if argument.partition("=")[0] not in allowed:
                    return False
            elif re.match(r"-[^\d]", argument) and argument[1] not in letters:  # -1h is a value, as in `--since -1h`
                return False
        return True

    return rule


def _postconf(arguments: Arguments) -> bool:
    # postconf(1): -e, -X, -# edit; without -e a NAME=VALUE edits too; -o NAME=VALUE overrides for this call alone.
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument.startswith("-") and argument != "-":
            letters = argument[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter in "coTC":
                    if not letters and rest:
                        rest.pop(0)
                    break
                if letter not in "aAdfFhHjlmMnpPtvx":
                    return False
        elif "=" in argument:
            return False
    return True


def _postmap(arguments: Arguments) -> bool:
    # postmap(1), postalias(1): only -q and -s look; without them a table is built.
    asks = [argument for argument in arguments if re.fullmatch(r"-[A-Za-z]*[qs].*", argument)]
    builds = [argument for argument in arguments if re.match(r"-[A-Za-z]*[dirpo]", argument) and argument not in asks]
    return bool(asks) and not builds and not any("d" in asked[1:2] or "i" in asked[1:2] for asked in asks)


def _pacman(arguments: Arguments) -> bool:
    # pacman(8): -Q and -T only read; -S reads with -i, -p, -s, -g or -l; -F reads; -y fetches databases.
    operation = next((argument for argument in arguments if re.fullmatch(r"-[A-Za-z]+", argument)), "")
    others = [argument for argument in arguments if argument.startswith("-") and argument != operation]
    harmless = re.compile(
        r"-[a-z]*|--(print-format|logfile|cachedir|root|dbpath|config|color|quiet|noconfirm|nodeps|needed|print)(=.*)?|--"
    )
    if not all(harmless.fullmatch(other) and "y" not in other.partition("=")[0][1:2] for other in others):
        return False
    letters = set(operation[2:])
    match operation[1:2]:
        case "Q":
            return "r" not in letters
        case "T" | "V":
            return True
        case "F":
            return "y" not in letters
        case "S":
            return bool(letters & set("ipsgl")) and not letters & set("ycuw")
        case _:
            return False


def _pacman_loose_options(arguments: Arguments) -> bool:
    return _pacman(arguments) and not any(
        "y" in argument for argument in arguments if re.fullmatch(r"-[a-z]+", argument)
    )


def _ip(arguments: Arguments) -> bool:
    words = [argument for argument in arguments if not argument.startswith("-")]
    objects = {"a", "addr", "address", "r", "route", "l", "link", "rule", "n", "neigh"}
    takes_value = any(re.match(r"-(b$|batch|n$|netns|a$|all|force)", argument) for argument in arguments)
    return (
        bool(words)
        and words[0] in objects
        and (words[1:2] or ["show"])[0] in {"show", "list", "ls", "get"}
        and not takes_value
    )


def _hostname(arguments: Arguments) -> bool:
    return all(re.fullmatch(r"-[sfdiIAy]", argument) for argument in arguments)


def _openssl(arguments: Arguments) -> bool:
    reading = {"x509", "crl", "pkey", "rsa", "ec", "verify", "version", "s_client", "dgst", "req", "ciphers"}
    writing = re.compile(
        r"-(out|writerand|keyout|sess_out|keylogfile|engine|provider.*|CAcreateserial|signkey|new|newkey)"
    )
    return arguments[:1] != () and arguments[0] in reading and not any(map(writing.fullmatch, arguments))


def _sysctl(arguments: Arguments) -> bool:
    return all(re.fullmatch(r"-[nNaeq]+|[\w./-]+", argument) for argument in arguments) and "-w" not in arguments


def _doveadm(arguments: Arguments) -> bool:
    reads = (
        ("user",), ("who",), ("auth", "lookup"), ("quota", "get"), ("mailbox", "list"), ("mailbox", "status"),
        ("service", "status"), ("log", "errors"), ("log", "find"), ("search",),
    )  # fmt: skip
    return arguments == ("--version",) or any(arguments[: len(read)] == read for read in reads)


def _asks_a_server(arguments: Arguments) -> bool:
    """One of the fixed questions to a database server, word for word; any other statement could change something."""
    return any(
        arguments == asked[1:] for server in SQL_SERVERS.values() for asked in (server.ask_server, server.ask_rows)
    )


def _find(arguments: Arguments) -> bool:
    tests = {
        "-xdev",
        "-name",
        "-type",
        "-maxdepth",
        "-mindepth",
        "-newer",
        "-size",
        "-user",
        "-perm",
        "-print",
        "-print0",
    }
    return all(argument in tests for argument in arguments if argument.startswith("-"))


SYSTEMCTL_VERBS: Final = (
    "show", "cat", "status", "is-active", "is-enabled", "is-failed", "is-system-running", "get-default",
    "list-units", "list-unit-files", "list-sockets", "list-timers", "list-jobs", "list-dependencies", "list-machines",
)  # fmt: skip
JOURNAL_WORDS: Final = (
    "--unit --identifier --lines --output --since --until --grep --boot --dmesg --quiet --no-pager --priority "
    "--reverse --output-fields --after-cursor --cursor --show-cursor --facility --utc --disk-usage --header --field "
    "--all --catalog --version --case-sensitive --no-hostname --no-tail --system --user-unit --directory --file "
    "--list-boots"
)

RULES: Final[Mapping[str, Rule]] = {
    "postconf": _postconf,
    "postmap": _postmap,
    "postalias": _postmap,
    "postqueue": lambda arguments: set(arguments) - {"-v"} in ({"-p"}, {"-j"}),
    "mailq": _nothing,
    "qshape": _anything,
    "postcat": _only("bcdehoqv"),
    "postfix": _begins("status"),
    "postmulti": lambda arguments: arguments in (("-l",), ("-l", "-a")),
    "posttls-finger": _without("-w", "-P"),
    "doveconf": _without("-e"),  # which would run a program
    "doveadm": _doveadm,
    "dovecot": lambda arguments: arguments in (("--version",), ("-n",), ("-a",), ("--build-options",)),
    "pacman": _pacman_loose_options,
    "pacman-conf": _anything,
    "vercmp": _anything,
    "ss": _without("-K", "--kill", "-D", "--diag", "-E", "--events"),
    "systemctl": lambda arguments: _begins(*SYSTEMCTL_VERBS)(arguments) and "--force" not in arguments,
    "systemd-analyze": _begins("verify", "cat-config"),
    "systemd-detect-virt": _anything,
    "journalctl": _only("utnoSUgbkqpreaxFDcN", JOURNAL_WORDS),
    "resolvectl": _begins("status", "query", "service", "openpgp", "tlsa", "statistics"),
    "hostnamectl": lambda arguments: arguments in ((), ("status",), ("hostname",), ("status", "--json=short")),
    "timedatectl": lambda arguments: arguments in ((), ("status",), ("show",)),
    "loginctl": _begins("list-sessions", "list-users", "show-session", "show-user"),
    "hostname": _hostname,
    "getent": _anything,
    "findmnt": _anything,
    "df": _anything,
    "du": _anything,
    "uname": _anything,
    "date": lambda arguments: all(argument.startswith("+") for argument in arguments),
    "id": _anything,
    "stat": _anything,
    "namei": _anything,
    "ps": _anything,
    "getfacl": _without("--restore"),
    "lsattr": _anything,
    "ldd": _anything,
    "find": _find,
    "ip": _ip,
    "sysctl": _sysctl,
    "dig": _anything,
    "delv": _anything,
    "drill": _without("-w"),
    "host": _anything,
    "openssl": _openssl,
    "nft": _begins("list"),
    "firewall-cmd": lambda arguments: (
        bool(arguments) and all(word.startswith(("--list-", "--state", "--get-")) for word in arguments)
    ),
    "ufw": lambda arguments: arguments[:1] == ("status",),
    "iptables-save": lambda arguments: not any(argument.startswith(("-f", "--file", "-M")) for argument in arguments),
    "ip6tables-save": lambda arguments: not any(argument.startswith(("-f", "--file", "-M")) for argument in arguments),
    "unbound-checkconf": _anything,
    "nginx": lambda arguments: arguments in (("-v",), ("-V",)),
    "php": lambda arguments: arguments in (("-v",), ("-m",), ("-i",)),
    "mariadb": _asks_a_server,
    "setpriv": _asks_a_server,
    "rspamadm": _begins("configtest", "configdump"),
}
VERSION_ONLY: Final = frozenset(
    {
        "mariadb",
        "psql",
        "sqlite3",
        "clamd",
        "spamassassin",
        "opendkim",
        "rspamd",
        "php-fpm",
        "certbot",
        "unbound",
        "swaks",
    }
)
