"""Looking: the facts, checks and DNS records of a machine, and its test sends again; no setting is changed."""

from wizard import session as engine
from wizard.command_line import Exit
from wizard.line.carrying_out import told_by_title
from wizard.line.voice import Voice
from wizard.machine.machine import Look, Machine
from wizard.problem import BadInput
from wizard.report import Report, any_failed
from wizard.session import Beginning, Session
from wizard.words import _


def check(look: Look, beginning: Beginning, profile_id: str | None, voice: Voice) -> Report:
    """The facts, then the checks of the profile that was set up or named; without one, the facts alone."""
    wanted = profile_id or beginning.last_profile
    session = engine.choose(beginning, wanted) if wanted else None
    voice.facts(beginning.facts)
    if session is None:
        nothing = _("No profile is set up yet, so there is nothing more to check; --profile names one.")
        hidden = _(
            "What earlier runs set up is for root to read, so nothing more is checked; --profile names a profile."
        )
        voice.note(hidden if beginning.is_hidden else nothing)
        return Report(exit=Exit.DONE, ending="looked")
    findings = engine.look_at_checks(session, look)
    exit_code = Exit.NOT_VERIFIED if any_failed(findings) else Exit.DONE
    return Report(exit=exit_code, ending="looked", profile_id=wanted, findings=findings)


def test_again(machine: Machine, beginning: Beginning, profile_id: str | None, voice: Voice) -> Report:
    """The checks and test sends of the profile that was set up or named."""
    session = _session(beginning, profile_id)
    findings = engine.send_tests(session, machine, told_by_title(session, voice))
    exit_code = Exit.NOT_VERIFIED if any_failed(findings) else Exit.DONE
    return Report(exit=exit_code, ending="tested", profile_id=session.profile_id, findings=findings)


def compare_names(look: Look, beginning: Beginning, profile_id: str | None, voice: Voice) -> Report:
    """The DNS records of the profile that was set up or named, and what name servers answer."""
    session = _session(beginning, profile_id)
    dns = engine.compare_names(session, look)
    if dns is None:
        voice.note(_("This profile takes no mail from other machines, so it needs no records in the DNS."))
        return Report(exit=Exit.DONE, ending="looked", profile_id=session.profile_id)
    voice.dns(dns)
    exit_code = Exit.NOT_VERIFIED if dns.failed else Exit.DONE
    return Report(exit=exit_code, ending="looked", profile_id=session.profile_id)


def _session(beginning: Beginning, profile_id: str | None) -> Session:
    wanted = profile_id or beginning.last_profile
    if not wanted and beginning.is_hidden:
        raise BadInput(
            _("What earlier runs set up is for root to read."), _("Run this as root, or name a profile with --profile.")
        )
    if not wanted:
        raise BadInput(_("No profile is set up yet, so there is nothing to look at."), _("Name one with --profile."))
    return engine.choose(beginning, wanted)
