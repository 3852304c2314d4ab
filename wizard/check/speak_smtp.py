"""Handing a test mail to Postfix by SMTP, each command a stage of the story (RFC 5321, section 3.3)."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Final

from wizard.check.finding import Verdict
from wizard.check.mail_log import queue_id_in_reply
from wizard.check.postfix_settings import items_of
from wizard.check.send import Send
from wizard.check.smtp_dialogue import Dialogue, Reply
from wizard.machine.machine import ConversationCut, Cut
from wizard.words import _

PORT: Final = 25
# RFC 5321, section 4.5.3.2 allows five minutes for most replies; a machine that talks to itself needs no such time.
REPLY_TIME: Final = 20.0
WHAT_WAS_SAID: Final[Mapping[str, Callable[[], str]]] = {
    "EHLO": lambda: _("It greets back and names what it can do."),
    "MAIL FROM": lambda: _("The sender is accepted."),
    "RCPT TO": lambda: _("The recipient is accepted."),
    "DATA": lambda: _("It waits for the message."),
}


def smtp_is_off(send: Send) -> bool:
    """Whether no SMTP server is wanted here: postconf(5) master_service_disable, or not in master.cf."""
    off = {"inet", "smtp/inet", "smtp.inet"}
    if off & set(items_of(send.settings.get("master_service_disable", ""))):
        return True
    service = send.machine.output_of("postconf", "-M", "smtp/inet")
    return service.ok and not service.text.strip()


def open_dialogue(send: Send, port: int = PORT, *, in_tls: bool = False) -> Dialogue | None:
    """Connects and hears the greeting; None when that failed, told as the stage "connect".

    With `in_tls` TLS comes before the greeting (RFC 8314, section 3.3).
    """
    tried: list[str] = []
    cut: ConversationCut | None = None
    for host in loopback_addresses(send.settings):
        try:
            conversation = send.machine.open_conversation(host, port, min(REPLY_TIME, send.watch.patience))
            secured = conversation.start_tls() if in_tls else ""
        except ConversationCut as error:
            tried.append(f"{send.watch.seconds:8.3f} s  {error.problem.what}")
            cut = error
            continue
        dialogue = Dialogue(conversation, send.watch, [*tried, f"{send.watch.seconds:8.3f} s  {host}:{port} {secured}"])
        greeting = dialogue.hear()
        if greeting.is_yes:
            send.good("connect", _("It answers: {greeting}").format(greeting=greeting.text[4:]), dialogue.told())
            return dialogue
        tell_refused(send, "connect", greeting, dialogue)
        conversation.close()
        return None
    listening = _who_listens(send, port)
    lines = (*tried, *listening)
    words = [line.message for line in send.wait_for_complaints("master", "smtpd", patience=1)]
    if cut is not None and cut.why is Cut.REFUSED:
        send.bad(
            "connect",
            _("Nothing listens for SMTP on port {port} of this machine.").format(port=port),
            words,
            lines,
            _("Look with `postconf -M smtp/inet` and `postconf inet_interfaces`; after a change, restart Postfix."),
        )
    else:
        send.bad("connect", _("No connection to the SMTP server of this machine."), words, lines)
    return None


def loopback_addresses(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Where to find the SMTP server from this machine itself, loopback first (postconf(5): inet_interfaces)."""
    protocols = set(items_of(settings.get("inet_protocols", "all")))
    usual = [
        *(["127.0.0.1"] if protocols & {"all", "ipv4"} or not protocols else []),
        *(["::1"] if protocols & {"all", "ipv6"} else []),
    ]
    for item in items_of(settings.get("inet_interfaces", "")):
        try:
            address = ipaddress.ip_address(item.strip("[]"))
        except ValueError:
            continue
        if not address.is_unspecified and str(address) not in usual:
            usual.append(str(address))
    return tuple(usual)


def _who_listens(send: Send, port: int) -> tuple[str, ...]:
    result = send.machine.output_of("ss", "-ltnpH", "sport", "=", f":{port}")
    unit = send.machine.unit("postfix.service")
    return (*result.text.splitlines(), f"postfix.service: {unit.active_state} ({unit.sub_state})")


def greet(send: Send, dialogue: Dialogue) -> frozenset[str] | None:
    """Says EHLO; the capabilities it names (RFC 5321, section 4.1.1.1), or None when it refuses."""
    reply = _say(send, dialogue, "EHLO", f"EHLO {send.settings.get('myhostname') or 'localhost'}")
    return frozenset(line[4:].split(" ")[0].upper() for line in reply.lines[1:]) if reply.is_yes else None


def hand_over(send: Send, dialogue: Dialogue, recipient: str, message: str) -> str | None:
    """From EHLO to QUIT; the queue id in the last reply, empty when it names none, None when a stage failed."""
    capabilities = greet(send, dialogue)
    if capabilities is None:
        return None
    return hand_over_from(send, dialogue, f"root@{recipient.rpartition('@')[2]}", recipient, message, capabilities)


def hand_over_from(
    send: Send, dialogue: Dialogue, sender: str, recipient: str, message: str, capabilities: frozenset[str]
) -> str | None:
    """From MAIL FROM to QUIT, once the server has greeted; as `hand_over` otherwise."""
    size = f" SIZE={len(message.encode())}" if "SIZE" in capabilities else ""  # RFC 1870
    never = " NOTIFY=NEVER" if "DSN" in capabilities else ""  # RFC 3461: a test that fails leaves no notice behind
    for name, command in (
        ("MAIL FROM", f"MAIL FROM:<{sender}>{size}"),
        ("RCPT TO", f"RCPT TO:<{recipient}>{never}"),
        ("DATA", "DATA"),
    ):
        if not _say(send, dialogue, name, command).is_yes:
            say_goodbye(dialogue)
            return None
    reply = dialogue.send(message)
    if not reply.is_yes:
        tell_refused(send, "end of data", reply, dialogue)
        say_goodbye(dialogue)
        return None
    queue_id = queue_id_in_reply(reply.text)
    send.good("end of data", _("Postfix has taken charge of it: {reply}").format(reply=reply.text[4:]), dialogue.told())
    goodbye = say_goodbye(dialogue)
    send.stage(
        "QUIT",
        Verdict.GOOD if goodbye.is_yes else Verdict.DOUBTFUL,
        _("Goodbye.") if goodbye.is_yes else goodbye.text,
        dialogue.told(),
    )
    return queue_id


def say_goodbye(dialogue: Dialogue) -> Reply:
    """Says QUIT and ends the connection."""
    reply = dialogue.say("QUIT")
    dialogue.conversation.close()
    return reply


def _say(send: Send, dialogue: Dialogue, name: str, command: str) -> Reply:
    reply = dialogue.say(command)
    if reply.is_yes:
        send.good(name, WHAT_WAS_SAID[name](), dialogue.told())
    else:
        tell_refused(send, name, reply, dialogue)
    return reply


def tell_refused(send: Send, name: str, reply: Reply, dialogue: Dialogue) -> None:
    """Tells a refusal with its cause: the complaint that stands in the log just before it (RFC 5321, section 4.2)."""
    complaints = send.wait_for_complaints("smtpd", "cleanup", "master", "proxymap", "trivial-rewrite")
    words = [*(line.message for line in complaints), *reply.lines, reply.text]
    send.bad(
        name,
        _("The server answers: {reply}.").format(reply=reply.text),
        words,
        (*dialogue.told(), *complaints),
    )
