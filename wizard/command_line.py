"""Commands, options and exit codes; nothing heavy is imported here, so that --help is there at once."""

import argparse
import gettext
import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import NoReturn

from wizard import __version__, words
from wizard.words import _

SCHEMAS = ("plan", "events", "report", "lists", "dns", "answers")
ACTIONS = ("list", "show", "restore", "remove")
MAILBOX_ACTIONS = ("list", "add", "password", "quota", "remove", "import")
ALIAS_ACTIONS = ("list", "add", "remove")
MAIL = ("keep", "archive", "delete")
ON_FAILURE = ("roll-back", "stop")
ON_CONFLICT = ("refuse", "overwrite")


class Exit(IntEnum):
    """The exit codes; --help documents them, and they stay as they are."""

    DONE = 0
    FAILED = 1
    BAD_CALL = 2
    NOT_PUT_BACK = 3
    NOT_VERIFIED = 4
    CANCELLED = 130


class Options(argparse.Namespace):
    """What the command line says; what it does not say is as here."""

    command: str = ""
    answers: str | None = None
    profile: str | None = None
    set: list[str] | None = None
    secret: list[str] | None = None
    write_answers: str | None = None
    list_profiles: bool = False
    dry_run: bool = False
    no_test_sends: bool = False
    json: bool = False
    yes: bool = False
    line: bool = False
    plain: bool = False
    ascii: bool = False
    pretend: bool = False
    practice: bool = False
    on_failure: str = "roll-back"
    on_conflict: str = "refuse"
    run_id: str = ""
    force: bool = False
    action: str = "list"
    address: str = ""
    targets: list[str] | None = None
    quota: str = ""
    size: str = ""
    mail: str = ""
    confirm: str = ""
    report: str = ""
    schema: str = "plan"


class Parser(argparse.ArgumentParser):
    """argparse with the hint that every message of ours has."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong with the call, and leaves with BAD_CALL."""
        hint = _("hint: {text}").format(text="postwizard --help")
        self.exit(Exit.BAD_CALL, f"postwizard: {message}\n\n{hint}\n")


class Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal; to learn that, argparse itself would load shutil, and all kinds of compression."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


