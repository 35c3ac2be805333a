from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from serving.review.recent import Recent
from tests.serving.review.bench import TurnedClock

SECONDS = 10


class Query:
    """A long query: each run waits until it may end, and gives its number."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.runs = 0

    def __call__(self, key: str, now: datetime) -> int:
        self.runs += 1
        self.begun.release()
        assert self.may_end.acquire(timeout=SECONDS)
        return self.runs


def test_one_reads_anew_while_the_others_get_what_was_read_before() -> None:
    clock, query = TurnedClock(), Query()
    recent = Recent(query, timedelta(minutes=1), clock)
    query.may_end.release()
    assert [recent.get("a"), recent.get("a")] == [1, 1]
    clock.turn(minutes=1)
    query.begun.acquire()
    with ThreadPoolExecutor(1) as pool:
        renewed = pool.submit(recent.get, "a")
        assert query.begun.acquire(timeout=SECONDS)
        assert [recent.get("a") for _ in range(3)] == [1, 1, 1]
        query.may_end.release()
        assert renewed.result() == 2
    assert recent.get("a") == 2
    assert query.runs == 2


def test_the_first_time_all_wait_for_one() -> None:
    query = Query()
    recent = Recent(query, timedelta(minutes=1), TurnedClock())
    with ThreadPoolExecutor(4) as pool:
        first = [pool.submit(recent.get, "a") for _ in range(4)]
        assert query.begun.acquire(timeout=SECONDS)
        query.may_end.release()
        assert [found.result() for found in first] == [1] * 4


def test_a_query_that_fails_leaves_what_was_read_before() -> None:
    clock, fails = TurnedClock(), [False, True, False]

    def query(key: str, now: datetime) -> str:
        if fails.pop(0):
            raise TimeoutError(key)
        return f"{key} {len(fails)}"

    recent = Recent(query, timedelta(seconds=5), clock)
    assert recent.get("a") == "a 2"
    clock.turn(seconds=5)
    with pytest.raises(TimeoutError):
        recent.get("a")
    assert recent.get("a") == "a 0"
