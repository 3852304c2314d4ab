"""The hash of a password is that of crypt(5), has a salt of its own, and tells right from wrong."""

import pytest

from wizard.secret import Secret
from wizard.syntax.password_hash import SCHEME, hashed, is_password_of

# Made by crypt(3) of libxcrypt 4.4 for the words "pässword xyz".
BY_LIBXCRYPT = "$7$D6..../....abcdefghij012345678901$ysRBsUfrmvabxI.AHBeKxpR4Xr3XAknqxSineG1y7VA"


def test_what_libxcrypt_made_is_verified() -> None:
    assert is_password_of(Secret("pässword xyz"), Secret(SCHEME + BY_LIBXCRYPT))
    assert not is_password_of(Secret("password xyz"), Secret(SCHEME + BY_LIBXCRYPT))


def test_a_hash_is_verified_by_its_own_password_alone_and_shows_neither() -> None:
    made = hashed(Secret("correct horse battery"))
    assert is_password_of(Secret("correct horse battery"), made)
    assert not is_password_of(Secret("correct horse batterx"), made)
    assert made.reveal().startswith("{CRYPT}$7$CU..../....")
    assert "horse" not in made.reveal()
    assert "$7$" not in repr(made)


def test_one_program_gives_one_password_one_hash_and_another_password_another_salt() -> None:
    assert hashed(Secret("correct horse battery")) == hashed(Secret("correct horse battery"))
    assert hashed(Secret("correct horse battery")).reveal()[:43] != hashed(Secret("another one")).reveal()[:43]


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain",
        "{CRYPT}$2y$05$abcdefghijklmnopqrstuv",
        "{SHA512-CRYPT}$6$salt$hash",
        "{CRYPT}$7$",
        "{CRYPT}$7$zzzzzzzzzzzsalt$hash",  # costs that would take all memory
        "{CRYPT}$7$.6..../....salt$hash",
    ],
)
def test_a_hash_of_another_kind_is_no_match_and_no_error(stored: str) -> None:
    assert not is_password_of(Secret("plain"), Secret(stored))
