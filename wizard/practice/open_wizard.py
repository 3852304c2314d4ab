"""Runs the wizard on the reader's own terminal, but inside a fresh practice machine."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wizard.practice.can_host import can_host
from wizard.practice.practice_machine import PracticeMachine
from wizard.problem import BadInput, Trouble
from wizard.words import _

# Options whose word after them, or after their =, names a file of this computer. True: the file is written.
# `--secret KEY=FILE` names it after its own =.
FILES = {"--answers": False, "--secret": False, "--write-answers": True}
KEEP = "--keep"


def open_wizard(arguments: list[str]) -> int:
    """Builds once, boots, runs `postwizard ARGUMENTS` in the machine, and throws the machine away (not with --keep)."""
    if problem := can_host():
        hint = _("Without a practice machine: postwizard --pretend")
        raise Trouble(f"{problem.what}\n{problem.hint}" if problem.hint else problem.what, hint)
    keep = KEEP in arguments
    arguments = [word for word in arguments if word != KEEP]
    _must_be_readable(arguments)
    machine = PracticeMachine.fresh(keep=keep, tell=_tell)
    try:
        handed_in, handed_out = carry_files(machine, arguments)
        code = run_on_terminal(machine, "postwizard", *handed_in)
        for inside, outside in handed_out:
            content = machine.run("cat", inside)
            if content.ok:
                outside.write_bytes(content.stdout)
    finally:
        if not keep:
            machine.destroy()
    if keep:
        _tell(_("The machine is kept: postwizard practice shell {name}").format(name=machine.name))
    return code


def run_on_terminal(machine: PracticeMachine, *argv: str, user: str | None = None) -> int:
    """Runs a program in the machine on this process's streams; with a terminal of its own when they are one."""
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    # Ctrl-C is for the program inside; in raw mode it arrives there as a key.
    code = subprocess.run(machine.command_line(*argv, tty=tty, user=user), check=False).returncode
    return code if code >= 0 else 128 - code


@dataclass(frozen=True)
class Named:
    """One word of a command line; `option` and `path` are empty unless it names a file of this computer."""

    before: str
    path: str = ""
    option: str = ""


def carry_files(machine: PracticeMachine, arguments: list[str]) -> tuple[list[str], list[tuple[str, Path]]]:
    """The arguments with the machine's names for files of this computer, which are copied in; and what to copy out."""
    inside_arguments: list[str] = []
    handed_out: list[tuple[str, Path]] = []
    for number, word in enumerate(words_of(arguments)):
        if not word.option:
            inside_arguments.append(word.before)
            continue
        outside = Path(word.path)
        inside = f"/root/from-outside-{number}/{outside.name}"
        machine.run("install", "--directory", "--mode=700", str(Path(inside).parent))
        if FILES[word.option]:
            handed_out.append((inside, outside))
        else:
            # The mode goes along: a file of secrets that others may read is refused inside as it would be here.
            machine.run("tee", inside, stdin=outside.read_bytes())
            machine.run("chmod", f"{outside.stat().st_mode & 0o777:o}", inside)
        inside_arguments.append(word.before + inside)
    return inside_arguments, handed_out


def words_of(arguments: list[str]) -> list[Named]:
    """The words of a command line, with the files that they name."""
    found: list[Named] = []
    option = ""
    for word in arguments:
        name, equals, value = word.partition("=")
        if option or (equals and name in FILES):
            head, value, option = ("", word, option) if option else (f"{name}=", value, name)
            if option == "--secret":
                key, _equals, value = value.partition("=")
                head += f"{key}="
            # "-" is standard input, which the program inside has too.
            found.append(Named(word) if value in {"", "-"} else Named(head, value, option))
            option = ""
        else:
            option = word if word in FILES else ""
            found.append(Named(word))
    return found


def _must_be_readable(arguments: list[str]) -> None:
    """A file that is not there is said before a machine is built for it."""
    for word in words_of(arguments):
        if word.option and not FILES[word.option] and not Path(word.path).is_file():
            what = _("There is no file {path}").format(path=word.path)
            raise BadInput(what, _("Check the name after {option}").format(option=word.option))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
