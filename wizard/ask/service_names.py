"""Names of services that master.cf may use on this machine, and numbers in place of those that nothing here knows."""

from wizard.ask.existing_postfix import release_at_least
from wizard.machine.facts import Facts


def listens_as(facts: Facts, name: str, port: int) -> str:
    """The name where Postfix or services(5) knows it, else the number; for an unknown name master(8) does not start.

    Since 3.6 Postfix knows the names of mail itself, unless somebody emptied the list (postconf(5): known_tcp_ports).
    """
    usual = name if release_at_least(facts, (3, 6)) else ""
    own = facts.settings.get("known_tcp_ports", facts.defaults.get("known_tcp_ports", usual))
    known = {word.strip() for item in own.split(",") for word in item.split("=")}
    return name if name in known or name in facts.service_names else str(port)
