"""Is this an open relay? A stranger tries to have mail for others taken, in every classic form; DATA is never said."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.ask.mail_domains import domains_of, first_mailbox
from wizard.ask.question import SoFar
from wizard.check.finding import Finding, Probe, Verdict
from wizard.check.local_mail import could_not_tell
from wizard.check.log_in import SUBMISSION, authenticate
from wizard.check.postfix_settings import items_of
from wizard.check.send import Send, TellStage, begin_send, postfix_runs
from wizard.check.smtp_dialogue import Dialogue, Reply
from wizard.check.speak_smtp import PORT, REPLY_TIME, loopback_addresses, say_goodbye
from wizard.machine.machine import ConversationCut, Machine, Stranger
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.words import _, ngettext

PATIENCE: Final = 30.0
# RFC 2606: nobody has this domain.
ELSEWHERE: Final = "outside.example"
STRANGER: Final = f"stranger@{ELSEWHERE}"
SOMEONE: Final = f"someone@{ELSEWHERE}"
# Below smtpd_soft_error_limit, from which on each answer takes a second longer (postconf(5)).
ERRORS_IN_ONE: Final = 8


@dataclass(frozen=True)
class Form:
    """One way to write a recipient elsewhere; `source` is why it is refused. With `is_ours` it has to be taken."""

    name: str
    recipient: str
    source: str
    sender: str = STRANGER
    is_ours: bool = False


def forms(own: tuple[str, ...], address: str) -> Iterator[Form]:
    """All forms, with each of the machine's own domains and the address that is connected to."""
    # An open relay is one that takes mail neither from nor for its own users (RFC 5321, section 7.9, RFC 2505).
    relay = "postconf(5): reject_unauth_destination"
    routed = "postconf(5): allow_untrusted_routing"
    literal = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
    yield Form(_("plain address"), SOMEONE, relay)
    yield Form(_("null sender"), SOMEONE, f"RFC 5321, section 4.5.5; {relay}", sender="")
    yield Form(_("sender of ours"), SOMEONE, relay, sender=f"postmaster@{own[0]}")
    yield Form(_("quoted, without a domain"), f'"{SOMEONE}"', f"RFC 5321, section 4.1.2; {routed}")
    yield Form(_("bang path"), f"{ELSEWHERE}!someone", f"postconf(5): swap_bangpath; {relay}")
    for place in (*own, literal):
        for name, recipient, source in (
            (_("percent hack"), f"someone%{ELSEWHERE}@{place}", f"postconf(5): allow_percent_hack; {routed}"),
            (_("bang path"), f"{ELSEWHERE}!someone@{place}", f"postconf(5): swap_bangpath; {routed}"),
            (_("@ in the local part"), f"{SOMEONE}@{place}", routed),
            (_("quoted @"), f'"{SOMEONE}"@{place}', f"RFC 5321, section 4.1.2; {routed}"),
            (_("source route"), f"@{place}:{SOMEONE}", f"RFC 5321, appendix C; {relay}"),
            (_("quoted source route"), f'"@{ELSEWHERE}:someone"@{place}', f"RFC 5321, appendix C; {routed}"),
        ):
            yield Form(f"{name}, {place}", recipient, source)
    # Only where this is taken do the refusals mean what they seem to mean.
    yield Form(_("postmaster without a domain"), "postmaster", "RFC 5321, section 4.5.1", sender="", is_ours=True)


