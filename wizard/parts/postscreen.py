"""postscreen(8) on port 25: it looks at strangers before smtpd(8) does."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.postscreen_questions import postscreen as wanted
from wizard.ask.postscreen_questions import postscreen_dnsbl_sites, postscreen_exempt
from wizard.ask.question import SoFar
from wizard.plan.part import Part, Wishes
from wizard.plan.postfix_steps import POSTSCREEN
from wizard.render import render
from wizard.steps.step import Step
from wizard.steps.write_file import WriteFile
from wizard.words import _


def _parameters(so_far: SoFar) -> tuple[tuple[str, str, str], ...]:
    sites, exempt = so_far.items("postscreen_dnsbl_sites"), so_far.items("postscreen_exempt")
    parameters = (
        (
            "postscreen_access_list",
            f"permit_mynetworks, cidr:{_access_file(so_far)}" if exempt else "permit_mynetworks",
            _("This machine's own programs, and whom you name, need not wait (postconf(5): postscreen_access_list)."),
        ),
        (
            "postscreen_greet_action",
            "enforce",
            _("Who speaks before the greeting is refused, with 550 5.5.1 (postconf(5): postscreen_greet_action)."),
        ),
        (
            "postscreen_dnsbl_sites",
            ", ".join(sites),
            _("These lists are asked, and no other (postconf(5): postscreen_dnsbl_sites)."),
        ),
        (
            "postscreen_dnsbl_action",
            "enforce" if sites else "",
            _("Who stands on one of them is refused (postconf(5): postscreen_dnsbl_action)."),
        ),
        (
            "postscreen_cache_map",
            _cache_map(so_far),
            _("Whom it knows, in a type that Postfix has (postconf(5): postscreen_cache_map)."),
        ),
    )
    return tuple(entry for entry in parameters if entry[1])


def _access_file(so_far: SoFar) -> PurePosixPath:
    return PurePosixPath(so_far.facts.config_directory) / "postscreen_access.cidr"


def _files(so_far: SoFar) -> tuple[Step, ...]:
    # cidr_table(5) wants no brackets around IPv6.
    networks = [item.replace("[", "").replace("]", "") for item in so_far.items("postscreen_exempt")]
    if not networks:
        return ()
    return (
        WriteFile(
            path=_access_file(so_far),
            content=render("etc/postfix/postscreen_access.cidr", networks=networks),
            why=_("It names who need not wait before port 25 (cidr_table(5))."),
        ),
    )


def _cache_map(so_far: SoFar) -> str:
    """The cache in a type that is offered; empty where the default is one, as since 3.11 (default_cache_db_type)."""
    default = so_far.facts.defaults.get("postscreen_cache_map", "").partition(":")[0]
    types = so_far.facts.table_types
    if not default or default.startswith("$") or default in types or "lmdb" not in types:
        return ""
    return "lmdb:$data_directory/postscreen_cache"


def _wishes(so_far: SoFar) -> Wishes:
    if not so_far.yes("postscreen"):
        return Wishes()
    # POSTSCREEN_README, "Turning on postscreen(8)": these four take the place of smtpd on port 25.
    return Wishes(
        files=_files(so_far),
        parameters=_parameters(so_far),
        read_by_postfix=(f"file:{_access_file(so_far)}",),
        replaced_services=("smtp/inet",),
        services=(
            (POSTSCREEN, _("It looks at whoever connects to port 25 (postscreen(8)).")),
            ("smtpd pass - - n - - smtpd", _("It takes over from postscreen who may speak (smtpd(8)).")),
            ("dnsblog unix - - n - 0 dnsblog", _("It asks lists in the DNS for postscreen (dnsblog(8)).")),
            ("tlsproxy unix - - n - 0 tlsproxy", _("It speaks TLS for postscreen (tlsproxy(8)).")),
        ),
    )


postscreen: Final = Part(questions=(wanted, postscreen_dnsbl_sites, postscreen_exempt), wishes=_wishes)
