"""Handing a test mail to Postfix by sendmail(1), the way cron and other programs take."""

from typing import Final

from wizard.check.send import Send
from wizard.machine.machine import CommandResult
from wizard.problem import Trouble
from wizard.words import _

SENDMAIL_TIME: Final = 20.0  # a postdrop without rights tries again for ever


def marked_message(send: Send, sender: str, recipient: str) -> str:
    """A short message with nothing personal in it (RFC 5322); its Message-ID is the marker."""
    from email.utils import formatdate

    return "\n".join(
        (
            f"From: {sender}",
            f"To: {recipient}",
            "Subject: postwizard test mail",
            f"Date: {formatdate()}",
            f"Message-ID: <{send.marker}>",
            "Auto-Submitted: auto-generated",  # RFC 3834, section 5: no vacation program answers it
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "This mail was sent by postwizard to see whether mail arrives. You can delete it.",
            "",
        )
    )


def run_sendmail(send: Send, recipient: str, *, notify: bool) -> bool:
    """Runs sendmail(1) as an unprivileged user where there is one; whether it took the mail, told as a stage."""
    user = _sender(send)
    quiet = () if notify else ("-N", "never")
    argv = (send.settings.get("sendmail_path") or "sendmail", "-i", *quiet, "-f", "root", "-t")
    shown = f"{' '.join(argv)}  ({user or 'root'})"
    try:
        result = send.machine.run(
            *argv,
            stdin=marked_message(send, "root", recipient).encode(),
            timeout=min(SENDMAIL_TIME, send.watch.patience),
            user=user,
        )
    except Trouble as trouble:
        result = CommandResult(124, stderr=trouble.problem.what.encode())
    if result.ok:
        send.good("sendmail", _("sendmail(1) took the mail."), (shown, *result.error_text.splitlines()))
        return True
    complaints = send.wait_for_complaints("sendmail", "postdrop", patience=1)
    words = [*result.error_text.splitlines(), *(line.message for line in complaints)]
    send.bad(
        "sendmail",
        _("sendmail(1) did not take the mail (exit code {code}).").format(code=result.exit_code),
        words,
        (shown, *dict.fromkeys(words)),
    )
    return False


def _sender(send: Send) -> str:
    """Who sends: the user whom root's mail goes to, since the path without root's rights is the one that breaks."""
    for name in (*(place.user for place in send.places), "nobody"):
        if name and name != "root" and send.machine.user(name) is not None:
            return name if send.machine.is_root() else ""
    return ""
