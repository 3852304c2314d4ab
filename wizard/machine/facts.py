"""Facts: a small frozen summary of the machine that questions and profiles may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.machine.firewall import Firewall
from wizard.secret import Secret
from wizard.syntax.dkim import DkimKey


@dataclass(frozen=True)
class Listener:
    """One listening TCP socket (ss -ltnp): who owns it, by process, unit and package where that can be told."""

    address: str
    port: int
    process: str = ""
    pid: int = 0
    unit: str = ""
    package: str = ""


@dataclass(frozen=True)
class LocalUser:
    """A user who could read mail: has a home and a login shell."""

    name: str
    uid: int
    home: str


@dataclass(frozen=True)
class Facts:
    """What was so when the wizard looked; file contents are not facts, steps read them afresh.

    `units` has those that exist of the units that matter to mail, each as "enabled active": UnitFileState and
    ActiveState of systemctl(1). `name_source` is "/etc/hostname", "hostname" (set, but not in the file),
    "/etc/hosts" or "getent"; where no domain was found it is empty, and so is `fully_qualified_name`.
    `service_names` are those that services(5) has for the ports of submission. `dovecot_syntax` is the
    dovecot_config_version of dovecot.conf, 2.3 where it names none, and empty where nothing is set. `mail_domains`,
    `mailboxes` (address: hash of its password), `mailboxes_off` (those that a person switched off),
    `mailbox_quotas` (bytes) and `mail_aliases` are those of virtual mail; `account_store` is where they are kept
    (`STORE_PLACES`), and where it does not answer they are not known. `dkim_keys` are those that sign mail, and
    `month` is the present one, in six digits.
    """

    os_id: str = ""
    os_name: str = ""
    is_root: bool = False
    host_name: str = ""
    fully_qualified_name: str = ""
    name_source: str = ""
    domain: str = ""
    addresses: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    service_names: tuple[str, ...] = ()
    users: tuple[LocalUser, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    pacnew_files: tuple[str, ...] = ()
    postfix_version: str = ""
    postfix_installed: bool = False
    table_types: tuple[str, ...] = ()
    default_table_type: str = ""
    sasl_server_types: tuple[str, ...] = ()
    sasl_client_types: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    config_directory: str = "/etc/postfix"
    alias_source: str = "/etc/postfix/aliases"
    alias_type: str = "lmdb"
    aliases: Mapping[str, str] = field(default_factory=dict)
    dovecot_syntax: str = ""
    account_store: str = ""
    account_store_answers: bool = True
    mail_domains: tuple[str, ...] = ()
    mailboxes: Mapping[str, Secret] = field(default_factory=dict)
    mailboxes_off: frozenset[str] = frozenset()
    mailbox_quotas: Mapping[str, int] = field(default_factory=dict)
    mail_aliases: Mapping[str, str] = field(default_factory=dict)
    dkim_keys: tuple[DkimKey, ...] = ()
    month: str = ""
    firewall: Firewall = field(default_factory=Firewall)
    listeners: tuple[Listener, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    queue_size: int = 0
    free_bytes: Mapping[str, int] = field(default_factory=dict)
    over_ssh: bool = False
    warnings: tuple[str, ...] = ()
