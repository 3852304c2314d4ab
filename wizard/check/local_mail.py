"""The test sends of mail that stays here: by SMTP, by sendmail(1), and to the outside, which must come back."""

from typing import Final

from wizard.ask.question import SoFar
from wizard.check.arrival import tell_arrival, tell_without_log
from wizard.check.finding import Finding, Probe, Stage, Verdict
from wizard.check.follow import follow_mail
from wizard.check.known_failures import explain
from wizard.check.mailbox import has_message_id
from wizard.check.nothing_leaves import nothing_can_leave
from wizard.check.nothing_listens import nothing_listens_outside
from wizard.check.outside_mail import probe_outside
from wizard.check.postfix_settings import BrokenConfiguration, items_of
from wizard.check.send import Send, TellStage, begin_send, postfix_runs
from wizard.check.send_mail import marked_message, run_sendmail
from wizard.check.speak_smtp import hand_over, open_dialogue, smtp_is_off
from wizard.machine.machine import Machine
from wizard.problem import Trouble
from wizard.words import _

__all__ = ["nothing_can_leave", "nothing_listens_outside", "outside_mail_bounces", "send_by_sendmail", "send_by_smtp"]

PATIENCE: Final = 30.0


def by_smtp(machine: Machine, _so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to root by SMTP and follows the mail into the mailbox."""
    try:
        send = begin_send(machine, tell, patience)
        if not postfix_runs(send):
            return send.finding_of_failure(_("A mail by SMTP was not delivered."))
        if smtp_is_off(send):
            send.stage(
                "connect", Verdict.UNKNOWN, _("No SMTP server is wanted here (master_service_disable, master.cf).")
            )
            return Finding(
                Verdict.UNKNOWN,
                _("Mail by SMTP was not tried: the SMTP server is switched off here."),
                hint=_("Mail enters through sendmail(1) only; that is tried by itself."),
            )
        dialogue = open_dialogue(send)
        recipient = f"root@{local_domain(send)}"
        queue_id = (
            hand_over(send, dialogue, recipient, marked_message(send, recipient, recipient))
            if dialogue is not None
            else None
        )
        if queue_id is None:
            return send.finding_of_failure(_("A mail by SMTP was not delivered."))
        return _follow(send, recipient, queue_id, _("A mail by SMTP"))
    except Trouble as trouble:
        return could_not_tell(_("Mail by SMTP could not be tried."), trouble, tell)


def by_sendmail(machine: Machine, _so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to root by sendmail(1), as cron does, and follows the mail into the mailbox."""
    try:
        send = begin_send(machine, tell, patience)
        if not postfix_runs(send) or not run_sendmail(send, "root", notify=False):
            return send.finding_of_failure(_("A mail by sendmail(1) was not delivered."))
        return _follow(send, "root", "", _("A mail by sendmail(1)"))
    except Trouble as trouble:
        return could_not_tell(_("Mail by sendmail(1) could not be tried."), trouble, tell)


def outside(machine: Machine, _so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to an address outside, which must come back with the words of default_transport."""
    try:
        return probe_outside(begin_send(machine, tell, patience))
    except Trouble as trouble:
        return could_not_tell(_("Whether mail to the outside comes back could not be tried."), trouble, tell)


def _follow(send: Send, recipient: str, queue_id: str, about: str) -> Finding:
    """Follows the message by its queue id, or by its Message-ID where none is known, to where it ends."""
    followed = follow_mail(send, queue_id)
    is_it = has_message_id(send.marker)
    if followed is None:
        tell_without_log(send, "cleanup" if queue_id else "pickup", is_it)
    else:
        tell_arrival(send, followed, is_it)
    if send.arrived is None:
        return send.finding_of_failure(_("{about} was not delivered.").format(about=about))
    evidence = "\n".join(str(made.line) for made in followed.deliveries) if followed else send.failed_words
    if send.arrived.verdict is Verdict.DOUBTFUL:
        return Finding(
            Verdict.DOUBTFUL,
            _("{about} to {recipient} went its way. {place}").format(
                about=about, recipient=recipient, place=send.arrived.what
            ),
            evidence,
            _("See for yourself whether it arrived; its Message-ID is {marker}.").format(marker=send.marker),
        )
    return Finding(
        Verdict.GOOD,
        _("{about} to {recipient} arrived after {seconds:.1f} s. {place}").format(
            about=about, recipient=recipient, seconds=send.watch.seconds, place=send.arrived.what
        ),
        evidence,
        left=tuple(send.left),
    )


def local_domain(send: Send) -> str:
    """A domain that local(8) delivers: localhost where mydestination has it, else the first literal one in it."""
    ours = [item for item in items_of(send.settings.get("mydestination", "")) if not set(item) & set("/:$")]
    if "localhost" in ours or not ours:
        return "localhost"
    return ours[0]


def could_not_tell(what: str, trouble: Trouble, tell: TellStage) -> Finding:
    """The finding when the machine refuses to be looked at; a configuration that is broken is known to be bad."""
    problem, known = trouble.problem, explain([trouble.problem.what])
    hint = known.hint if known is not None else problem.hint
    is_broken = isinstance(trouble, BrokenConfiguration)
    verdict = Verdict.BAD if is_broken else Verdict.UNKNOWN
    tell(Stage("postconf" if is_broken else "machine", verdict, 0.0, (), problem.what, hint))
    return Finding(verdict, what, problem.what, hint)


send_by_smtp: Final = Probe(key="send_by_smtp", title=_("A mail to root by SMTP"), run=by_smtp)
send_by_sendmail: Final = Probe(
    key="send_by_sendmail", title=_("A mail to root by sendmail(1), as cron sends it"), run=by_sendmail
)
outside_mail_bounces: Final = Probe(
    key="outside_mail_bounces", title=_("A mail to the outside, which must come back"), run=outside
)
