"""A mail to the outside from a machine that sends none: refused by SMTP, and returned to its sender by sendmail(1)."""

import re
from typing import Final

from wizard.check.arrival import tell_arrival, tell_without_log
from wizard.check.finding import Finding, Verdict
from wizard.check.follow import Followed, follow_mail
from wizard.check.mailbox import FoundMail, is_notice_of
from wizard.check.queue import described, queue_of
from wizard.check.send import Send, postfix_runs
from wizard.check.send_mail import run_sendmail
from wizard.check.speak_smtp import greet, open_dialogue, say_goodbye, smtp_is_off
from wizard.words import _

OUTSIDE: Final = "someone@outside.example"  # RFC 2606: nobody has this domain


def words_of_refusal(default_transport: str) -> str | None:
    """The words that `error:` gives to the sender, a status code before them left out; None for another transport.

    postconf(5): default_transport; error(8).
    """
    transport, _colon, words = default_transport.partition(":")
    if transport.strip() != "error":
        return None
    return re.sub(r"^[45]\.\d{1,3}\.\d{1,3}\s+", "", words.strip())


def probe_outside(send: Send) -> Finding:
    """The whole story, and one finding."""
    about = _("Mail to the outside does not come back as it should.")
    words = words_of_refusal(send.settings["default_transport"])
    if words is None:
        send.stage(
            "default_transport",
            Verdict.BAD,
            _("Mail to the outside may leave: default_transport is {value}.").format(
                value=send.settings["default_transport"]
            ),
            (f"default_transport = {send.settings['default_transport']}",),
            _("For mail that stays here set `default_transport = error:outside mail is not deliverable`."),
        )
        return send.finding_of_failure(about)  # nothing is sent: it might really leave
    if not postfix_runs(send):
        return send.finding_of_failure(about)
    if _may_leave(send, words):
        return send.finding_of_failure(about)  # sent by sendmail(1), it might really leave
    if not run_sendmail(send, OUTSIDE, notify=True):
        return send.finding_of_failure(about)
    notice = _follow(send, words)
    _queue_is_clean(send)
    if notice is None or any(stage.verdict is Verdict.BAD for stage in send.stages):
        return send.finding_of_failure(about)
    return Finding(
        Verdict.GOOD,
        _("Mail to the outside comes back with the words “{words}”; the notice is in {path}.").format(
            words=words, path=notice.path
        ),
        "\n".join(_report_lines(notice)),
        left=tuple(send.left),
    )


def _may_leave(send: Send, words: str) -> bool:
    """Whether the SMTP server takes it; the refusal comes at once, at RCPT: smtpd(8) knows the error transport."""
    if smtp_is_off(send):
        send.stage("RCPT TO", Verdict.DOUBTFUL, _("Not tried by SMTP: no SMTP server is wanted here."))
        return False
    dialogue = open_dialogue(send)
    if dialogue is None or greet(send, dialogue) is None:
        return False
    reply = dialogue.say("MAIL FROM:<>")
    if reply.is_yes:
        reply = dialogue.say(f"RCPT TO:<{OUTSIDE}>")
    lines = dialogue.told()
    say_goodbye(dialogue)
    if 500 <= reply.code < 600 and words in reply.text:
        send.good("RCPT TO", _("Refused at once: {reply}").format(reply=reply.text), lines)
    elif reply.is_yes:
        send.stage(
            "RCPT TO",
            Verdict.BAD,
            _("The SMTP server takes mail for {address}.").format(address=OUTSIDE),
            lines,
            _("See which table or setting routes it: `postconf -x transport_maps default_transport relay_domains`."),
        )
    else:
        complaints = send.wait_for_complaints("smtpd", "trivial-rewrite", "proxymap", patience=1)
        send.bad(
            "RCPT TO",
            _("Refused, but not with the words “{words}”: {reply}.").format(words=words, reply=reply.text),
            [*(line.message for line in complaints), reply.text],
            (*lines, *complaints),
        )
    return reply.is_yes


def _follow(send: Send, words: str) -> FoundMail | None:
    """The mail until it bounces, then the notice until it is in the mailbox."""
    followed = follow_mail(send, bounce_is_right=True)
    if followed is None:
        return _checked(send, tell_without_log(send, "pickup", is_notice_of(send.marker)), words)
    if not _bounced(send, followed, words) or not followed.notice:
        if send.failed is None:
            send.stage("bounce", Verdict.BAD, _("No notice was sent to the sender."), hint=send.look_yourself)
        return None
    send.good("bounce", _("The notice to the sender is on its way as {id}.").format(id=followed.notice))
    notice = follow_mail(send, followed.notice)
    is_it = is_notice_of(send.marker)
    found = tell_arrival(send, notice, is_it) if notice is not None else tell_without_log(send, "cleanup", is_it)
    return _checked(send, found, words)


def _bounced(send: Send, followed: Followed, words: str) -> bool:
    """Whether it came back, with the right words, and did not go or wait anywhere."""
    for made in followed.deliveries:
        if made.status != "bounced":
            if send.failed is None:
                send.stage(
                    made.program,
                    Verdict.BAD,
                    _("It was not returned but {status}: {text}.").format(status=made.status, text=made.text),
                    (made.line,),
                    send.look_yourself,
                )
            return False
        if words not in made.text:
            send.stage(
                made.program,
                Verdict.BAD,
                _("It came back with other words than “{words}”: {text}.").format(words=words, text=made.text),
                (made.line,),
                _("See `postconf default_transport`, then `postfix reload`."),
            )
            return False
    return bool(followed.deliveries)


def _checked(send: Send, found: FoundMail | None, words: str) -> FoundMail | None:
    """The notice, when its report says what it should (RFC 3464, section 2.3)."""
    if found is None:
        return None
    lines = _report_lines(found)
    report = "\n".join(lines)
    right = re.search(r"(?m)^Action: failed$", report) and re.search(r"(?m)^Status: 5\.", report) and words in report
    if right:
        send.good("notice", _("It says why, in words and in codes."), lines)
        return found
    send.stage(
        "notice", Verdict.BAD, _("The notice does not say “{words}”.").format(words=words), lines, send.look_yourself
    )
    return None


def _report_lines(notice: FoundMail) -> tuple[str, ...]:
    """The fields of the report that say what failed and why, continued lines joined."""
    unfolded = re.sub(r"\n[ \t]+", " ", notice.text)
    wanted = ("Final-Recipient:", "Action:", "Status:", "Diagnostic-Code:")
    return tuple(line for line in unfolded.splitlines() if line.startswith(wanted))


def _queue_is_clean(send: Send) -> None:
    """Nothing of it may stay in the queue."""
    queue = queue_of(send.machine)
    if queue is None:
        send.stage("queue", Verdict.UNKNOWN, _("The queue cannot be read."), hint=_("Look with `postqueue -p`."))
        return
    stuck = [found for found in queue if OUTSIDE in found.recipients]
    if stuck:
        send.stage(
            "queue", Verdict.BAD, described(stuck[0]), [str(found) for found in stuck], _("Look with `postqueue -p`.")
        )
    else:
        send.good("queue", _("Nothing of it is left in the queue."))
