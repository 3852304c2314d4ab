"""Where local(8) puts mail, finding one message there, and taking test mail away again."""

from pathlib import PurePosixPath

import pytest

from wizard.check.finding import LeftMail
from wizard.check.mailbox import Place, Put, find_mail, has_message_id, is_notice_of, is_there, places_for
from wizard.check.take_away import remove_test_mail, take_away
from wizard.machine.machine import CommandResult, FileState, Kind
from wizard.machine.pretend_machine import PretendMachine
from wizard.problem import Trouble

MARKER = "postwizard-test-18eb-0123456789abcdef@localhost"
SPOOL = PurePosixPath("/var/spool/mail/alice")
OTHERS = b"From bob@localhost  Tue Nov 24 13:58:21 2026\nMessage-ID: <other@b.example>\n\nhello\n>From here on\n\n"
OURS = (
    b"From root@localhost  Tue Nov 24 13:58:21 2026\nReturn-Path: <root@localhost>\nReceived: by localhost\n\tid 1\n"
    b"Message-ID: <" + MARKER.encode() + b">\n\ntest\n\n"
)
NOTICE = (
    b"From MAILER-DAEMON  Tue Nov 24 13:58:23 2026\nAuto-Submitted: auto-replied\nMessage-Id: <1.2@localhost>\n\n"
    b"Status: 5.0.0\n\nMessage-ID: <" + MARKER.encode() + b">\n\n"
)
REPLY = (
    b"From bob@localhost  Tue Nov 24 13:59:00 2026\nMessage-ID: <r@b.example>\n\n> Message-ID: <"
    + MARKER.encode()
    + b">\n\n"
)


