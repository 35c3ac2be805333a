from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from serving.audit.records import VerifyReport
from serving.audit.verify import verify
from serving.database import Database
from serving.secret import Keyring
from tests.serving.audit.history import LANES, NEW, OLD, ROTATED, History


def test_a_log_that_nobody_touched_is_good(history: History) -> None:
    assert history.verify() == VerifyReport(events=80, lanes=LANES, bad=())


def test_a_log_without_an_event_is_good(database: Database) -> None:
    assert verify(database, ROTATED).bad == ()


def test_kept_heads_show_that_a_log_without_an_event_had_some(
    history: History, database: Database
) -> None:
    kept = history.heads()
    history.tamper("DELETE FROM events", "DELETE FROM heads", "DELETE FROM deployment")
    assert history.verify().bad == ()
    assert [bad.lane for bad in history.verify(kept=kept).bad] == [0, 1, 2]


def test_a_log_outlives_several_changes_of_the_secret(history: History) -> None:
    newest = Keyring((b"the secret of the year after that one", NEW, OLD))
    history.write(20, newest)
    report = history.verify(newest)
    assert (report.events, report.bad) == (100, ())


def test_a_secret_that_is_missing_is_named_where_it_is_needed(history: History) -> None:
    first = history.verify(Keyring((NEW,))).bad[0]
    assert (first.lane, first.position) == (0, 1)
    assert Keyring((OLD,)).key_id in first.problem


def test_another_secret_finds_nothing_good(history: History) -> None:
    report = history.verify(Keyring((b"quite another secret, of another house",)))
    assert report.events == 0
    assert len(report.bad) == LANES


def test_progress_ends_at_the_number_of_events(history: History) -> None:
    seen: list[tuple[int, int]] = []
    verify(history.database, ROTATED, lambda *counts: seen.append(counts), lanes=LANES)
    assert seen[-1] == (80, 80)


def test_a_check_beside_running_writers_finds_nothing(history: History) -> None:
    done = Event()

    def work() -> None:
        while not done.is_set():
            history.write(10)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(work)
        try:
            for _ in range(8):
                assert history.verify().bad == ()
        finally:
            done.set()
        writing.result()


@pytest.mark.slow
def test_a_long_log_takes_no_more_memory_than_a_short_one(history: History) -> None:
    def peak() -> int:
        tracemalloc.start()
        try:
            assert history.verify().bad == ()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    history.write(900, batch=300)
    history.verify()
    short = peak()
    history.write(2_700, batch=300)
    assert peak() < 1.5 * short
