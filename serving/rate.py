"""A limit on how often one subject, an address or a key, may ask."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from serving.errors import RateLimitedError

_MOST_SUBJECTS = 10_000
_BURST_SECONDS = 10.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """A token bucket for each subject; `per_minute` 0 means no limit. For one event loop.

    Full, a bucket allows what ten seconds would, at least five. Only the subjects seen last are
    remembered, so that many of them cannot fill the memory. `advice` says what to do instead, to
    whoever is refused.
    """

    def __init__(
        self, per_minute: int, advice: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._per_second = per_minute / 60
        self._advice = advice
        self._burst = max(5.0, self._per_second * _BURST_SECONDS)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, subject: str) -> None:
        """Take one token; raises `RateLimitedError` when there is none."""
        if not self._per_second:
            return
        now = self._clock()
        bucket = self._buckets.setdefault(subject, _Bucket(self._burst, now))
        self._buckets.move_to_end(subject)
        while len(self._buckets) > _MOST_SUBJECTS:
            self._buckets.popitem(last=False)
        refill = (now - bucket.filled_at) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + refill)
        bucket.filled_at = now
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / self._per_second)
            raise RateLimitedError(
                f"{self._per_minute:,} requests a minute are answered here; try again in {wait} s, "
                f"{self._advice}",
                retry_after=wait,
            )
        bucket.tokens -= 1


def network(address: str) -> str:
    """The address; of IPv6 its /64, which is what one customer commonly gets (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
