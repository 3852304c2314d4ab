"""Known failures: each recorded log, and replies of 3.11, lead to their row of the table."""

import re
import string
from pathlib import Path

import pytest

from wizard.check.known_failures import KnownFailure, explain, known_failures
from wizard.check.mail_log import delivery_of, read_journal

LOGS = Path(__file__).parent.parent / "recorded" / "logs"

RECORDED = {
    "aliases_missing_smtp": "table_not_built",
    "aliases_missing_sendmail": "table_not_built",
    "hash_type": "table_not_built",  # a build with Berkeley DB; Arch's says what the next test has
    "alias_loop": "loop",
    "alias_to_nobody": "alias_to_nobody",
    "home_missing": "maildir_not_writable",
    "lmtp_missing": "socket_missing",
    "mailbox_command_fails": "command_failed",
    "mailbox_disk_full": "disk_full",
    "mailbox_is_directory": "mailbox_is_a_folder",
    "mailbox_limit_smaller": "size_limits_in_wrong_order",
    "mailbox_of_another": "mailbox_not_writable",
    "maildir_not_writable": "maildir_not_writable",
    "message_limit_1": "message_too_big",
    "queue_full": "queue_disk_full",
    "smtp_unknown_user": "no_such_local_user",
    "spool_missing": "mailbox_not_writable",
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_failure_is_explained(name: str) -> None:
    lines = read_journal((LOGS / f"{name}.jsonl").read_text())
    failing = [made.text for line in lines if (made := delivery_of(line)) is not None and made.status != "sent"]
    complaints = [line.message for line in lines if line.complains or "reject: " in line.message]
    known = explain([*complaints, *failing])
    assert known is not None
    assert known.key == RECORDED[name]


@pytest.mark.parametrize("name", ["good_smtp", "good_sendmail", "good_maildir", "forward", "notify_never"])
def test_nothing_is_made_of_a_log_without_failure(name: str) -> None:
    assert explain(line.message for line in read_journal((LOGS / f"{name}.jsonl").read_text())) is None


REPLIES = {
    "451 4.3.0 <root@localhost>: Temporary lookup failure": "lookup_failed",
    "452 4.3.1 Insufficient system storage": "queue_disk_full",
    "552 5.3.4 Message size exceeds fixed limit": "message_too_big",
    "550 5.1.1 <u@localhost>: Recipient address rejected: User unknown in local recipient table": "no_such_local_user",
    "550 5.1.1 <u@a.test>: Recipient address rejected: User unknown in virtual mailbox table": "no_such_mailbox",
    "554 5.7.1 <u@a.example>: Relay access denied": "relay_denied",
    "error: unsupported dictionary type: hash": "table_type_missing",
    "warning: connect to transport private/x: No such file or directory": "transport_unavailable",
    "fatal: bind 127.0.0.1 port 25: Address already in use": "already_running",
    "warning: mail_queue_enter: create file maildrop/796216.4280: Permission denied": "postdrop_without_rights",
    "fatal: parameter inet_interfaces: no local interface found for 192.0.2.7": "no_such_interface",
    "fatal: config variable inet_interfaces: host not found: box.test": "no_such_interface",
    "warning: connect to Milter service inet:localhost:11332: Connection refused": "milter_down",
    "cannot update mailbox /m/a for user a. error writing message: Disk quota exceeded": "disk_full",
}


@pytest.mark.parametrize("words", REPLIES)
def test_a_reply_or_complaint_is_explained(words: str) -> None:
    known = explain([words])
    assert known is not None
    assert known.key == REPLIES[words]


def test_the_cause_is_told_and_not_its_consequence() -> None:
    known = explain(
        [
            "451 4.3.0 <root@localhost>: Temporary lookup failure",
            "error: open database /etc/postfix/aliases.lmdb: No such file or directory",
        ]
    )
    assert known is not None
    assert "/etc/postfix/aliases.lmdb" in known.what
    assert "newaliases" in known.hint


@pytest.mark.parametrize("known", known_failures(), ids=lambda known: known.key)
def test_each_row_can_be_said_in_full(known: KnownFailure) -> None:
    groups = set(re.compile(known.pattern).groupindex)
    named = {
        name
        for text in (known.what, known.hint)
        for _text, name, _spec, _conv in string.Formatter().parse(text)
        if name
    }
    assert named <= groups
    assert known.what.endswith((".", "}"))
    assert known.hint


def test_keys_are_unique() -> None:
    keys = [known.key for known in known_failures()]
    assert len(keys) == len(set(keys))
