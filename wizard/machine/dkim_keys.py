"""The keys of this machine that sign mail; of a private key nothing is ever shown."""

from wizard.machine.machine import Look
from wizard.problem import Trouble
from wizard.syntax.dkim import FOLDER, DkimKey, PublicKey, key_of, public_part


def dkim_keys(look: Look) -> tuple[DkimKey, ...]:
    """The keys that lie on this machine; none for who may not look into their folder."""
    try:
        names = look.names_in(FOLDER)
    except Trouble:
        return ()
    return tuple(key for name in names if (key := key_of(name)) is not None)


def public_keys(look: Look) -> tuple[PublicKey, ...]:
    """Their public parts, as openssl(1) tells them; a file that holds no key is passed over."""
    found = []
    for key in dkim_keys(look):
        # pkey(1): -pubout alone prints the public part and nothing of the private one.
        said = look.output_of("openssl", "pkey", "-pubout", "-passin", "stdin", "-in", str(key.path), stdin=b"\n")
        if said.ok and (base64 := public_part(said.text)):
            found.append(PublicKey(key, base64))
    return tuple(found)
