"""How fast the model is, by its last batches, and what follows from that."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from classifier.records import Post, Rejection, Score
from serving.metrics import Metrics

BATCH_TEXTS = 32
BATCH_CHARACTERS = 16_000
"""The smallest room of a batch: about 0.2 s of the encoder alone on two cores."""

LARGEST = 16
"""A batch may grow to so many times the smallest: no further, since memory grows along."""

BATCH_SECONDS = 0.2
"""What a batch should take: long enough to fill the model, short enough to wait for."""

_FIRST_GUESS = 20_000.0  # characters a second, until batches have been timed
_SMOOTHING = 0.2
_LONGEST_RETRY_SECONDS = 60


class Scorer(Protocol):
    """What the batcher asks of a classifier."""

    def score(self, posts: Sequence[Post], *, explain: bool = False) -> list[Score | Rejection]: ...


@dataclass(frozen=True, slots=True)
class Room:
    """How much one batch takes at most. One longer text is a batch of its own."""

    texts: int
    characters: int


class Pace:
    """Written by the thread that scores, read by any."""

    def __init__(self) -> None:
        self._speed = _FIRST_GUESS
        self._times = 1

    @property
    def room(self) -> Room:
        """Of the next batch."""
        return Room(BATCH_TEXTS * self._times, BATCH_CHARACTERS * self._times)

    def seconds(self, characters: int) -> float:
        """How long texts of so many code points take together."""
        return characters / self._speed

    def retry_after(self, characters: int) -> int:
        """When those are done, in whole seconds from 1 to 60."""
        return min(_LONGEST_RETRY_SECONDS, max(1, math.ceil(self.seconds(characters))))

    def measure(self, texts: int, characters: int, seconds: float) -> None:
        """Learn from one batch. Only one that filled its room says whether that is right."""
        self._speed += _SMOOTHING * (characters / max(seconds, 1e-6) - self._speed)
        room = self.room
        full = texts > room.texts / 2 or characters > room.characters / 2
        if full and seconds < BATCH_SECONDS / 2:
            self._times = min(LARGEST, self._times * 2)
        elif seconds > BATCH_SECONDS * 1.5:
            self._times = max(1, self._times // 2)


class TimedScorer:
    """Tells `pace` and `metrics` how long `scorer` takes."""

    def __init__(self, scorer: Scorer, pace: Pace, metrics: Metrics) -> None:
        self._scorer = scorer
        self._pace = pace
        self._metrics = metrics

    def score(self, posts: Sequence[Post], *, explain: bool = False) -> list[Score | Rejection]:
        """As the scorer's own."""
        began = time.perf_counter()
        results = self._scorer.score(posts, explain=explain)
        seconds = time.perf_counter() - began
        self._metrics.batch_texts.observe(len(posts))
        self._metrics.batch_seconds.observe(seconds)
        self._pace.measure(len(posts), characters_in(posts), seconds)
        return results


def characters_in(posts: Sequence[Post]) -> int:
    """Code points in all of them, titles included."""
    return sum(len(post.text) + len(post.title or "") for post in posts)
