"""Mail that waits in the queue is never lost: putting back what brought Postfix looks for it first."""

import json

from wizard.apply.journal import of_kind
from wizard.apply.runs import Run, RunFolder, records_of
from wizard.machine.machine import Look, Machine
from wizard.problem import Trouble
from wizard.steps.as_data import decode
from wizard.steps.remove_packages import RemovePackages
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


def refuse_to_lose_mail(machine: Machine, run: Run, force: bool) -> None:
    """Raises Trouble when putting the run back would remove Postfix while mail waits; `force` keeps the mail apart.

    With `force` each message is kept as a file below the run's folder, as postcat(1) shows it, before anything goes.
    """
    folder = RunFolder(machine, run.run_id)
    if not any(
        isinstance(inverse, dict) and "postfix" in _removed_packages(inverse, folder)
        for inverse in (record.get("inverse") for record in of_kind(records_of(machine, run.run_id), "doing"))
    ):
        return
    try:
        ids = waiting(machine)
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
        message = machine.run("postcat", "-q", queue_id)
        if not message.ok:
            raise Trouble(
                _("Mail {queue_id} could not be copied.").format(queue_id=queue_id), message.error_text.strip()
            )
        folder.keep(f"mail-{queue_id}", message.stdout)


def _removed_packages(inverse: dict[str, object], folder: RunFolder) -> tuple[str, ...]:
    step = decode(inverse, folder.get)
    return step.packages if isinstance(step, RemovePackages) else ()
