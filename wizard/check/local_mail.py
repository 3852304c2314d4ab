"""The test sends of mail that stays here: by SMTP, by sendmail(1), and to the outside, which must come back."""

from typing import Final

from wizard.ask.question import SoFar
from wizard.check.arrival import arrived, tell_arrival
from wizard.check.finding import Finding, Probe, Verdict
from wizard.check.follow import Follower, tell_unseen
from wizard.check.mail_log import LogLine, MessageStory, stories, story_with_message_id
from wizard.check.nothing_leaves import nothing_can_leave
from wizard.check.nothing_listens import nothing_listens_outside
from wizard.check.outside_mail import probe_outside
from wizard.check.postfix_settings import items_of
from wizard.check.send_mail import run_sendmail, test_message
from wizard.check.speak_smtp import hand_over, open_dialogue, smtp_is_off
from wizard.check.telling import TellStage, TestSend, begin_send, postfix_runs
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
            hand_over(send, dialogue, recipient, test_message(send, recipient, recipient))
            if dialogue is not None
            else None
        )
        if queue_id is None:
            return send.finding_of_failure(_("A mail by SMTP was not delivered."))
        return _follow(send, recipient, queue_id, _("A mail by SMTP"))
    except Trouble as trouble:
        return could_not_tell(_("Mail by SMTP could not be tried."), trouble)


def by_sendmail(machine: Machine, _so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to root by sendmail(1), as cron does, and follows the mail into the mailbox."""
    try:
        send = begin_send(machine, tell, patience)
        if not postfix_runs(send) or not run_sendmail(send, "root", notify=False):
            return send.finding_of_failure(_("A mail by sendmail(1) was not delivered."))
        return _follow(send, "root", "", _("A mail by sendmail(1)"))
    except Trouble as trouble:
        return could_not_tell(_("Mail by sendmail(1) could not be tried."), trouble)


def outside(machine: Machine, _so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to an address outside, which must come back with the words of default_transport."""
    try:
        return probe_outside(begin_send(machine, tell, patience))
    except Trouble as trouble:
        return could_not_tell(_("Whether mail to the outside comes back could not be tried."), trouble)


def _follow(send: TestSend, recipient: str, queue_id: str, about: str) -> Finding:
    """Follows the message by its queue id, or by its Message-ID where none is known, to where it ends."""

    def pick(lines: tuple[LogLine, ...]) -> MessageStory | None:
        return stories(lines).get(queue_id) if queue_id else story_with_message_id(lines, send.marker)

    followed = Follower(send, pick).follow()
    if followed is None:
        tell_unseen(send, "cleanup" if queue_id else "pickup")
    if send.failed is None or followed is None:
        tell_arrival(send, followed)
    if not arrived(send):
        return send.finding_of_failure(_("{about} was not delivered.").format(about=about))
    place = send.stages[-1].what
    return Finding(
        Verdict.GOOD,
        _("{about} to {recipient} arrived after {seconds:.1f} s. {place}").format(
            about=about, recipient=recipient, seconds=send.watch.seconds, place=place
        ),
        "\n".join(str(line) for made in (followed.deliveries if followed else ()) for line in (made.line,)),
        left=tuple(send.left),
    )


def local_domain(send: TestSend) -> str:
    """A domain that local(8) delivers: localhost where mydestination has it, else the first literal one in it."""
    ours = [item for item in items_of(send.settings.get("mydestination", "")) if not set(item) & set("/:$")]
    if "localhost" in ours or not ours:
        return "localhost"
    return ours[0]


def could_not_tell(what: str, trouble: Trouble) -> Finding:
    """The finding when the machine itself refuses to be looked at."""
    return Finding(Verdict.UNKNOWN, what, trouble.problem.what, trouble.problem.hint)


send_by_smtp: Final = Probe(key="send_by_smtp", title=_("A mail to root by SMTP"), run=by_smtp)
send_by_sendmail: Final = Probe(
    key="send_by_sendmail", title=_("A mail to root by sendmail(1), as cron sends it"), run=by_sendmail
)
outside_mail_bounces: Final = Probe(
    key="outside_mail_bounces", title=_("A mail to the outside, which must come back"), run=outside
)
