"""The conversation as values: begin, choose, answer, plan, apply, test, put back; every front drives these functions.

beginning = begin(machine)                        facts, profiles, kept answers, an unfinished run
session   = choose(beginning, "local_only")
for question in questions(session): session = answer(session, question.key, raw)  or a Problem
plan      = make(session, machine)
outcome   = carry_out(session, plan, machine, tell, stop)
findings  = send_tests(session, machine, tell_stage)
outcome   = put_back(machine, run_id, tell, stop)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath

from wizard.apply.edited_secrets import edited_secrets
from wizard.apply.events import Ending, Event
from wizard.apply.execute import Outcome, execute
from wizard.apply.left_mail import keep_left_mail
from wizard.apply.put_back import inverses_of, put_back_run
from wizard.apply.runs import Run, RunFolder, all_runs, kept, records_of, remove_run_folder, the_run
from wizard.apply.state import keep_answers, kept_answers, kept_ledger
from wizard.apply.waiting_mail import refuse_to_lose_mail, removes_postfix
from wizard.ask.account_store import store_silent
from wizard.ask.answers import Answered, Origin, read_answers, write_answers
from wizard.ask.mail_accounts import (
    AccountChange,
    AddMailbox,
    ImportMailboxes,
    RemoveMailbox,
    SetPassword,
    change_caution,
    change_objection,
    tidied,
    wants_password,
)
from wizard.ask.mailbox_import import MailboxImport, Told, read_import
from wizard.ask.plain_text import shown
from wizard.ask.question import (
    Answer,
    AnyQuestion,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    SoFar,
    TextQuestion,
    YesNoQuestion,
)
from wizard.catalogue import all_profiles
from wizard.check.dns_needs import mail_names
from wizard.check.dns_records import DnsReport, compare_dns, summary
from wizard.check.finding import Finding, Stage, Verdict
from wizard.machine.account_store import STORE_PLACES, content_of_store, store_in_use
from wizard.machine.facts import Facts
from wizard.machine.gather_facts import gather_facts
from wizard.machine.machine import Look, Machine
from wizard.machine.meanwhile import meanwhile
from wizard.plan.ledger import Ledger
from wizard.plan.make_plan import Plan, make_plan
from wizard.plan.profile import Profile
from wizard.problem import BadInput, NoRights, Problem, Trouble
from wizard.secret import Secret
from wizard.syntax.mail_accounts import ListedAlias, ListedMailbox, listed, maildir_of
from wizard.syntax.password_hash import hashed_all
from wizard.words import _

Stop = Callable[[], bool]


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass(frozen=True)
class Beginning:
    """What is known before the first question: facts, profiles by id, kept answers, and a run that did not end."""

    facts: Facts
    profiles: Mapping[str, Profile]
    last_profile: str = ""
    kept: Mapping[str, Answer] = field(default_factory=dict)
    unfinished: Run | None = None
    # Whether what earlier runs left is not for this user to read, so that nothing can be said of it.
    is_hidden: bool = False


@dataclass(frozen=True)
class Session:
    """A conversation under way; a changed session is a new one. Answers to questions now hidden are kept."""

    profile_id: str
    profile: Profile
    facts: Facts
    answers: Mapping[str, Answered] = field(default_factory=dict)


def begin(
    look: Look, facts: Callable[[], Facts] | None = None, profiles: Mapping[str, Profile] | None = None
) -> Beginning:
    """Looks at the machine and at what earlier runs left; changes nothing. Raises Trouble when state is damaged.

    The caller may have begun to gather the `facts` already, and give the `profiles` where it does not show them all.
    """
    facts = facts or meanwhile(partial(gather_facts, look))
    # All that needs no facts comes first, while the programs answer.
    profiles = all_profiles() if profiles is None else profiles
    try:
        last_profile, answers = kept_answers(look, profiles)
        unfinished = next((run for run in reversed(all_runs(look)) if run.needs_a_decision), None)
    except NoRights:  # what earlier runs left is for root to read; looking and practising go without
        return Beginning(facts(), profiles, is_hidden=True)
    return Beginning(facts(), profiles, last_profile, answers, unfinished)


def choose(beginning: Beginning, profile_id: str) -> Session:
    """A conversation on this profile, answers kept from last time offered again; raises BadInput for an unknown one."""
    if profile_id not in beginning.profiles:
        known = ", ".join(beginning.profiles)
        raise BadInput(
            _("There is no profile named {name!r}.").format(name=profile_id), _("Profiles: {known}").format(known=known)
        )
    profile = beginning.profiles[profile_id]
    answers = {key: Answered(value, Origin.KEPT) for key, value in beginning.kept.items()}
    # A secret is made once, so that the one in the plan is the one that is written.
    answers |= {
        question.key: Answered(question.generate(), Origin.DEFAULT)
        for question in profile.questions
        if isinstance(question, SecretQuestion) and question.generate is not None
    }
    return Session(profile_id, profile, beginning.facts, answers)


def so_far(session: Session) -> SoFar:
    """The answers in force: of the questions that are asked, each as given, or else as proposed."""
    answers: dict[str, Answer] = {}
    for question in session.profile.questions:
        so_far = SoFar(answers, session.facts)
        if question.when(so_far):
            value = proposal(session, question, so_far).value
            answers = {**answers, question.key: value}
    return SoFar(answers, session.facts)


def questions(session: Session) -> tuple[AnyQuestion, ...]:
    """The questions that are asked, given the answers in force, in order."""
    answers = so_far(session).answers
    return tuple(question for question in session.profile.questions if question.key in answers)


def proposal(session: Session, question: AnyQuestion, earlier: SoFar | None = None) -> Answered:
    """The answer to show: as given or kept where it still holds, else the default from the machine."""
    earlier = earlier if earlier is not None else so_far(session)
    known = session.answers.get(question.key)
    if known is not None and (known.origin is not Origin.KEPT or objection(question, known.value, earlier) is None):
        return known
    return Answered(_default(question, earlier), Origin.DEFAULT)


def _default(question: AnyQuestion, earlier: SoFar) -> Answer:
    match question:
        case TextQuestion() | ChoiceQuestion() | YesNoQuestion() | ListQuestion():
            return question.default(earlier)
        case SecretQuestion():
            return Secret("")


def objection(question: AnyQuestion, value: Answer, earlier: SoFar) -> Problem | None:
    """Why this answer is refused, or None; the one place where answers are judged, for every front."""
    match question:
        case TextQuestion():
            if not isinstance(value, str):
                return _wrong_type(question.key, _("a line of text"))
            if not value and question.optional:
                return None
            return question.objection(value, earlier)
        case ChoiceQuestion():
            offered = [choice.value for choice in question.choices(earlier)]
            if not isinstance(value, str) or value not in offered:
                return _wrong_type(question.key, _("one of: {choices}").format(choices=", ".join(offered)))
            return question.objection(value, earlier)
        case YesNoQuestion():
            return None if isinstance(value, bool) else _wrong_type(question.key, _("yes or no (true or false)"))
        case ListQuestion():
            if not isinstance(value, tuple):
                return _wrong_type(question.key, _("a list"))
            for item in value:
                if (problem := question.objection(item, earlier)) is not None:
                    return problem
            return question.list_objection(value, earlier)
        case SecretQuestion():
            if not isinstance(value, Secret):
                return _wrong_type(question.key, _("a secret, given with --secret"))
            return question.objection(value.reveal(), earlier)


def _wrong_type(key: str, wanted: str) -> Problem:
    return Problem(_("The answer to {key} does not fit.").format(key=key), _("Wanted: {wanted}").format(wanted=wanted))


def answer(session: Session, key: str, value: Answer, origin: Origin = Origin.GIVEN) -> Session | Problem:
    """The session with this answer, or why it is refused; answers to later questions stay as they are."""
    question = next((question for question in session.profile.questions if question.key == key), None)
    if question is None:
        return Problem(_("There is no question named {key}.").format(key=key))
    if (problem := objection(question, value, so_far(session))) is not None:
        return problem
    return replace(session, answers={**session.answers, key: Answered(value, origin)})


def refused(session: Session) -> Mapping[str, Problem]:
    """Each asked question whose answer in force is refused, with the reason; empty when a plan can be made."""
    current = so_far(session)
    found = {}
    for question in questions(session):
        if (problem := objection(question, current.answers[question.key], current)) is not None:
            found[question.key] = problem
    return found


def make(session: Session, look: Look, pending: frozenset[str] = frozenset()) -> Plan:
    """The plan for these answers; raises BadInput while an answer is refused, Trouble when it cannot be made."""
    if problems := refused(session):
        key, problem = next(iter(problems.items()))
        raise BadInput(Problem(f"{key}: {problem.what}", problem.hint))
    desired = session.profile.desired(so_far(session))
    ledger = Ledger()
    notes: tuple[str, ...] = ()
    try:
        ledger = kept_ledger(look)
        edited = edited_secrets(look, ledger, desired)
        ledger = ledger.leaving(edited)
        stays = _("{path} is no longer wanted, but may have been changed since the wizard wrote it, and stays.")
        notes = tuple(stays.format(path=entry.claim.key) for entry in edited)
    except NoRights:
        notes = (_("What earlier runs set is for root to read, so what this plan would take back of it is not shown."),)
    plan = make_plan(desired, look, profile_id=session.profile_id, ledger=ledger, pending=pending)
    return replace(plan, notes=(*notes, *plan.notes))


def keeping_accounts(beginning: Beginning) -> Session:
    """The conversation on the profile that is set up, with its answers; raises BadInput where it keeps no accounts."""
    profile = beginning.profiles.get(beginning.last_profile)
    if profile is None or profile.account_steps is None or not beginning.facts.mail_domains:
        names = ", ".join(name for name, known in beginning.profiles.items() if known.account_steps is not None)
        raise BadInput(
            _("No mail system with mailboxes of its own is set up here. Nothing was changed."),
            _("Set one up first: `postwizard --profile {name}`.").format(name=names),
        )
    return choose(beginning, beginning.last_profile)


def keeps_accounts(beginning: Beginning) -> bool:
    """Whether mailboxes are kept by what is set up."""
    try:
        keeping_accounts(beginning)
    except BadInput:
        return False
    return True


def accounts(look: Look, words: Iterable[str] = ()) -> tuple[tuple[ListedMailbox, ...], tuple[ListedAlias, ...]]:
    """The mailboxes and aliases in which all of these words stand, without passwords; raises Trouble if unreadable."""
    mailboxes, aliases = listed(_content_of_accounts(look))
    wanted = tuple(word.lower() for word in words)
    return (
        tuple(row for row in mailboxes if all(word in row.address for word in wanted)),
        tuple(row for row in aliases if all(word in f"{row.address} {row.targets}".lower() for word in wanted)),
    )


def make_change(session: Session, change: AccountChange, look: Look) -> Plan:
    """The plan for one change to the mail accounts; raises BadInput for one that is refused, or lacks its password.

    Only what is named is changed: nothing that earlier runs set is taken back.
    """
    if (problem := change_refused(session, change)) is not None:
        raise BadInput(problem)
    current = _as_served(session)
    change = tidied(change, current)
    if isinstance(change, AddMailbox | SetPassword) and wants_password(change, session.facts):
        raise BadInput(_("Without a password nobody can read the mailbox."))
    if isinstance(change, RemoveMailbox) and change.mail != "keep":
        change = replace(change, maildir=_mail_of(change.address, look))
    if session.profile.account_steps is None:
        raise BadInput(_("This profile keeps no mail accounts."))
    plan = make_plan(session.profile.account_steps(change, current), look, profile_id=session.profile_id)
    caution = change_caution(change) if not plan.is_empty else None
    notes = (f"{caution.what} {caution.hint}",) if caution is not None else ()
    return replace(plan, notes=notes, of_one_change=True)


def _content_of_accounts(look: Look) -> bytes:
    """All that the store of accounts holds, in SQLite's format; raises Trouble where it cannot be read."""
    maps = ""
    with suppress(Trouble):  # no Postfix
        maps = look.output_of("postconf", "-h", "virtual_mailbox_maps").text
    store = store_in_use(maps, look)
    content = content_of_store(look, STORE_PLACES[store]) if store else b""
    if content is None:
        raise Trouble(store_silent(store))
    return content


