"""The recipe: what a fresh practice machine holds, and the packages that its pacman can install."""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

HOSTNAME = "box.practice.test"
ADMIN = "admin"
REPOSITORY = "/srv/practice/repo"
APP_FOLDER = "/usr/lib/postwizard/app"
SITE_FOLDER = "/usr/lib/postwizard/site"
SUITE = "sid"

# Files whose path here is their path in the machine, or in the package of that name.
MACHINE_FILES = Path(__file__).parent / "machine_files"
ARCH_FACE_FILES = Path(__file__).parent / "arch_face_files"
PACKAGE_FILES = Path(__file__).parent / "package_files"


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package for the machine's pacman, under Arch's name, made of Debian's files and those in `package_files/`."""

    name: str
    about: str
    from_debian: tuple[str, ...] = ()  # of a pattern (`postgresql-[0-9]+`), the newest
    only: tuple[str, ...] = ()  # patterns of paths to take; empty: all
    without: tuple[str, ...] = ()  # patterns of paths to leave out
    moved: tuple[tuple[str, str], ...] = ()  # folders whose files have another place on Arch: (there, here)
    links: tuple[tuple[str, str], ...] = ()  # what Debian's scripts would link: (path, what it leads to)
    depends: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()


def _postfix_table(kind: str, library: str, debian: str) -> Package:
    """One of the split packages that bring Postfix a type of table."""
    return Package(
        name=f"postfix-{kind}", about=f"Fast, easy to administer, secure mail server ({kind.upper()} integration)",
        from_debian=(debian,), only=(f"usr/lib/postfix/postfix-{kind}.so",), depends=("postfix", library),
    )  # fmt: skip


MTA = ("smtp-forwarder", "smtp-server")

