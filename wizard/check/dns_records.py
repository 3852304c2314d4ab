"""The DNS assistant: each record that is needed, compared with the servers of its zone and with the resolver."""

from dataclasses import dataclass

from wizard.check.dns_ask import Names, NameServer, Serves, Zone
from wizard.check.dns_judge import Judgement, judge, no_answer
from wizard.check.dns_needs import MailNames, Need, needs_of, zone_file
from wizard.check.finding import Finding, Verdict
from wizard.machine.dns_answer import DnsStatus
from wizard.machine.machine import Look
from wizard.syntax.zone_file import absolute
from wizard.words import _, ngettext


@dataclass(frozen=True)
class Compared:
    """One thing that was compared: `wanted` are the lines to copy, `seen` what was answered and by whom.

    `name` and `about` say what it is; of the name servers of a zone `about` is NS.
    """

    about: str
    name: str
    verdict: Verdict
    what: str
    hint: str = ""
    wanted: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class DnsReport:
    """The records as a zone file, and what was compared; empty before anything was asked."""

    zone: str
    compared: tuple[Compared, ...] = ()

    @property
    def failed(self) -> int:
        """How many are wrong."""
        return sum(compared.verdict is Verdict.BAD for compared in self.compared)


def compare_dns(look: Look, names: MailNames, resolvers: tuple[str, ...]) -> DnsReport:
    """Asks for every record that is needed; changes nothing, and takes as long as the slowest server."""
    asked = Names(look, resolvers)
    needs = needs_of(names)
    return DnsReport(
        zone_file(names),
        (*_name_servers(asked, names), *(_compare(asked, need, names) for need in needs)),
    )


def summary(report: DnsReport) -> Finding:
    """One finding for all; what is not published yet makes no set-up fail, since the DNS is not on this machine."""
    unwell = [compared for compared in report.compared if compared.verdict is not Verdict.GOOD]
    evidence = "\n".join(f"{compared.about} {compared.name}: {compared.what}" for compared in unwell)
    see = _("The records, ready to copy, and what is wrong with each: `postwizard dns`")
    if report.failed:
        what = ngettext(
            "{count} record in the DNS is missing or wrong.", "{count} records in the DNS are missing or wrong.",
            report.failed,
        ).format(count=report.failed)  # fmt: skip
        return Finding(Verdict.DOUBTFUL, what, evidence, see)
    if any(compared.verdict is Verdict.DOUBTFUL for compared in unwell):
        return Finding(Verdict.DOUBTFUL, _("Some records in the DNS could be better."), evidence, see)
    if unwell:
        return Finding(Verdict.UNKNOWN, _("Some records in the DNS could not be told."), evidence, see)
    return Finding(Verdict.GOOD, _("All records in the DNS are as they should be."))


# --- the servers of the zones ----------------------------------------------------------------------------------------


def _name_servers(asked: Names, names: MailNames) -> tuple[Compared, ...]:
    """Each zone once, those of addresses left to their provider."""
    judged = (_judge_zone(asked.zone_of(domain), absolute(domain)) for domain in (*names.domains, names.host))
    return tuple({compared.name: compared for compared in judged}.values())