def _mail_of(address: str, look: Look) -> str:
    """Where the mail of a mailbox lies, below the folder of all mail; raises BadInput where that cannot be trusted."""
    maildir = maildir_of(_content_of_accounts(look), address)
    parts = PurePosixPath(maildir).parts
    if maildir and (len(parts) < 2 or parts[0] == "/" or ".." in parts):
        raise BadInput(
            _("The mail of {address} lies at {place}, which may hold that of others.").format(
                address=address, place=shown(maildir)
            ),
            _("Remove the mailbox with --mail keep, and look after its mail yourself."),
        )
    return str(PurePosixPath(*parts)) if parts else ""


def change_refused(session: Session, change: AccountChange) -> Problem | None:
    """Why this change is refused, or None; a password that is not given yet is no reason."""
    current = _as_served(session)
    return change_objection(tidied(change, current), current)


def judge_import(session: Session, lines: Iterable[str], told: Told) -> MailboxImport:
    """What a file of mailboxes holds, and all that is wrong with it; `told` hears how many lines are read."""
    return read_import(lines, _as_served(session), told)


def with_hashes(found: MailboxImport, told: Told) -> MailboxImport:
    """The import with its clear passwords hashed, which takes long by intent; `told` hears how many are done."""
    return found.with_hashes(_counted(hashed_all(found.clear.values()), told))