def open_relay(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Tries all forms over IPv4 and IPv6, from an address that is none of this machine's."""
    about = _("Whether strangers can send to others through this machine could not be told.")
    try:
        send = begin_send(machine, tell, patience)
        if not postfix_runs(send):
            return send.finding_of_failure(about)
        with machine.stranger() as stranger:
            for _from, ours in stranger.ends:
                for place in _places(send, ours):
                    _try_all(send, stranger, place, so_far)
                    _try_submission(send, stranger, place, so_far)
            return _found(send, about)
    except Trouble as trouble:
        return could_not_tell(about, trouble, tell)


def _places(send: Send, ours: str) -> tuple[str, ...]:
    """Where a stranger connects to: our end of the cable, else the addresses that alone are listened on."""
    interfaces = set(items_of(send.settings.get("inet_interfaces", "all")))
    is_six = ":" in ours
    protocols = set(items_of(send.settings.get("inet_protocols", "all")))
    if not protocols & {"all", "ipv6" if is_six else "ipv4"}:
        return ()
    if "all" in interfaces:
        return (ours,)
    return tuple(number for number in loopback_addresses(send.settings) if _can_reach(number, is_six))


def _can_reach(number: str, is_six: bool) -> bool:
    return (":" in number) == is_six and not ipaddress.ip_address(number).is_loopback


def _try_all(send: Send, stranger: Stranger, place: str, so_far: SoFar) -> None:
    """Every form, some to a conversation: a server slows down for who errs too often."""
    left = tuple(forms(_own_domains(send, so_far), place))
    while left:
        try:
            dialogue = _open(send, stranger, place, PORT)
        except ConversationCut as cut:
            send.stage(f"{place}: {left[0].name}", Verdict.UNKNOWN, cut.problem.what, hint=_firewall())
            return
        for form in left[:ERRORS_IN_ONE]:
            _judge(send, f"{place}: {form.name}", form, _ask_for(dialogue, form), dialogue)
        say_goodbye(dialogue)
        left = left[ERRORS_IN_ONE:]


def _own_domains(send: Send, so_far: SoFar) -> tuple[str, ...]:
    """The machine's name, and a domain of which not every address is somebody's: there all forms would be taken."""
    taken = so_far.facts.mail_aliases
    domains = [domain for domain in domains_of(so_far) if f"@{domain}" not in taken]
    return tuple(dict.fromkeys((send.settings["myhostname"], *domains[:1])))


def _open(send: Send, stranger: Stranger, place: str, port: int) -> Dialogue:
    """A conversation that has said EHLO; raises ConversationCut."""
    conversation = stranger.open_conversation(place, port, min(REPLY_TIME, send.watch.patience))
    dialogue = Dialogue(conversation, send.watch)
    for reply in (dialogue.hear(), dialogue.say(f"EHLO {ELSEWHERE}")):
        if reply.cut is not None:
            conversation.close()
            raise reply.cut
    return dialogue


def _ask_for(dialogue: Dialogue, form: Form) -> Reply:
    """What is said to the recipient, or to the sender where that is refused already; the mail goes no further."""
    sender = dialogue.say(f"MAIL FROM:<{form.sender}>")
    if not sender.is_yes:
        return sender
    reply = dialogue.say(f"RCPT TO:<{form.recipient}>")
    dialogue.say("RSET")
    return reply


def _judge(send: Send, name: str, form: Form, reply: Reply, dialogue: Dialogue) -> None:
    lines = (*dialogue.told(), form.source)
    if reply.is_yes and form.is_ours:
        send.good(name, _("Taken, as it must be: {reply}").format(reply=reply.text), lines)
    elif reply.is_yes:
        what = _("A stranger may send to <{recipient}>: {reply}").format(recipient=form.recipient, reply=reply.text)
        hint = _("Close port 25 until it is mended. Look with `postconf -nx` at mynetworks and at what permits.")
        send.stage(name, Verdict.BAD, what, lines, hint)
    elif form.is_ours:
        what = _("Mail for postmaster is not taken, though it must be: {reply}").format(reply=reply.text)
        verdict = Verdict.DOUBTFUL if reply.code else Verdict.UNKNOWN
        send.stage(name, verdict, what, lines)
    elif reply.code >= 500 or "elay access denied" in reply.text:  # 454 is from defer_unauth_destination
        send.good(name, _("Refused: {reply}").format(reply=reply.text), lines)
    else:
        send.stage(name, Verdict.UNKNOWN, _("Neither taken nor refused: {reply}").format(reply=reply.text), lines)


def _try_submission(send: Send, stranger: Stranger, place: str, so_far: SoFar) -> None:
    """Port 587: nobody sends without a login, and who logs in sends in no foreign name (RFC 6409, section 6.1)."""
    form = Form("", SOMEONE, "RFC 6409, sections 4.3 and 6.1; postconf(5): reject_authenticated_sender_login_mismatch")
    given = so_far.answers.get("mailbox_password")
    logins: list[tuple[str, Secret | None]] = [(_("without a login"), None)]
    if isinstance(given, Secret) and given != Secret(""):
        logins.append((_("foreign sender with a login"), given))
    for words, password in logins:
        name = f"{place}:{SUBMISSION}: {words}"
        try:
            dialogue = _open(send, stranger, place, SUBMISSION)
            if dialogue.say("STARTTLS").is_yes:
                dialogue.conversation.start_tls()
                dialogue.say(f"EHLO {ELSEWHERE}")
        except ConversationCut as cut:
            send.stage(name, Verdict.UNKNOWN, cut.problem.what, hint=_firewall())
            return
        reply = authenticate(dialogue, first_mailbox(so_far), password) if password is not None else None
        if reply is not None and reply.code != 235:
            send.stage(name, Verdict.UNKNOWN, _("No login: {reply}").format(reply=reply.text), dialogue.told())
        else:
            _judge(send, name, form, _ask_for(dialogue, form), dialogue)
        say_goodbye(dialogue)


def _firewall() -> str:
    return _("Does a firewall on this machine keep strangers out? Then try from another machine.")


def _found(send: Send, about: str) -> Finding:
    tried = [stage for stage in send.stages if stage.name != "master"]
    taken = [stage for stage in tried if stage.verdict is Verdict.BAD]
    if taken:
        what = _("This is an open relay: strangers can send to others through it. Taken were: {forms}.")
        evidence = "\n".join(f"{stage.name}: {stage.what}" for stage in taken)
        return Finding(
            Verdict.BAD, what.format(forms="; ".join(stage.name for stage in taken)), evidence, taken[0].hint
        )
    if send.failed is not None:
        return send.finding_of_failure(about)
    if not tried:
        return Finding(Verdict.UNKNOWN, about, hint=_("Port 25 listens on no address that a stranger could reach."))
    for stage in tried:
        if stage.verdict is Verdict.DOUBTFUL:
            return Finding(Verdict.DOUBTFUL, stage.what, "\n".join(stage.lines))
    count = ngettext(
        "{count} attempt, each answered as it must be.", "{count} attempts, each answered as it must be.", len(tried)
    )
    return Finding(
        Verdict.GOOD,
        _("Strangers cannot send to others through this machine, in whatever form they try."),
        count.format(count=len(tried)),
    )


no_open_relay: Final = Probe(key="no_open_relay", title=_("A stranger tries to send to others"), run=open_relay)
