"""Read what certbot(1) prints and keeps."""

import re
from typing import Final

# What certbot writes around the reasons, and which says nothing to who reads only them.
_NO_REASON: Final = re.compile(
    r"Saving debug log to|Account registered\.|Requesting a certificate|Some challenges have failed|Ask for help or"
    r"|^Hint: |An unexpected error occurred:|^Certbot failed to authenticate|The Certificate Authority reported"
    r"|Plugins selected|^- - |^Renewing an existing certificate|Unable to register an account with ACME server\.$"
)
_MOST: Final = 600


def read_reason(said: str) -> str:
    """Why no certificate came, in certbot's and the server's own words; the last lines where none is known for it."""
    problems = re.findall(r"^\s*Domain:\s*(\S+)\s*\n\s*Type:\s*(\S+)\s*\n\s*Detail:\s*(.+?)\s*$", said, re.MULTILINE)
    if problems:
        return "; ".join(f"{domain}: {detail} ({kind})" for domain, kind, detail in problems)[:_MOST]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(line for line in lines if not _NO_REASON.search(line))[-_MOST:] or " ".join(lines)[-_MOST:]


def read_server(conf: str) -> str:
    """The address of the ACME server in a file of /etc/letsencrypt/renewal; empty where none is in it."""
    found = re.search(r"^server\s*=\s*(\S+)\s*$", conf, re.MULTILINE)
    return found[1] if found else ""
