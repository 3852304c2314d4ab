"""Mail that waits in the queue is never lost: putting back what brought Postfix looks for it first."""

import json

from wizard.apply.runs import RunFolder
from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.steps.in_turn import InTurn
from wizard.steps.remove_packages import RemovePackages
from wizard.steps.step import Step
from wizard.words import _, ngettext


def waiting(look: Look) -> tuple[str, ...]:
    """The queue ids of mail that waits (postqueue(1), -j); empty where there is no Postfix."""
    if look.package("postfix") is None:
        return ()
    answer = look.output_of("postqueue", "-j")
    if not answer.ok:
        # postqueue(1) reads the queue through showq; without a running Postfix it needs root, which we are.
        raise Trouble(
            _("It cannot be told whether mail waits in the queue: {words}").format(words=answer.error_text.strip()),
            _("Look with `mailq`; `--force` goes on all the same."),
        )
    return tuple(str(json.loads(line)["queue_id"]) for line in answer.text.splitlines() if line.strip())


def removes_postfix(inverse: Step) -> bool:
    """Whether this step, or one that it holds, takes Postfix away, and the queue with it."""
    match inverse:
        case RemovePackages():
            return "postfix" in (*inverse.packages, *inverse.along)
        case InTurn():
            return any(map(removes_postfix, inverse.steps))
        case _:
            return False


def refuse_to_lose_mail(folder: RunFolder, force: bool) -> None:
    """Raises Trouble while mail waits that would be lost with Postfix; `force` keeps the mail apart.

    With `force` each message is kept as a file below the run's folder, as postcat(1) shows it, before anything goes.
    """
    try:
        ids = waiting(folder.machine)
    except Trouble:
        if force:
            return
        raise
    if not ids:
        return
    if not force:
        raise Trouble(
            ngettext(
                "{count} mail waits in the queue and would be lost with Postfix.",
                "{count} mails wait in the queue and would be lost with Postfix.",
                len(ids),
            ).format(count=len(ids)),
            _("Deliver it with `postqueue -f`, delete it with `postsuper -d ID`, or use --force to keep a copy."),
        )
    for queue_id in ids:
        message = folder.machine.run("postcat", "-q", queue_id)
        if not message.ok:
            raise Trouble(
                _("Mail {queue_id} could not be copied.").format(queue_id=queue_id), message.error_text.strip()
            )
        folder.keep(f"mail-{queue_id}", message.stdout)