PACKAGES: tuple[Package, ...] = (
    Package(
        name="postfix", about="Fast, easy to administer, secure mail server", from_debian=("postfix",),
        without=(
            "usr/lib/postfix/postfix-cdb.so", "usr/lib/postfix/postfix-lmdb.so", "usr/lib/postfix/*.sh",
            "usr/lib/postfix/syncfiles.pl", "usr/lib/systemd/system/postfix-resolvconf.*",
            "usr/lib/systemd/system/postfix@.service", "usr/bin/rmail", "usr/lib/sendmail", "etc/postfix/sasl",
            "var/spool/postfix/dev", "usr/share/postfix/postinst.functions", "usr/share/postfix/main.cf.tls",
            "usr/share/postfix/main.cf.debian", "usr/share/doc/*",
        ),
        depends=("glibc", "icu", "libnsl", "libsasl", "openssl", "postfix-lmdb", "sh", "zlib"),
        optional=(
            "perl: for postfix-collate.pl, postfix-tlstype.pl and qshape", "postfix-cdb: for CDB integration",
            "postfix-ldap: for LDAP integration", "postfix-mysql: for MySQL integration",
            "postfix-pcre: for PCRE integration", "postfix-pgsql: for PostgreSQL integration",
            "postfix-sqlite: for SQLite integration",
        ),
        provides=MTA, conflicts=MTA,
        backup=tuple(f"etc/postfix/{name}" for name in (
            "access", "aliases", "canonical", "generic", "header_checks", "main.cf", "master.cf", "relocated",
            "transport", "virtual",
        )),
    ),
    _postfix_table("cdb", "tinycdb", "postfix"),
    _postfix_table("ldap", "libldap", "postfix-ldap"),
    _postfix_table("lmdb", "lmdb", "postfix"),
    _postfix_table("mysql", "mariadb-libs", "postfix-mysql"),
    _postfix_table("pcre", "pcre2", "postfix-pcre"),
    _postfix_table("pgsql", "postgresql-libs", "postfix-pgsql"),
    _postfix_table("sqlite", "sqlite", "postfix-sqlite"),
    Package(
        name="opensmtpd", about="Free implementation of the server-side SMTP protocol", from_debian=("opensmtpd",),
        without=("usr/lib/systemd/system/opensmtpd.service",),
        depends=("glibc", "libevent", "openssl", "pam"), provides=MTA, conflicts=MTA,
        backup=("etc/smtpd.conf", "etc/aliases"),
    ),
    Package(
        name="dovecot", about="IMAP and POP3 server written with security primarily in mind",
        from_debian=tuple(f"dovecot-{part}" for part in (
            "core", "auth-lua", "gssapi", "imapd", "ldap", "lmtpd", "mariadb", "pgsql", "pop3d", "sqlite",
            "submissiond",
        )),
        without=("usr/lib/sysusers.d/*", "*sieve*", "*pigeonhole*", "usr/share/dovecot*", "usr/share/apport*",
                 "usr/share/doc/*"),
        depends=("bzip2", "glibc", "icu", "krb5", "libcap", "libldap", "libsodium", "lua", "lz4", "mariadb-libs",
                 "openssl", "pam", "postgresql-libs", "sqlite", "xz", "zlib", "zstd"),
        provides=("imap-server", "pop3-server"),
        backup=("etc/dovecot/dovecot.conf", "etc/pam.d/dovecot"),
    ),
    Package(
        name="pigeonhole", about="Sieve implementation for Dovecot",
        from_debian=("dovecot-core", "dovecot-sieve", "dovecot-managesieved"), only=("*sieve*", "*pigeonhole*"),
        without=("usr/share/dovecot*", "usr/share/doc/*"), depends=("dovecot",),
    ),
    Package(
        name="mariadb-libs", about="MariaDB libraries", from_debian=("libmariadb3",), only=("usr/lib/*",),
        depends=("glibc", "openssl", "zlib"), backup=("etc/my.cnf.d/client.cnf",),
    ),
    Package(
        name="mariadb-clients", about="MariaDB client tools", from_debian=("mariadb-client-core", "mariadb-client"),
        only=tuple(f"usr/bin/{name}" for name in (
            "mariadb", "mariadb-admin", "mariadb-check", "mariadb-dump", "mariadb-import", "mariadb-show", "mysql*",
            "mariadb-secure-installation", "my_print_defaults", "perror",
        )),
        depends=("mariadb-libs", "ncurses", "openssl", "pcre2", "zlib"), backup=("etc/my.cnf.d/mysql-clients.cnf",),
    ),
    Package(
        name="mariadb", about="Fast SQL database server, derived from MySQL", from_debian=("mariadb-server-core",),
        only=("usr/bin/*", "usr/share/mariadb/*"),
        depends=("libaio", "liburing", "mariadb-clients", "mariadb-libs", "openssl", "pcre2", "systemd-libs", "zlib"),
        optional=("galera: for MariaDB cluster with Galera WSREP",),
        backup=("etc/my.cnf", "etc/my.cnf.d/server.cnf"),
    ),
    Package(
        name="postgresql-libs", about="Libraries for use with PostgreSQL",
        from_debian=("libpq5", "postgresql-client-[0-9]+"), without=("*/pgxs*", "*/locale*", "usr/share/doc/*"),
        depends=("glibc", "krb5", "libldap", "lz4", "openssl", "readline", "zlib", "zstd"),
        provides=("postgresql-client",),
    ),
    Package(
        name="postgresql", about="Sophisticated object-relational DBMS", from_debian=("postgresql-[0-9]+",),
        without=("*/locale*", "usr/share/doc/*", "usr/share/postgresql-common*"),
        depends=("bash", "icu", "krb5", "libldap", "liburing", "libxml2", "libxslt", "lz4", "openssl", "pam",
                 "postgresql-libs", "readline", "systemd-libs", "util-linux", "zlib", "zstd"),
    ),
    Package(
        name="swaks", about="Featureful, flexible, scriptable SMTP test tool", from_debian=("swaks",),
        only=("usr/bin/swaks",), depends=("perl", "perl-net-ssleay"),
    ),
    Package(
        name="perl-net-ssleay", about="Perl extension for using OpenSSL", from_debian=("libnet-ssleay-perl",),
        only=("usr/lib/*",), depends=("openssl", "perl"),
    ),
    Package(
        name="unbound", about="Validating, recursive, and caching DNS resolver", from_debian=("unbound",),
        without=("etc/unbound/unbound.conf.d*", "etc/resolvconf*", "usr/lib/resolvconf*", "usr/libexec/*",
                 "usr/lib/systemd/system/unbound-resolvconf.service", "usr/share/munin*", "usr/lib/tmpfiles.d/*"),
        depends=("glibc", "hiredis", "libevent", "openssl", "protobuf-c", "systemd-libs"),
        backup=("etc/unbound/unbound.conf",),
    ),
    Package(
        name="opendkim", about="Open source implementation of the DKIM sender authentication system",
        from_debian=("opendkim", "libopendkim11", "opendkim-tools"),
        without=("etc/opendkim.conf", "etc/dkimkeys*", "etc/mail*", "usr/lib/opendkim*", "usr/share/doc/*"),
        depends=("libldap", "openssl"), optional=("perl: for opendkim-genkey",),
    ),
    Package(
        name="opendmarc", about="Free open source software implementation of the DMARC specification",
        from_debian=("opendmarc", "libopendmarc2t64"),
        without=("etc/opendmarc.conf", "usr/lib/opendmarc*", "usr/lib/tmpfiles.d/*", "usr/share/dbconfig-common*",
                 "usr/share/doc/*"),
        depends=("smtp-server",), backup=("etc/opendmarc/opendmarc.conf",),
    ),
    Package(
        name="rspamd", about="Fast, free and open-source spam filtering system", from_debian=("rspamd",),
        without=("*.example", "usr/lib/sysusers.d/*", "usr/lib/tmpfiles.d/*", "usr/share/doc/*"),
        depends=("glibc", "icu", "libsodium", "openssl", "pcre2", "publicsuffix-list", "sqlite", "zlib"),
        optional=("redis: Redis cache and data storage",),
    ),
    Package(
        name="publicsuffix-list", about="List of public suffixes of domain names", from_debian=("publicsuffix",),
        without=("usr/share/doc/*",),
    ),
    Package(
        name="nftables", about="Netfilter tables userspace tools", from_debian=("nftables",),
        without=("etc/nftables.conf",), depends=("ncurses", "readline"), backup=("etc/nftables.conf",),
    ),
    Package(
        name="iptables", about="Linux kernel packet control tool", from_debian=("iptables",),
        links=tuple((f"usr/bin/{name}", "xtables-nft-multi") for name in (
            "iptables", "iptables-restore", "iptables-save", "ip6tables", "ip6tables-restore", "ip6tables-save",
        )),
        depends=("glibc",),
    ),
    Package(
        name="ufw", about="Uncomplicated and easy to use CLI tool for managing a netfilter firewall",
        from_debian=("ufw",), moved=(("usr/share/ufw/iptables", "etc/ufw"),), depends=("iptables", "python"),
        backup=("etc/ufw/user.rules", "etc/ufw/user6.rules", "etc/ufw/ufw.conf", "etc/default/ufw"),
    ),
    Package(
        name="firewalld", about="Firewall daemon with D-Bus interface", from_debian=("firewalld", "python3-firewall"),
        depends=("dbus", "nftables", "python"), optional=("polkit: privileged actions",),
        backup=("etc/firewalld/firewalld.conf",),
    ),
    Package(
        name="certbot", about="An ACME client", from_debian=("certbot", "python3-certbot"),
        without=("etc/cron.d*", "etc/letsencrypt*", "etc/logrotate.d*", "usr/lib/systemd/*", "usr/share/doc/*"),
        depends=("ca-certificates", "python"),
    ),
    Package(
        name="pebble", about="Small ACME test server, not for production", from_debian=("pebble",),
        without=("usr/share/doc/*",), depends=("glibc",),
    ),
)  # fmt: skip

