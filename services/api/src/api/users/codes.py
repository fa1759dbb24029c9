"""Codes people read from one screen and type into another: no letter that looks like another, kept as hashes only."""

import hashlib
import secrets

ABC = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 signs: 4.95 bits each
GROUP = 4
PRIVATE_GROUPS = 7  # 138 bits: a guest has nothing else to show
LINK_GROUPS = 3  # 59 bits, and ten minutes
RECOVERY_GROUPS = 4  # 79 bits
RECOVERY_CODES = 10


def new_code(groups: int) -> str:
    """A random code in groups of four: `4F7K-W2QX-9ZTM`."""
    return "-".join("".join(secrets.choice(ABC) for _ in range(GROUP)) for _ in range(groups))


def code_hash(code: str) -> bytes:
    """What is kept of a code, the same however it was typed: in small letters, with blanks, without the signs between."""
    bare = "".join(letter for letter in code.upper() if letter in ABC)
    return hashlib.sha256(bare.encode()).digest()