def _counted(hashes: Iterable[Secret], told: Told) -> Iterator[Secret]:
    for count, made in enumerate(hashes, start=1):
        told(count)
        yield made


def make_import(session: Session, found: MailboxImport, look: Look) -> Plan:
    """The plan for an import; where passwords are still clear, it is good to be looked at only."""
    return make_change(session, ImportMailboxes(found.rows), look)


def _as_served(session: Session) -> SoFar:
    """The answers in force, but with the domains that are served now, whichever the answers had."""
    current = so_far(session)
    return replace(current, answers={**current.answers, "mail_domains": session.facts.mail_domains})


def resume(beginning: Beginning, look: Look) -> Session:
    """The conversation of the unfinished run, with its answers; raises BadInput without any that fit."""
    run = beginning.unfinished
    if run is None:
        raise BadInput(_("No run is unfinished."))
    text = (kept(look, run.run_id, "answers.toml") or b"").decode("utf-8", "replace")
    if not text:
        raise BadInput(
            _("The run {run} was a single change, and what it was to be is not kept.").format(run=run.run_id),
            _("postwizard undo {run} puts it back; then make the change again.").format(run=run.run_id),
        )
    profile_id, answers = read_answers(text, beginning.profiles)
    session = choose(beginning, profile_id)
    kept_then = {key: Answered(value, Origin.KEPT) for key, value in answers.items()}
    return replace(session, answers={**session.answers, **kept_then})


