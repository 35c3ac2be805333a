"""Passwords: what they may be, and the slow hash that is kept of them."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from serving.body import scrub
from serving.errors import QueueFullError, UnfitPasswordError

P = TypeVarTuple("P")
T = TypeVar("T")

MIN_CHARACTERS, MAX_CHARACTERS = 12, 1_000

_AT_ONCE = 2
_MOST_PENDING = 100
_RETRY_SECONDS = 5


class Passwords:
    """Argon2id with the defaults of argon2-cffi, which are RFC 9106's second choice (64 MiB).

    Only two are computed at a time, and few may wait, so that guessing cannot take the memory or
    the worker threads from those who are signed in. Beyond that, hashing raises `QueueFullError`.
    For one event loop.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._pending = 0
        self.of_nobody = _hash_of_nobody(self._hasher)

    async def hash(self, password: str) -> str:
        """The hash to keep of `password`; raises `UnfitPasswordError`."""
        plain = normalise(password)
        if not MIN_CHARACTERS <= len(plain) <= MAX_CHARACTERS:
            raise UnfitPasswordError(
                f"a password has {MIN_CHARACTERS} to {MAX_CHARACTERS:,} characters, this one "
                f"{len(plain):,}. A few words in a row are easy to remember."
            )
        return await self._in_turn(self._hasher.hash, plain)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one that `kept` is the hash of; never, where it is None.

        Takes as long whatever the answer, and where nothing is kept.
        """
        # One character more than any password has is enough to be wrong, and quick to normalise.
        plain = normalise(password[: MAX_CHARACTERS + 1])
        same = await self._in_turn(self._verify, kept or self.of_nobody, plain)
        return same and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether `kept` was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, plain: str) -> bool:
        try:
            return self._hasher.verify(kept, plain)
        except VerifyMismatchError:
            return False

    async def _in_turn(self, work: Callable[[*P], T], *args: *P) -> T:
        if self._pending >= _MOST_PENDING:
            raise QueueFullError(
                "too many people sign in at this moment. Try again in a few seconds.",
                retry_after=_RETRY_SECONDS,
            )
        self._pending += 1
        try:
            return await to_thread.run_sync(work, *args, limiter=self._limiter)
        finally:
            self._pending -= 1


def normalise(password: str) -> str:
    """The same for the same password on any keyboard (NFKC, as NIST SP 800-63B 5.1.1.2 advises)."""
    return unicodedata.normalize("NFKC", scrub(password))


def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """A hash in the standard encoding that costs `hasher` a full computation and matches nothing.

    Its digest is drawn, not computed: no password is known to lead to it.
    """
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
