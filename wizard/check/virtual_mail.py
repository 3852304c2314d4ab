"""The test sends of virtual mail: to a mailbox, by login, and what must be refused; and whether accounts are found."""

from pathlib import PurePosixPath
from typing import Final

from wizard.ask.account_store import store_of
from wizard.ask.mail_domains import domains_of, first_mailbox, role_aliases
from wizard.ask.question import SoFar
from wizard.check.finding import Check, Finding, LeftMail, Probe, Verdict
from wizard.check.follow import follow_mail
from wizard.check.local_mail import could_not_tell
from wizard.check.log_in import (
    SUBMISSION,
    SUBMISSIONS,
    WRONG_PASSWORD,
    authenticate,
    open_imap,
    open_submission,
    wrong_password_is_refused,
)
from wizard.check.mailbox import FoundMail, Place, Put, find_mail, has_message_id, is_there
from wizard.check.marker import new_marker
from wizard.check.send import Send, TellStage, begin_send, postfix_runs
from wizard.check.send_mail import marked_message
from wizard.check.smtp_dialogue import Dialogue
from wizard.check.speak_smtp import greet, hand_over, hand_over_from, open_dialogue, say_goodbye, tell_refused
from wizard.machine.account_store import STORE_PLACES, lookup
from wizard.machine.machine import Look, Machine
from wizard.machine.sql_servers import SQL_SERVERS
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.words import _

PATIENCE: Final = 30.0
_NOBODY: Final = "postwizard-nobody-has-this-name"
_OUTSIDE: Final = "someone@outside.example"  # RFC 2606: nobody has this domain


def look_up_accounts(look: Look, so_far: SoFar) -> Finding:
    """The accounts, looked up as Postfix does, by proxymap(8) in its own name, and as Dovecot does."""
    facts, address = so_far.facts, first_mailbox(so_far)
    role, target = next(iter(role_aliases(so_far).items()), (address, address))
    seen: list[str] = []
    for table, key, wanted in (
        ("domains", domains_of(so_far)[0], domains_of(so_far)[0]),
        ("mailboxes", address, ""),
        ("aliases", role, target),
        ("senders", address, address),
    ):
        place = lookup(store_of(so_far), table, facts.config_directory, facts.default_table_type or "lmdb")
        asked = look.output_of("postmap", "-q", key, place)
        seen.append(f"postmap -q {key} {place}: {asked.text.strip()}{asked.error_text.strip()}")
        if not asked.ok or wanted not in asked.text:
            return Finding(
                Verdict.BAD,
                _("Postfix does not find {key} in {place}.").format(key=key, place=place),
                "\n".join(seen),
                _hint(store_of(so_far)),
            )
    user = look.output_of("doveadm", "user", address)
    seen.append(f"doveadm user {address}: {user.text.strip()}{user.error_text.strip()}")
    if not user.ok:
        return Finding(
            Verdict.BAD,
            _("Dovecot does not know {address}.").format(address=address),
            "\n".join(seen),
            _("See why: `journalctl -u dovecot -e`."),
        )
    return Finding(Verdict.GOOD, _("Postfix and Dovecot find the accounts in the database."), "\n".join(seen))


def _hint(store: str) -> str:
    server = SQL_SERVERS.get(store)
    if server is None:
        return _("Look whether Postfix runs and user postfix can read the database: `ls -l {path}`.").format(
            path=STORE_PLACES[store].parent
        )
    return _("Look whether Postfix and {server} run: `systemctl status postfix {unit}`.").format(
        server=server.label, unit=server.unit
    )