def carry_out(
    session: Session,
    plan: Plan,
    machine: Machine,
    tell: Callable[[Event], None],
    stop: Stop = never,
    run: Run | None = None,
) -> Outcome:
    """Carries out the plan as a new run, or as the rest of the unfinished `run`; keeps the answers when it is done.

    Raises Trouble, with nothing changed, when this is not root, another wizard runs, a run is unfinished, or the
    machine is not as it was seen.
    """
    if plan.is_empty and run is None:
        return Outcome(Ending.NOTHING_TO_DO)
    with _locked(machine):
        _refuse_while_unfinished(machine, run)
        text = "" if plan.of_one_change else answers_text(session)
        outcome = execute(plan, machine, tell, stop, text, run)
        if outcome.ending is Ending.DONE and text:
            try:
                keep_answers(machine, text)
            except Trouble as trouble:  # the changes are in place all the same
                note = _("The answers are not kept for next time: {why}").format(why=trouble.problem.what)
                outcome = replace(outcome, notes=(*outcome.notes, note))
        return outcome


def answers_text(session: Session) -> str:
    """The answers in force as an answers file, without secrets."""
    return write_answers(session.profile_id, so_far(session).answers, session.profile.questions)


def send_tests(
    session: Session, machine: Machine, tell: Callable[[str, Stage], None] = lambda _probe, _stage: None
) -> tuple[Finding, ...]:
    """Runs the profile's checks, then its test sends; `tell` hears each stage with the key of its probe."""
    current = so_far(session)
    findings = list(look_at_checks(session, machine))
    for probe in session.profile.probes:
        if probe.when(current):
            findings.append(probe.run(machine, current, partial(tell, probe.key)))
    run = newest_run(machine) if machine.is_root() else None
    if run is not None:
        keep_left_mail(machine, run.run_id, (mail for finding in findings for mail in finding.left))
    return tuple(findings)


def look_at_checks(session: Session, look: Look) -> tuple[Finding, ...]:
    """The profile's checks, which change nothing; one that fails to look is "could not tell", never good."""
    current = so_far(session)
    findings = []
    for check in session.profile.checks:
        try:
            findings.append(check.look(look, current))
        except Trouble as trouble:
            findings.append(Finding(Verdict.UNKNOWN, check.symptom, trouble.problem.what, trouble.problem.hint))
    try:
        dns = compare_names(session, look)
    except Trouble as trouble:
        about = _("Some records in the DNS could not be told.")
        return (*findings, Finding(Verdict.UNKNOWN, about, trouble.problem.what, trouble.problem.hint))
    return (*findings, summary(dns)) if dns is not None else tuple(findings)


def compare_names(session: Session, look: Look) -> DnsReport | None:
    """The DNS records that this mail system needs, held against what name servers answer; None where it needs none."""
    if session.profile.dns_needs is None:
        return None
    current, facts = so_far(session), session.facts
    host = current.text("hostname") or facts.fully_qualified_name
    names = mail_names(session.profile.dns_needs(look, current), host, facts.addresses)
    return compare_dns(look, names, facts.resolvers)


