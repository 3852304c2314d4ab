"""What the headers of mail that is sent with a login tell of its sender: no address, no mail program."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.existing_postfix import items_of, release_at_least, setting
from wizard.ask.privacy_questions import hide_sender_details
from wizard.ask.question import SoFar
from wizard.plan.part import Part, Wishes
from wizard.render import render
from wizard.steps.write_file import WriteFile
from wizard.words import _

_SERVICE: Final = "submission-header-cleanup"


def _service(so_far: SoFar, checks: PurePosixPath) -> str:
    """A cleanup(8) for submission alone, which looks at the checks that main.cf names as well.

    The checks look at no header within the message: that would break the signatures of OpenPGP and S/MIME, which cover
    its parts. They come before all Milters, hence before a DKIM signature is made (postconf(5): message_drop_headers).
    """
    own = items_of(setting(so_far.facts, "header_checks"))
    options = (
        f"header_checks={','.join((f'regexp:{checks}', *own))}",
        *(
            f"{name}={','.join(items_of(setting(so_far.facts, name)) or own)}"
            for name in ("mime_header_checks", "nested_header_checks")
        ),
    )
    return f"{_SERVICE} unix n - n - 0 cleanup " + " ".join(f"-o {option}" for option in options)


def _wishes(so_far: SoFar) -> Wishes:
    if not so_far.yes("hide_sender_details"):
        return Wishes()
    checks = PurePosixPath(so_far.facts.config_directory) / "submission_header_checks"
    host = so_far.text("hostname")
    # Before 3.10 the checks rewrite the trace header that tells of the session.
    hidden_session = ("smtpd_hide_client_session=yes",) if release_at_least(so_far.facts, (3, 10)) else ()
    return Wishes(
        files=(
            WriteFile(
                path=checks,
                content=render("etc/postfix/submission_header_checks", host=host.replace(".", r"\."), host_name=host),
                why=_("It takes out what tells of senders, and leaves all other mail alone (header_checks(5))."),
            ),
        ),
        login_options=(*hidden_session, f"cleanup_service_name={_SERVICE}"),
        services=(
            (
                _service(so_far, checks),
                _("It takes what tells of its sender out of mail that is sent with a login (cleanup(8))."),
            ),
        ),
        read_by_postfix=(f"file:{checks}",),
    )


privacy: Final = Part(questions=(hide_sender_details,), wishes=_wishes)
