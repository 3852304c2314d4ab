"""Accounts: lists the mailboxes and aliases of virtual mail, or carries out one change to them as a run of its own."""

from collections.abc import Callable
from dataclasses import replace

from wizard import session as engine
from wizard.ask.mail_accounts import (
    AccountChange,
    AddAlias,
    AddMailbox,
    RemoveAlias,
    RemoveMailbox,
    SetPassword,
    SetQuota,
    new_password,
    wants_password,
)
from wizard.ask.question import SecretQuestion, SoFar
from wizard.at_work import refuse_while_unfinished
from wizard.command_line import Exit, Options
from wizard.line import given_files
from wizard.line.carrying_out import carry_out, only_looked_at, refuse_without_root
from wizard.line.conversation import cancelled
from wizard.line.importing import import_mailboxes
from wizard.line.stopping import Stopping
from wizard.line.voice import Voice
from wizard.machine.machine import Machine
from wizard.problem import BadInput
from wizard.report import Report
from wizard.secret import Secret
from wizard.session import Beginning, Session
from wizard.words import _

AskPassword = Callable[[SecretQuestion, SoFar], Secret]


def accounts(
    machine: Machine,
    beginning: Beginning,
    options: Options,
    voice: Voice,
    stopping: Stopping,
    agrees: Callable[[str], bool],
    ask_password: AskPassword,
) -> Report:
    """What the command `mailbox` or `alias` asks for."""
    if beginning.is_hidden:
        refuse_without_root(machine)
    if not beginning.facts.mail_domains:
        engine.accounts(machine)  # says why they cannot be read, where they are there
    session = engine.keeping_accounts(beginning)
    if options.action == "list":
        words = " ".join((options.address, *(options.targets or ()))).split()
        mailboxes, aliases = engine.accounts(machine, words)
        if options.command == "mailbox":
            voice.mailboxes(mailboxes)
        else:
            voice.aliases(aliases)
        return Report(exit=Exit.DONE, ending="looked", profile_id=session.profile_id)
    if not options.dry_run:
        refuse_while_unfinished(machine, beginning)
    if options.action == "import":
        return import_mailboxes(machine, session, options, voice, stopping, agrees)
    change = _with_password(session, _named(options), ask_password)
    return _carried_out(session, change, machine, options, voice, stopping, agrees)


def _carried_out(
    session: Session,
    change: AccountChange,
    machine: Machine,
    options: Options,
    voice: Voice,
    stopping: Stopping,
    agrees: Callable[[str], bool],
) -> Report:
    plan = engine.make_change(session, change, machine)
    voice.plan(session, plan)
    if (report := only_looked_at(session, plan, options)) is not None:
        return report
    refuse_without_root(machine)
    if not agrees(_("Go ahead?")):
        return cancelled()
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


def _with_password(session: Session, change: AccountChange, ask_password: AskPassword) -> AccountChange:
    """The change with its password, which is asked for last, when nothing else speaks against it."""
    if (problem := engine.change_refused(session, change)) is not None:
        raise BadInput(problem)
    if isinstance(change, AddMailbox | SetPassword) and wants_password(change, session.facts):
        return replace(change, password=ask_password(new_password, engine.so_far(session)))
    return change


def _named(options: Options) -> AccountChange:
    """The change that the options name, with the password if it is given."""
    address = options.address.strip()
    match options.command, options.action:
        case "mailbox", "add":
            return AddMailbox(address, _given_password(options), options.quota.strip())
        case "mailbox", "password":
            return SetPassword(address, _given_password(options))
        case "mailbox", "quota":
            return SetQuota(address, options.size.strip())
        case "mailbox", _remove:
            return RemoveMailbox(address, options.mail or "keep", options.confirm)
        case _alias, "add":
            return AddAlias(address, tuple(options.targets or ()))
        case _alias, _remove:
            return RemoveAlias(address)


def _given_password(options: Options) -> Secret | None:
    secrets = given_files.given(options).secrets
    if unknown := [key for key in secrets if key != new_password.key]:
        raise BadInput(
            _("There is no question named {key}.").format(key=repr(unknown[0])),
            _("Give a file: --secret {key}=FILE").format(key=new_password.key),
        )
    return secrets.get(new_password.key)