def _judge_zone(zone: Zone, domain: str) -> Compared:
    is_own = zone.name.count(".") > 1  # else all that is known is the top-level domain
    name = zone.name if is_own else domain
    seen = tuple(_server_line(server) for server in zone.servers)

    def compared(verdict: Verdict, what: str, hint: str = "") -> Compared:
        return Compared("NS", name, verdict, what, hint, seen=seen)

    lame = [server.name for server in zone.servers if server.serves in {Serves.LAME, Serves.NO_ADDRESS}]
    silent = [server.name for server in zone.servers if server.serves is Serves.SILENT]
    serials = {server.serial for server in zone.servers if server.serves is Serves.YES}
    whois = _("Look at the domain at your registrar: is it registered, and are its name servers named?")
    if zone.status is DnsStatus.NO_NAME and not is_own:
        return compared(
            Verdict.BAD, _("{name} is not known: not registered, or not delegated.").format(name=domain), whois
        )
    if lame:
        what = _("{servers} is named as a server of the zone and does not know it (lame delegation).")
        return compared(
            Verdict.BAD,
            what.format(servers=", ".join(lame)) + " RFC 1912, section 2.8",
            _("Set the zone up there, or take the server out at your registrar."),
        )
    if not zone.servers:
        why = no_answer(zone.status) if zone.status not in _TOLD else _("Its servers could not be found.")
        return compared(Verdict.UNKNOWN, _("The servers of the zone were not asked.") + f" {why}", whois)
    if not serials:
        return compared(
            Verdict.UNKNOWN, _("None of the servers of the zone answers this machine."), _("Is port 53 blocked here?")
        )
    if len(serials) > 1:
        return compared(
            Verdict.DOUBTFUL,
            _("The servers have different versions of the zone: {serials}.").format(serials=", ".join(sorted(serials))),
            _("Wait for the next transfer; if it stays, look at the log of the servers (RFC 1912, section 2.2)."),
        )
    if silent:
        return compared(Verdict.UNKNOWN, _("{servers} did not answer.").format(servers=", ".join(silent)))
    return compared(Verdict.GOOD, _("All servers of the zone answer, and agree."))


_TOLD = frozenset({DnsStatus.FOUND, DnsStatus.NO_RECORD, DnsStatus.NO_NAME})


def _server_line(server: NameServer) -> str:
    serial = f", {server.serial}" if server.serial else ""
    words = {
        Serves.YES: _("answers for the zone"),
        Serves.LAME: _("does not know the zone"),
        Serves.SILENT: _("no answer"),
        Serves.NO_ADDRESS: _("has no address"),
    }[server.serves]
    return f"{server.name} [{server.address}]: {words}{serial}"


# --- the records -----------------------------------------------------------------------------------------------------


def _compare(asked: Names, need: Need, names: MailNames) -> Compared:
    """The need as each server of the zone shows it, and as the resolver does."""
    at_servers = [(server.name, judge(need, names, view)) for server, view in asked.at_servers(need.owner)]
    at_resolver = judge(need, names, asked.resolve)
    found = _together([judgement for _name, judgement in at_servers], at_resolver, _seconds_kept(asked, need))
    seen = [f"{name} {line}" for name, judgement in at_servers for line in judgement.seen]
    seen.extend(_("resolver: {answer}").format(answer=line) for line in at_resolver.seen)
    wanted = tuple(record.line for record in need.records)
    about = need.kind if need.about.value == "address" else need.about.value
    return Compared(about, need.owner, found.verdict, found.what, found.hint, wanted, tuple(seen))


def _together(at_servers: list[Judgement], at_resolver: Judgement, seconds: int) -> Judgement:
    """The servers of the zone say what is so; the resolver, what others may still believe."""
    told = [judgement for judgement in at_servers if judgement.verdict is not Verdict.UNKNOWN]
    if not told:
        return at_resolver
    worst = max(told, key=lambda judgement: _ORDER.index(judgement.verdict))
    if len({judgement.verdict for judgement in told}) > 1:
        return Judgement(
            worst.verdict,
            _("The servers of the zone do not agree.") + f" {worst.what}",
            _("Bring the zone to all its servers; what others see is a matter of luck until then.") + f" {worst.hint}",
        )
    if worst.verdict is Verdict.BAD or at_resolver.verdict in {Verdict.GOOD, worst.verdict}:
        return worst
    if at_resolver.verdict is Verdict.UNKNOWN:
        return Judgement(
            Verdict.UNKNOWN,
            _("The servers of the zone have it right, but the resolver cannot tell.") + f" {at_resolver.what}",
            _("If the zone is signed, look whether its keys fit: `delv` or dnsviz.net."),
        )
    wait = ngettext("It is kept for {count} second at most.", "It is kept for {count} seconds at most.", seconds)
    return Judgement(
        Verdict.DOUBTFUL,
        _("The servers of the zone have it right, but the resolver has an older answer.") + f" {at_resolver.what}",
        wait.format(count=seconds),
    )


_ORDER = (Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD)


def _seconds_kept(asked: Names, need: Need) -> int:
    """How long the resolver keeps its answer, a negative one too (RFC 2308, section 5)."""
    return asked.resolve(need.owner, need.kind).ttl
