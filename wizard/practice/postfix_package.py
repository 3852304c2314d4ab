"""Postfix as Arch installs it: upstream's files with Arch's paths, out of Debian's build of the same release."""

import re
import shutil
from pathlib import Path

# What upstream's installer writes into main.cf (postfix-install(1)), with Arch's directories.
INSTALLED = {
    "queue_directory": "/var/spool/postfix", "command_directory": "/usr/bin",
    "daemon_directory": "/usr/lib/postfix/bin", "data_directory": "/var/lib/postfix", "mail_owner": "postfix",
    "sendmail_path": "/usr/bin/sendmail", "newaliases_path": "/usr/bin/newaliases", "mailq_path": "/usr/bin/mailq",
    "setgid_group": "postdrop", "html_directory": "no", "manpage_directory": "/usr/share/man",
    "sample_directory": "/etc/postfix", "readme_directory": "/usr/share/doc/postfix",
    "shlib_directory": "/usr/lib/postfix", "meta_directory": "/etc/postfix",
}  # fmt: skip
# Arch's patch of upstream's main.cf.
ARCH = {"alias_maps": "lmdb:/etc/postfix/aliases", "alias_database": "$alias_maps"}
# Debian's build has another default here; on Arch it is compiled in.
BUILD = """
# Compiled in on Arch; this machine's Postfix was built with another default.
default_database_type = lmdb
"""

QUEUE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private",
         "public", "saved", "trace")  # fmt: skip
SAMPLES = ("access", "canonical", "generic", "header_checks", "relocated", "transport", "virtual")


def finish_postfix(folder: Path) -> None:
    """Moves and rewrites what differs; the unit, users and tables come from `package_files/`."""
    etc, shared = folder / "etc/postfix", folder / "usr/share/postfix"
    library = folder / "usr/lib/postfix"
    (library / "sbin").rename(library / "bin")
    # The path that is compiled into Debian's build, for a main.cf that does not name the folder.
    (library / "sbin").symlink_to("bin")
    for name in ("postfix-script", "post-install"):
        script = library / "bin" / name
        script.write_text(upstream_script(script.read_text()))
    main_cf = (shared / "main.cf.dist").read_text()
    master_cf = (shared / "master.cf.dist").read_text()
    files = (shared / "postfix-files").read_text()
    shutil.rmtree(shared)
    shared.mkdir()
    for name in ("dynamicmaps.cf", "dynamicmaps.cf.d", "postfix-files", "postfix-files.d"):
        # Compiled-in meta_directory of Debian's build: what is there without a main.cf.
        (shared / name).symlink_to(f"/etc/postfix/{name}")
    for path in etc.glob("*"):
        path.unlink()
    for name in ("dynamicmaps.cf.d", "postfix-files.d"):
        (etc / name).mkdir()
    (etc / "dynamicmaps.cf").write_text("# dict-type\tso-name (pathname)\tdict-function\tmkmap-function\n")
    (etc / "postfix-files").write_text(arch_postfix_files(files))
    for name, text in (("main.cf", arch_main_cf(main_cf)), ("master.cf", master_cf)):
        (etc / name).write_text(text)
        (etc / f"{name}.proto").write_text(text)
    for name in SAMPLES:
        (etc / name).write_text(f"# {name.upper()}(5)\n#\n# The format of this table is described in {name}(5).\n")
    for name in QUEUE:
        (folder / "var/spool/postfix" / name).mkdir(parents=True, exist_ok=True)
    (folder / "var/lib/postfix").mkdir(parents=True, exist_ok=True)


def arch_main_cf(debian: str) -> str:
    """Upstream's main.cf again, with what upstream's installer and Arch put in."""
    text = re.sub(r"# Debian specific:.*?^#\n(?=myorigin)", "", debian, flags=re.DOTALL | re.MULTILINE)
    text = text.replace("myorigin = /etc/mailname\n", "")
    text = text.replace(" (Debian)\n", "\n").replace("\nsmtpd_banner =", "\n#smtpd_banner =")
    text = re.sub(r"\ninet_protocols = ipv4\s*\Z", "\n", text)
    for name, value in INSTALLED.items():
        text, found = re.subn(rf"^#?{name} =.*$", f"{name} = {value}", text, count=1, flags=re.MULTILINE)
        if not found:
            text += f"{name} = {value}\n"
    for name, value in ARCH.items():
        last = [*re.finditer(rf"^#{name} = .*$", text, flags=re.MULTILINE)][-1]
        text = f"{text[: last.end()]}\n{name} = {value}{text[last.end() :]}"
    return text + BUILD


def upstream_script(debian: str) -> str:
    """Without Debian's additions, which start Postfix through systemd and fill a chroot; each is marked as such."""
    text = debian
    for pattern in (
        r"^[\w-]+\) # debian-specific\n.*?^\t;;\n\n?",
        r"^\tif [^\n]*# debian-specific\n.*?^\tfi\n\n?",
        r"^[^\n]*# debian-specific[^\n]*\n",
    ):
        text = re.sub(pattern, "", text, flags=re.DOTALL | re.MULTILINE)
    return text


def arch_postfix_files(debian: str) -> str:
    """Without the files of the split packages and the documentation that this package does not bring."""
    unwanted = ("postfix-cdb.so", "postfix-lmdb.so", "makedefs.out", "$readme_directory", "$html_directory")
    return "".join(f"{line}\n" for line in debian.splitlines() if not any(word in line for word in unwanted))
