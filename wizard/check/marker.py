"""The mark of a test mail: a Message-ID that no other mail has and that tells nothing about anybody."""

import time
from typing import Final

MARK: Final = "postwizard-test"


def new_marker(host: str) -> str:
    """Time and chance, without brackets (RFC 5322, section 3.6.4)."""
    import secrets

    return f"{MARK}-{time.time_ns():x}-{secrets.token_hex(8)}@{host or 'localhost'}"
