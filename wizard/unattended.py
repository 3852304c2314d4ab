"""Unattended: the same questions, validation, plan and report, with every answer given beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from wizard import session as engine
from wizard.apply.execute import Outcome
from wizard.ask.answers import Origin, read_answers
from wizard.ask.plain_text import shown
from wizard.ask.question import (
    Answer,
    AnyQuestion,
    ChoiceQuestion,
    ListQuestion,
    SecretQuestion,
    TextQuestion,
    YesNoQuestion,
    caution,
)
from wizard.at_work import refuse_while_at_work, refuse_while_unfinished
from wizard.command_line import Exit, Options
from wizard.line.carrying_out import carry_out, only_looked_at, put_back_run, refuse_elsewhere, refuse_without_root
from wizard.line.conversation import cancelled
from wizard.line.given_files import Given
from wizard.line.lists import split
from wizard.line.stopping import Stopping
from wizard.line.voice import Voice
from wizard.machine.machine import Machine
from wizard.plan.make_plan import Plan
from wizard.problem import BadInput, Problem
from wizard.report import Report, report_of
from wizard.secret import Secret
from wizard.session import Beginning, Session
from wizard.words import _

YES = frozenset({"yes", "true", "y", "1"})
NO = frozenset({"no", "false", "n", "0"})


class Refused(BadInput):
    """Answers that are missing or refused, each with the reason; nothing was changed."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__("; ".join(f"{key}: {problem.what}" for key, problem in problems.items()))
        self.problems = problems


def answered(beginning: Beginning, options: Options, given: Given) -> Session:
    """The session with all that was given; raises Refused with everything that is missing or refused, not the first.

    An answers file is the whole story: what was kept from last time counts only without one.
    """
    profile_id, answers = options.profile, dict[str, Answer]()
    if given.answers_file is not None:
        named, read = read_answers(given.answers_file, beginning.profiles)
        answers.update(read)
        if profile_id is not None and profile_id != named:
            raise BadInput(
                _("The answers file is for {named}, but --profile says {wanted}.").format(
                    named=named, wanted=profile_id
                )
            )
        profile_id = named
        beginning = replace(beginning, kept={})
    profile_id = profile_id or beginning.last_profile
    if not profile_id:
        raise BadInput(_("It is not said which profile to set up."), _("Name one with --profile; --list shows them."))
    session = engine.choose(beginning, profile_id)
    origins = dict.fromkeys(answers, Origin.FILE)
    problems: dict[str, Problem] = {}
    known = {question.key: question for question in session.profile.questions}
    wanted: dict[str, str | Secret] = {**given.settings, **given.secrets}
    for key, value in wanted.items():
        if key not in known:
            problems[key] = Problem(
                _("There is no question named {key}.").format(key=key),
                _("They are: {keys}").format(keys=", ".join(known)),
            )
            continue
        parsed = value if isinstance(value, Secret) else from_text(known[key], value)
        if isinstance(parsed, Problem):
            problems[key] = parsed
        else:
            answers[key], origins[key] = parsed, Origin.GIVEN
    return _judged(session, answers, origins, problems)


def _judged(
    session: Session, answers: Mapping[str, Answer], origins: Mapping[str, Origin], problems: dict[str, Problem]
) -> Session:
    """Every answer in the order of the questions, so that each is judged by the ones before it."""
    for question in session.profile.questions:
        if question.key not in answers:
            continue
        result = engine.answer(session, question.key, answers[question.key], origins[question.key])
        if isinstance(result, Session):
            session = result
        elif question.key in {asked.key for asked in engine.questions(session)}:
            problems.setdefault(question.key, result)
    for key, problem in engine.refused(session).items():
        if key not in answers:
            missing = _("No answer was given, and what would be proposed is refused: {why}").format(why=problem.what)
            problem = Problem(missing, problem.hint)
        problems.setdefault(key, problem)
    if problems:
        raise Refused(problems)
    return session


def from_text(question: AnyQuestion, text: str) -> Answer | Problem:
    """The value of --set in the type of the question's answer, or why it has none."""
    match question:
        case TextQuestion() | ChoiceQuestion():
            return text
        case YesNoQuestion():
            word = text.strip().lower()
            if word in YES | NO:
                return word in YES
            return Problem(_("{key} wants yes or no, not {text}.").format(key=question.key, text=repr(shown(text))))
        case ListQuestion():
            return split(text)
        case SecretQuestion():
            return Problem(
                _("{key} is a secret; on the command line everybody could see it.").format(key=question.key),
                _("Give a file: --secret {key}=FILE").format(key=question.key),
            )


def run_unattended(
    machine: Machine,
    beginning: Beginning,
    session: Session,
    options: Options,
    voice: Voice,
    stopping: Stopping,
    agrees: Callable[[str], bool],
) -> Report:
    """Plans, shows the plan, and carries it out where that is allowed."""
    refuse_elsewhere(beginning.facts)
    if not options.dry_run:
        refuse_while_unfinished(machine, beginning)
    plan = engine.make(session, machine)
    _say_warnings(session, voice)
    voice.plan(session, plan)
    if (report := only_looked_at(session, plan, options)) is not None:
        return report
    refuse_without_root(machine)
    _refuse_conflicts(plan, options)
    if not agrees(_("Go ahead?")):
        return cancelled()
    return carry_out(
        session,
        plan,
        machine,
        voice,
        stopping,
        _policy(options),
        pretended=options.pretend,
        no_test_sends=options.no_test_sends,
    )


def _say_warnings(session: Session, voice: Voice) -> None:
    """What speaks against an answer that is not refused."""
    current = engine.so_far(session)
    for question in engine.questions(session):
        if (warning := caution(question, current.answers[question.key], current)) is not None:
            voice.note(_("[warning] {text}").format(text=f"{question.key}: {warning.what} {warning.hint}".rstrip()))


def _refuse_conflicts(plan: Plan, options: Options) -> None:
    if not plan.conflicts or options.on_conflict == "overwrite":
        return
    raise Refused(
        {
            conflict.name: Problem(
                _("This was changed after the wizard set it, and would be overwritten."),
                _("--on-conflict overwrite sets it again; the value of now can be put back by undo."),
            )
            for conflict in plan.conflicts
        }
    )


def _policy(options: Options) -> Callable[[Outcome], bool]:
    return lambda _outcome: options.on_failure == "roll-back"


def resume(
    machine: Machine,
    beginning: Beginning,
    options: Options,
    voice: Voice,
    stopping: Stopping,
    agrees: Callable[[str], bool],
) -> Report:
    """Goes on with the run that was cut short, or with putting it back where that was cut short."""
    run = beginning.unfinished
    if beginning.is_hidden:
        refuse_without_root(machine)
    if run is None:
        voice.note(_("No run was cut short; nothing is left to do."))
        return Report(exit=Exit.DONE, ending="nothing-to-do")
    refuse_without_root(machine)
    refuse_while_at_work(machine, beginning)
    if run.state == "unfinished-undo":
        voice.runs((run,))
        if not agrees(_("Go on with putting it back?")):
            return cancelled()
        return report_of(put_back_run(machine, run.run_id, voice, stopping), run.profile_id)
    session = engine.resume(beginning, machine)
    if problems := engine.refused(session):
        raise Refused(problems)
    plan = engine.make(session, machine, pending=run.pending)
    voice.plan(session, plan)
    if not agrees(_("Go ahead?")):
        return cancelled()
    return carry_out(
        session,
        plan,
        machine,
        voice,
        stopping,
        _policy(options),
        run,
        pretended=options.pretend,
        no_test_sends=options.no_test_sends,
    )