class MailMachine(PretendMachine):
    """A machine with three users and a table of aliases."""

    def __init__(self, aliases: dict[str, str] | None = None, **settings: str) -> None:
        super().__init__()
        users = (
            "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
        )
        self.put("/etc/passwd", users.encode())
        self.aliases = {"root": "alice"} if aliases is None else aliases
        self.settings = {
            "alias_maps": "lmdb:/etc/postfix/aliases",
            "mydestination": "box.test, localhost",
            "mail_spool_directory": "/var/spool/mail",
            **settings,
        }

    def put(self, path: str, content: bytes) -> None:
        """Lays a file, and the folders above it."""
        place = PurePosixPath(path)
        for folder in reversed(place.parents):
            if self.file(folder) is None:
                self.lay(folder, FileState(Kind.DIRECTORY, mode=0o755))
        self.lay(place, FileState(content=content))

    def output_of(self, *argv: str, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        if argv[0] == "postalias":
            value = self.aliases.get(argv[2].lower())
            return CommandResult(1) if value is None else CommandResult(0, value.encode() + b"\n")
        if argv[:2] == ("postconf", "-x"):
            return CommandResult(0, "".join(f"{n} = {self.settings.get(n, '')}\n" for n in argv[2:]).encode())
        return super().output_of(*argv, stdin=stdin, timeout=timeout)


def ends(machine: MailMachine, name: str = "root") -> list[str]:
    """Where mail for a name ends, in words."""
    return [f"{place.put.value} {place}" for place in places_for(machine, name, machine.settings)]


def test_an_alias_leads_to_the_spool_of_the_user() -> None:
    assert ends(MailMachine()) == ["mbox /var/spool/mail/alice"]


def test_aliases_are_followed_to_their_end_and_circles_end() -> None:
    aliases = {"root": "postmaster, Root", "postmaster": 'alice, "|/bin/cat a,b", /var/log/root.mail, x@far.example'}
    assert ends(MailMachine(aliases)) == [
        "mbox /var/spool/mail/alice",
        "command |/bin/cat a,b",
        "mbox /var/log/root.mail",
        "outside x@far.example",
    ]


def test_addresses_of_this_machine_are_local_names() -> None:
    assert ends(MailMachine({"root": "alice@Box.Test"})) == ["mbox /var/spool/mail/alice"]


PRECEDENCE = {  # postconf(5): mailbox_transport_maps; each beats those after it
    "transport lmtp:unix:private/lmtp": {"mailbox_transport": "lmtp:unix:private/lmtp", "mailbox_command": "/bin/cat"},
    "command /bin/cat": {"mailbox_command": "/bin/cat", "home_mailbox": "Maildir/"},
    "maildir /home/alice/Maildir/": {"home_mailbox": "Maildir/", "mail_spool_directory": "/var/spool/mail"},
    "mbox /home/alice/mbox": {"home_mailbox": "mbox"},
    "maildir /var/spool/mail/alice/": {"mail_spool_directory": "/var/spool/mail/"},
    "mbox /var/spool/mail/alice": {"mail_spool_directory": "/var/spool/mail"},
}


@pytest.mark.parametrize("place", PRECEDENCE)
def test_settings_have_their_precedence(place: str) -> None:
    assert ends(MailMachine(**PRECEDENCE[place])) == [place]


def test_a_forward_file_is_followed_and_a_backslash_ends_it() -> None:
    machine = MailMachine()
    machine.put("/home/alice/.forward", b"# mine\n\\alice, bob\n")
    assert ends(machine) == ["mbox /var/spool/mail/alice", "mbox /var/spool/mail/bob"]
    assert ends(machine, "\\alice") == ["mbox /var/spool/mail/alice"]


def test_a_user_who_is_not_there_has_no_mailbox() -> None:
    assert ends(MailMachine({"root": "nosuch"})) == ["nowhere there is no user named nosuch"]


def test_an_alias_table_that_cannot_be_read_is_not_the_same_as_no_alias() -> None:
    machine = MailMachine()
    machine.output_of = lambda *_argv, **_more: CommandResult(1, stderr=b"fatal: open database\n")  # type: ignore[method-assign]
    with pytest.raises(Trouble, match="cannot be read"):
        places_for(machine, "root", machine.settings)


def test_a_message_is_found_among_others_and_a_mention_of_it_is_not_it() -> None:
    machine = MailMachine()
    machine.put(str(SPOOL), OTHERS + OURS + NOTICE + REPLY)
    found = find_mail(machine, Place(Put.MBOX, path=SPOOL), has_message_id(MARKER))
    assert found is not None
    assert (found.start, found.content) == (len(OTHERS), OURS)
    assert "Received: by localhost id 1" in found.headers
    notice = find_mail(machine, Place(Put.MBOX, path=SPOOL), is_notice_of(MARKER))
    assert notice is not None
    assert notice.content == NOTICE


def test_a_mailbox_that_is_empty_or_missing_holds_nothing() -> None:
    machine = MailMachine()
    place = Place(Put.MBOX, path=SPOOL)
    assert not is_there(machine, place)
    assert find_mail(machine, place, has_message_id(MARKER)) is None
    machine.put(str(SPOOL), b"")
    assert is_there(machine, place)
    assert find_mail(machine, place, has_message_id(MARKER)) is None


def test_only_the_end_of_a_huge_mailbox_is_read() -> None:
    machine = MailMachine()
    before = OTHERS * 20000
    machine.put(str(SPOOL), before + OURS)
    found = find_mail(machine, Place(Put.MBOX, path=SPOOL), has_message_id(MARKER))
    assert found is not None
    assert found.start == len(before)


def test_taking_test_mail_away_leaves_every_other_byte() -> None:
    machine = MailMachine()
    machine.put(str(SPOOL), OTHERS + OURS + REPLY + NOTICE + OTHERS)
    assert remove_test_mail(machine, MARKER) == (SPOOL, SPOOL)
    state = machine.file(SPOOL)
    assert state is not None
    assert state.content == OTHERS + REPLY + OTHERS
    assert remove_test_mail(machine, MARKER) == ()


@pytest.mark.parametrize("marker", ["", "other@b.example", "postwizard-test-1-2", "postwizard-test-x-y@a", ".*"])
def test_nothing_but_a_test_mail_is_ever_taken_away(marker: str) -> None:
    machine = MailMachine()
    machine.put(str(SPOOL), OTHERS)
    with pytest.raises(Trouble, match="not the mark"):
        remove_test_mail(machine, marker)


def test_a_mailbox_that_the_test_made_goes_with_it_unless_other_mail_came() -> None:
    machine = MailMachine()
    left = [LeftMail(MARKER, SPOOL, was_there=False)]
    machine.put(str(SPOOL), OURS)
    assert take_away(machine, left) == (SPOOL,)
    assert machine.file(SPOOL) is None
    machine.put(str(SPOOL), OURS + OTHERS)
    take_away(machine, left)
    state = machine.file(SPOOL)
    assert state is not None
    assert state.content == OTHERS


def test_a_maildir_that_the_test_made_goes_with_it() -> None:
    machine = MailMachine(home_mailbox="Maildir/")
    maildir = PurePosixPath("/home/alice/Maildir")
    for part in ("cur", "tmp"):
        machine.put(f"{maildir}/{part}/x", b"")
        machine.remove(maildir / part / "x")
    machine.put(f"{maildir}/new/1795528935.V29I250M988328.box", OURS.partition(b"\n")[2])
    assert take_away(machine, [LeftMail(MARKER, maildir, is_maildir=True, was_there=False)])
    assert machine.file(maildir) is None


@pytest.mark.parametrize("kept", ["", "mine.sieve"])
def test_a_home_that_the_test_made_goes_with_its_empty_folder_for_filters(kept: str) -> None:
    machine = MailMachine()
    home = PurePosixPath("/var/vmail/b.example/taro")
    machine.put(f"{home}/Maildir/new/1795528935.V29I250M988328.box", OURS.partition(b"\n")[2])
    machine.put(f"{home}/sieve/tmp/{kept or 'x'}", b"keep;\n")
    if not kept:
        machine.remove(home / "sieve/tmp/x")
    assert take_away(machine, [LeftMail(MARKER, home / "Maildir", is_maildir=True, was_there=False, above=(home,))])
    assert machine.file(home / "Maildir") is None
    assert (machine.file(home) is None) is (not kept)


def test_a_message_in_a_maildir_is_found_where_a_mail_program_moved_it() -> None:
    machine = MailMachine()
    maildir = PurePosixPath("/home/alice/Maildir")
    machine.put(f"{maildir}/cur/1795528935.V29I250M988328.box:2,S", OURS.partition(b"\n")[2])
    place = Place(Put.MAILDIR, path=maildir)
    assert find_mail(machine, place, has_message_id(MARKER), since=1795528934) is not None
    assert find_mail(machine, place, has_message_id(MARKER), since=1795529935) is None, "that was before this send"
