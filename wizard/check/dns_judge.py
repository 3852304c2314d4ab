"""What is found at a name, held against what is needed there: one judgement for one view of the DNS."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from wizard.ask.plain_text import shown
from wizard.check.dns_ask import View
from wizard.check.dns_needs import About, MailNames, Need
from wizard.check.finding import Verdict
from wizard.check.spf_check import STRANGERS, Evaluation, Spf
from wizard.machine.dns_answer import DnsAnswer, DnsStatus
from wizard.syntax.policy_records import is_dmarc, is_spf, tags
from wizard.syntax.zone_file import absolute, txt_strings
from wizard.words import _


@dataclass(frozen=True)
class Judgement:
    """What one view shows: the verdict, why it matters, what to do, and the answer as it came."""

    verdict: Verdict
    what: str
    hint: str = ""
    seen: tuple[str, ...] = ()


def judge(need: Need, names: MailNames, view: View) -> Judgement:
    """How this need is met in this view; an answer that tells nothing is never good and never bad."""
    answer = view(need.owner, need.kind)
    if not answer.is_answer:
        return Judgement(Verdict.UNKNOWN, no_answer(answer.status), _dig(need), (answer.status.value,))
    found = _JUDGES[need.about](need, names, view, answer)
    return Judgement(found.verdict, found.what, found.hint, found.seen or answer_lines(need, answer))


def no_answer(status: DnsStatus) -> str:
    """Why nothing can be told."""
    return {
        DnsStatus.FAILED: _(
            "The name server could not find it out (SERVFAIL): its own servers are silent, or DNSSEC does not fit."
        ),
        DnsStatus.REFUSED: _("The name server refuses to answer."),
        DnsStatus.TIMED_OUT: _("No name server answered in time."),
    }.get(status, _("No name server can be reached."))


def answer_lines(need: Need, answer: DnsAnswer) -> tuple[str, ...]:
    """The answer as lines of a zone file, without what a terminal would not show as it is."""
    lines, owner = [], need.owner
    for alias in answer.aliases:
        lines.append(f"{owner} CNAME {alias}")
        owner = alias
    texts = (txt_strings(record) if need.kind == "TXT" else record for record in answer.records)
    lines.extend(f"{owner} {need.kind} {text}" for text in texts)
    return tuple(lines) or (f"{owner} {need.kind}: {answer.status.value}",)


def _dig(need: Need) -> str:
    return _("See for yourself: `{command}`").format(command=f"dig {need.owner} {need.kind}")


def _publish() -> str:
    return _("Put the record shown into the zone.")


def _good(what: str) -> Judgement:
    return Judgement(Verdict.GOOD, what)


def _missing(need: Need, answer: DnsAnswer, means: str, verdict: Verdict = Verdict.BAD) -> Judgement:
    """Nothing is there; that the name itself is not known is said too."""
    if answer.status is DnsStatus.NO_NAME:
        what = _("There is no such name.")
    else:
        what = _("There is no {kind} record.").format(kind=need.about.value if need.kind == "TXT" else need.kind)
    return Judgement(verdict, f"{what} {means}", _publish())


# --- where mail goes -------------------------------------------------------------------------------------------------


def _judge_mx(need: Need, names: MailNames, view: View, answer: DnsAnswer) -> Judgement:
    """RFC 5321, section 5.1: the lowest number is tried first, and a name in it has addresses and is no alias."""
    if not answer.records:
        return _missing(need, answer, _("Mail for the domain goes to the address of its own name, or nowhere."))
    hosts = sorted((int(number), host) for number, host in (record.split(" ", 1) for record in answer.records))
    if any(host == "." for _number, host in hosts):
        return Judgement(
            Verdict.BAD, _("A null MX says that the domain takes no mail (RFC 7505)."), _("Replace it by the record.")
        )
    own = absolute(names.host)
    for _number, host in hosts:
        if (fault := _mx_fault(view, host)) is not None:
            return fault
    numbers = [number for number, host in hosts if host == own]
    if not numbers:
        return Judgement(
            Verdict.BAD,
            _("Mail goes to {hosts}, not to this machine.").format(hosts=", ".join(host for _number, host in hosts)),
            _publish(),
        )
    others = [host for _number, host in hosts if host != own]
    if others and hosts[0][0] <= min(numbers) and hosts[0][1] != own:
        return Judgement(
            Verdict.DOUBTFUL,
            _("Mail is offered to {hosts} before this machine.").format(hosts=", ".join(others)),
            _("Give this machine the lowest number, unless that is meant."),
        )
    if others:
        return Judgement(
            Verdict.DOUBTFUL,
            _("When this machine is busy, mail goes to {hosts}; they must know your users, or they take spam.").format(
                hosts=", ".join(others)
            ),
            _("Senders try again for days, so that a second MX is hardly ever needed. Leave it only if it is yours."),
        )
    return _good(_("Mail for the domain goes to this machine."))


def _mx_fault(view: View, host: str) -> Judgement | None:
    if _is_number(host):
        return Judgement(
            Verdict.BAD,
            _("{host} is an address; an MX is a name, and nothing else is looked up (RFC 1035, section 3.3.9).").format(
                host=host
            ),
            _("Name the machine in its place."),
        )
    answers = [view(host, kind) for kind in ("A", "AAAA")]
    if any(answer.aliases for answer in answers):
        return Judgement(
            Verdict.BAD,
            _("{host} is an alias (CNAME). An MX must not lead to one, and some servers drop such mail.").format(
                host=host
            )
            + " RFC 2181, section 10.3",
            _("Name the machine by the name that has its addresses, or give {host} address records.").format(host=host),
        )
    if any(answer.records for answer in answers):
        return None
    unknown = [answer for answer in answers if not answer.is_answer]
    if unknown:
        what = _("Whether {host} has an address cannot be told.").format(host=host)
        return Judgement(Verdict.UNKNOWN, f"{what} {no_answer(unknown[0].status)}")
    return Judgement(
        Verdict.BAD,
        _("{host} has no address, so that nobody can bring mail there.").format(host=host),
        _("Put its A or AAAA record into the zone, or name another machine."),
    )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.rstrip("."))
    except ValueError:
        return False
    return True


def _judge_address(need: Need, names: MailNames, _view: View, answer: DnsAnswer) -> Judgement:
    if answer.aliases:
        return Judgement(
            Verdict.BAD,
            _("The name of this machine is an alias (CNAME), which an MX must not lead to (RFC 2181, section 10.3)."),
            _("Replace the CNAME by address records."),
        )
    wanted, found = {record.value for record in need.records}, set(answer.records)
    if not wanted:
        published = _("Published is {found}.").format(found=", ".join(sorted(found)) or _("nothing"))
        return Judgement(
            Verdict.UNKNOWN,
            _("This machine has no public address of this kind: it stands behind NAT, or is not reached by it.")
            + f" {published}",
            _("The record must have the address that others see, and port 25 must lead from there to this machine."),
        )
    if not found:
        return _missing(need, answer, _("Nobody can reach this machine by its name."))
    if strange := found - {str(ipaddress.ip_address(address)) for address in names.public_addresses}:
        return Judgement(
            Verdict.BAD,
            _("{addresses} is not an address of this machine, so mail may go astray.").format(
                addresses=", ".join(sorted(strange))
            ),
            _("Publish the addresses of this machine only. If it stands behind NAT with that address, all is well."),
        )
    return _good(_("The name leads to this machine."))


def _judge_ptr(need: Need, names: MailNames, view: View, answer: DnsAnswer) -> Judgement:
    """Forward-confirmed: a name of the address leads back to it (RFC 1912, section 2.1)."""
    provider = _("Ask the provider of the address to set it; it is often called reverse DNS, or rDNS.")
    refused = _("Many servers refuse mail from an address without a name that leads back to it.")
    if not answer.records:
        missing = _missing(need, answer, refused)
        return Judgement(missing.verdict, missing.what, provider)
    own, address = absolute(names.host), need.zone
    kind = "A" if ipaddress.ip_address(address).version == 4 else "AAAA"
    if own not in answer.records:
        return Judgement(
            Verdict.BAD,
            _("The address is called {name}, but this machine greets as {own}.").format(
                name=", ".join(answer.records), own=own
            )
            + f" {refused}",
            provider,
        )
    forward = view(own, kind)
    if not forward.is_answer:
        return Judgement(Verdict.UNKNOWN, no_answer(forward.status), _dig(need))
    if address not in {str(ipaddress.ip_address(record)) for record in forward.records}:
        return Judgement(
            Verdict.BAD,
            _("The address is called {own}, but that name does not lead back to it.").format(own=own) + f" {refused}",
            _("Put the {kind} record into the zone.").format(kind=kind),
        )
    if len(answer.records) > 1:
        return Judgement(
            Verdict.DOUBTFUL,
            _("The address has several names, of which a server may take any."),
            _("Leave only {own}.").format(own=own),
        )
    return _good(_("The address is called by the name of this machine, and that leads back."))


# --- who may send ----------------------------------------------------------------------------------------------------


def _judge_spf(need: Need, names: MailNames, view: View, answer: DnsAnswer) -> Judgement:
    records = [text for text in answer.records if is_spf(text)]
    if not records:
        return _missing(need, answer, _("Others cannot tell your mail from mail in your name (RFC 7208)."))
    if len(records) > 1:
        return Judgement(
            Verdict.BAD,
            _("There is more than one SPF record, so that none counts (RFC 7208, section 4.5)."),
            _("Join them to one."),
        )
    for address in names.public_addresses:
        evaluation = Evaluation(view, address)
        if (fault := _spf_fault(evaluation, evaluation.result(need.owner))) is not None:
            return fault
    return _judge_strangers(need, view)


def _judge_strangers(need: Need, view: View) -> Judgement:
    """What the record says of addresses that nobody has; only these go through it to its end."""
    results = set()
    for address in STRANGERS:
        evaluation = Evaluation(view, address)
        result = evaluation.result(need.owner)
        if result in {Spf.PERMERROR, Spf.TEMPERROR}:
            return _spf_fault(evaluation, result) or _good("")
        results.add(result)
    if Spf.PASS in results:
        return Judgement(
            Verdict.BAD,
            _("It lets every address of the internet send in your name (+all)."),
            _("End the record with -all."),
        )
    if Spf.UNKNOWN in results:
        return Judgement(
            Verdict.UNKNOWN, _("It has macros or ptr, of which only a real mail would show what they say.")
        )
    if results & {Spf.NEUTRAL, Spf.NONE}:
        return Judgement(
            Verdict.DOUBTFUL,
            _("It says nothing of other senders, so that mail in your name is taken from anybody."),
            _("End the record with -all."),
        )
    if Spf.SOFTFAIL in results:
        return _good(_("This machine may send. Others are marked and not refused (~all); DMARC does the rest."))
    return _good(_("This machine may send in this name, and no other may."))


def _spf_fault(evaluation: Evaluation, result: Spf) -> Judgement | None:
    """What is wrong for one address; None when it passes."""
    what = shown(evaluation.why)
    match result:
        case Spf.PASS:
            return None
        case Spf.TEMPERROR:
            return Judgement(
                Verdict.UNKNOWN,
                _("The record leads to {name}, of which no name server could tell.").format(name=what),
            )
        case Spf.UNKNOWN:
            return Judgement(
                Verdict.UNKNOWN, _("It has macros or ptr, of which only a real mail would show what they say.")
            )
        case Spf.PERMERROR if evaluation.lookups > 10:
            return Judgement(
                Verdict.BAD,
                _("More than 10 look-ups are needed, so that the record does not count (RFC 7208, section 4.6.4)."),
                _("Name networks by ip4: and ip6: in place of include:, a and mx."),
            )
        case Spf.PERMERROR:
            return Judgement(
                Verdict.BAD,
                _("The record cannot be read at “{word}”, so that it does not count.").format(word=what),
                _("Correct it, or take the record shown."),
            )
        case _:
            return Judgement(
                Verdict.BAD,
                _("It does not let this machine send from {address}: {result}.").format(
                    address=evaluation.address, result=f"{result.value} {what}".strip()
                ),
                _("Add mx, or a:{host}, before what ends it.").format(host="HOST") if not what else _publish(),
            )


def _judge_dkim(need: Need, _names: MailNames, _view: View, answer: DnsAnswer) -> Judgement:
    """RFC 6376, section 3.6.1: the key in the DNS is the one that signs."""
    if not answer.records:
        return _missing(need, answer, _("Signatures of this machine cannot be checked, and count as broken."))
    if len(answer.records) > 1:
        return Judgement(
            Verdict.BAD,
            _("There are several records, and which one is taken is not defined (RFC 6376, section 3.6.2.2)."),
            _("Leave only the record shown."),
        )
    found, wanted = tags(answer.records[0]), tags(need.records[0].value)
    if found is None or wanted is None:
        return Judgement(Verdict.BAD, _("The record cannot be read: it is no list of tags."), _publish())
    if not found.get("p"):
        return Judgement(Verdict.BAD, _("The key is taken back (p= is empty)."), _publish())
    if _key(found) != _key(wanted):
        return Judgement(Verdict.BAD, _("It is not the key that this machine signs with."), _publish())
    if "y" in found.get("t", "").split(":"):
        return Judgement(
            Verdict.DOUBTFUL, _("It says that signing is only tried out (t=y)."), _("Take out t=y when mail arrives.")
        )
    return _good(_("It is the key that this machine signs with."))


def _key(found: Mapping[str, str]) -> tuple[str, str]:
    return found.get("k", "rsa"), "".join(found["p"].split())


def _judge_dmarc(need: Need, _names: MailNames, view: View, answer: DnsAnswer) -> Judgement:
    """RFC 7489, section 6.6.3; a domain without a record has that of the domain above it."""
    records = [text for text in answer.records if is_dmarc(text)]
    above = ""
    if not records and (inherited := _dmarc_above(need, view)) is not None:
        above, records = inherited
    if not records and answer.records:
        return Judgement(
            Verdict.BAD,
            _("What is there is no DMARC record: it has to begin with v=DMARC1 (RFC 7489, section 6.4)."),
            _publish(),
        )
    if not records:
        return _missing(need, answer, _("Large providers want one, and mail in your name is not refused (RFC 7489)."))
    if len(records) > 1:
        return Judgement(
            Verdict.BAD, _("There is more than one DMARC record, so that none counts."), _("Leave only one.")
        )
    found = tags(records[0])
    if found is None or found.get("p", "").lower() not in {"none", "quarantine", "reject"}:
        return Judgement(
            Verdict.BAD,
            _("The record cannot be read: p= is none, quarantine or reject, and tags are parted by “;”."),
            _publish(),
        )
    if above:
        return _good(_("The record of {name} holds for this domain too.").format(name=above))
    if found["p"].lower() == "none":
        return _good(_("Others are asked for reports; what fails is not refused yet (p=none)."))
    return _good(_("Others are told what to do with mail that only claims to be yours."))


def _dmarc_above(need: Need, view: View) -> tuple[str, list[str]] | None:
    domain = need.owner.removeprefix("_dmarc.").partition(".")[2]
    while domain.count(".") > 1:
        answer = view(f"_dmarc.{domain}", "TXT")
        if records := [text for text in answer.records if is_dmarc(text)]:
            return domain, records
        domain = domain.partition(".")[2]
    return None


# --- how mail programs find it ---------------------------------------------------------------------------------------


def _judge_service(need: Need, names: MailNames, _view: View, answer: DnsAnswer) -> Judgement:
    """RFC 6186, section 3: mail programs can set themselves up."""
    if not answer.records:
        return _missing(need, answer, _("Users have to type in the name of the server."), Verdict.DOUBTFUL)
    own = absolute(names.host)
    port = need.records[0].value.split(" ")[2]
    targets = {tuple(record.split(" ")[2:]) for record in answer.records}
    if targets != {(port, own)}:
        return Judgement(
            Verdict.BAD,
            _("Mail programs are sent to {place}, not to this machine.").format(
                place=", ".join(f"{host}:{number}" for number, host in sorted(targets))
            ),
            _publish(),
        )
    return _good(_("Mail programs find this machine by the domain."))


_JUDGES: Final[Mapping[About, Callable[[Need, MailNames, View, DnsAnswer], Judgement]]] = {
    About.MX: _judge_mx,
    About.ADDRESS: _judge_address,
    About.SPF: _judge_spf,
    About.DKIM: _judge_dkim,
    About.DMARC: _judge_dmarc,
    About.PTR: _judge_ptr,
    About.SERVICE: _judge_service,
}
