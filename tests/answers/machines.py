"""Machines as facts: a fresh one, one set up by hand, one with little of anything."""

from wizard.machine.facts import Facts, LocalUser

PEOPLE = (LocalUser("taro", 1000, "/home/taro"), LocalUser("hana", 1001, "/home/hana"))
TYPES = (
    "cidr",
    "environ",
    "fail",
    "inline",
    "internal",
    "lmdb",
    "pcre",
    "proxy",
    "regexp",
    "static",
    "texthash",
    "unix",
)
GIB = 1024**3

FRESH = Facts(
    os_id="arch",
    is_root=True,
    host_name="box",
    fully_qualified_name="box.home.example",
    name_source="/etc/hosts",
    domain="home.example",
    addresses=("192.0.2.5", "2001:db8::5"),
    users=PEOPLE,
    free_bytes={"/": 20 * GIB},
)
PACKAGED = Facts(
    host_name="box",
    fully_qualified_name="box.home.example",
    name_source="/etc/hosts",
    domain="home.example",
    addresses=("192.0.2.5",),
    users=PEOPLE,
    postfix_installed=True,
    postfix_version="3.11.7",
    table_types=TYPES,
    default_table_type="lmdb",
    settings={
        "compatibility_level": "3.11",
        "alias_maps": "lmdb:/etc/postfix/aliases",
        "alias_database": "$alias_maps",
        "inet_protocols": "all",
    },
    aliases={"postmaster": "root", "mailer-daemon": "postmaster", "bin": "root"},
    free_bytes={"/var/spool/postfix": 20 * GIB, "/var/mail": 20 * GIB, "/": 20 * GIB},
)
BY_HAND = Facts(
    host_name="old",
    fully_qualified_name="old.home.example",
    name_source="/etc/hostname",
    domain="home.example",
    addresses=("192.0.2.6", "::1"),
    users=PEOPLE,
    postfix_installed=True,
    postfix_version="3.11.7",
    table_types=TYPES,
    default_table_type="lmdb",
    settings={
        "compatibility_level": "2",
        "myhostname": "mail.home.example",
        "mydestination": "$myhostname, localhost, $mydomain, older.example, hash:/etc/postfix/more",
        "mynetworks": "10.0.0.0/8",
        "relayhost": "[smtp.provider.example]:587",
        "transport_maps": "hash:/etc/postfix/transport",
        "alias_maps": "hash:/etc/aliases, nis:mail.aliases",
        "alias_database": "hash:/etc/aliases",
        "home_mailbox": "Mail/inbox/",
        "recipient_delimiter": "=",
        "message_size_limit": "50000000",
        "mailbox_size_limit": "0",
        "default_transport": "smtp",
        "header_checks": "regexp:/etc/postfix/header_checks",
        "master_service_disable": "qmqp/unix",
    },
    alias_source="/etc/aliases",
    alias_type="hash",
    aliases={"root": "hana", "postmaster": "root", "info": "taro, hana", "robot": "|/usr/bin/robot"},
    free_bytes={"/var/spool/postfix": 2 * GIB, "/": 20 * GIB},
)
DELIVERED_BY_PROGRAM = Facts(
    host_name="box.home.example",
    fully_qualified_name="box.home.example",
    domain="home.example",
    users=PEOPLE,
    postfix_installed=True,
    postfix_version="3.5.9",
    table_types=("btree", "cidr", "hash", "regexp"),
    default_table_type="hash",
    settings={
        "mailbox_command": "/usr/bin/procmail",
        "default_transport": "error:5.0.0 write to the office instead",
        "recipient_delimiter": "+",
        "luser_relay": "hana",
    },
    alias_source="/etc/aliases",
    alias_type="hash",
)
NOBODY_AND_LITTLE = Facts(host_name="my_box", free_bytes={"/": 3_000_000})
ODD = Facts(
    host_name="日本",
    fully_qualified_name="localhost",
    users=(LocalUser("o'neil", 1000, "/home/o"),),
    postfix_installed=True,
    postfix_version="3.9.1",
    settings={
        "compatibility_level": "3.11",
        "myhostname": "$mydomain",
        "mail_spool_directory": "/var/mail/",
        "message_size_limit": "0",
        "mailbox_size_limit": "1000",
        "inet_protocols": "ipv4, ipv6",
        "default_transport": "error: ${stress?no}",
    },
    aliases={"root": "|/bin/true", "postmaster": "a@outside.example"},
)
EMPTY = Facts()

ALL = {
    "fresh": FRESH,
    "packaged": PACKAGED,
    "by_hand": BY_HAND,
    "delivered_by_program": DELIVERED_BY_PROGRAM,
    "nobody_and_little": NOBODY_AND_LITTLE,
    "odd": ODD,
    "empty": EMPTY,
}
