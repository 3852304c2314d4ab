"""Rspamd as the program that signs mail and judges senders, and nothing else."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.question import SoFar
from wizard.machine.machine import ServiceState
from wizard.plan.part import Wishes
from wizard.render import render
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.refresh_service import RefreshService
from wizard.steps.set_service import SetService
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.syntax.dkim import FOLDER
from wizard.words import _

_FOLDER: Final = PurePosixPath("/etc/rspamd")
# A port that only this machine reaches. A user of it who spoke to it could have mail signed: so can sendmail(1).
_MILTER: Final = "127.0.0.1:11332"
_UNIT: Final = "rspamd.service"
# What filters spam, or asks servers of others than the DNS about a mail; the names of Rspamd's modules.
_OFF: Final = (
    "asn", "bimi", "chartable", "emails", "forged_recipients", "fuzzy_check", "hfilter", "known_senders", "maillist",
    "mid", "mime_types", "multimap", "mx_check", "once_received", "phishing", "rbl", "regexp", "trie", "url_suspect",
    "whitelist",
)  # fmt: skip


def _files(so_far: SoFar) -> tuple[Step, ...]:
    reasons = {
        "local.d/actions.conf": _("So that nothing is refused, greylisted or marked as spam by a score."),
        "local.d/dkim_signing.conf": _("So that what is sent from here is signed (RFC 6376)."),
        "local.d/dmarc.conf": _("What is done with mail that its domain does not stand for (RFC 7489, section 6.3)."),
        "local.d/milter_headers.conf": _(
            "So that the result stands in the mail, and nobody else's under this machine's name (RFC 8601, section 5)."
        ),
        "local.d/worker-controller.inc": _("So that no user of this machine can change settings over the network."),
        "local.d/worker-normal.inc": _("So that it listens for Postfix alone."),
        "local.d/worker-proxy.inc": _("So that Postfix can ask it, from this machine alone (MILTER_README)."),
        "override.d/options.inc": _("So that only this machine's own mail counts as such."),
    }
    return (
        *(
            MakeDirectory(path=_FOLDER / name, why=_("Rspamd reads its settings from it."))
            for name in ("local.d", "override.d")
        ),
        *(
            WriteFile(
                path=_FOLDER / name,
                content=render(
                    f"etc/rspamd/{name}",
                    folder=str(FOLDER),
                    selector=so_far.text("dkim_selector").lower(),
                    hostname=so_far.text("hostname").lower(),
                    milter=_MILTER,
                    reject=so_far.text("unauthenticated_mail") == "reject",
                ),
                why=reason,
            )
            for name, reason in reasons.items()
        ),
        *(
            WriteFile(
                path=_FOLDER / "local.d" / f"{name}.conf",
                content=render("etc/rspamd/local.d/off.conf"),
                why=_("Off: it judges what is in a mail, and not who sent it."),
            )
            for name in _OFF
        ),
    )


def rspamd_wishes(so_far: SoFar) -> Wishes:
    """What is wanted of the machine for it."""
    return Wishes(
        packages=(("rspamd", _("Rspamd signs mail and judges who sent it.")),),
        files=_files(so_far),
        milters=(f"inet:{_MILTER}",),
        units=(
            SetService(
                unit=_UNIT,
                state=ServiceState(enabled=True, running=True),
                why=_("So that Rspamd runs, now and after each start of the machine (systemctl(1))."),
            ),
        ),
        refreshed=(
            RefreshService(
                unit=_UNIT,
                # Its first process keeps the port open meanwhile; keys are read when they are needed.
                reload_for=(f"file:{_FOLDER}/",),
                why=_("So that Rspamd takes up what is written, and no mail waits for it."),
            ),
        ),
    )
