"""Carrying out: a plan, the decision after a failure, the test sends and the report; asked or unattended alike."""

from collections.abc import Callable
from dataclasses import replace

from wizard import session as engine
from wizard.apply.events import Ending
from wizard.apply.execute import Outcome
from wizard.apply.runs import Run
from wizard.check.finding import Finding, Stage
from wizard.command_line import Exit, Options
from wizard.line.stopping import Stopping
from wizard.line.voice import Voice
from wizard.machine.facts import Facts
from wizard.machine.machine import Machine
from wizard.plan.make_plan import Plan
from wizard.problem import BadInput, Problem, Trouble
from wizard.report import Report, report_of
from wizard.session import Session
from wizard.words import _

Decide = Callable[[Outcome], bool]


def refuse_without_root(machine: Machine) -> None:
    """Raises BadInput where changes cannot be made at all."""
    if not machine.is_root():
        raise BadInput(
            _("Changing this machine needs root, and this is not root. Nothing was changed."),
            _("Run it as root (sudo postwizard), or look without changing: --dry-run, --pretend."),
        )


def refuse_elsewhere(facts: Facts) -> None:
    """Raises BadInput where there is no pacman: a plan for Arch Linux could be neither shown nor carried out."""
    if "pacman" not in facts.packages:
        raise BadInput(
            _("This is not Arch Linux: there is no pacman here ({name}). Nothing was changed.").format(
                name=facts.os_name or _("unknown system")
            ),
            _("Try it on a machine that is: `postwizard --practice`, or in memory: `postwizard --pretend`."),
        )


def only_looked_at(session: Session, plan: Plan, options: Options) -> Report | None:
    """How the call ends where nothing is left to do, or nothing but the plan was asked for; None: it goes on."""
    if not plan.is_empty and not options.dry_run:
        return None
    ending = "nothing-to-do" if plan.is_empty else "planned"
    return Report(exit=Exit.DONE, ending=ending, profile_id=session.profile_id)


def carry_out(
    session: Session,
    plan: Plan,
    machine: Machine,
    voice: Voice,
    stopping: Stopping,
    wants_put_back: Decide,
    run: Run | None = None,
    *,
    pretended: bool = False,
    no_test_sends: bool = False,
) -> Report:
    """Carries out the plan; after a failure puts everything back if that is wanted; else runs checks and test sends.

    On a pretended machine no program runs that could take a mail, so only the checks are run there.
    """
    refuse_without_root(machine)
    with stopping.while_running() as stop:
        outcome = engine.carry_out(session, plan, machine, voice.event, stop, run=run)
    stopped = outcome.ending is Ending.STOPPED
    if outcome.ending in {Ending.FAILED, Ending.STOPPED}:
        if not wants_put_back(outcome):
            return report_of(outcome, session.profile_id)
        why = outcome.problem
        put_back = put_back_run(machine, outcome.run_id, voice, stopping)
        problem = put_back.problem or (None if stopped else why)
        outcome = Outcome(put_back.ending, put_back.run_id or outcome.run_id, problem, put_back.notes)
        exit_code = Exit.CANCELLED if stopped else Exit.FAILED
        return report_of(outcome, session.profile_id, when_put_back=exit_code)
    if outcome.ending is not Ending.DONE:
        return report_of(outcome, session.profile_id)
    if pretended:
        findings = engine.look_at_checks(session, machine)
        note = _("This was pretended: nothing on this computer was changed, and no test mail was sent.")
        outcome = replace(outcome, notes=(*outcome.notes, note))
        return replace(report_of(outcome, session.profile_id, findings), pretended=True)
    if no_test_sends:
        return report_of(outcome, session.profile_id, engine.look_at_checks(session, machine))
    return _tested(session, machine, voice, outcome)


def put_back_run(machine: Machine, run_id: str, voice: Voice, stopping: Stopping, *, force: bool = False) -> Outcome:
    """Puts a run back, step by step."""
    with stopping.while_running() as stop:
        return engine.put_back(machine, run_id, voice.event, stop, force=force)


def _tested(session: Session, machine: Machine, voice: Voice, outcome: Outcome) -> Report:
    voice.note(_("Now the checks and the test sends."))
    findings: tuple[Finding, ...] = ()
    try:
        findings = engine.send_tests(session, machine, told_by_title(session, voice))
    except KeyboardInterrupt:
        problem = Problem(
            _("The changes are in place, but the test sends were cut short."), _("postwizard test sends them again.")
        )
        return _not_verified(outcome, session, problem)
    except Trouble as trouble:
        return _not_verified(outcome, session, trouble.problem)
    return report_of(outcome, session.profile_id, findings)


def told_by_title(session: Session, voice: Voice) -> Callable[[str, Stage], None]:
    """Tells each stage, and before the first of each test send its title."""
    titles = {probe.key: probe.title for probe in session.profile.probes}
    begun: set[str] = set()

    def tell(key: str, stage: Stage) -> None:
        if key not in begun:
            begun.add(key)
            voice.note(titles.get(key, key))
        voice.stage(key, stage)

    return tell


def _not_verified(outcome: Outcome, session: Session, problem: Problem) -> Report:
    return Report(
        exit=Exit.NOT_VERIFIED,
        ending=outcome.ending.value,
        profile_id=session.profile_id,
        run_id=outcome.run_id,
        problem=problem,
        notes=outcome.notes,
    )
