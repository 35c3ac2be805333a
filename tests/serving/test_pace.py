from __future__ import annotations

import pytest

from classifier.classifier import Classifier
from classifier.records import Post
from serving.metrics import Metrics
from serving.scoring.pace import (
    BATCH_CHARACTERS,
    BATCH_SECONDS,
    BATCH_TEXTS,
    LARGEST,
    Pace,
    Room,
    TimedScorer,
)


def test_batches_grow_while_full_ones_are_fast_and_shrink_when_they_are_slow() -> None:
    pace = Pace()
    assert pace.room == Room(BATCH_TEXTS, BATCH_CHARACTERS)
    for _ in range(10):
        pace.measure(pace.room.texts, 1_000, seconds=BATCH_SECONDS / 10)
    assert pace.room == Room(BATCH_TEXTS * LARGEST, BATCH_CHARACTERS * LARGEST)
    pace.measure(pace.room.texts, 1_000, seconds=BATCH_SECONDS * 3)
    assert pace.room.texts == BATCH_TEXTS * LARGEST // 2
    for _ in range(10):
        pace.measure(1, 1_000, seconds=BATCH_SECONDS * 3)
    assert pace.room == Room(BATCH_TEXTS, BATCH_CHARACTERS)


def test_a_batch_that_is_not_full_does_not_make_the_next_one_larger() -> None:
    pace = Pace()
    for _ in range(10):
        pace.measure(2, 100, seconds=0.001)
    assert pace.room.texts == BATCH_TEXTS


def test_the_time_to_come_back_is_what_the_last_batches_say() -> None:
    pace = Pace()
    for _ in range(50):
        pace.measure(1, 1_000, seconds=1)
    assert pace.retry_after(5_000) == pytest.approx(5, abs=1)
    assert pace.retry_after(0) == 1
    assert pace.retry_after(1_000_000) == 60


def test_batches_are_timed_and_counted(classifier: Classifier) -> None:
    metrics = Metrics()
    TimedScorer(classifier, Pace(), metrics).score([Post("1", "a boat"), Post("2", "a room")])
    value = metrics.registry.get_sample_value
    assert value("lurewatch_batch_texts_sum") == 2
    assert (value("lurewatch_batch_seconds_sum") or 0) > 0
