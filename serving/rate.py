"""A modest limit on what one address may ask of the public page."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from serving.errors import RateLimitedError

_MOST_ADDRESSES = 10_000
_BURST_SECONDS = 10.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """A token bucket for each address; `per_minute` 0 means no limit. For one event loop.

    Full, a bucket allows what ten seconds would, at least five. Only the addresses seen last are
    remembered, so that many of them cannot fill the memory.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = max(5.0, self._per_second * _BURST_SECONDS)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, address: str) -> None:
        """Take one token; raises `RateLimitedError` when there is none."""
        if not self._per_second:
            return
        now = self._clock()
        key = _network(address)
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        refill = (now - bucket.filled_at) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + refill)
        bucket.filled_at = now
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / self._per_second)
            raise RateLimitedError(
                f"this page takes a few texts a minute. Go back, where your text still is, and try "
                f"again in {wait} s; or use the API.",
                retry_after=wait,
            )
        bucket.tokens -= 1


def _network(address: str) -> str:
    """The address; of IPv6 its /64, which is what one customer commonly gets (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
