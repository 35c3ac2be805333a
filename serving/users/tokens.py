"""The secrets that browsers and links carry.

A token is 256 bits from the operating system, so that, as with API keys, a plain SHA-256 of it is
what the database holds: it cannot be guessed, and a copied database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
