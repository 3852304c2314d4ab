"""Questions for a machine that keeps its mail to itself: who may connect, and what is said to mail for the outside."""

from wizard.ask.existing_postfix import items_of, setting
from wizard.ask.mail_questions import MACHINE
from wizard.ask.objections import alone, bounce_words
from wizard.ask.question import Choice, ChoiceQuestion, SoFar, TextQuestion, YesNoQuestion
from wizard.machine.facts import Listener
from wizard.problem import Problem
from wizard.words import _

NOTHING_LEAVES = _("Nothing leaves")
# RFC 3463, 3.8: X.7.1 is "delivery not authorized", the truth here. 5.1.2 would say that the address is wrong, and
# lists would drop it; without a code error(8) says 5.0.0 in bounces, and smtpd(8) 5.1.1 in replies.
STATUS = "5.7.1"
SMTP = 25
DEFAULT_WORDS = "outside mail is not deliverable"
# A binding to loopback cannot reach another machine: connect(2) fails with EINVAL.
LOCKS = (
    ("smtp_bind_address", "127.0.0.1"),
    ("smtp_bind_address6", "::1"),
    ("lmtp_bind_address", "127.0.0.1"),
    ("lmtp_bind_address6", "::1"),
)
# Each can name a way out with FILTER or a transport of its own, in tables that facts do not hold.
_FILTERS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks", "milter_header_checks")
_RESTRICTIONS = ("client", "helo", "sender", "recipient", "relay", "data", "end_of_data")


def _no_inet(so_far: SoFar) -> bool:
    return "inet" in items_of(setting(so_far.facts, "master_service_disable"))


def _taken(value: str, so_far: SoFar) -> Problem | None:
    """Whether another program has the port that Postfix would listen on."""
    found = so_far.facts.listeners if value == "loopback" else ()
    rival = next((socket for socket in found if socket.port == SMTP and not _is_postfix(socket, so_far)), None)
    if rival is None:
        return None
    if not rival.process:
        return Problem(
            _("Another program listens on port {port}.").format(port=SMTP),
            _(
                "`ss -ltnp sport = :{port}`, run as root, names it. Stop it, or let programs use sendmail(1) alone."
            ).format(port=SMTP),
        )
    service = rival.unit or _("{program} (process {pid})").format(program=rival.process, pid=rival.pid)
    by = _("{service}, of the package {package}").format(service=service, package=rival.package)
    stop = f"systemctl disable --now {rival.unit}" if rival.unit else f"kill {rival.pid}"
    return Problem(
        _("Port {port} is taken by {by}.").format(port=SMTP, by=by if rival.package else service),
        _("Stop it with `{command}`, if you no longer need it. Or let programs use sendmail(1) alone (none).").format(
            command=stop
        ),
    )


def _is_postfix(socket: Listener, so_far: SoFar) -> bool:
    if not socket.process:
        return so_far.facts.postfix_installed
    return socket.package == "postfix" or socket.unit.startswith("postfix") or socket.process == "master"


listener = ChoiceQuestion(
    key="listener",
    ask=_("Shall programs on this machine be able to hand in mail over SMTP?"),
    why=_(
        "cron, mail(1) and most scripts use sendmail(1), which needs no port. Some programs speak SMTP to localhost; "
        "without a listener they fail with “connection refused”. Neither can be reached from another machine."
    ),
    manual="postconf(5): inet_interfaces, master_service_disable",
    section=MACHINE,
    choices=lambda _so_far: (
        Choice("loopback", _("Yes, on localhost only"), _("Port 25 of 127.0.0.1 and ::1; nothing else listens.")),
        Choice("none", _("No, through sendmail(1) alone"), _("No port is open at all.")),
    ),
    default=lambda so_far: "none" if _no_inet(so_far) else "loopback",
    objection=_taken,
)


def protocols_default(so_far: SoFar) -> str:
    here = setting(so_far.facts, "inet_protocols").replace(" ", "").lower()
    if here in {"ipv4", "ipv6", "all"}:
        return here
    addresses = so_far.facts.addresses
    return "all" if not addresses or any(":" in address for address in addresses) else "ipv4"


inet_protocols = ChoiceQuestion(
    key="inet_protocols",
    ask=_("Which kinds of IP address shall Postfix use?"),
    why=_(
        "On localhost there are usually both, and some programs try ::1 first. If one is chosen that this machine "
        "does not have, Postfix does not start."
    ),
    manual="postconf(5): inet_protocols",
    section=MACHINE,
    when=lambda so_far: so_far.text("listener") == "loopback",
    choices=lambda _so_far: (
        Choice("all", _("All that this machine has"), _("Postfix leaves out what is missing.")),
        Choice("ipv4", _("IPv4 only")),
        Choice("ipv6", _("IPv6 only")),
    ),
    default=protocols_default,
)


def _words_default(so_far: SoFar) -> str:
    transport, _colon, text = setting(so_far.facts, "default_transport").partition(":")
    code, _blank, rest = text.strip().partition(" ")
    words = rest.strip() if code[:2] in {"5.", "4."} else text.strip()
    return words if transport == "error" and bounce_words(words) is None else DEFAULT_WORDS


bounce_text = TextQuestion(
    key="bounce_text",
    ask=_("What shall be said to whoever writes to the outside?"),
    why=_(
        "Mail for other machines is refused at once, with these words. A program that speaks SMTP hears "
        "“550 5.7.1 <someone@elsewhere>: Recipient address rejected: ” before them; a user of sendmail(1) gets them in "
        "a bounce. Say what your users should do instead."
    ),
    manual="error(8), postconf(5): default_transport",
    section=NOTHING_LEAVES,
    default=_words_default,
    objection=alone(bounce_words),
)


def _may_filter(so_far: SoFar) -> tuple[str, ...]:
    names = [name for name in _FILTERS if setting(so_far.facts, name)]
    names += [
        name
        for name in (f"smtpd_{place}_restrictions" for place in _RESTRICTIONS)
        if "check_" in setting(so_far.facts, name)
    ]
    return tuple(names)


def _lock_seen(so_far: SoFar) -> str:
    names = ", ".join(_may_filter(so_far))
    return _("main.cf has {names}, whose tables could name a way out.").format(names=names) if names else ""


second_lock = YesNoQuestion(
    key="second_lock",
    ask=_("Shall the delivery programs be tied to localhost as a second lock?"),
    why=_(
        "Mail is refused before it is sent, so this is not needed as a rule. With it, even a FILTER line or a "
        "master.cf entry made by hand reaches no other machine. Whoever wants to send mail later must take it out."
    ),
    manual="postconf(5): smtp_bind_address",
    section=NOTHING_LEAVES,
    seen=_lock_seen,
    default=lambda so_far: (
        bool(_may_filter(so_far)) or all(setting(so_far.facts, name) == value for name, value in LOCKS)
    ),
)