# Debian needs these for the tree itself; they have their counterparts on a fresh Arch machine.
BASE_DEBIAN = (
    "ca-certificates", "curl", "dbus", "iproute2", "iputils-ping", "less", "locales", "nano", "netbase", "openssl",
    "pacman-package-manager", "perl", "procps", "psmisc", "python3", "sqlite3", "sudo", "systemd", "systemd-sysv",
    "tmux", "tzdata", "udev",
)  # fmt: skip

# The same on Arch.
BASE_ARCH = ("base", "less", "nano", "perl", "python", "sudo", "tmux")

# Libraries come with the tree, so that a package needs no more than its own files. These are left out of it.
NOT_IN_TREE = frozenset({
    "dbconfig-common", "dbconfig-mariadb", "dbconfig-mysql", "default-mysql-client", "dns-root-data", "lsb-release",
    "mariadb-client-compat", "node-popper2", "libjs-bootstrap5", "libjs-requirejs", "polkitd", "sgml-base", "xml-core",
    "ed", "libjson-perl", "libtext-charwidth-perl", "libtext-wrapi18n-perl", "mariadb-common", "mysql-common",
    "postgresql-client-common", "postgresql-common", "sensible-utils", "ssl-cert", "ucf",
})  # fmt: skip

# Arch's name: the Debian package that says which version is here. They are entries in pacman's database, no files.
BASE_PACKAGES: dict[str, str] = {
    "bash": "bash", "bzip2": "libbz2-1.0", "ca-certificates": "ca-certificates", "coreutils": "coreutils",
    "curl": "curl", "dbus": "dbus", "filesystem": "base-files", "glibc": "libc6", "hiredis": "libhiredis1.1.0",
    "iana-etc": "netbase", "icu": "libicu78", "iproute2": "iproute2", "iputils": "iputils-ping",
    "krb5": "libgssapi-krb5-2", "less": "less", "libaio": "libaio1t64", "libcap": "libcap2",
    "libevent": "libevent-2.1-7t64", "libldap": "libldap2", "libnsl": "libnsl3", "libsasl": "libsasl2-2",
    "libsodium": "libsodium26", "liburing": "liburing2", "libxml2": "libxml2-16", "libxslt": "libxslt1.1",
    "lmdb": "liblmdb0", "lua": "liblua5.4-0", "lz4": "liblz4-1", "nano": "nano", "ncurses": "libncursesw6",
    "openssl": "openssl", "pacman": "pacman-package-manager", "pam": "libpam0g", "pcre2": "libpcre2-8-0",
    "perl": "perl", "procps-ng": "procps", "protobuf-c": "libprotobuf-c1", "psmisc": "psmisc", "python": "python3",
    "readline": "libreadline8t64", "shadow": "passwd", "sqlite": "sqlite3", "sudo": "sudo", "systemd": "systemd",
    "systemd-libs": "libsystemd0", "systemd-sysvcompat": "systemd-sysv", "tinycdb": "libcdb1", "tmux": "tmux",
    "tzdata": "tzdata", "util-linux": "util-linux", "xz": "liblzma5", "zlib": "zlib1g", "zstd": "libzstd1",
}  # fmt: skip
BASE_PROVIDES: dict[str, tuple[str, ...]] = {"bash": ("sh",)}


BUILDERS = frozenset({
    "arch_face", "arch_tree", "build", "chroot", "copy_files", "debian_tree", "identity", "pacman_package",
    "postfix_package", "recipe", "repack", "wizard_inside",
})  # fmt: skip


def digest_of_recipe(*more: str) -> str:
    """Changes whenever a tree that is built now would differ from one that was built before."""
    digest = hashlib.sha256(repr(more).encode())
    here = Path(__file__).parent
    # Code that only boots or shows machines takes no part in a build.
    code = [path for path in here.glob("*.py") if path.stem in BUILDERS]
    data = [path for folder in (MACHINE_FILES, ARCH_FACE_FILES, PACKAGE_FILES) for path in folder.rglob("*")]
    for path in sorted([*code, *data]):
        if path.is_file():
            # Code is compared without its comments and line breaks: a build costs minutes.
            content = ast.dump(ast.parse(path.read_text())).encode() if path.suffix == ".py" else path.read_bytes()
            digest.update(f"{path.relative_to(here)}\0".encode() + content)
    return digest.hexdigest()[:16]
