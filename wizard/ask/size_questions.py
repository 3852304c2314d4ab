"""Questions on how large a message and a mailbox may be; each knows the other, and the disk."""

from pathlib import PurePosixPath

from wizard.ask.existing_postfix import setting
from wizard.ask.objections import size
from wizard.ask.question import SoFar, TextQuestion
from wizard.ask.sizes import bytes_of, in_words
from wizard.machine.facts import Facts
from wizard.problem import Problem
from wizard.words import _

SIZES = _("Sizes")
SMALLEST_MESSAGE = 10240


def free_below(facts: Facts, path: str) -> int | None:
    """The bytes that are free where this path lies; None when it is not known."""
    wanted = PurePosixPath(path)
    known = [folder for folder in facts.free_bytes if wanted.is_relative_to(folder)]
    return facts.free_bytes[max(known, key=len)] if known else None


def _size_here(so_far: SoFar, name: str) -> int | None:
    here = setting(so_far.facts, name)
    return bytes_of(here) if here.isascii() and here.isdigit() and size(here) is None else None


def _message_default(so_far: SoFar) -> str:
    here = _size_here(so_far, "message_size_limit")
    wanted = "10240000" if here is None else str(here)
    if _message_objection(wanted, so_far) is None:
        return wanted
    free = free_below(so_far.facts, "/var/spool/postfix")
    return str(max(SMALLEST_MESSAGE, (free or 0) // 4 // 1024 * 1024))


def _message_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := size(value)) is not None:
        return problem
    limit = bytes_of(value)
    if 0 < limit < SMALLEST_MESSAGE:
        return Problem(
            _("{size} bytes are too few for a message with its headers.").format(size=limit),
            _("At least {least} bytes. For ten megabytes write 10M.").format(least=SMALLEST_MESSAGE),
        )
    free = free_below(so_far.facts, "/var/spool/postfix")
    # postconf(5), queue_minfree: MAIL FROM is refused while less than 1.5 times message_size_limit is free.
    if free is not None and limit > SMALLEST_MESSAGE and limit * 3 > free * 2:
        return Problem(
            _("No mail would be taken: Postfix wants 1.5 times {size} free for its queue, and {free} are free.").format(
                size=in_words(limit), free=_about(free)
            ),
            _("Give at most {most}, or make room below /var/spool/postfix.").format(most=_about(free * 2 // 3)),
        )
    return None


def _about(number: int) -> str:
    for unit, power in (("G", 3), ("M", 2), ("k", 1)):
        if number >= 10 * 1024**power:
            return f"{number // 1024**power}{unit}"
    return str(number)


def _message_caution(value: str, so_far: SoFar) -> Problem | None:
    limit, free = bytes_of(value), free_below(so_far.facts, "/var/spool/postfix")
    if size(value) is None and limit == 0:
        return Problem(_("Without a limit, one message can fill the disk."), _("10M to 50M is enough for most mail."))
    if free is not None and limit * 20 > free:
        return Problem(
            _("A few messages of this size would fill the disk: {free} are free.").format(free=_about(free)),
            _("A smaller limit leaves room for other mail."),
        )
    return None


message_size_limit = TextQuestion(
    key="message_size_limit",
    ask=_("How large may one message be?"),
    why=_(
        "Larger ones are refused at once, so the sender knows. In bytes, or with k, M or G for units of 1024; 0 means "
        "without limit. Attachments grow by a third when they are sent. Too small loses reports with logs in them."
    ),
    manual="postconf(5): message_size_limit, queue_minfree",
    section=SIZES,
    default=_message_default,
    objection=_message_objection,
    caution=_message_caution,
)


def _mailbox_size_default(so_far: SoFar) -> str:
    message = bytes_of(so_far.text("message_size_limit"))
    here = _size_here(so_far, "mailbox_size_limit")
    wanted = 51200000 if here is None else here
    if wanted == 0 or message == 0:
        return "0"
    return str(max(wanted, message))


def _mailbox_size_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := size(value)) is not None:
        return problem
    limit, message = bytes_of(value), bytes_of(so_far.text("message_size_limit"))
    if limit == 0:
        return None
    # src/local/local.c, post_init: local(8) stops with a fatal error in both cases, and no mail is delivered.
    if so_far.text("message_size_limit") and message == 0:
        return Problem(
            _("A message may be of any size, so a mailbox must be too: else Postfix delivers nothing."),
            _("Give 0 here, or a limit for one message in the question before."),
        )
    if limit < message:
        return Problem(
            _("A mailbox must hold at least one message of {size}: else Postfix delivers nothing.").format(
                size=in_words(message)
            ),
            _("Give {size} or more, or 0 for no limit; or make the limit of one message smaller.").format(
                size=in_words(message)
            ),
        )
    if limit < SMALLEST_MESSAGE:
        return Problem(
            _("{size} bytes are too few for a mailbox.").format(size=limit),
            _("For fifty megabytes write 50M; 0 means without limit."),
        )
    return None


def _mailbox_size_caution(value: str, so_far: SoFar) -> Problem | None:
    if size(value) is not None:
        return None
    limit = bytes_of(value)
    place = so_far.text("spool_folder") or "/home"
    free = free_below(so_far.facts, place)
    if so_far.text("mailbox").endswith("_maildir") and limit:
        return Problem(
            _("In a Maildir this limits each message, not the mailbox."),
            _("It holds for one file, and there each message is one (postconf(5): mailbox_size_limit)."),
        )
    if free is not None and limit > free:
        return Problem(
            _("The disk is full before a mailbox reaches this size: {free} are free.").format(free=_about(free)),
            _("Delivery then waits until there is room."),
        )
    if limit == 0:
        return Problem(
            _("Without a limit, a mailbox nobody reads grows until the disk is full."),
            _("That is usual for a Maildir; for one file a limit such as 500M protects the disk."),
        )
    return None


mailbox_size_limit = TextQuestion(
    key="mailbox_size_limit",
    ask=_("How large may a mailbox be?"),
    why=_(
        "Mail for a mailbox that is full is returned to its sender. It must not be smaller than one message may be, "
        "or Postfix delivers nothing at all. 0 means without limit."
    ),
    manual="postconf(5): mailbox_size_limit",
    section=SIZES,
    default=_mailbox_size_default,
    objection=_mailbox_size_objection,
    caution=_mailbox_size_caution,
)


def _quota_default(so_far: SoFar) -> str:
    here = so_far.facts.mailbox_quotas.get(so_far.text("mailbox_address").lower())
    message = bytes_of(so_far.text("message_size_limit"))
    return in_words(max(1024**3, message) if here is None else here)


def _quota_objection(value: str, so_far: SoFar) -> Problem | None:
    if (problem := size(value)) is not None:
        return problem
    limit, message = bytes_of(value), bytes_of(so_far.text("message_size_limit"))
    if limit and limit < max(message, SMALLEST_MESSAGE):
        return Problem(
            _("Not even one message of {size} would fit into the mailbox.").format(
                size=in_words(max(message, SMALLEST_MESSAGE))
            ),
            _("Give more, or 0 for no limit; or make the limit of one message smaller."),
        )
    return None


def _quota_caution(value: str, so_far: SoFar) -> Problem | None:
    limit, free = bytes_of(value), free_below(so_far.facts, "/var/vmail")
    if size(value) is None and limit == 0:
        return Problem(
            _("Without a limit, one mailbox can fill the disk for all others."), _("1G to 10G is usual for a person.")
        )
    if free is not None and limit > free:
        return Problem(
            _("The disk is full before the mailbox is: {free} are free.").format(free=_about(free)),
            _("Delivery then waits until there is room."),
        )
    return None


mailbox_quota = TextQuestion(
    key="mailbox_quota",
    ask=_("How much mail may the mailbox hold?"),
    why=_(
        "When it is full, further mail is refused at once with 552 5.2.2, so that the sender knows. In bytes, or with "
        "k, M or G for units of 1024; 0 means without limit."
    ),
    manual="doveadm-quota(1)",
    section=SIZES,
    default=_quota_default,
    objection=_quota_objection,
    caution=_quota_caution,
)
