"""Passwords as Dovecot keeps them: scrypt in the form of crypt(5), which libxcrypt verifies ($7$)."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from wizard.secret import Secret

SCHEME: Final = "{CRYPT}"  # https://doc.dovecot.org: Password Schemes; crypt(3) decides by what follows
_LETTERS: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# crypt(5), scrypt: the costs that crypt_gensalt(3) proposes, 64 MiB for each try. N = 2 ** COST.
COST: Final = 14
BLOCKS: Final = 32
LANES: Final = 1
_MOST_MEMORY: Final = 1024**3
_FORM: Final = re.compile(r"\{CRYPT\}(\$7\$([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5})([./0-9A-Za-z]*))\$(\S+)")


# https://doc.dovecot.org, Password Schemes: those that are strong today, and how a hash of each begins. The weak ones
# Dovecot itself turns off (auth_allow_weak_schemes).
STRONG: Final = {
    "CRYPT": r"\$(?:2[aby]|5|6|7|y|gy)\$",
    "SHA256-CRYPT": r"\$5\$",
    "SHA512-CRYPT": r"\$6\$",
    "BLF-CRYPT": r"\$2[aby]\$",
    "ARGON2I": r"\$argon2i\$",
    "ARGON2ID": r"\$argon2id\$",
    "PBKDF2": r"\$1\$",
    "SCRAM-SHA-1": r"[0-9]+,",
    "SCRAM-SHA-256": r"[0-9]+,",
}
_STRONG: Final = re.compile("|".join(rf"\{{{scheme}\}}{begin}[!-~]{{10,}}" for scheme, begin in STRONG.items()))
_NAMED: Final = re.compile(r"\{([A-Za-z0-9.-]+)\}")
_BARE: Final = re.compile(r"\$(?:2[aby]|5|6|7|y|gy)\$[!-~]{20,}")
_LONGEST: Final = 255  # the width of its column in PostfixAdmin's schema


def scheme_of(text: str) -> str:
    """The scheme that a stored password names, in capitals; CRYPT for a bare hash of crypt(5), empty for no hash."""
    if _BARE.fullmatch(text):
        return "CRYPT"
    named = _NAMED.match(text)
    return named[1].upper() if named is not None else ""


def as_stored(text: str) -> Secret | None:
    """A hash of a strong scheme as it is kept, with its scheme before it; None for what is no such hash."""
    if _STRONG.fullmatch(text) and len(text) <= _LONGEST:
        return Secret(text)
    stored = f"{SCHEME}{text}" if _BARE.fullmatch(text) else text
    named = _NAMED.match(stored)
    if named is None:
        return None
    stored = f"{{{named[1].upper()}}}{stored[named.end() :]}"
    return Secret(stored) if _STRONG.fullmatch(stored) and len(stored) <= _LONGEST else None


def hashed_all(passwords: Iterable[Secret]) -> Iterator[Secret]:
    """The hash of each password in turn, each with a salt of its own, made on all processors (hashlib.scrypt).

    Each processor takes 64 MiB meanwhile. Who stops listening waits for no more than the hashes that are begun.
    """
    # Only where many passwords are new.
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing import cpu_count

    workers = cpu_count()
    ahead = iter(passwords)
    pool = ThreadPoolExecutor(workers)
    try:
        while batch := list(islice(ahead, 4 * workers)):
            yield from pool.map(_hash, batch)
    finally:
        pool.shutdown(cancel_futures=True)


@lru_cache(maxsize=8)
def hashed(password: Secret) -> Secret:
    """The password's hash with a salt of its own; one program gives the same password the same hash.

    So that the plan that was shown is the one that is carried out.
    """
    return _hash(password)


def _hash(password: Secret) -> Secret:
    import secrets  # only where a password is new

    salt = "".join(secrets.choice(_LETTERS) for _place in range(22))
    setting = f"$7${_LETTERS[COST]}{_number(BLOCKS, 5)}{_number(LANES, 5)}{salt}"
    return Secret(f"{SCHEME}{setting}${_digest(password, salt, 2**COST, BLOCKS, LANES)}")


@lru_cache(maxsize=32)
def is_password_of(password: Secret, stored: Secret) -> bool:
    """Whether the hash is that of the password; False too for a hash of another kind, which is not read here."""
    found = _FORM.fullmatch(stored.reveal())
    if found is None:
        return False
    cost, blocks, lanes = _LETTERS.index(found[2]), _value(found[3]), _value(found[4])
    if not (0 < cost < 21 and 0 < blocks <= 64 and 0 < lanes <= 16) or 128 * blocks * 2**cost > _MOST_MEMORY // 2:
        return False
    return hmac.compare_digest(_digest(password, found[5], 2**cost, blocks, lanes), found[6])


def _digest(password: Secret, salt: str, cost: int, blocks: int, lanes: int) -> str:
    made = hashlib.scrypt(
        password.reveal().encode(), salt=salt.encode(), n=cost, r=blocks, p=lanes, maxmem=_MOST_MEMORY, dklen=32
    )
    return "".join(
        _number(int.from_bytes(made[at : at + 3], "little"), _width(made[at : at + 3])) for at in range(0, 32, 3)
    )


def _width(part: bytes) -> int:
    return (len(part) * 8 + 5) // 6


def _number(value: int, letters: int) -> str:
    """The number in letters of crypt(5), six bits each, the lowest first."""
    return "".join(_LETTERS[value >> 6 * place & 63] for place in range(letters))


def _value(letters: str) -> int:
    return sum(_LETTERS.index(letter) << 6 * place for place, letter in enumerate(letters))
