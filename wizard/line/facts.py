"""The facts of the machine as lines, one fact a line."""

from wizard.machine.facts import Facts
from wizard.words import _, ngettext

MAIL_PORTS = frozenset({25, 143, 465, 587, 993})


def fact_lines(facts: Facts, *, is_brief: bool = False) -> tuple[str, ...]:
    """What a person wants to know of the machine; `is_brief` leaves out what is usual."""
    unknown = _("not known")
    lines = [
        _("System: {name}").format(name=facts.os_name or facts.os_id or unknown),
        _("Name of this machine: {name}").format(name=facts.fully_qualified_name or facts.host_name or unknown),
        _("Postfix: {version}").format(version=facts.postfix_version)
        if facts.postfix_installed
        else _("Postfix: not installed"),
    ]
    if facts.table_types and not is_brief:
        lines.append(_("Table types: {types}").format(types=", ".join(facts.table_types)))
    for listener in facts.listeners:
        if listener.port in MAIL_PORTS:
            owner = listener.unit or listener.process or unknown
            if listener.package:
                owner += f" ({listener.package})"
            place = f"{listener.address}:{listener.port}"
            lines.append(_("Listening on {place}: {owner}").format(place=place, owner=owner))
    if not any(listener.port in MAIL_PORTS for listener in facts.listeners):
        lines.append(_("Listening on the ports of mail: nobody"))
    if facts.queue_size or not is_brief:
        waiting = ngettext(
            "Mail waiting in the queue: {count}", "Mails waiting in the queue: {count}", facts.queue_size
        )
        lines.append(waiting.format(count=facts.queue_size))
    lines.extend(_("Not merged yet: {path}").format(path=path) for path in facts.pacnew_files)
    lines.extend(_("[warning] {text}").format(text=text) for text in facts.warnings)
    return tuple(lines)
