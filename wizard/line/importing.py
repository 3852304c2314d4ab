"""Importing: a file of mailboxes is judged whole, shown, and put in as one run; with one wrong line nothing changes."""

import csv
import io
from collections.abc import Callable
from time import monotonic

from wizard import session as engine
from wizard.ask.mailbox_import import MailboxImport, WrongCell
from wizard.command_line import Exit, Options
from wizard.line import given_files
from wizard.line.carrying_out import carry_out, only_looked_at, refuse_without_root
from wizard.line.conversation import cancelled
from wizard.line.stopping import Stopping
from wizard.line.voice import Voice
from wizard.machine.machine import Machine
from wizard.problem import Problem
from wizard.report import Report
from wizard.secret import Secret
from wizard.session import Session
from wizard.syntax.password_hash import hashed_all
from wizard.words import _, ngettext

# Between two lines that say how far the passwords are.
_SECONDS_BETWEEN = 10.0


def import_mailboxes(
    machine: Machine,
    session: Session,
    options: Options,
    voice: Voice,
    stopping: Stopping,
    agrees: Callable[[str], bool],
) -> Report:
    """Carries out `mailbox import`; raises BadInput for a file that cannot be read."""
    words = _("{done} lines are read")
    with given_files.lines_of(options.address) as lines:
        found = engine.judge_import(session, lines, lambda done: voice.progress(words, done, None))
    if found.wrong:
        return _refused(found, session, options, voice)
    plan = engine.make_import(session, found, machine)
    voice.plan(session, plan)
    if found.clear:
        voice.note(_how_long(len(found.clear)))
    if (report := only_looked_at(session, plan, options)) is not None:
        return report
    refuse_without_root(machine)
    if not agrees(_("Go ahead?")):
        return cancelled()
    if found.clear:
        found = _hashed(found, voice)
        plan = engine.make_import(session, found, machine)
    return carry_out(
        session,
        plan,
        machine,
        voice,
        stopping,
        lambda _outcome: True,
        pretended=options.pretend,
        no_test_sends=True,
    )


def _refused(found: MailboxImport, session: Session, options: Options, voice: Voice) -> Report:
    """Says what is wrong, in a file too where one is named."""
    voice.wrong_cells(found.wrong)
    lines = len({cell.line for cell in found.wrong})
    hint = _("Correct the file and import it again; an import takes all lines or none.")
    if options.report:
        given_files.write_new(options.report, _as_csv(found.wrong))
        hint = _("All of it is in {path}.").format(path=options.report) + " " + hint
    what = ngettext(
        "{count} line cannot be imported. Nothing was changed.",
        "{count} lines cannot be imported. Nothing was changed.",
        lines,
    ).format(count=lines)
    return Report(
        exit=Exit.BAD_CALL, ending="refused", profile_id=session.profile_id, problem=Problem(what, hint)
    )  # fmt: skip


def _as_csv(wrong: tuple[WrongCell, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("line", "column", "what", "hint"))
    writer.writerows((cell.line, cell.column, cell.problem.what, cell.problem.hint) for cell in wrong)
    return text.getvalue()


def _how_long(count: int) -> str:
    """How long the hashing of so many passwords takes here, judged by one round of it."""
    began = monotonic()
    tried = len(list(hashed_all([Secret("a password to try")] * 4)))
    minutes = (monotonic() - began) / tried * count / 60
    words = ngettext(
        "{count} password is clear and is hashed first (scrypt, slow by intent): about {minutes} minutes here.",
        "{count} passwords are clear and are hashed first (scrypt, slow by intent): about {minutes} minutes here.",
        count,
    )
    return words.format(count=count, minutes=f"{minutes:.1f}" if minutes < 10 else round(minutes))


def _hashed(found: MailboxImport, voice: Voice) -> MailboxImport:
    """The import with every password hashed; until then nothing is changed, so it can be broken off."""
    words, total, said = _("{done} of {total} passwords are hashed"), len(found.clear), monotonic()

    def told(done: int) -> None:
        nonlocal said
        if done == total or monotonic() - said >= _SECONDS_BETWEEN:
            said = monotonic()
            voice.progress(words, done, total)

    return engine.with_hashes(found, told)
