"""Templates: strict about what they are given, and true to the formats they write."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, meta

from wizard import places
from wizard.problem import Trouble
from wizard.render import FILTERS, literal, postfix_list, render, table_line, yes_no
from wizard.syntax.dkim import DkimKey
from wizard.syntax.expand import expand
from wizard.syntax.main_cf import MainCf
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.table_file import Form, TableFile

TEMPLATES = sorted(path.relative_to(places.TEMPLATES) for path in places.TEMPLATES.rglob("*.j2"))
# What profiles give to templates that are not the same for everybody; any other name would be given by nobody.
OF_SQLITE = {"database": "/var/lib/a.sqlite"}
OF_DOVECOT: dict[str, object] = {
    "listen": "*",
    "user": "vmail",
    "uid": 5000,
    "mail_folder": "/var/vmail",
    "certificate": "/etc/a.crt",
    "key": "/etc/a.key",
    "ciphers": "ECDHE-RSA-AES128-GCM-SHA256",
    "readers": "postfix",
    "queue_folder": "/var/spool/postfix",
    "postmaster": "postmaster@example.org",
    "sieve": True,
}
OF_A_SERVER = {"database": "accounts", "socket": "/run/a.sock"}
GIVEN: dict[str, dict[str, object]] = {
    "etc/dovecot/dovecot.conf.j2": {**OF_DOVECOT, **OF_A_SERVER, "store": "mariadb", "password_file": "/etc/a"},
    "etc/dovecot/dovecot-2.3.conf.j2": {**OF_DOVECOT, "sql_file": "/etc/dovecot/dovecot-sql.conf.ext"},
    "etc/dovecot/dovecot-sql.conf.ext.j2": {**OF_SQLITE, "mail_folder": "/var/vmail"},
    "etc/postfix/postscreen_access.cidr.j2": {"networks": ["192.0.2.0/24", "2001:db8::/32"]},
    "etc/postfix/submission_header_checks.j2": {"host": r"mail\.example\.org", "host_name": "mail.example.org"},
    "etc/letsencrypt/renewal-hooks/deploy/postwizard.j2": {"lineage": "/etc/letsencrypt/live/mail.example.org"},
    **{
        f"etc/postfix/{table}/{name}.cf.j2": given
        for table, given in (("sqlite", OF_SQLITE), ("mysql", OF_A_SERVER), ("pgsql", OF_A_SERVER))
        for name in ("alias_domains", "aliases", "domains", "mailboxes", "senders")
    },
}
OF_RSPAMD = {
    "actions.conf": {},
    "dkim_signing.conf": {"folder": "/etc/dkim", "selector": "s1"},
    "dmarc.conf": {"reject": True},
    "milter_headers.conf": {"hostname": "mail.example.org"},
    "worker-proxy.inc": {"milter": "127.0.0.1:11332"},
}
OPENDKIM = "/etc/dkim/opendkim"
KEYS = (DkimKey("s1", "example.org"), DkimKey("s1", "example.net"))
GIVEN |= {f"etc/rspamd/local.d/{name}.j2": values for name, values in OF_RSPAMD.items()}
GIVEN |= {
    "etc/dkim/opendkim/opendkim.conf.j2": {"folder": OPENDKIM, "hostname": "mail.example.org", "dkim_port": 8891},
    "etc/dkim/opendkim/key_table.j2": {"keys": KEYS},
    "etc/dkim/opendkim/signing_table.j2": {"keys": KEYS},
    "etc/opendmarc/opendmarc.conf.j2": {"hostname": "mail.example.org", "dmarc_port": 8893, "reject": False},
    "etc/systemd/system/opendkim.service.d/postwizard.conf.j2": {"folder": OPENDKIM},
}
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Z")), min_size=1)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from wizard import render as room

    monkeypatch.setattr(places, "TEMPLATES", tmp_path)
    room._environment.cache_clear()
    yield tmp_path
    room._environment.cache_clear()


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_each_template_renders_with_a_header_and_without_a_date(path: Path) -> None:
    given = GIVEN.get(str(path), {})
    text = render(str(path.with_suffix("")), **given).decode()
    assert text.removeprefix("#!/bin/sh\n").startswith(("# Begun by postwizard", "# Written by postwizard"))
    assert "202" not in text
    assert text.endswith("\n")
    assert render(str(path.with_suffix("")), **given).decode() == text


def test_no_template_has_logic_or_names_that_nobody_gives() -> None:
    for path in TEMPLATES:
        parsed = Environment(autoescape=True).parse((places.TEMPLATES / path).read_text().replace("| comment", ""))
        assert meta.find_undeclared_variables(parsed) == set(GIVEN.get(str(path), {}))


def test_what_is_begun_means_what_its_format_says() -> None:
    assert MainCf.parse(render("etc/postfix/main.cf")).names() == ()
    services = MasterCf.parse(render("etc/postfix/master.cf"))
    assert services.problems() == ()
    assert {"smtp/inet", "pickup/unix", "cleanup/unix", "qmgr/unix", "local/unix", "error/unix"} <= {
        service.key for service in services.services()
    }
    assert TableFile.parse(render("etc/postfix/aliases"), Form.ALIASES).get("mailer-daemon") == "postmaster"
    assert TableFile.parse(render("etc/postfix/table"), Form.TABLE).entries() == ()


@pytest.mark.parametrize("value", ["a\nrelayhost = evil", "a\rb", "a\0b", "a\x1b[2J", True, None, ["a"], b"a", 1.5])
def test_a_value_that_is_no_line_of_text_is_refused(templates: Path, value: object) -> None:
    (templates / "x.j2").write_text("name = {{ value }}\n")
    with pytest.raises(Trouble):
        render("x", value=value)


def test_a_missing_name_is_said_and_never_rendered_as_nothing(templates: Path) -> None:
    (templates / "x.j2").write_text("myhostname = {{ hostnam }}\n")
    with pytest.raises(Trouble, match="hostnam"):
        render("x", hostname="a.example")


def test_text_is_not_changed_as_html_would_be(templates: Path) -> None:
    (templates / "x.j2").write_text("name = {{ value }}\n")
    assert render("x", value="<a&b>'\"") == b"name = <a&b>'\"\n"


@given(PLAIN)
def test_a_literal_text_expands_to_itself(text: str) -> None:
    assert expand(literal(text), lambda _name: None) == text


@given(PLAIN, PLAIN)
def test_a_table_line_is_read_back(key: str, value: str) -> None:
    if key.startswith("#") or '"' in key:
        with pytest.raises(Trouble):
            table_line(key, value)
        return
    entries = TableFile.parse((table_line(key, value) + "\n").encode(), Form.TABLE).entries()
    assert [entry.value for entry in entries] == [value]


def test_lists_and_booleans_are_in_postfix_words() -> None:
    assert postfix_list(["a", "b c"]) == "a, { b c }"
    assert (yes_no(True), yes_no(False)) == ("yes", "no")
    assert set(FILTERS) == {"yes_no", "literal", "postfix_list", "table_line", "comment"}
