"""The entry point: reads the command line, picks a front and a machine, and maps what went wrong to words and codes."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.command_line import Exit, Options, front_for, parse
from wizard.words import _

# Whatever is heavy is imported where it is used, so that --help, --version and a bad call are answered at once.
if TYPE_CHECKING:
    from wizard.ask.question import SecretQuestion, SoFar
    from wizard.line.voice import Voice
    from wizard.machine.facts import Facts
    from wizard.machine.machine import Machine
    from wizard.report import Report
    from wizard.secret import Secret

# The commands that look at the machine first.
LOOKING = frozenset({"resume", "check", "test", "dns", "mailbox", "alias"})


def console() -> None:
    """The command `postwizard`."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Carries out one call and gives its exit code."""
    if argv and argv[0] == "practice":
        from wizard.practice.command import main as practice

        return practice(list(argv[1:]))
    try:
        options = parse(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else Exit.DONE
    if options.practice:
        from wizard.practice.command import main as practice

        return practice(["wizard", *(word for word in argv if word != "--practice")])
    if options.command == "schema":
        sys.stdout.write((Path(__file__).parent / "schema" / f"{options.schema}.schema.json").read_text("utf-8"))
        return Exit.DONE
    return _Call(options).carry_out()


class _Call:
    """One call: its options, its streams and who speaks."""

    def __init__(self, options: Options) -> None:
        from wizard.line.stopping import Stopping
        from wizard.line.terminal import printer_for
        from wizard.no_core_files import leave_no_core_file

        leave_no_core_file()
        self.options = options
        self.out, self.errors = (printer_for(options, stream) for stream in (sys.stdout, sys.stderr))
        self.stopping = Stopping(self.errors.sentence)

    @cached_property
    def voice(self) -> "Voice":
        """Who speaks; made when there is something to say, since it knows all that can be said."""
        if self.options.json:
            from wizard.line.in_json import InJson

            return InJson(self.out)
        from wizard.line.in_words import InWords

        return InWords(self.out, self.errors)

    def carry_out(self) -> int:
        """Does what was asked, and reports."""
        from wizard.line import terminal

        self.stopping.listen()
        try:
            report = self._done()
        except (KeyboardInterrupt, Exception) as error:
            report = self._report_of(error)
        if isinstance(report, int):
            return report
        self.voice.report(report)
        terminal.let_go_of_closed_streams()
        return report.exit

    def _report_of(self, error: BaseException) -> "Report":
        from wizard.line.conversation import cancelled
        from wizard.line.mishap import report_of_mishap
        from wizard.problem import Problem, Trouble
        from wizard.report import Report, report_of_trouble
        from wizard.unattended import Refused

        match error:
            case KeyboardInterrupt() | EOFError() if self.stopping.has_run:
                hint = _("postwizard snapshots says what is in place; postwizard goes on or puts it back.")
                return Report(exit=Exit.NOT_PUT_BACK, ending="cancelled", problem=Problem(_("Broken off."), hint))
            case KeyboardInterrupt() | EOFError():
                self.errors.line()
                return cancelled()
            case Refused():
                return Report(exit=Exit.BAD_CALL, ending="refused", refused=error.problems)
            case Trouble():
                return report_of_trouble(error)
            case _:
                return report_of_mishap(error, has_run=self.stopping.has_run)

    def _done(self) -> "Report | int":
        options = self.options
        if options.list_profiles:
            return self._list()
        if options.command:
            return self._command(_machine(options))
        return self._set_up()

    def _list(self) -> "Report":
        from wizard.catalogue import all_profiles
        from wizard.report import Report

        self.voice.profiles(all_profiles())
        return Report(exit=Exit.DONE, ending="looked")

    def _command(self, machine: "Machine") -> "Report":
        facts = _facts(machine) if self.options.command in LOOKING else None
        from wizard import session, unattended
        from wizard.catalogue import ProfilesAsNeeded
        from wizard.line import looking, snapshots, undo

        options, voice, agrees = self.options, self.voice, self._agrees()
        match options.command, options.action:
            case ("undo", _action) | ("snapshots", "restore" as _action):
                run_id = options.run_id if options.command == "undo" else snapshots.named(options.run_id)
                return undo.undo(
                    machine, run_id, force=options.force, voice=voice, stopping=self.stopping, agrees=agrees
                )
            case "snapshots", "show":
                return snapshots.show_run(machine, options.run_id, voice)
            case "snapshots", "remove":
                return snapshots.remove_run(machine, options.run_id, voice, agrees)
            case "snapshots", _action:
                return snapshots.list_runs(machine, voice)
        beginning = session.begin(machine, facts, ProfilesAsNeeded())
        match options.command:
            case "resume":
                return unattended.resume(machine, beginning, options, voice, self.stopping, agrees)
            case "mailbox" | "alias":
                from wizard.line import accounts

                return accounts.accounts(machine, beginning, options, voice, self.stopping, agrees, self._ask_password)
            case "check":
                return looking.check(machine, beginning, options.profile, voice)
            case "dns":
                return looking.compare_names(machine, beginning, options.profile, voice)
            case _command:
                return looking.test_again(machine, beginning, options.profile, voice)

    def _set_up(self) -> "Report | int":
        from wizard.line import terminal

        options = self.options
        size = (
            os.get_terminal_size(sys.stdout.fileno())
            if terminal.is_terminal(sys.stdout)
            else os.terminal_size((80, 24))
        )
        front = front_for(
            options,
            on_terminal=terminal.on_terminal(),
            term=os.environ.get("TERM", ""),
            columns=size.columns,
            rows=size.lines,
            is_utf8=terminal.is_utf8(sys.stdout),
        )
        match front:
            case "unattended":
                return self._unattended(_machine(options))
            case "line":
                return self._line(_machine(options), size.lines)
            case "full-screen":
                from wizard.tui.app import run_app

                _refuse_unknown(options.profile)
                return run_app(
                    _machine(options),
                    pretend=options.pretend,
                    dry_run=options.dry_run,
                    profile=options.profile or "",
                    reduced=options.ascii or None,
                )
            case _nobody:
                raise _nobody_to_ask(
                    _("Nobody can be asked here: this is not a terminal."),
                    _("Give the answers: --answers FILE --yes, or --plain to read them line by line from a pipe."),
                )

    def _unattended(self, machine: "Machine") -> "Report":
        from wizard.line import given_files

        options = self.options
        given = given_files.given(options)
        facts = _facts(machine)
        from wizard import session, unattended
        from wizard.catalogue import ProfilesAsNeeded
        from wizard.report import Report

        beginning = session.begin(machine, facts, ProfilesAsNeeded())
        answered = unattended.answered(beginning, options, given)
        if options.write_answers is not None:
            self._save_answers(session.answers_text(answered))
            return Report(exit=Exit.DONE, ending="written", profile_id=answered.profile_id)
        return unattended.run_unattended(
            machine, beginning, answered, options, self.voice, self.stopping, self._agrees()
        )

    def _line(self, machine: "Machine", rows: int) -> "Report":
        facts = _facts(machine)
        from wizard import session
        from wizard.line import terminal
        from wizard.line.conversation import Conversation
        from wizard.line.in_words import InWords

        conversation = Conversation(
            machine=machine,
            options=self.options,
            prompts=terminal.prompts_for(self.options, self.out),
            printer=self.out,
            voice=InWords(self.out, self.errors),
            stopping=self.stopping,
            save_answers=self._save_answers,
            rows=0 if terminal.is_plain(self.options) else rows,
        )
        return conversation.hold(session.begin(machine, facts))

    def _agrees(self) -> Callable[[str], bool]:
        """How a person agrees: beforehand by --yes, or asked now; raises BadInput where neither can be."""
        from wizard.line import terminal

        def ask(text: str) -> bool:
            if self.options.json or not terminal.on_terminal():
                can_look = _("--yes goes ahead without asking; --dry-run only shows the plan.")
                raise _nobody_to_ask(
                    _("Nobody can be asked whether to go ahead, so nothing was changed."),
                    _("--yes goes ahead without asking.") if self.options.command else can_look,
                )
            return terminal.prompts_for(self.options, self.out).yes(text)

        return (lambda _text: True) if self.options.yes else ask

    def _ask_password(self, question: "SecretQuestion", so_far: "SoFar") -> "Secret":
        """The password, typed twice and not shown; raises BadInput where nobody can be asked."""
        from wizard.line import terminal
        from wizard.secret import Secret

        if self.options.json or not terminal.on_terminal():
            raise _nobody_to_ask(
                _("Nobody can be asked for the password, so nothing was changed."),
                _("Give it in a file: --secret password=FILE"),
            )
        typed = terminal.prompts_for(self.options, self.out).answer(question, Secret(""), so_far)
        if not isinstance(typed, Secret):
            raise KeyboardInterrupt
        return typed

    def _save_answers(self, text: str) -> None:
        from wizard.line.given_files import write_new

        path = self.options.write_answers or ""
        write_new(path, text)
        self.voice.note(_("The answers are in {path}; secrets are not among them.").format(path=path))


def _nobody_to_ask(what: str, hint: str) -> Exception:
    from wizard.problem import BadInput

    return BadInput(what, hint)


def _refuse_unknown(profile_id: str | None) -> None:
    """Raises BadInput for a profile that there is not, before the screen is taken over."""
    from wizard.catalogue import all_profiles
    from wizard.machine.facts import Facts
    from wizard.session import Beginning, choose

    if profile_id is not None:
        choose(Beginning(Facts(), all_profiles()), profile_id)


def _facts(machine: "Machine") -> "Callable[[], Facts]":
    """Begins to look at the machine, so that its programs answer while the rest of the wizard is loaded."""
    from wizard.machine.gather_facts import gather_facts
    from wizard.machine.meanwhile import meanwhile

    return meanwhile(partial(gather_facts, machine))


def _machine(options: Options) -> "Machine":
    """This machine, or a copy of it in memory; where this is not Arch, a fresh one that is."""
    from wizard.machine.this_machine import ThisMachine

    this = ThisMachine()
    if not options.pretend:
        return this
    from wizard.machine.pretend_machine import PretendMachine
    from wizard.places import FRESH_ARCH

    if this.package("pacman") is not None:
        return PretendMachine(this)
    return PretendMachine.from_json(FRESH_ARCH.read_text("utf-8"))


if __name__ == "__main__":
    console()
