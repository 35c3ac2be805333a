from __future__ import annotations

import pytest

from serving.errors import RateLimitedError
from serving.rate import RateLimit, network


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limit_of(per_minute: int, clock: Clock) -> RateLimit:
    return RateLimit(per_minute, "or go elsewhere.", clock)


def spend(limit: RateLimit, times: int, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        limit.spend(network(address))


def test_more_than_the_burst_is_refused_until_time_has_passed() -> None:
    clock = Clock()
    limit = limit_of(60, clock)
    spend(limit, 10)
    with pytest.raises(RateLimitedError) as error:
        spend(limit, 1)
    assert error.value.retry_after == 1
    assert "try again in 1 s, or go elsewhere." in error.value.detail
    clock.now += 1
    spend(limit, 1)


def test_addresses_do_not_share_a_limit_but_an_ipv6_network_does() -> None:
    limit = limit_of(60, Clock())
    spend(limit, 10)
    spend(limit, 10, "192.0.2.2")
    spend(limit, 10, "2001:db8::1")
    with pytest.raises(RateLimitedError):
        spend(limit, 1, "2001:db8::2")
    spend(limit, 1, "2001:db8:0:1::1")


def test_zero_means_no_limit() -> None:
    spend(limit_of(0, Clock()), 1000)


def test_addresses_not_seen_for_long_are_forgotten() -> None:
    limit = limit_of(60, Clock())
    spend(limit, 10)
    for number in range(10_000):
        limit.spend(f"10.0.{number // 250}.{number % 250}")
    spend(limit, 10)
