"""Logging in as a mail program does: by SMTP on the ports for it, and by IMAP; no password is among what is told."""

import base64
from dataclasses import dataclass
from typing import Final

from wizard.check.send import Send
from wizard.check.smtp_dialogue import Dialogue, Reply
from wizard.check.speak_smtp import greet, loopback_addresses, open_dialogue, say_goodbye, tell_refused
from wizard.machine.machine import Conversation, ConversationCut
from wizard.secret import Secret
from wizard.words import _

SUBMISSION: Final = 587
SUBMISSIONS: Final = 465
IMAPS: Final = 993
HIDDEN: Final = "•••"
WRONG_PASSWORD: Final = Secret("this is not the password")
_MOST_LINES: Final = 200
_LINE_TIME: Final = 20.0


def open_submission(send: Send, port: int) -> tuple[Dialogue, frozenset[str]] | None:
    """Greets on a port for users, with TLS from the start on 465 and by STARTTLS on 587 (RFC 8314, RFC 3207)."""
    dialogue = open_dialogue(send, port, in_tls=port == SUBMISSIONS)
    if dialogue is None:
        return None
    capabilities = greet(send, dialogue)
    if capabilities is None or port == SUBMISSIONS:
        return None if capabilities is None else (dialogue, capabilities)
    if "AUTH" in capabilities:
        send.bad("EHLO", _("It offers a login before TLS, so passwords could go in clear."), (), dialogue.told())
        return None
    reply = dialogue.say("STARTTLS")
    if not reply.is_yes:
        tell_refused(send, "STARTTLS", reply, dialogue)
        return None
    try:
        secured = dialogue.conversation.start_tls()
    except ConversationCut as cut:
        send.bad("STARTTLS", cut.problem.what, (cut.problem.what,), dialogue.told())
        return None
    send.good("STARTTLS", _("From here on in {tls}.").format(tls=secured), dialogue.told())
    capabilities = greet(send, dialogue)
    return None if capabilities is None else (dialogue, capabilities)


def authenticate(dialogue: Dialogue, user: str, password: Secret) -> Reply:
    """AUTH PLAIN in one line (RFC 4954, section 4; RFC 4616)."""
    word = base64.b64encode(f"\0{user}\0{password.reveal()}".encode()).decode()
    return dialogue.say(f"AUTH PLAIN {word}", f"AUTH PLAIN {HIDDEN}")


def wrong_password_is_refused(send: Send, port: int, user: str) -> bool:
    """Whether a login with a wrong password is answered with 535 (RFC 4954, section 6); told as a stage."""
    opened = open_submission(send, port)
    if opened is None:
        return False
    dialogue, _capabilities = opened
    reply = authenticate(dialogue, user, WRONG_PASSWORD)
    lines = dialogue.told()
    say_goodbye(dialogue)
    if reply.code == 535:
        send.good("wrong password", _("Refused: {reply}").format(reply=reply.text), lines)
        return True
    send.bad(
        "wrong password", _("A wrong password is not refused with 535: {reply}").format(reply=reply.text), (), lines
    )
    return False


@dataclass
class Imap:
    """An IMAP connection in TLS, told line by line (RFC 9051)."""

    conversation: Conversation
    lines: list[str]
    number: int = 0

    def say(self, command: str, shown: str = "") -> str:
        """Says a command and hears all of its answer; the tagged line, or why the connection was cut."""
        self.number += 1
        tag = f"a{self.number}"
        try:
            self.lines.append(f"C: {tag} {shown or command}")
            self.conversation.write_line(f"{tag} {command}")
            for _line in range(_MOST_LINES):
                line = self.conversation.read_line()
                self.lines.append(f"S: {_printable(line)}")
                if line.startswith(f"{tag} "):
                    return line.removeprefix(f"{tag} ")
        except ConversationCut as cut:
            return cut.problem.what
        return _("no end of the answer")

    def log_in(self, user: str, password: Secret) -> str:
        """LOGIN with quoted strings (RFC 9051, section 4.3); the answer."""
        return self.say(f"LOGIN {_quoted(user)} {_quoted(password.reveal())}", f"LOGIN {_quoted(user)} {HIDDEN}")

    def log_out(self) -> None:
        """LOGOUT, and no more of this connection."""
        self.say("LOGOUT")
        self.conversation.close()

    def told(self) -> tuple[str, ...]:
        """The lines since it was asked last."""
        lines = tuple(self.lines)
        self.lines.clear()
        return lines


def open_imap(send: Send) -> Imap | None:
    """Connects to port 993 in TLS and hears the greeting; None when that failed, told as the stage "connect"."""
    said = ""
    for host in loopback_addresses(send.settings):
        try:
            conversation = send.machine.open_conversation(host, IMAPS, min(_LINE_TIME, send.watch.patience))
            secured = conversation.start_tls()
            greeting = conversation.read_line()
        except ConversationCut as cut:
            said = said or cut.problem.what
            continue
        imap = Imap(conversation, [f"{host}:{IMAPS} {secured}", f"S: {_printable(greeting)}"])
        if greeting.startswith("* OK"):
            send.good("connect", _("It answers in {tls}.").format(tls=secured), imap.told())
            return imap
        said = greeting
        conversation.close()
    unit = send.machine.unit("dovecot.service")
    send.bad(
        "connect",
        _("IMAP does not answer on port {port}: {said}").format(port=IMAPS, said=said),
        (said,),
        (f"dovecot.service: {unit.active_state} ({unit.sub_state})",),
        _("See why: `journalctl -u dovecot -e`."),
    )
    return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in line)
