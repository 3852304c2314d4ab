"""Postfix's log as data: recorded lines of 3.11, and lines that a parser could trip over."""

import json
from pathlib import Path

import pytest

from wizard.check.mail_log import (
    LogLine,
    cursor_of,
    delivery_of,
    fields_of,
    queue_id_in_reply,
    read_journal,
    read_log_file,
    stories,
    story_with_message_id,
)

LOGS = Path(__file__).parent.parent / "recorded" / "logs"


def recorded(name: str) -> tuple[LogLine, ...]:
    """The lines of one recording."""
    return read_journal((LOGS / f"{name}.jsonl").read_text())


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_recorded_line_is_read(path: Path) -> None:
    text = path.read_text()
    assert len(read_journal(text)) == len(text.splitlines())
    assert cursor_of(text).startswith("s=")


OUTCOMES = {
    "good_smtp": ("2.0.0", "sent", "delivered to mailbox"),
    "good_sendmail": ("2.0.0", "sent", "delivered to mailbox"),
    "good_maildir": ("2.0.0", "sent", "delivered to maildir"),
    "aliases_missing_sendmail": ("4.3.0", "deferred", "alias database unavailable"),
    "alias_loop": ("5.4.6", "bounced", "recipient nesting limit exceeded"),
    "alias_to_nobody": ("5.1.1", "bounced", 'unknown user: "nosuch"'),
    "outside_sendmail": ("5.0.0", "bounced", "outside mail is not deliverable"),
    "mailbox_command_fails": ("5.3.0", "bounced", 'Command died with status 1: "/bin/false"'),
    "lmtp_missing": ("4.4.1", "deferred", "connect to localhost[private/dovecot-lmtp]: No such file or directory"),
    "mailbox_is_directory": (
        "5.2.0",
        "bounced",
        "cannot update mailbox /var/mail/alice for user alice. cannot open file: Is a directory",
    ),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_outcome_of_each_recorded_message_is_known(name: str) -> None:
    first = next(iter(stories(recorded(name)).values()))
    made = first.deliveries[0]
    assert (made.dsn, made.status, made.text) == OUTCOMES[name]


def test_a_message_is_found_by_its_message_id_and_its_notice_by_its_queue_id() -> None:
    lines = recorded("outside_sendmail")
    marker = next(story.message_id for story in stories(lines).values() if story.message_id.startswith("postwizard"))
    sent = story_with_message_id(lines, marker)
    assert sent is not None
    assert sent.by("error") is not None
    notice = stories(lines)[sent.notice]
    assert notice.deliveries[0].recipient == "alice@localhost"
    assert notice.removed is not None


def test_mail_that_a_forward_file_sends_on_is_followed_under_its_new_id() -> None:
    lines = recorded("forward")
    first = next(iter(stories(lines).values()))
    onward = stories(lines)[first.deliveries[0].forwarded_as]
    assert onward.deliveries[0].recipient == "bob@localhost"
    assert story_with_message_id(lines, onward.message_id) == first, "the copy has the same Message-ID and comes later"


def test_a_notice_that_nobody_wanted_is_removed_all_the_same() -> None:
    assert [story.removed is not None for story in stories(recorded("notify_never")).values()] == [True, True]


def test_long_queue_ids_are_read() -> None:
    assert all(len(queue_id) > 11 for queue_id in stories(recorded("mailbox_command_fails")))


def test_a_log_file_tells_the_same_as_the_journal() -> None:
    lines = read_log_file((LOGS / "file_log.log").read_text())
    assert lines[0] == LogLine("master", 4122, "daemon started -- version 3.11.7, configuration /etc/postfix")
    assert [story.removed is not None for story in stories(lines).values()] == [True] * 3


def test_a_syslog_daemon_with_iso_dates_is_read() -> None:
    line = "2026-11-24T14:05:36.1+00:00 box postfix/submissions/smtpd[7]: C73C53F5: client=localhost[127.0.0.1]"
    assert read_log_file(line) == (LogLine("smtpd", 7, "C73C53F5: client=localhost[127.0.0.1]"),)


def test_the_order_of_fields_does_not_matter_and_unknown_ones_are_kept() -> None:
    line = LogLine(
        "smtp",
        1,
        "4BB34492: status=deferred (host a[1.2.3.4] said: 450 x, y=z (in reply), tls=no), tls=may?, "
        'relay=none, to=<"a, b=c>"@d.example>, dsn=4.4.1, new=thing',
    )
    made = delivery_of(line)
    assert made is not None
    assert made.status == "deferred"
    assert made.text == "host a[1.2.3.4] said: 450 x, y=z (in reply), tls=no"
    assert made.recipient == '"a, b=c>"@d.example'
    assert made.dsn == "4.4.1"
    assert fields_of(line.rest)["new"] == "thing"


def test_text_with_a_bracket_too_many_ends_with_the_line() -> None:
    made = delivery_of(LogLine("smtp", 1, "4BB34492: to=<a@b.example>, dsn=5.0.0, status=bounced (said: (oops)"))
    assert made is not None
    assert made.status == "bounced"


def test_bytes_that_are_no_text_do_not_stop_the_reader() -> None:
    record = {"SYSLOG_IDENTIFIER": "postfix/local", "MESSAGE": list(b"ABCDEF1: caf\xe9"), "SYSLOG_PID": "5"}
    text = "\n".join(("-- No entries --", "{broken", json.dumps(record), json.dumps({"MESSAGE": None})))
    assert read_journal(text) == (LogLine("local", 5, "ABCDEF1: caf\\xe9"),)


def test_the_queue_id_stands_in_the_last_reply() -> None:
    assert queue_id_in_reply("250 2.0.0 Ok: queued as 4jYkvx73L1zGH") == "4jYkvx73L1zGH"
    assert queue_id_in_reply("250 2.0.0 Ok") == ""
