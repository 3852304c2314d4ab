"""Questions about postscreen(8), which looks at strangers before they may speak to the mail server."""

from wizard.ask.networks import network
from wizard.ask.objections import domain
from wizard.ask.question import ListQuestion, SoFar, YesNoQuestion
from wizard.problem import Problem
from wizard.words import _

AGAINST_ABUSE = _("Against abuse")


def _has_settings(so_far: SoFar) -> bool:
    return any(name.startswith("postscreen_") for name in so_far.facts.settings)


postscreen = YesNoQuestion(
    key="postscreen",
    ask=_("Shall postscreen stand before port 25?"),
    why=_(
        "It keeps out programs that send spam without waiting for the server's greeting; others wait six seconds once, "
        "and are known after that. It helps where many strangers connect; a small server does well without it."
    ),
    manual="postscreen(8)",
    section=AGAINST_ABUSE,
    default=_has_settings,
    seen=lambda so_far: _("main.cf has settings for it.") if _has_settings(so_far) else "",
)


def _list_objection(value: str, _so_far: SoFar) -> Problem | None:
    return domain(value)


postscreen_dnsbl_sites = ListQuestion(
    key="postscreen_dnsbl_sites",
    ask=_("Which lists of bad senders in the DNS shall it ask?"),
    why=_(
        "Whoever stands on one of them is refused, and is told by which. Be careful: whoever runs a list decides what "
        "mail you get, hears who writes to you, and may want money or a resolver of your own; a list that closes down "
        "may refuse everybody. With none, nobody is asked."
    ),
    manual="postconf(5): postscreen_dnsbl_sites",
    section=AGAINST_ABUSE,
    when=lambda so_far: so_far.yes("postscreen"),
    item_name=_("list"),
    objection=_list_objection,
)


def _network_objection(value: str, _so_far: SoFar) -> Problem | None:
    return network(value)


postscreen_exempt = ListQuestion(
    key="postscreen_exempt",
    ask=_("Which networks need not wait there?"),
    why=_(
        "A server of your own, a monitor, or a partner whose mail must never be late. They are let through to the mail "
        "server at once and are looked up in no list; this machine itself always is."
    ),
    manual="postconf(5): postscreen_access_list",
    section=AGAINST_ABUSE,
    when=lambda so_far: so_far.yes("postscreen"),
    item_name=_("network"),
    objection=_network_objection,
)
