"""The output of ip(8), as values."""

import re


def read_addresses(text: str) -> tuple[str, ...]:
    """`ip -o addr`: the addresses, in order, without their prefix lengths."""
    return tuple(re.findall(r"\binet6? ([0-9a-fA-F.:]+)", text))
