"""The laws that every kind of step keeps; a kind without a case here fails the first test."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from wizard.machine.account_store import STORE_PLACES
from wizard.machine.machine import Entry, FileState, GroupState, Kind, Look, Machine, ServiceState, UserState
from wizard.machine.pretend_machine import PretendMachine
from wizard.machine.pretend_packages import PretendPackage
from wizard.machine.this_machine import ThisMachine
from wizard.problem import Trouble
from wizard.secret import Secret
from wizard.steps.add_group import AddGroup
from wizard.steps.add_user import AddUser
from wizard.steps.archive_mail import ArchiveMail
from wizard.steps.as_data import decode, encode, every_kind
from wizard.steps.build_table import BuildTable
from wizard.steps.carry_over_accounts import CarryOverAccounts
from wizard.steps.check_certificate import CheckCertificate
from wizard.steps.check_configuration import CheckConfiguration
from wizard.steps.check_dovecot import CheckDovecot
from wizard.steps.delete_mail import DeleteMail
from wizard.steps.drop_mail_database import DropMailDatabase
from wizard.steps.edit_server_accounts import EditServerAccounts
from wizard.steps.firewall_ports import ClosePorts, OpenPorts
from wizard.steps.get_certificate import GetCertificate
from wizard.steps.import_mailboxes import ImportMailboxes
from wizard.steps.in_turn import InTurn
from wizard.steps.install_packages import InstallPackages
from wizard.steps.make_certificate import MakeCertificate
from wizard.steps.make_directory import MakeDirectory
from wizard.steps.make_dkim_key import MakeDkimKey
from wizard.steps.make_mail_database import MakeMailDatabase
from wizard.steps.nothing import Nothing
from wizard.steps.refresh_service import RefreshService
from wizard.steps.remove_directory import RemoveDirectory
from wizard.steps.remove_file import RemoveFile
from wizard.steps.remove_group import RemoveGroup
from wizard.steps.remove_packages import RemovePackages
from wizard.steps.remove_unfinished import RemoveUnfinished
from wizard.steps.remove_user import RemoveUser
from wizard.steps.restore_file import RestoreFile
from wizard.steps.restore_server_rows import RestoreServerRows
from wizard.steps.restore_table import RestoreTable
from wizard.steps.set_mail_accounts import SetMailAccounts
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_parameters import SetParameters
from wizard.steps.set_service import SetService
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.set_up_database_server import SetUpDatabaseServer
from wizard.steps.step import Following, Step
from wizard.steps.take_down_database_server import TakeDownDatabaseServer
from wizard.steps.unpack_mail import UnpackMail
from wizard.steps.write_account_table import WriteAccountTable
from wizard.steps.write_drop_in import WriteDropIn
from wizard.steps.write_file import WriteFile
from wizard.syntax.mail_accounts import Accounts, Mailbox, with_accounts
from wizard.syntax.mailbox_rows import NewMailbox, packed

P = PurePosixPath
MAIL = P("/var/vmail/a.example/taro")
SECRET = "s3cret-pass"
WHY = "So that the laws can be tried (test)."
MAIN_CF = b"""# A comment that stays.
myhostname = old.example.org
mydestination = $myhostname,
# in between
    localhost
relayhost =
"""
MASTER_CF = b"""smtp      inet  n       -       n       -       -       smtpd
  -o smtpd_sasl_auth_enable=no