def to_mailbox(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Sends to the first mailbox by SMTP on port 25, as another mail server does, and finds it in the Maildir."""
    recipient = first_mailbox(so_far)
    try:
        send = begin_send(machine, tell, patience)
        place = _place(send, recipient)
        if place is None or not postfix_runs(send):
            return send.finding_of_failure(_("A mail to the mailbox was not delivered."))
        dialogue = open_dialogue(send)
        message = marked_message(send, recipient, recipient)
        sent = hand_over(send, dialogue, recipient, message) if dialogue is not None else None
        if sent is None or not _arrives(send, sent, place):
            return send.finding_of_failure(_("A mail to the mailbox was not delivered."))
        return _arrived(send, _("A mail by SMTP"), recipient)
    except Trouble as trouble:
        return could_not_tell(_("Mail to the mailbox could not be tried."), trouble, tell)


def by_submission(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Logs in on ports 587 and 465 and sends; a wrong password and another's name must be refused."""
    address, password = first_mailbox(so_far), _password(so_far)
    about = _("Sending with a login does not work as it should.")
    try:
        send = begin_send(machine, tell, patience)
        place = _place(send, address)
        if place is None or not postfix_runs(send):
            return send.finding_of_failure(about)
        for port in (SUBMISSION, SUBMISSIONS):
            if not wrong_password_is_refused(send, port, address):
                return send.finding_of_failure(about)
            if password is None:
                continue
            send.marker = new_marker(send.settings["myhostname"])
            opened = open_submission(send, port)
            if opened is None or not _sends(send, *opened, address, password, place):
                return send.finding_of_failure(about)
        if password is None:
            return _not_tried(_("Wrong passwords are refused with 535; a right one was not tried."))
        return _arrived(send, _("A mail by login on 465, as before on 587,"), address)
    except Trouble as trouble:
        return could_not_tell(_("Sending with a login could not be tried."), trouble, tell)


def by_imap(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """Logs in over IMAP and looks into INBOX; a wrong password must be refused."""
    address, password = first_mailbox(so_far), _password(so_far)
    about = _("The mailbox cannot be read over IMAP as it should.")
    try:
        send = begin_send(machine, tell, patience)
        imap = open_imap(send)
        if imap is None:
            return send.finding_of_failure(about)
        refused = imap.log_in(address, WRONG_PASSWORD)
        if not refused.startswith("NO"):
            send.bad("wrong password", _("Not refused: {reply}").format(reply=refused), (refused,), imap.told())
            return send.finding_of_failure(about)
        send.good("wrong password", _("Refused: {reply}").format(reply=refused), imap.told())
        if password is None:
            imap.log_out()
            return _not_tried(_("A wrong password is refused over IMAP; a right one was not tried."))
        for name, said in (
            ("LOGIN", imap.log_in(address, password)),
            ("EXAMINE", imap.say("EXAMINE INBOX")),
            ("LIST", imap.say('LIST (SPECIAL-USE) "" "*"')),
        ):
            if not said.startswith("OK"):
                send.bad(name, _("The server answers: {reply}.").format(reply=said), (said,), imap.told())
                return send.finding_of_failure(about)
        lines = imap.told()
        imap.log_out()
        send.good("mailbox", _("INBOX can be read."), lines)
        return Finding(
            Verdict.GOOD,
            _("{address} is read over IMAP on port 993, and a wrong password is refused.").format(address=address),
            "\n".join(lines),
        )
    except Trouble as trouble:
        return could_not_tell(_("IMAP could not be tried."), trouble, tell)


def refusals(machine: Machine, so_far: SoFar, tell: TellStage, patience: float = PATIENCE) -> Finding:
    """On port 25, mail for nobody is answered with 550 5.1.1, and mail for other domains with 554 5.7.1."""
    about = _("The mail server does not refuse what it must refuse.")
    try:
        send = begin_send(machine, tell, patience)
        dialogue = open_dialogue(send) if postfix_runs(send) else None
        if dialogue is None or greet(send, dialogue) is None:
            return send.finding_of_failure(about)
        for name, recipient, code, status in (
            ("unknown user", f"{_NOBODY}@{domains_of(so_far)[0]}", 550, "5.1.1"),
            ("relay", _OUTSIDE, 554, "5.7.1"),
        ):
            dialogue.say("MAIL FROM:<>")
            reply = dialogue.say(f"RCPT TO:<{recipient}>")
            dialogue.say("RSET")
            if (reply.code, status in reply.text) != (code, True):
                send.bad(name, _("The server answers: {reply}.").format(reply=reply.text), (), dialogue.told())
                say_goodbye(dialogue)
                return send.finding_of_failure(about)
            send.good(name, _("Refused at once: {reply}").format(reply=reply.text), dialogue.told())
        say_goodbye(dialogue)
        return Finding(
            Verdict.GOOD,
            _("Mail for nobody here, and mail for other domains from a stranger, are refused at once."),
            "\n".join(line for stage in send.stages for line in stage.lines if " S: 5" in line),
        )
    except Trouble as trouble:
        return could_not_tell(_("What is refused could not be tried."), trouble, tell)


def _password(so_far: SoFar) -> Secret | None:
    given = so_far.answers.get("mailbox_password")
    return given if isinstance(given, Secret) and given != Secret("") else None


def _not_tried(what: str) -> Finding:
    return Finding(Verdict.UNKNOWN, what, hint=_("Give the password of the mailbox to have a login tried."))


def _place(send: Send, address: str) -> Place | None:
    """The Maildir of a mailbox, as Dovecot says; None where it does not know the address, told as a stage."""
    asked = send.machine.output_of("doveadm", "user", "-f", "home", address)
    if not asked.ok or not asked.text.strip().startswith("/"):
        send.bad(
            "doveadm",
            _("Dovecot does not know {address}.").format(address=address),
            (),
            asked.error_text.splitlines(),
            _("See why: `journalctl -u dovecot -e`."),
        )
        return None
    place = Place(Put.MAILDIR, address, PurePosixPath(asked.text.strip()) / "Maildir")
    send.places = (place,)
    send.missing_above = tuple(path for path in list(place.path.parents)[:3] if send.machine.file(path) is None)
    send.places_before = frozenset({place} if is_there(send.machine, place) else ())
    return place


def _sends(
    send: Send, dialogue: Dialogue, capabilities: frozenset[str], address: str, password: Secret, place: Place
) -> bool:
    """Logs in, is refused in another's name, and sends to itself; each told as a stage."""
    reply = authenticate(dialogue, address, password)
    if reply.code != 235:
        tell_refused(send, "AUTH", reply, dialogue)
        return False
    send.good("AUTH", _("Logged in as {address}.").format(address=address), dialogue.told())
    other = f"{_NOBODY}@{address.rpartition('@')[2]}"
    dialogue.say(f"MAIL FROM:<{other}>")
    reply = dialogue.say(f"RCPT TO:<{address}>")
    dialogue.say("RSET")
    if reply.code != 553:  # reject_sender_login_mismatch (postconf(5))
        send.bad(
            "other sender", _("It may send in another's name: {reply}").format(reply=reply.text), (), dialogue.told()
        )
        return False
    send.good("other sender", _("Refused: {reply}").format(reply=reply.text), dialogue.told())
    sent = hand_over_from(send, dialogue, address, address, marked_message(send, address, address), capabilities)
    return sent is not None and _arrives(send, sent, place)


def _arrives(send: Send, queue_id: str, place: Place) -> bool:
    """Follows the message into the Maildir; told as the stage "mailbox"."""
    follow_mail(send, queue_id)
    is_it = has_message_id(send.marker)

    def look() -> FoundMail | None:
        return find_mail(send.machine, place, is_it, send.watch.began_at)

    found = send.watch.until(look, min(5.0, send.watch.patience))
    if found is None:
        send.bad(
            "mailbox",
            _("The mail is not in {place}.").format(place=place),
            [line.message for line in send.complaints()],
            hint=_("See what Dovecot says: `journalctl -u dovecot -e`."),
        )
        return False
    send.good("mailbox", _("It lies in {path}.").format(path=found.path), found.headers)
    was_there = place in send.places_before
    send.left.append(LeftMail(send.marker, place.path, True, was_there, () if was_there else send.missing_above))
    return send.failed is None


def _arrived(send: Send, about: str, recipient: str) -> Finding:
    last = next(stage for stage in reversed(send.stages) if stage.name == "mailbox")
    return Finding(
        Verdict.GOOD,
        _("{about} to {recipient} arrived after {seconds:.1f} s. {place}").format(
            about=about, recipient=recipient, seconds=send.watch.seconds, place=last.what
        ),
        "\n".join(last.lines),
        left=tuple(send.left),
    )


accounts_can_be_read: Final = Check(symptom=_("Mail accounts are not found"), look=look_up_accounts)
send_to_mailbox: Final = Probe(key="send_to_mailbox", title=_("A mail to the first mailbox by SMTP"), run=to_mailbox)
log_in_by_imap: Final = Probe(key="log_in_by_imap", title=_("Reading the mailbox over IMAP"), run=by_imap)
send_by_submission: Final = Probe(
    key="send_by_submission", title=_("Sending with a login, on ports 587 and 465"), run=by_submission
)
strangers_are_refused: Final = Probe(
    key="strangers_are_refused", title=_("Mail that must be refused on port 25"), run=refusals
)
