"""The command `postwizard practice`: builds, boots, shows and throws away practice machines."""

import argparse
import json
import sys
from typing import NoReturn

from wizard.practice.build import build
from wizard.practice.open_wizard import open_wizard, run_on_terminal
from wizard.practice.practice_machine import PracticeMachine, list_machines
from wizard.problem import BadInput, Problem, Trouble
from wizard.words import _

DONE, FAILED, BAD_CALL = 0, 1, 2


def main(argv: list[str]) -> int:
    """Carries out one call and gives its exit code: 0 done, 1 failed, 2 bad call; of a program, that program's own."""
    try:
        return _carry_out(argv)
    except BadInput as bad:
        return _say(bad.problem, BAD_CALL)
    except Trouble as trouble:
        return _say(trouble.problem, FAILED)
    except KeyboardInterrupt:
        return 130


def _carry_out(argv: list[str]) -> int:
    if argv[:1] == ["wizard"]:
        return open_wizard(argv[1:])
    if argv[:1] == ["run"] and "--help" not in argv[:2] and "-h" not in argv[:2]:
        return _run(argv[1:])
    try:
        options = _parser().parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else DONE
    match options.action:
        case "build":
            tree = build(_tell)
            print(tree.root)
        case "new":
            machine = PracticeMachine.fresh(options.name, keep=True, tell=_tell)
            print(machine.name)
        case "shell":
            return run_on_terminal(_running(options.name), "/usr/bin/bash", "--login", user=options.user)
        case "changes":
            _show_changes(PracticeMachine.named(options.name), as_json=options.json)
        case "destroy":
            for name in options.names:
                PracticeMachine.named(name).destroy()
        case _list:
            _show_list(as_json=options.json)
    return DONE


def _run(words: list[str]) -> int:
    """NAME -- COMMAND...: the command keeps its own options."""
    name, *command = words or [""]
    if command[:1] == ["--"]:
        command = command[1:]
    if not name or name.startswith("-") or not command:
        raise BadInput(_("Which machine, and which command?"), "postwizard practice run NAME -- COMMAND ...")
    return run_on_terminal(_running(name), *command)


def _running(name: str) -> PracticeMachine:
    """The machine, switched on when it was off."""
    machine = PracticeMachine.named(name)
    if not machine.is_running:
        machine.boot(_tell)
    return machine


def _show_list(*, as_json: bool) -> None:
    machines = list_machines()
    if as_json:
        print(json.dumps([{"name": m.name, "running": m.is_running, "folder": str(m.folder)} for m in machines]))
        return
    for machine in machines:
        print(f"{machine.name}  {_('running') if machine.is_running else _('off')}")
    if not machines:
        _tell(_("There are no practice machines. Make one with: postwizard practice new"))


def _show_changes(machine: PracticeMachine, *, as_json: bool) -> None:
    changes = machine.changes()
    groups = {"added": changes.added, "changed": changes.changed, "removed": changes.removed}
    if as_json:
        print(json.dumps({group: [str(path) for path in paths] for group, paths in groups.items()}))
        return
    for group, paths in groups.items():
        for path in paths:
            print(f"{group:8}{path}")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(message, _("See: postwizard practice --help"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="postwizard practice", description=_("A disposable machine to try everything on."))
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)

    def action(name: str, text: str, usage: str | None = None) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, usage=usage)

    action("build", _("build the machine's files, once"))
    new = action("new", _("boot a fresh machine and keep it"))
    new.add_argument("name", nargs="?", metavar="NAME", help=_("what to call it; one is made up by itself"))
    shell = action("shell", _("a shell in a machine"))
    shell.add_argument("name", metavar="NAME", help=_("the machine, as `postwizard practice list` names it"))
    shell.add_argument("--user", metavar="USER", help=_("whose shell; root's by itself"))
    action("run", _("run a command in a machine: NAME -- COMMAND ..."), "postwizard practice run NAME -- COMMAND ...")
    action("wizard", _("run the wizard in a fresh machine; --keep keeps it"))
    lists = action("list", _("all machines (this is what happens without an action)"))
    changes = action("changes", _("what a machine changed since it was made"))
    changes.add_argument("name", metavar="NAME", help=_("the machine, as `postwizard practice list` names it"))
    parser.set_defaults(json=False)
    for with_json in (parser, lists, changes):
        with_json.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_("answer in JSON"))
    destroy = action("destroy", _("throw machines away"))
    destroy.add_argument("names", nargs="+", metavar="NAME", help=_("the machines"))
    return parser


def _say(problem: Problem, code: int) -> int:
    print(problem, file=sys.stderr)
    return code


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
