"""Which firewall is in use on a machine, and which ports it lets in: nftables, ufw, firewalld, or another."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wizard.machine.machine import CommandResult, Look
from wizard.problem import Trouble

# What marks the rules of ours among others.
MARK: Final = "postwizard"
# firewalld.service(5): its own names for these ports, all of them TCP.
SERVICES: Final = {
    25: "smtp", 80: "http", 110: "pop3", 143: "imap", 443: "https", 465: "smtps", 587: "smtp-submission", 993: "imaps",
    995: "pop3s",
}  # fmt: skip
_DROPS: Final = frozenset({"drop", "reject"})
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Firewall:
    """A firewall that turns connections away; `kind` is nftables, ufw, firewalld, other, or empty where there is none.

    `place` is where rules for what comes in are added: the chains of nftables, as nft(8) names them, or the zone of
    firewalld. `ports` are those that rules of others than ours let in.
    """

    kind: str = ""
    place: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


def firewall_of(look: Look) -> Firewall:
    """The one in use; none for who may not ask."""
    packages = look.packages()
    if "firewalld" in packages and _answer(look, "firewall-cmd", "--state").text.strip() == "running":
        zone = _answer(look, "firewall-cmd", "--get-default-zone").text.strip()
        # Whose a rule is cannot be told there: a port that is open already is left out when it comes to opening it.
        return Firewall("firewalld", (zone,))
    if "ufw" in packages:
        said = _answer(look, "ufw", "status").text
        if re.search(r"^Status: active", said, re.MULTILINE):
            return Firewall("ufw", (), ports_of_ufw(said))
    if "nftables" in packages:
        return firewall_of_rules(_answer(look, "nft", "-j", "list", "ruleset").text)
    return Firewall()


def commands(kind: str, place: tuple[str, ...], ports: tuple[int, ...]) -> tuple[str, ...]:
    """What opens these TCP ports: commands, or for nftables, rules that nft(8) takes and its file too."""
    if kind == "nftables":
        # At the head of the chain, before what turns connections away.
        listed = ", ".join(map(str, ports))
        return tuple(f"insert rule {chain} tcp dport {{ {listed} }} accept comment {MARK}" for chain in place)
    if kind == "ufw":
        return tuple(f"ufw allow {port}/tcp comment {MARK}" for port in ports)
    if kind == "firewalld":
        # firewall-cmd(1) takes services and ports in calls of their own.
        named = " ".join(f"--add-service={SERVICES[port]}" for port in ports if port in SERVICES)
        others = " ".join(f"--add-port={port}/tcp" for port in ports if port not in SERVICES)
        options = ("--permanent ", "")
        return tuple(
            f"firewall-cmd {how}--zone={place[0]} {words}" for words in (named, others) if words for how in options
        )
    programs = ("iptables", "ip6tables")
    return tuple(f"{program} -I INPUT -p tcp --dport {port} -j ACCEPT" for program in programs for port in ports)


def _answer(look: Look, *argv: str) -> CommandResult:
    try:
        return look.output_of(*argv, timeout=5)
    except Trouble:
        return CommandResult(127)


def ports_of_words(words: list[str]) -> tuple[int, ...]:
    """The ports in words such as `25/tcp`, `1000:1002/tcp` or `25,587/tcp`."""
    found: set[int] = set()
    for word in words:
        numbers, _slash, protocol = word.partition("/")
        if protocol not in {"tcp", ""}:
            continue
        for part in numbers.split(","):
            ends = re.split("[:-]", part)
            if all(end.isdigit() for end in ends) and part:
                found |= set(range(int(ends[0]), int(ends[-1]) + 1))
    return tuple(sorted(found))


def ports_of_ufw(status: str) -> tuple[int, ...]:
    """What `ufw status` says that others allow from anywhere; a line is `25/tcp  ALLOW  Anywhere  # comment`."""
    allowed = re.findall(r"^(\S+)\s+ALLOW(?: IN)?\s+Anywhere\s*(?:# (.*))?$", status, re.MULTILINE)
    return ports_of_words([words for words, comment in allowed if words[:1].isdigit() and comment.strip() != MARK])


def firewall_of_rules(ruleset: str) -> Firewall:
    """What `nft -j list ruleset` says (libnftables-json(5))."""
    try:
        entries = json.loads(ruleset or "{}").get("nftables", [])
    except ValueError:
        return Firewall()
    chains = [entry["chain"] for entry in entries if "chain" in entry]
    rules = [entry["rule"] for entry in entries if "rule" in entry]
    dropping = [chain for chain in chains if chain.get("hook") == "input" and _drops(chain, rules)]
    if not dropping:
        return Firewall()
    # iptables(8) keeps its rules in tables of these names, with chains in capitals.
    if any(chain["name"] == "INPUT" for chain in dropping):
        return Firewall("other")
    let_in: set[int] = set(range(65536))
    for chain in dropping:
        let_in &= _accepted_in(chain["family"], chain["table"], rules)
    place = tuple(f"{chain['family']} {chain['table']} {chain['name']}" for chain in dropping)
    return Firewall("nftables", place, tuple(sorted(let_in)))


def _drops(chain: Rule, rules: list[Rule]) -> bool:
    """Whether what no rule of the chain accepts is turned away: by its policy, or by an unconditional last rule."""
    if chain.get("policy") == "drop":
        return True
    inside = [
        rule for rule in rules if _is_in(rule, chain["family"], chain["table"]) and rule["chain"] == chain["name"]
    ]
    last = inside[-1]["expr"] if inside else []
    return bool(last) and bool(_DROPS & last[-1].keys()) and not any("match" in part for part in last)


def _accepted_in(family: str, table: str, rules: list[Rule]) -> set[int]:
    """The ports that rules of a table accept on no other condition, but for rules of ours."""
    found: set[int] = set()
    for rule in rules:
        if not _is_in(rule, family, table) or rule.get("comment") == MARK:
            continue
        matches = [part["match"] for part in rule["expr"] if "match" in part]
        accepts = any("accept" in part for part in rule["expr"])
        if accepts and len(matches) == 1 and matches[0].get("op") in {"==", "in"}:
            found |= _ports_of_match(matches[0])
    return found


def _is_in(rule: Rule, family: str, table: str) -> bool:
    return bool((rule["family"], rule["table"]) == (family, table))


def _ports_of_match(match: Rule) -> set[int]:
    """The ports in the condition `tcp dport …`; none for another condition."""
    if match["left"] != {"payload": {"protocol": "tcp", "field": "dport"}}:
        return set()
    right = match["right"]
    items = right["set"] if isinstance(right, dict) and "set" in right else [right]
    found: set[int] = set()
    for item in items:
        if isinstance(item, int):
            found.add(item)
        elif isinstance(item, dict) and "range" in item:
            first, last = item["range"]
            found |= set(range(first, last + 1))
    return found
