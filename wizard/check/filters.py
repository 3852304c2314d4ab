"""The test of users' filters: ManageSieve takes a login in TLS, with the right password and no other (RFC 5804)."""

import base64
from dataclasses import dataclass
from typing import Final

from wizard.ask.mail_domains import first_mailbox
from wizard.ask.question import SoFar
from wizard.check.finding import Finding, Probe, Verdict
from wizard.check.local_mail import could_not_tell
from wizard.check.log_in import HIDDEN, WRONG_PASSWORD
from wizard.check.send import Send, TellStage, begin_send
from wizard.check.speak_smtp import loopback_addresses
from wizard.machine.machine import Conversation, ConversationCut, Machine
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.words import _

MANAGE_SIEVE: Final = 4190
_PATIENCE: Final = 20.0
_MOST_LINES: Final = 200


@dataclass
class ManageSieve:
    """A ManageSieve connection, told line by line."""

    conversation: Conversation
    lines: list[str]

    def hear(self) -> tuple[str, ...]:
        """The lines of an answer; the last begins with OK, NO or BYE, or says why the connection was cut."""
        heard: list[str] = []
        try:
            while len(heard) < _MOST_LINES:
                line = self.conversation.read_line()
                heard.append(line)
                self.lines.append("S: " + "".join(letter if letter.isprintable() else "?" for letter in line))
                if line.upper().startswith(("OK", "NO", "BYE")):
                    return tuple(heard)
        except ConversationCut as cut:
            return (*heard, cut.problem.what)
        return (*heard, _("no end of the answer"))

    def say(self, command: str, shown: str = "") -> str:
        """Says a command; the last line of its answer."""
        try:
            self.lines.append(f"C: {shown or command}")
            self.conversation.write_line(command)
        except ConversationCut as cut:
            return cut.problem.what
        return self.hear()[-1]

    def log_in(self, user: str, password: Secret) -> str:
        """AUTHENTICATE with PLAIN in one line (RFC 5804, section 2.1; RFC 4616); the answer."""
        word = base64.b64encode(f"\0{user}\0{password.reveal()}".encode()).decode()
        return self.say(f'AUTHENTICATE "PLAIN" "{word}"', f'AUTHENTICATE "PLAIN" "{HIDDEN}"')

    def told(self) -> tuple[str, ...]:
        """The lines since it was asked last."""
        lines = tuple(self.lines)
        self.lines.clear()
        return lines


def by_manage_sieve(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = _PATIENCE) -> Finding:
    """Logs in on port 4190 in TLS and lists the filters; a wrong password must be refused.

    Whether a login in clear is refused cannot be told from here: Dovecot takes a connection from the machine itself
    for safe, and offers one (auth_allow_cleartext).
    """
    address, password = first_mailbox(so_far), so_far.answers.get("mailbox_password")
    about = _("Filters cannot be looked after over ManageSieve as they should.")
    try:
        send = begin_send(machine, tell, patience)
        sieve = _open(send)
        if sieve is None or not _secured(send, sieve):
            return send.finding_of_failure(about)
        said = sieve.log_in(address, WRONG_PASSWORD)
        if not said.startswith("NO"):
            send.bad("wrong password", _("Not refused: {reply}").format(reply=said), (said,), sieve.told())
            return send.finding_of_failure(about)
        send.good("wrong password", _("Refused: {reply}").format(reply=said), sieve.told())
        if not isinstance(password, Secret) or password == Secret(""):
            sieve.conversation.close()
            return Finding(
                Verdict.UNKNOWN,
                _("A wrong password is refused over ManageSieve; a right one was not tried."),
                hint=_("Give the password of the mailbox to have a login tried."),
            )
        for name, said in (("LOGIN", sieve.log_in(address, password)), ("LISTSCRIPTS", sieve.say("LISTSCRIPTS"))):
            if not said.startswith("OK"):
                send.bad(name, _("The server answers: {reply}.").format(reply=said), (said,), sieve.told())
                return send.finding_of_failure(about)
        sieve.say("LOGOUT")
        sieve.conversation.close()
        lines = sieve.told()
        send.good("filters", _("The filters can be listed."), lines)
        return Finding(
            Verdict.GOOD,
            _("{address} looks after its filters on port 4190, and a wrong password is refused.").format(
                address=address
            ),
            "\n".join(lines),
        )
    except Trouble as trouble:
        return could_not_tell(_("ManageSieve could not be tried."), trouble, tell)


def _open(send: Send) -> ManageSieve | None:
    """Connects and hears the greeting; None when that failed, told as the stage "connect"."""
    said = ""
    for host in loopback_addresses(send.settings):
        try:
            conversation = send.machine.open_conversation(host, MANAGE_SIEVE, min(_PATIENCE, send.watch.patience))
        except ConversationCut as cut:
            said = said or cut.problem.what
            continue
        sieve = ManageSieve(conversation, [f"{host}:{MANAGE_SIEVE}"])
        offered = sieve.hear()
        if not offered[-1].startswith("OK"):
            said = offered[-1]
            conversation.close()
            continue
        send.good("connect", _("It answers."), sieve.told())
        return sieve
    send.bad(
        "connect",
        _("ManageSieve does not answer on port {port}: {said}").format(port=MANAGE_SIEVE, said=said),
        (said,),
        hint=_("See why: `journalctl -u dovecot -e`."),
    )
    return None


def _secured(send: Send, sieve: ManageSieve) -> bool:
    """Goes on in TLS, and hears what is offered there (RFC 5804, section 2.2)."""
    said = sieve.say("STARTTLS")
    try:
        if said.startswith("OK"):
            secured = sieve.conversation.start_tls()
            if (said := sieve.hear()[-1]).startswith("OK"):
                send.good("STARTTLS", _("From here on in {tls}.").format(tls=secured), sieve.told())
                return True
    except ConversationCut as cut:
        said = cut.problem.what
    send.bad("STARTTLS", _("The server answers: {reply}.").format(reply=said), (said,), sieve.told())
    return False


look_after_filters: Final = Probe(
    key="look_after_filters",
    title=_("Filters over ManageSieve"),
    run=by_manage_sieve,
    when=lambda so_far: so_far.yes("sieve"),
)