#submission inet n - n - - smtpd
pickup    unix  n       -       n       60      1       pickup
"""
UFW_RULES = (
    b"*filter\n### RULES ###\n### tuple ### allow tcp 80 ANY any ANY in comment=706f737477697a617264\n"
    b"### END RULES ###\nCOMMIT\n"
)
UNIT = FileState(content=b"[Install]\nWantedBy=multi-user.target\n", mtime_ns=10**18)
FILES: Mapping[str, FileState] = {
    "/etc/passwd": FileState(
        content=b"root:x:0:0:root:/root:/bin/bash\nmysql:x:970:970::/:/usr/bin/nologin\n"
        b"postgres:x:971:971::/:/usr/bin/nologin\nmailer:x:600:600::/srv:/usr/bin/nologin\n"
    ),
    "/etc/group": FileState(content=b"root:x:0:\nmysql:x:970:\npostgres:x:971:\nmailer:x:600:\nmail:x:12:\n"),
    "/etc/postfix/main.cf": FileState(content=MAIN_CF, mode=0o640),
    "/etc/postfix/master.cf": FileState(content=MASTER_CF),
    "/etc/postfix/aliases": FileState(content=b"# mail of root\npostmaster: root\nroot: you\n"),
    "/etc/postfix/virtual": FileState(content=b"a@example.org\tone\nb@example.org two\n"),
    "/etc/postfix/virtual.lmdb": FileState(content=b"pretended index\nold@example.org\tgone\n", mode=0o600),
    "/etc/postfix/passwords": FileState(content=f"[mx.example.org]  u:{SECRET}1\n".encode(), mode=0o600),
    "/etc/elsewhere/transport.real": FileState(content=b"example.org smtp:\n", mode=0o604),
    "/etc/postfix/transport": FileState(Kind.LINK, b"../elsewhere/transport.real", mode=0o777),
    "/etc/mail/accounts.sqlite": FileState(
        content=with_accounts(
            b"",
            Accounts(
                ("a.example", "gone.example"),
                (Mailbox("old@a.example", Secret(f"{SECRET}3"), 5),),
                {"x@a.example": "y"},
            ),
        ),
        mode=0o640,
    ),
    "/var/vmail/a.example/taro": FileState(Kind.DIRECTORY, mode=0o700),
    "/var/vmail/a.example/taro/subscriptions": FileState(content=b"Sent\n", mode=0o600),
    "/var/vmail/a.example/taro/Maildir": FileState(Kind.DIRECTORY, mode=0o700),
    "/var/vmail/a.example/taro/Maildir/1.mail": FileState(content=b"Subject: one\n\n", mode=0o600),
    "/var/lib/archives": FileState(Kind.DIRECTORY, mode=0o700),
    # As the pretended tar(1) packs an empty folder.
    "/var/lib/archives/back.tar.gz": FileState(content=b'[[".", "directory", "", 448, 0, 0, 0]]', mode=0o600),
    "/etc/ssl/ours/there.crt": FileState(content=b"certificate\n"),
    "/etc/ssl/ours/there.key": FileState(content=SECRET.encode(), mode=0o600),
    "/etc/ssl/ours/open.crt": FileState(content=b"certificate\n"),
    "/etc/ssl/ours/open.key": FileState(content=SECRET.encode(), mode=0o644),
    "/etc/letsencrypt/accounts/other": FileState(content=b"another account\n"),
    "/etc/letsencrypt/keys/begun.pem": FileState(content=SECRET.encode(), mode=0o600),
    "/etc/dkim/open._domainkey.a.example.key": FileState(
        content=f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n".encode(), mode=0o644
    ),
    "/etc/nftables.conf": FileState(
        content=b"table inet filter {\n}\n"
        b"insert rule inet filter input tcp dport { 80 } accept comment postwizard\n"
        b"insert rule ip other in tcp dport { 80 } accept comment postwizard"
    ),
    "/etc/ufw/user.rules": FileState(content=UFW_RULES.replace(b"ANY", b"0.0.0.0/0"), mode=0o640),
    "/etc/ufw/user6.rules": FileState(content=UFW_RULES.replace(b"ANY", b"::/0"), mode=0o640),
    "/etc/firewalld/zones/public.xml": FileState(
        content=b'<zone>\n  <service name="ssh"/>\n  <service name="http"/>\n</zone>\n'
    ),
    "/etc/empty": FileState(Kind.DIRECTORY, mode=0o710),
    "/etc/full/file": FileState(content=b"\xff\0not text"),
    "/etc/systemd/system": FileState(Kind.DIRECTORY, mode=0o755),
    "/etc/systemd/system/postfix.service.d/admin.conf": FileState(content=b"[Unit]\n"),
    "/run": FileState(Kind.DIRECTORY, mode=0o755),
    "/etc/my.cnf.d": FileState(Kind.DIRECTORY, mode=0o755),
    "/var/lib": FileState(Kind.DIRECTORY, mode=0o755),
    **{f"/usr/lib/systemd/system/{name}.service": UNIT for name in ("postfix", "mariadb", "postgresql")},
}
AVAILABLE = {
    "postfix": PretendPackage(
        "3.11.7-1",
        {
            P("/usr/lib/systemd/system/postfix.service"): UNIT,
            P("/etc/postfix/main.cf"): FileState(content=b"# As it comes.\n"),
        },
    ),
    "dovecot": PretendPackage(
        "2.4.2-1",
        {
            P("/etc/dovecot"): FileState(Kind.DIRECTORY, mode=0o755),
            P("/etc/dovecot/dovecot.conf"): FileState(content=b"x\n"),
        },
        depends=("libexttextcat",),
    ),
    "libexttextcat": PretendPackage("3.4-1", {P("/etc/text.conf"): FileState(content=b"t\n")}),
}
INSTALLED = {"postfix": "3.11.7-1", "filesystem": "2025.1-1"}
OF_OPENSSL = {
    "openssl x509 -noout -pubkey -in /etc/ssl/ours/there.crt": "a public key\n",
    "openssl pkey -pubout -passin stdin -in /etc/ssl/ours/there.key": "a public key\n",
    "openssl x509 -noout -checkend 0 -in /etc/ssl/ours/there.crt": "Certificate will not expire\n",
    "openssl x509 -noout -ext subjectAltName -in /etc/ssl/ours/there.crt": "    DNS:there.example\n",
}
SHOWN = "pacman -Sp --needed '--print-format=%n %v' -- dovecot"


def a_machine() -> PretendMachine:
    """A small machine on which every case has something to do."""
    machine = PretendMachine(
        packages=INSTALLED,
        available=AVAILABLE,
        running=("postfix.service",),
        outputs={
            **OF_OPENSSL,
            SHOWN: "libexttextcat 3.4-1\ndovecot 2.4.2-1\n",
            "postconf -d": "message_size_limit = 10240000\n",
        },
    )
    for path, state in FILES.items():
        machine.lay(P(path), state)
    for step in (
        SetUpDatabaseServer(server="postgresql", why=WHY),
        MakeMailDatabase(server="postgresql", readers=("postfix",), why=WHY),
        _in_server("old@a.example", f"{SECRET}3"),
    ):
        step.apply(machine)
    return machine


def _in_server(address: str, hashed: str) -> EditServerAccounts:
    accounts = SetMailAccounts(
        path=STORE_PLACES["postgresql"],
        domains=("a.example",),
        mailboxes=((address, Secret(hashed), 5),),
        aliases=(("x@a.example", "y"),),
        why=WHY,
    )
    return EditServerAccounts(server="postgresql", edit=accounts, why=WHY)


def _account_table(table: str, *, secret: bool) -> Step:
    source = P("/etc/mail/accounts.sqlite")
    return WriteAccountTable(path=P("/etc/full/new"), source=source, table=table, secret=secret, mode=0o640, why=WHY)


def _carried(_look: Look, server: str) -> Step:
    file = P("/etc/mail/accounts.sqlite")
    if not server:
        return CarryOverAccounts(path=file, source=STORE_PLACES["postgresql"], why=WHY)
    edit = CarryOverAccounts(path=STORE_PLACES[server], source=file, why=WHY)
    return EditServerAccounts(server=server, edit=edit, why=WHY)


def _import_in_server() -> Step:
    rows = packed(NewMailbox("new@a.example", Secret(f"{{CRYPT}}{SECRET}7"), 9, "New"))
    edit = ImportMailboxes(path=STORE_PLACES["postgresql"], rows=rows, why=WHY)
    return EditServerAccounts(server="postgresql", edit=edit, why=WHY)


def _restore_rows(look: Look) -> Step:
    inverse = _in_server("old@a.example", f"{SECRET}9").inverse(look)
    assert isinstance(inverse, RestoreServerRows)
    return replace(inverse, before=inverse.ours, ours=inverse.before)


def fake_look() -> Look:
    return a_machine()


def state_of(machine: Look, with_times: bool = True) -> dict[str, object]:
    """All of a machine; times of folders are put back by whoever carries out whole plans."""
    entries = machine.manifest((P("/"),))
    found: dict[str, object] = {str(path): _timed(entry, with_times) for path, entry in entries.items()}
    if isinstance(machine, PretendMachine):
        found["packages"] = dict(machine.packages())
        found["units"] = machine.service("postfix.service")
    return found


def _timed(entry: Entry, with_times: bool) -> Entry:
    return entry if with_times and entry.kind is not Kind.DIRECTORY else replace(entry, mtime_ns=0)


@dataclass(frozen=True)
class Case:
    """A step, and whether it can be tried on real files below a folder."""

    name: str
    make: Callable[[Look], Step]
    on_files: bool = False
    is_act: bool = False  # needed because of others; there is no state in which nothing is left to do
    secret: bool = False
    comes_back: bool = True  # whether its inverse brings everything back, times included
    stays: bool = False  # what it got from outside is kept by its inverse


def _restore(look: Look) -> Step:
    path = P("/etc/postfix/main.cf")
    state = look.file(path)
    assert state is not None
    return RestoreFile(
        path=path, before=replace(state, content=b"before\n", mode=0o600, mtime_ns=10**18), ours="", why=WHY
    )


def _restore_table(look: Look) -> Step:
    built = BuildTable(source=P("/etc/postfix/virtual"), table_type="lmdb", why=WHY).inverse(look)
    assert isinstance(built, RestoreTable)
    return replace(built, indexes=((P("/etc/postfix/virtual.lmdb"), None),))


FIREWALLS = {"nftables": ("inet filter input", "ip other in"), "ufw": (), "firewalld": ("public",)}


def _opens(kind: str, _look: Look) -> OpenPorts:
    return OpenPorts(kind=kind, place=FIREWALLS[kind], ports=(25, 993, 4190), why=WHY)


def _closes(kind: str, _look: Look) -> ClosePorts:
    return ClosePorts(kind=kind, place=FIREWALLS[kind], ports=(80,), why=WHY)


CASES: Mapping[str, tuple[Case, ...]] = {
    "SetParameters": (
        Case(
            "sets, adds, removes",
            lambda _: SetParameters(
                path=P("/etc/postfix/main.cf"),
                wanted=(("myhostname", "mail.example.org"), ("inet_interfaces", "loopback-only")),
                removed=("relayhost", "not_there"),
                reasons=(("inet_interfaces", "Nothing listens outside."),),
                why=WHY,
            ),
            on_files=True,
        ),
        Case(
            "begins a file",
            lambda _: SetParameters(path=P("/etc/new.cf"), wanted=(("a", "b"),), why=WHY),
            on_files=True,
        ),
    ),
    "SetMasterEntries": (
        Case(
            "sets a service, an option and a field",
            lambda _: SetMasterEntries(
                path=P("/etc/postfix/master.cf"),
                wanted=("submission inet n - n - - smtpd -o syslog_name=postfix/submission -o { x = a b }",),
                options=(("smtp/inet", "smtpd_tls_security_level", "may"),),
                fields=(("smtp/inet", "chroot", "y"),),
                removed_options=(("smtp/inet", "smtpd_sasl_auth_enable"),),
                removed=("pickup/unix",),
                reasons=(("submission/inet", "For mail programs."),),
                why=WHY,
            ),
            on_files=True,
        ),
    ),
    "SetTableLines": (
        Case(
            "aliases",
            lambda _: SetTableLines(
                path=P("/etc/postfix/aliases"),
                style="aliases",
                wanted=(("root", "alice"), ("abuse", "root")),
                removed=("postmaster",),
                why=WHY,
            ),
            on_files=True,
        ),
        Case(
            "behind a link",
            lambda _: SetTableLines(path=P("/etc/postfix/transport"), wanted=(("example.com", "smtp:[mx]"),), why=WHY),
            on_files=True,
        ),
        Case(
            "secret",
            lambda _: SetTableLines(
                path=P("/etc/postfix/passwords"), wanted=(("[mx.example.org]", f"u:{SECRET}2"),), secret=True, why=WHY
            ),
            on_files=True,
            secret=True,
        ),
        Case(
            "with its index",
            lambda _: SetTableLines(
                path=P("/etc/postfix/virtual"), wanted=(("c@x.org", "three"),), rebuild=True, why=WHY
            ),
        ),
    ),
    "WriteFile": (
        Case(
            "over a file",
            lambda _: WriteFile(
                path=P("/etc/full/file"), content=b"new\n", mode=0o600, owner="mailer", group=600, why=WHY
            ),
        ),
        Case("new", lambda _: WriteFile(path=P("/etc/full/new"), content=b"new\n", why=WHY), on_files=True),
        Case(
            "other mode",
            lambda _: WriteFile(path=P("/etc/full/file"), content=b"\xff\0not text", mode=0o600, why=WHY),
            on_files=True,
        ),
        Case(
            "secret",
            lambda _: WriteFile(
                path=P("/etc/postfix/passwords"), content=SECRET.encode(), mode=0o600, secret=True, why=WHY
            ),
            on_files=True,
            secret=True,
        ),
    ),
    "RemoveFile": (
        Case("a file", lambda _: RemoveFile(path=P("/etc/full/file"), why=WHY), on_files=True),
        Case("a link", lambda _: RemoveFile(path=P("/etc/postfix/transport"), why=WHY), on_files=True),
        Case("a private file", lambda _: RemoveFile(path=P("/etc/postfix/passwords"), why=WHY), True, secret=True),
    ),
    "RestoreFile": (
        Case("another content", _restore, on_files=True),
        Case("nothing", lambda _: RestoreFile(path=P("/etc/full/file"), before=None, why=WHY), on_files=True),
        Case(
            "a secret",
            lambda _: RestoreFile(
                path=P("/etc/postfix/passwords"), before=FileState(content=SECRET.encode()), secret=True, why=WHY
            ),
            secret=True,
        ),
    ),
    "MakeDirectory": (
        Case("with those above", lambda _: MakeDirectory(path=P("/etc/a/b/c"), mode=0o750, why=WHY), on_files=True),
        Case(
            "another mode", lambda _: MakeDirectory(path=P("/etc/empty"), mode=0o755, owner=0, why=WHY), on_files=True
        ),
        Case("another owner", lambda _: MakeDirectory(path=P("/etc/empty"), owner="mailer", group="mailer", why=WHY)),
    ),
    "RemoveDirectory": (
        Case("empty", lambda _: RemoveDirectory(path=P("/etc/empty"), above=(P("/etc"),), why=WHY), on_files=True),
        Case(
            "private, and something lies in it",
            lambda _: RemoveDirectory(path=P("/etc/full"), private=True, why=WHY),
            on_files=True,
        ),
    ),
    "InTurn": (
        Case(
            "two files",
            lambda _: InTurn(
                steps=(
                    WriteFile(path=P("/etc/full/new"), content=b"1\n", why=WHY),
                    RemoveFile(path=P("/etc/full/file"), why=WHY),
                ),
                why=WHY,
            ),
            on_files=True,
        ),
    ),
    "Nothing": (Case("nothing", lambda _: Nothing(why=WHY), on_files=True, is_act=True),),
    "BuildTable": (
        Case("another content", lambda _: BuildTable(source=P("/etc/postfix/virtual"), table_type="lmdb", why=WHY)),
        Case(
            "new",
            lambda _: BuildTable(source=P("/etc/postfix/aliases"), table_type="lmdb", style="aliases", why=WHY),
        ),
        Case(
            "private",
            lambda _: BuildTable(source=P("/etc/postfix/passwords"), table_type="lmdb", why=WHY),
            secret=True,
        ),
    ),
    "RestoreTable": (Case("removes", _restore_table),),
    "InstallPackages": (Case("one", lambda _: InstallPackages(packages=("dovecot", "postfix"), why=WHY)),),
    "RemovePackages": (Case("one", lambda _: RemovePackages(packages=("postfix", "not-there"), why=WHY)),),
    "AddUser": (
        Case("new", lambda _: AddUser(user=UserState("vmail", 5000, 600, "/var/mail", groups=("mail",)), why=WHY)),
    ),
    "RemoveUser": (Case("one", lambda _: RemoveUser(name="mailer", why=WHY)),),
    "AddGroup": (Case("new", lambda _: AddGroup(group=GroupState("vmail", 5000), why=WHY)),),
    "RemoveGroup": (Case("one", lambda _: RemoveGroup(name="mail", why=WHY)),),
    "WriteDropIn": (
        Case("first of a unit", lambda _: WriteDropIn(unit="a.service", name="w", content=b"[Unit]\n", why=WHY), True),
        Case(
            "beside another",
            lambda _: WriteDropIn(unit="postfix.service", name="w.conf", content=b"[Unit]\n", why=WHY),
            on_files=True,
        ),
    ),
    "SetService": (
        Case(
            "enables",
            lambda _: SetService(unit="postfix.service", state=ServiceState(enabled=True, running=True), why=WHY),
        ),
        Case("stops", lambda _: SetService(unit="postfix.service", state=ServiceState(running=False), why=WHY)),
        Case("masks", lambda _: SetService(unit="sendmail.service", state=ServiceState(masked=True), why=WHY)),
    ),
    "RefreshService": (
        Case("reloads", lambda _: RefreshService(unit="postfix.service", action="reload", why=WHY), is_act=True),
    ),
    "SetMailAccounts": (
        Case(
            "in a new database",
            lambda _: SetMailAccounts(
                path=P("/etc/full/accounts.sqlite"),
                domains=("a.example",),
                mailboxes=(("taro@a.example", Secret(f"{SECRET}4"), 10),),
                aliases=(("postmaster@a.example", "taro@a.example"),),
                why=WHY,
            ),
            on_files=True,
            secret=True,
        ),
        Case(
            "beside others",
            lambda _: SetMailAccounts(
                path=P("/etc/mail/accounts.sqlite"),
                domains=("a.example", "b.example"),
                mailboxes=(("old@a.example", Secret(f"{SECRET}5"), 0), ("new@b.example", Secret(f"{SECRET}6"), 0)),
                aliases=(("x@a.example", "new@b.example"),),
                group=600,
                why=WHY,
            ),
            secret=True,
        ),
        Case(
            "taking one away",
            lambda _: SetMailAccounts(
                path=P("/etc/mail/accounts.sqlite"),
                domains=("a.example",),
                mailboxes=(),
                removed=("old@a.example", "never@a.example"),
                group=600,
                why=WHY,
            ),
            secret=True,
        ),
    ),
    "ImportMailboxes": (
        Case(
            "beside others",
            lambda _: ImportMailboxes(
                path=P("/etc/mail/accounts.sqlite"),
                rows=packed(NewMailbox("new@a.example", Secret(f"{{CRYPT}}{SECRET}7"), 9, "New")),
                why=WHY,
            ),
            secret=True,
        ),
    ),
    "ArchiveMail": (
        Case(
            "of one mailbox",
            lambda _: ArchiveMail(folder=MAIL, archive=P("/var/lib/archives/taro.tar.gz"), why=WHY),
        ),
    ),
    "UnpackMail": (
        Case(
            "of one mailbox",
            lambda _: UnpackMail(
                folder=P("/var/vmail/a.example/back"), archive=P("/var/lib/archives/back.tar.gz"), why=WHY
            ),
            comes_back=False,
        ),
    ),
    "DeleteMail": (Case("of one mailbox", lambda _: DeleteMail(folder=MAIL, why=WHY), comes_back=False),),
    "WriteAccountTable": (
        Case("aliases", lambda _: _account_table("aliases", secret=False)),
        Case("passwords", lambda _: _account_table("passwords", secret=True), secret=True),
    ),
    "CarryOverAccounts": (Case("those of a server", lambda look: _carried(look, ""), secret=True),),
    "SetUpDatabaseServer": (Case("a new one", lambda _: SetUpDatabaseServer(server="mariadb", why=WHY)),),
    "TakeDownDatabaseServer": (
        Case(
            "one that was there",
            lambda _: TakeDownDatabaseServer(server="postgresql", enabled=True, running=False, was_new=False, why=WHY),
        ),
    ),
    "MakeMailDatabase": (Case("one more reader", lambda _: MakeMailDatabase(server="postgresql", why=WHY)),),
    "DropMailDatabase": (
        Case(
            "a reader",
            lambda _: DropMailDatabase(server="postgresql", database=False, accounts=("postfix",), why=WHY),
        ),
    ),
    "EditServerAccounts": (
        Case("another password", lambda _: _in_server("old@a.example", f"{SECRET}7"), secret=True),
        Case("those of a file", lambda look: _carried(look, "postgresql"), secret=True),
        Case("imported ones", lambda _: _import_in_server(), secret=True),
        Case("a new mailbox", lambda _: _in_server("it's\\new@a.example", f"{SECRET}8'"), secret=True),
    ),
    "RestoreServerRows": (Case("a row", _restore_rows, secret=True),),
    "MakeCertificate": (
        Case(
            "new",
            lambda _: MakeCertificate(
                host_name="mail.example.org",
                certificate=P("/etc/ssl/ours/mail.crt"),
                key=P("/etc/ssl/ours/mail.key"),
                why=WHY,
            ),
            secret=True,
        ),
        Case(
            "a key that others read",
            lambda _: MakeCertificate(
                host_name="there.example",
                certificate=P("/etc/ssl/ours/open.crt"),
                key=P("/etc/ssl/ours/open.key"),
                why=WHY,
            ),
            secret=True,
        ),
    ),
    "GetCertificate": (
        Case(
            "new",
            lambda _: GetCertificate(host_name="new.example", server="https://acme.example/dir", why=WHY),
            secret=True,
            comes_back=False,
            stays=True,
        ),
    ),
    "RemoveUnfinished": (
        Case(
            "an account of ours",
            lambda _: RemoveUnfinished(
                folders=(P("/etc/letsencrypt"),),
                there=(P("/etc/letsencrypt/accounts"), P("/etc/letsencrypt/accounts/other")),
                finished=P("/etc/letsencrypt/live/new.example/fullchain.pem"),
                why=WHY,
            ),
            on_files=True,
            secret=True,
        ),
    ),
    "MakeDkimKey": (
        Case(
            "new",
            lambda _: MakeDkimKey(path=P("/etc/dkim/s._domainkey.a.example.key"), group="mailer", why=WHY),
            secret=True,
        ),
        Case(
            "one that others read",
            lambda _: MakeDkimKey(path=P("/etc/dkim/open._domainkey.a.example.key"), group="mailer", why=WHY),
            secret=True,
        ),
    ),
    "OpenPorts": tuple(Case(kind, partial(_opens, kind)) for kind in FIREWALLS),
    "ClosePorts": tuple(Case(kind, partial(_closes, kind)) for kind in FIREWALLS),
    "CheckCertificate": (
        Case(
            "one that can be used",
            lambda _: CheckCertificate(
                host_name="there.example",
                certificate=P("/etc/ssl/ours/there.crt"),
                key=P("/etc/ssl/ours/there.key"),
                why=WHY,
            ),
            is_act=True,
            secret=True,
        ),
    ),
    "CheckDovecot": (
        Case(
            "a new file",
            lambda _: CheckDovecot(path=P("/etc/full/dovecot.conf"), why=WHY).with_following(
                (WriteFile(path=P("/etc/full/dovecot.conf"), content=b"dovecot_config_version = 2.4.0\n", why=WHY),)
            ),
            is_act=True,
        ),
    ),
    "CheckConfiguration": (
        Case(
            "an edit",
            lambda _: CheckConfiguration(config_directory=P("/etc/postfix"), why=WHY).with_following(
                (SetParameters(path=P("/etc/postfix/main.cf"), wanted=(("myhostname", "m.example.org"),), why=WHY),)
            ),
            is_act=True,
        ),
    ),
}
EVERY = [(f"{kind}: {case.name}", case) for kind, cases in CASES.items() for case in cases]
ALL = [pytest.param(case, id=name) for name, case in EVERY]
STATES = [pytest.param(case, id=name) for name, case in EVERY if not case.is_act]
COMING_BACK = [pytest.param(case, id=name) for name, case in EVERY if case.comes_back]
NOTICING = [pytest.param(case, id=name) for name, case in EVERY if case.comes_back and not case.is_act]
STAYING = [pytest.param(case, id=name) for name, case in EVERY if case.stays]
ON_FILES = [pytest.param(case, id=name) for name, case in EVERY if case.on_files]


def the_step(case: Case, look: Look) -> Step:
    """The step as a plan would have it."""
    step = case.make(look)
    if isinstance(step, Following) and not case.is_act:
        needed = step.needed_after(frozenset(), look)
        assert needed is not None
        return needed
    return step


def through_the_journal(step: Step) -> Step:
    """The step after it was written down and read again."""
    kept: dict[str, bytes] = {}

    def put(content: bytes) -> str:
        kept[f"blob-{len(kept)}"] = content
        return f"blob-{len(kept) - 1}"

    written = json.dumps(encode(step, put), ensure_ascii=True)
    assert SECRET not in written
    return decode(json.loads(written), kept.__getitem__)


def the_inverse(step: Step, look: Look) -> Step:
    inverse = step.inverse(look)
    assert inverse is not None
    return through_the_journal(inverse)


def test_every_kind_in_the_folder_has_a_case() -> None:
    assert set(every_kind()) == set(CASES)
    assert all(type(case.make(fake_look())).__name__ == kind for kind, cases in CASES.items() for case in cases)


@pytest.mark.parametrize("case", ALL)
def test_a_step_says_what_it_is_and_why(case: Case) -> None:
    step = the_step(case, fake_look())
    assert isinstance(step, Step)
    assert step.title.strip()
    assert step.why == WHY


@pytest.mark.parametrize("case", STATES)
def test_after_it_is_applied_nothing_is_left_to_do(case: Case) -> None:
    machine = a_machine()
    step = the_step(case, machine)
    assert step.differs(machine)
    step.apply(machine)
    assert step.differs(machine) == frozenset()
    assert step.verify(machine) is None


@pytest.mark.parametrize("case", STATES)
def test_what_differs_is_among_what_it_claims(case: Case) -> None:
    step = the_step(case, fake_look())
    assert step.differs(fake_look()) <= {claim.name for claim in step.claims}
    assert len({claim.name for claim in step.claims}) == len(step.claims)


@pytest.mark.parametrize("case", STATES)
def test_applying_it_twice_changes_nothing_more(case: Case) -> None:
    machine = a_machine()
    step = the_step(case, machine)
    step.apply(machine)
    after, changes = state_of(machine), machine.changes
    step.apply(machine)
    assert state_of(machine) == after
    assert machine.changes == changes


@pytest.mark.parametrize("case", COMING_BACK)
def test_its_inverse_puts_the_machine_back(case: Case) -> None:
    machine = a_machine()
    before = state_of(machine)
    step = the_step(case, machine)
    inverse = the_inverse(step, machine)
    step.apply(machine)
    inverse.apply(machine)
    assert _settled(state_of(machine)) == _settled(before)


@pytest.mark.parametrize("case", ALL)
def test_its_inverse_is_harmless_when_it_never_ran(case: Case) -> None:
    machine = a_machine()
    before = state_of(machine)
    the_inverse(the_step(case, machine), machine).apply(machine)
    assert state_of(machine) == before


@pytest.mark.parametrize("case", STAYING)
def test_what_stays_is_kept_whole_and_a_new_attempt_has_nothing_to_do(case: Case) -> None:
    machine = a_machine()
    step = the_step(case, machine)
    inverse = the_inverse(step, machine)
    step.apply(machine)
    after = state_of(machine)
    inverse.apply(machine)
    assert state_of(machine) == after
    assert step.differs(machine) == frozenset()


@pytest.mark.thorough
@pytest.mark.parametrize("case", COMING_BACK)
@pytest.mark.parametrize("late", [False, True])
def test_its_inverse_puts_back_a_step_that_failed_half_way(case: Case, late: bool) -> None:
    whole = a_machine()
    began = whole.changes
    the_step(case, whole).apply(whole)
    for number in range(1, whole.changes - began + 1):
        machine = a_machine()
        before = state_of(machine)
        step = the_step(case, machine)
        inverse = the_inverse(step, machine)
        machine.fail_at, machine.fails_late = machine.changes + number, late
        with pytest.raises(Trouble):
            step.apply(machine)
        machine.fail_at = None
        inverse.apply(machine)
        assert _without_scratch(_settled(state_of(machine))) == _settled(before), f"change {number}"


def _settled(state: Mapping[str, object]) -> dict[str, object]:
    """Without the times of account files, which settling puts back from the snapshot."""
    return {
        name: replace(value, mtime_ns=0)
        if isinstance(value, Entry) and name in {"/etc/passwd", "/etc/group"}
        else value
        for name, value in state.items()
    }


def _without_scratch(state: Mapping[str, object]) -> dict[str, object]:
    """Without the scratch folder below /run, which the next check clears, and the next boot."""
    return {name: value for name, value in state.items() if not name.startswith("/run/postwizard")}


@pytest.mark.parametrize("case", ALL)
def test_its_preview_changes_nothing_and_shows_what_differs(case: Case) -> None:
    machine = a_machine()
    before, changes = state_of(machine), machine.changes
    step = the_step(case, machine)
    text = step.preview(machine)
    inverse = the_inverse(step, machine)
    inverse.preview(machine)
    assert (state_of(machine), machine.changes) == (before, changes)
    assert bool(text.strip()) or not step.differs(machine)
    assert not text or text.endswith("\n")


@pytest.mark.parametrize("case", ALL)
def test_no_preview_title_or_representation_shows_a_secret(case: Case) -> None:
    machine = a_machine()
    step = the_step(case, machine)
    inverse = the_inverse(step, machine)
    shown = [step.preview(machine), step.title, repr(step.claims)]
    step.apply(machine)
    shown += [inverse.preview(machine), inverse.title]
    assert SECRET not in "".join(shown)
    said: list[str] = []
    inverse.apply(machine, said.append)
    step.apply(machine, said.append)
    assert SECRET not in "".join(said)


@pytest.mark.parametrize("case", ALL)
def test_it_changes_only_what_it_says_it_touches(case: Case) -> None:
    machine = a_machine()
    before = state_of(machine)
    step = the_step(case, machine)
    step.apply(machine)
    after = state_of(machine)
    changed = {P(name) for name in {*before, *after} if before.get(name) != after.get(name) and name.startswith("/")}
    touched = set(step.touches)
    missed = {path for path in changed if path.parts[1] in {"etc", "var"} and not touched & {path, *path.parents}}
    # Mail belongs to its user: the steps that move it are the only ones that put it back.
    missed = {path for path in missed if P("/var/vmail") not in path.parents}
    made_above = {path for path in missed if any(path in inside.parents for inside in touched)}
    assert missed - made_above == set()


@pytest.mark.parametrize("case", NOTICING)
def test_it_notices_when_it_was_undone_behind_its_back(case: Case) -> None:
    machine = a_machine()
    step = the_step(case, machine)
    inverse = the_inverse(step, machine)
    step.apply(machine)
    assert step.verify(machine) is None
    inverse.apply(machine)
    problem = step.verify(machine)
    assert problem is not None
    assert problem.what


@pytest.mark.parametrize("case", ALL)
def test_it_comes_back_from_the_journal_as_it_was(case: Case) -> None:
    step = the_step(case, fake_look())
    assert through_the_journal(step) == step


@pytest.mark.thorough
@pytest.mark.parametrize("case", ON_FILES)
def test_on_real_files_it_keeps_the_same_laws(case: Case, tmp_path: Path) -> None:
    machine = real_files(tmp_path)
    before = state_of(machine)
    step = the_step(case, machine)
    inverse = the_inverse(step, machine)
    the_inverse(step, machine).apply(machine)
    assert state_of(machine) == before
    step.preview(machine)
    step.apply(machine)
    assert case.is_act or not step.differs(machine)
    after = state_of(machine)
    step.apply(machine)
    assert state_of(machine) == after
    assert step.verify(machine) is None
    inverse.apply(machine)
    assert state_of(machine) == before


def real_files(root: Path) -> Machine:
    """The same files below a folder."""
    machine = ThisMachine(root)
    for name, state in FILES.items():
        path = P(name)
        for parent in reversed(path.parents[:-1]):
            if machine.file(parent) is None:
                machine.write_file(parent, FileState(Kind.DIRECTORY, mode=0o755))
        machine.write_file(path, replace(state, mtime_ns=1_700_000_000_123_456_789))
    return machine
