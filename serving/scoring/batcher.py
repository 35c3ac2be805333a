"""Scores the texts of many requests together, on one thread, in turn.

A request waits in a bounded queue. The worker takes the next batch from several requests at once,
so that a thousand posts of one do not hold up the single post of another, and while it works the
next batch gathers by itself. Only where requests come in close together does it wait a moment for
company (`patience`); a lone client never does.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from classifier.records import Post, Rejection, Score
from serving.errors import NotReadyError, QueueFullError
from serving.scoring.pace import Pace, Scorer, characters_in

logger = logging.getLogger("lurewatch.batcher")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait: `texts`, code points in them, and `seconds` that they will take.

    `patience`, in seconds too, is how long a batch waits for company.
    """

    texts: int
    characters: int
    patience: float
    seconds: float = math.inf


@dataclass(slots=True, eq=False)
class _Job:
    """The posts of one request; those before `next` have been taken."""

    posts: Sequence[Post]
    explain: bool
    future: Future[list[Score | Rejection]] = field(default_factory=Future)
    results: list[Score | Rejection] = field(default_factory=list)
    next: int = 0

    @property
    def waiting(self) -> Sequence[Post]:
        return self.posts[self.next :]

    @property
    def exhausted(self) -> bool:
        return self.next == len(self.posts)


@dataclass(frozen=True, slots=True)
class _Share:
    """What one batch takes from one job."""

    job: _Job
    posts: Sequence[Post]


class Batcher:
    """One worker thread around a scorer. `score` belongs to the event loop."""

    def __init__(self, scorer: Scorer, limits: Limits, pace: Pace) -> None:
        self._scorer = scorer
        self._limits = limits
        self._pace = pace
        self._condition = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._texts = 0
        self._characters = 0
        self._company = False
        self._closing = False
        self._worker = threading.Thread(target=self._work, name="lurewatch-batcher", daemon=True)

    def start(self) -> None:
        self._worker.start()

    def close(self) -> None:
        """Take nothing more, finish what waits, and return when that is done."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._worker.join()

    @property
    def queued_texts(self) -> int:
        return self._texts

    @property
    def queued_characters(self) -> int:
        return self._characters

    async def score(
        self, posts: Sequence[Post], *, explain: bool = False
    ) -> list[Score | Rejection]:
        """One result for each post, in order. Cancelled, it withdraws what has not begun.

        Raises `QueueFullError` where the queue has no room, `NotReadyError` after `close`. An
        empty queue takes any request, so that no setting can shut a permitted one out.
        """
        if not posts:
            return []
        job = _Job(posts, explain)
        self._enqueue(job)
        try:
            return await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            self._withdraw(job)
            raise

    def _enqueue(self, job: _Job) -> None:
        texts, characters = len(job.posts), characters_in(job.posts)
        with self._condition:
            if self._closing:
                raise NotReadyError("the server is shutting down. Try again.", retry_after=5)
            crowded = (
                self._texts + texts > self._limits.texts
                or self._characters + characters > self._limits.characters
                or self._pace.seconds(self._characters + characters) > self._limits.seconds
            )
            if crowded and self._jobs:
                raise QueueFullError(
                    f"{self._texts:,} texts are waiting. Send this again after the time in "
                    "Retry-After, and fewer requests at once.",
                    retry_after=self._pace.retry_after(self._characters),
                )
            # From here on `cancel` on the future fails: only the worker settles it.
            job.future.set_running_or_notify_cancel()
            self._jobs.append(job)
            self._texts += texts
            self._characters += characters
            self._condition.notify_all()

    def _withdraw(self, job: _Job) -> None:
        with self._condition:
            if job in self._jobs:
                self._jobs.remove(job)
                self._count_out(job.waiting)

    def _work(self) -> None:
        while shares := self._next_batch():
            self._score(shares)

    def _next_batch(self) -> list[_Share]:
        """Waits for work; empty once closed and drained."""
        with self._condition:
            while True:
                self._condition.wait_for(lambda: self._jobs or self._closing)
                if self._company:
                    self._condition.wait_for(self._enough, timeout=self._limits.patience)
                if self._jobs:
                    return self._take()
                if self._closing:
                    return []

    def _enough(self) -> bool:
        room = self._pace.room
        return self._closing or self._texts >= room.texts or self._characters >= room.characters

    def _take(self) -> list[_Share]:
        """A fair share from each request that wants the same as the first, up to one batch."""
        explain = self._jobs[0].explain
        most = self._pace.room
        alike = [job for job in self._jobs if job.explain == explain][: most.texts]
        quotas = _fair_quotas([len(job.waiting) for job in alike], most.texts)
        room = most.characters
        shares: list[_Share] = []
        for job, quota in zip(alike, quotas, strict=True):
            posts: list[Post] = []
            for post in job.waiting[:quota]:
                length = characters_in([post])
                if length > room and (shares or posts):
                    break
                room -= length
                posts.append(post)
            if not posts:
                break
            job.next += len(posts)
            shares.append(_Share(job, posts))
            # To the back, or out: the next batch begins with who has waited longest.
            self._jobs.remove(job)
            if not job.exhausted:
                self._jobs.append(job)
            self._count_out(posts)
        self._company = len(shares) > 1
        return shares

    def _score(self, shares: Sequence[_Share]) -> None:
        posts = [post for share in shares for post in share.posts]
        try:
            results = self._scorer.score(posts, explain=shares[0].job.explain)
        except Exception as error:
            logger.exception("batch failed")
            for share in shares:
                self._withdraw(share.job)
                share.job.future.set_exception(error)
            return
        remaining = iter(results)
        for share in shares:
            job = share.job
            job.results.extend(result for _, result in zip(share.posts, remaining, strict=False))
            if job.exhausted:
                job.future.set_result(job.results)

    def _count_out(self, posts: Sequence[Post]) -> None:
        self._texts -= len(posts)
        self._characters -= characters_in(posts)


def _fair_quotas(wanted: Sequence[int], room: int) -> list[int]:
    """Max-min fairness: who wants little gets it, the others share what is left equally."""
    quotas = [0] * len(wanted)
    smallest_first = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for served, index in enumerate(smallest_first):
        quotas[index] = min(wanted[index], room // (len(wanted) - served))
        room -= quotas[index]
    return quotas