def put_back(
    machine: Machine, run_id: str, tell: Callable[[Event], None], stop: Stop = never, force: bool = False
) -> Outcome:
    """Puts back this run, and those after it first; what a person changed since stays and is noted, unless `force`.

    A run that cannot be put back to its end keeps those before it from being begun. Raises BadInput for an unknown run
    or one put back already, Trouble, with nothing changed, when this is not root, another wizard runs, or the first
    of the runs cannot be put back as things are, though it was carried out whole.
    """
    with _locked(machine):
        _refuse_put_back(machine, run_id, force)
        outcomes: list[Outcome] = []
        for run in reversed(all_runs(machine)):
            is_back = run.state == "put-back" and not (force and run.has_left)
            if run.run_id < run_id or is_back:
                continue
            try:
                _refuse_to_lose_mail(machine, run, force)
                outcomes.append(put_back_run(machine, run, tell, stop, force, asked=run_id))
            except Trouble as trouble:
                if not outcomes and run.state in {"applied", "put-back"}:
                    raise
                outcomes.append(Outcome(Ending.NOT_ALL_PUT_BACK, run.run_id, trouble.problem))
            if the_run(machine, run.run_id).state != "put-back":
                break
        # The last that was cut short tells more than one of which only something stayed.
        worst = next((made for made in reversed(outcomes) if made.ending is not Ending.PUT_BACK), outcomes[-1])
        return replace(worst, run_id=run_id, notes=tuple(note for made in outcomes for note in made.notes))


def _refuse_put_back(look: Look, run_id: str, force: bool) -> None:
    """Raises BadInput for a run of which nothing is left, or that can only be put back further together with others."""
    target = the_run(look, run_id)
    if target.state != "put-back":
        return
    if not force or not target.has_left:
        raise BadInput(_("Snapshot {run_id} has already been put back.").format(run_id=run_id))
    for run in all_runs(look):
        # Otherwise it would be put back to what that earlier run had made.
        if run.run_id < run_id and run.has_left and run.undone_at > target.undone_at:
            raise BadInput(
                _("Snapshot {run_id} was put back before {earlier}, which came first.").format(
                    run_id=run_id, earlier=run.run_id
                ),
                _("`postwizard undo {run_id} --force` puts back what is left of both.").format(run_id=run.run_id),
            )


def _refuse_to_lose_mail(machine: Machine, run: Run, force: bool) -> None:
    folder = RunFolder(machine, run.run_id)
    if any(removes_postfix(step) for _number, step in inverses_of(records_of(machine, run.run_id), folder)):
        refuse_to_lose_mail(folder, force)


def newest_run(look: Look) -> Run | None:
    """The run that `undo` without an id puts back: the newest that is not put back yet."""
    return next((run for run in reversed(all_runs(look)) if run.state != "put-back"), None)


def remove_run(machine: Machine, run_id: str) -> None:
    """Forgets a run; raises BadInput for one that is unknown or still needs a decision."""
    with _locked(machine):
        run = the_run(machine, run_id)
        if run.needs_a_decision:
            raise BadInput(
                _("Snapshot {run_id} belongs to a run that did not end.").format(run_id=run_id),
                _("Go on with it, or put it back: `postwizard undo {run_id}`.").format(run_id=run_id),
            )
        remove_run_folder(machine, run_id)


@contextmanager
def _locked(machine: Machine) -> Iterator[None]:
    """Holds the wizard's lock; raises Trouble when this is not root or somebody else holds it."""
    if not machine.is_root():
        raise BadInput(
            _("Only root can change this machine."),
            _("Start it with sudo; preview, `--dry-run`, `--pretend` and the practice machine work without."),
        )
    if (holder := machine.try_lock()) is not None:
        raise Trouble(
            _("Another postwizard is at work: {holder}.").format(holder=holder),
            _("Wait until it ends, then try again."),
        )
    try:
        yield
    finally:
        machine.unlock()


def _refuse_while_unfinished(look: Look, run: Run | None) -> None:
    unfinished = next((found for found in reversed(all_runs(look)) if found.needs_a_decision), None)
    if run is not None and (unfinished is None or run.run_id != unfinished.run_id):
        raise BadInput(
            _("The run {run_id} was decided on meanwhile.").format(run_id=run.run_id),
            _("Start postwizard again to see how things stand."),
        )
    if unfinished is not None and run is None:
        raise BadInput(
            _("The run {run_id} did not come to its end.").format(run_id=unfinished.run_id),
            _("Start postwizard to go on with it, or put it back: `postwizard undo {run_id}`.").format(
                run_id=unfinished.run_id
            ),
        )
