"""What a key looks like, and how its secret is kept.

A key is `lw_<id>_<secret>`: the id names the row, the secret proves the holder. The secret is 256
bits from the operating system, so it is stored as a plain SHA-256: a slow password hash guards
secrets that can be guessed, and this one cannot, while a slow hash at every request would be a
lever to overload the server. (NIST SP 800-63B, 5.1.2.2, asks for salt and stretching only under
112 bits.)
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SECRET_BYTES = 32

_KEY = re.compile(r"lw_(?P<id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """The two parts of a key as a caller presents it."""

    id: str
    secret: str


def new_id() -> str:
    return secrets.token_hex(6)


def new_secret() -> str:
    return secrets.token_hex(SECRET_BYTES)


def render(key_id: str, secret: str) -> str:
    return f"lw_{key_id}_{secret}"


def parse(key: str) -> PresentedKey | None:
    """The parts of `key`, or None where it is not one."""
    match = _KEY.fullmatch(key)
    return PresentedKey(match["id"], match["secret"]) if match else None


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, secret_hash: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(hash_secret(secret), secret_hash)