def columns() -> int:
    """How many columns there are: what COLUMNS says, else the terminal, else 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ is not None else 80
    except (OSError, ValueError):
        return 80


def parse(argv: Sequence[str]) -> Options:
    """The options of this call; leaves with SystemExit for --help, --version and a bad call."""
    # argparse takes its own words from the global domain, so they are translated in our catalogue.
    if words.catalogue().info():
        gettext.bindtextdomain(words.DOMAIN, str(words.CATALOGUES))
        gettext.textdomain(words.DOMAIN)
    parser = _parser()
    options = parser.parse_args(argv, namespace=Options())
    if options.command == "snapshots" and options.action == "list" and options.run_id:
        parser.error(_("snapshots list takes no ID; `postwizard snapshots show {run}` does").format(run=options.run_id))
    if options.command in {"mailbox", "alias"} and (wrong := _wrong_with_accounts(options)):
        parser.error(wrong)
    return options


def _wrong_with_accounts(options: Options) -> str:
    """What does not fit together in a call of `mailbox` or `alias`; empty where all does."""
    call = f"{options.command} {options.action}"
    if call == "mailbox import" and not options.address:
        return _("mailbox import wants a FILE; - is standard input")
    if options.action != "list" and not options.address:
        return _("{call} wants an ADDRESS").format(call=call)
    if (call == "mailbox quota") != bool(options.size):
        return (
            _("mailbox quota wants a SIZE, and {call} takes none").format(call=call)
            if options.size
            else _("mailbox quota wants a SIZE, such as 2G; 0 is no limit")
        )
    if call == "alias add" and not options.targets:
        return _("alias add wants a TARGET: where mail for the address goes")
    if call not in {"alias add", "alias list"} and options.targets:
        return _("{call} takes no TARGET").format(call=call)
    if options.quota and call != "mailbox add":
        return _("{call} takes no --quota").format(call=call)
    if options.secret and call not in {"mailbox add", "mailbox password"}:
        return _("{call} takes no --secret").format(call=call)
    if options.mail and call != "mailbox remove":
        return _("{call} takes no --mail").format(call=call)
    if options.confirm and options.mail != "delete":
        return _("--confirm goes with --mail delete")
    if options.report and call != "mailbox import":
        return _("{call} takes no --report").format(call=call)
    return ""


def _parser() -> Parser:
    parser = Parser(
        prog="postwizard",
        usage=_("postwizard [OPTION ...] [COMMAND ...]"),
        description=_(
            "Sets up a Postfix mail system on Arch Linux. Without a command it asks a few\n"
            "questions, shows each change before it is made, makes it, sends test mails, and\n"
            "can put everything back."
        ),
        epilog=_exit_codes(),
        formatter_class=Help,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
        add_help=False,
    )
    _about(parser)
    _what_to_set_up(parser)
    _how(parser)
    _where(parser)
    _commands(parser)
    return parser


def _exit_codes() -> str:
    meanings = {
        Exit.DONE: _("done, or nothing was left to do"),
        Exit.FAILED: _("failed; nothing is changed, or what was changed is put back"),
        Exit.BAD_CALL: _("the call or an answer cannot be used; nothing was changed"),
        Exit.NOT_PUT_BACK: _("failed or stopped, and not everything is put back"),
        Exit.NOT_VERIFIED: _("applied, but a check or a test send failed"),
        Exit.CANCELLED: _("cancelled; nothing is changed, or what was changed is put back"),
    }
    lines = [_("exit codes:"), *(f"  {code.value:>3}  {meaning}" for code, meaning in meanings.items())]
    return "\n".join(lines)


def _about(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("about"))
    group.add_argument("-h", "--help", action="help", help=_("show this help and leave"))
    if parser.prog == "postwizard":
        version = f"postwizard {__version__}"
        group.add_argument("--version", action="version", version=version, help=_("show the version and leave"))
        group.add_argument("--list", dest="list_profiles", action="store_true", help=_("list the profiles and leave"))


def _what_to_set_up(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("what to set up"))
    file, name, pair, secret = _("FILE"), _("ID"), _("KEY=VALUE"), _("KEY=FILE")
    group.add_argument("--profile", metavar=name, help=_("the profile, by its id (see --list)"))
    group.add_argument("--answers", metavar=file, help=_("take the answers from this file; - is standard input"))
    group.add_argument("--set", metavar=pair, action="append", help=_("one answer; list items are separated by commas"))
    group.add_argument(
        "--secret",
        metavar=secret,
        action="append",
        help=_("one secret answer, read from a file so that it never shows"),
    )
    group.add_argument(
        "--write-answers", metavar=file, help=_("write the answers to this new file and leave; nothing is changed")
    )


def _how(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("how"))
    group.add_argument("--dry-run", action="store_true", help=_("show the plan and leave; nothing is changed"))
    _yes_and_json(group)
    group.add_argument(
        "--no-test-sends",
        action="store_true",
        help=_("do not send the test mails at the end; `postwizard test` sends them later"),
    )
    group.add_argument(
        "--on-failure",
        choices=ON_FAILURE,
        help=_("with --yes, after a step fails: put everything back (as it does by itself), or stop there"),
    )
    group.add_argument(
        "--on-conflict",
        choices=ON_CONFLICT,
        help=_("settings that a person changed after the wizard set them: refuse (as it does by itself), or overwrite"),
    )


def _yes_and_json(group: argparse._ActionsContainer) -> None:
    group.add_argument("--yes", action="store_true", help=_("do not ask whether to go ahead"))
    group.add_argument("--json", action="store_true", help=_("answer in JSON, one document a line (see schema)"))


def _where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("where"))
    group.add_argument("--line", action="store_true", help=_("ask line by line instead of on the full screen"))
    _looks(group)
    group.add_argument(
        "--pretend", action="store_true", help=_("change a copy in memory, not this machine; root is not needed")
    )
    group.add_argument(
        "--practice", action="store_true", help=_("run on a disposable practice machine; --keep keeps it")
    )


def _looks(group: argparse._ActionsContainer) -> None:
    group.add_argument(
        "--plain", action="store_true", help=_("plain numbered lists, one fact a line: for screen readers and pipes")
    )
    group.add_argument("--ascii", action="store_true", help=_("use ASCII characters only"))


def _commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(
        prog=parser.prog, dest="command", metavar=_("COMMAND"), title=_("commands"), parser_class=Parser
    )

    def command(name: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=text,
            description=text,
            usage=None,
            formatter_class=Help,
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
            add_help=False,
        )
        _about(sub)
        return sub

    run_id = _("ID")
    undo = command("undo", _("put back what a run changed, the last one unless you say which"))
    undo.add_argument("run_id", nargs="?", metavar=run_id, help=_("the run, as `postwizard snapshots` lists it"))
    undo.add_argument("--force", action="store_true", help=_("put back what was changed since, too"))
    resume = command("resume", _("go on with a run that was cut short"))
    snapshots = command("snapshots", _("list, show, restore or remove what is kept of earlier runs"))
    snapshots.add_argument("action", nargs="?", choices=ACTIONS, default="list", help=_("list by itself"))
    snapshots.add_argument("run_id", nargs="?", metavar=run_id, help=_("the run to show, restore or remove"))
    snapshots.add_argument("--force", action="store_true", help=_("put back what was changed since, too"))
    check = command("check", _("look at this machine and its mail system; nothing is changed"))
    test = command("test", _("send the test mails again"))
    dns = command("dns", _("show the DNS records that are needed, and compare them with what name servers answer"))
    for sub in (check, test, dns):
        sub.add_argument("--profile", metavar=run_id, help=_("the profile, by its id (see --list)"))
    mailbox = command("mailbox", _("list, add, import, change or remove mailboxes of virtual mail"))
    mailbox.add_argument("action", nargs="?", choices=MAILBOX_ACTIONS, default="list", help=_("list by itself"))
    mailbox.add_argument(
        "address",
        nargs="?",
        metavar=_("ADDRESS"),
        help=_("the mailbox, such as hana@example.org; for import the CSV file, for list a part of the address"),
    )
    mailbox.add_argument("size", nargs="?", metavar=_("SIZE"), help=_("with quota: how much mail it may hold"))
    mailbox.add_argument("--quota", metavar=_("SIZE"), help=_("how much mail it may hold, such as 2G; 0 is no limit"))
    mailbox.add_argument(
        "--secret",
        metavar="password=" + _("FILE"),
        action="append",
        help=_("the password, read from a file so that it never shows; without it you are asked"),
    )
    mailbox.add_argument(
        "--mail",
        choices=MAIL,
        help=_("with remove: keep its mail where it is (as it does by itself), archive it, or delete it"),
    )
    mailbox.add_argument(
        "--confirm", metavar=_("ADDRESS"), help=_("with --mail delete: the address once more, since no copy is kept")
    )
    mailbox.add_argument(
        "--report",
        metavar=_("FILE"),
        help=_("with import: write all that is wrong to this new file, as CSV"),
    )
    alias = command("alias", _("list, add or remove aliases of virtual mail"))
    alias.add_argument("action", nargs="?", choices=ALIAS_ACTIONS, default="list", help=_("list by itself"))
    alias.add_argument(
        "address", nargs="?", metavar=_("ADDRESS"), help=_("the alias; @example.org is all that has no mailbox there")
    )
    alias.add_argument("targets", nargs="*", metavar=_("TARGET"), help=_("where mail for it goes"))
    for sub in (mailbox, alias):
        sub.add_argument("--dry-run", action="store_true", help=_("show the plan and leave; nothing is changed"))
    for sub in (undo, resume, snapshots, check, test, dns, mailbox, alias):
        _yes_and_json(sub)
        sub.add_argument("--line", action="store_true", help=_("ask line by line, as a command always does"))
        _looks(sub)
        sub.add_argument(
            "--pretend", action="store_true", help=_("change a copy in memory, not this machine; root is not needed")
        )
    command("practice", _("build and run a disposable practice machine"))
    schema = command("schema", _("print the JSON Schema of a document"))
    schema.add_argument("schema", nargs="?", choices=SCHEMAS, default="plan", help=_("which document; plan by itself"))


def prefers_plain(options: Options, term: str) -> bool:
    """Whether prompts must not move the cursor: asked for, or a terminal that cannot."""
    return options.plain or term in {"", "dumb", "unknown"}


def front_for(options: Options, *, on_terminal: bool, term: str, columns: int, rows: int, is_utf8: bool) -> str:
    """The front for this call: "unattended", "full-screen", "line", or "" where nobody can be asked."""
    is_given = options.answers is not None or bool(options.set) or bool(options.secret)
    if is_given or options.json or options.yes:
        return "unattended"
    if not on_terminal and options.plain:
        return "line"  # the answers come through a pipe
    if not on_terminal:
        return "unattended" if options.dry_run or options.write_answers is not None else ""
    # Below this the screens are cut off, and a terminal that is not UTF-8 would show the frames as rubbish.
    roomy = columns >= 60 and rows >= 20
    wants_lines = options.line or options.write_answers is not None or prefers_plain(options, term)
    if wants_lines or not (options.ascii or is_utf8) or not roomy:
        return "line"
    return "full-screen"
