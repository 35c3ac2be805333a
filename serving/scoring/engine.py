"""The model of a running server: loaded and warmed up in the background, then batched over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from classifier.classifier import Classifier
from classifier.errors import ArtifactError, LurewatchError
from classifier.records import Post, Rejection, Score
from serving.errors import NotReadyError
from serving.logs import FACTS
from serving.metrics import Metrics
from serving.scoring.batcher import Batcher, Limits
from serving.scoring.cache import CachedScoring, ScoreCache, UnknownOnly
from serving.scoring.pace import Pace, Scorer, TimedScorer

logger = logging.getLogger("lurewatch.engine")

# A short text, a long one and several at once: what a first request would otherwise pay for.
_WARM_UP = (("Good morning",), ("Good morning, " * 200,), ("Good morning",) * 32)


class Engine:
    """Scores posts once it is ready, and remembers so many scores as `cached` says.

    `on_failure` is told why it never will be ready.
    """

    def __init__(
        self,
        limits: Limits,
        metrics: Metrics,
        *,
        cached: int = 0,
        folder: Path | None = None,
        threads: int | None = None,
        screen: bool = True,
        classifier: Classifier | None = None,
        on_failure: Callable[[LurewatchError], None] | None = None,
    ) -> None:
        self._limits = limits
        self._metrics = metrics
        self._folder = folder
        self._threads = threads
        self._screen = screen
        self._classifier = classifier
        self._on_failure = on_failure
        self._cache = ScoreCache(cached) if cached else None
        self._batcher: Batcher | None = None
        self._cached: CachedScoring | None = None
        self._starting: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to load; returns at once. Belongs to the running event loop."""
        self._starting = asyncio.create_task(self._start())

    async def started(self) -> None:
        """Wait until what `start` began is done: ready, or failed."""
        if self._starting is not None:
            await self._starting

    async def stop(self) -> None:
        """Refuse what comes, finish what waits."""
        self._stopping = True
        if self._starting is not None:
            await self._starting
        if self._batcher is not None:
            await run_in_threadpool(self._batcher.close)

    @property
    def ready(self) -> bool:
        return self._batcher is not None and not self._stopping

    @property
    def classifier(self) -> Classifier:
        """The loaded model; raises `NotReadyError` before it is ready."""
        self._require_batcher()
        assert self._classifier is not None
        return self._classifier

    @property
    def queued_texts(self) -> int:
        return self._batcher.queued_texts if self._batcher else 0

    @property
    def queued_characters(self) -> int:
        return self._batcher.queued_characters if self._batcher else 0

    @property
    def cached_texts(self) -> int:
        return 0 if self._cache is None else len(self._cache)

    async def score(
        self, posts: Sequence[Post], *, explain: bool = False
    ) -> list[Score | Rejection]:
        """As `Batcher.score`; raises `NotReadyError` before it is ready and when it stops."""
        batcher = self._require_batcher()
        if explain or self._cached is None:
            return await batcher.score(posts, explain=explain)
        return await self._cached.score(posts)

    def _require_batcher(self) -> Batcher:
        if self._batcher is None or self._stopping:
            raise NotReadyError(
                "the model is being loaded or the server is shutting down. /readyz answers 200 "
                "when it is ready.",
                retry_after=5,
            )
        return self._batcher

    async def _start(self) -> None:
        try:
            classifier = await run_in_threadpool(self._load_and_warm_up)
        except LurewatchError as error:
            self._fail(error)
            return
        except Exception as error:
            logger.exception("model failed")
            self._fail(ArtifactError(f"it fails while loading ({type(error).__name__}: {error})."))
            return
        self._classifier = classifier
        self._batcher = self._assemble(classifier)
        self._batcher.start()
        logger.info("ready", extra={FACTS: {"model": classifier.manifest.model}})

    def _assemble(self, classifier: Classifier) -> Batcher:
        pace, metrics = Pace(), self._metrics
        scorer: Scorer = TimedScorer(classifier, pace, metrics)
        if self._cache is None:
            return Batcher(scorer, self._limits, pace)
        batcher = Batcher(UnknownOnly(scorer, self._cache, metrics), self._limits, pace)
        self._cached = CachedScoring(batcher, self._cache, classifier.manifest.model, metrics)
        return batcher

    def _fail(self, error: LurewatchError) -> None:
        # The detail goes to the operator's terminal by way of `on_failure`.
        logger.error("model not loaded", extra={FACTS: {"code": error.code}})
        if self._on_failure is not None:
            self._on_failure(error)

    def _load_and_warm_up(self) -> Classifier:
        classifier = self._classifier or Classifier.load(
            self._folder, threads=self._threads, screen=self._screen
        )
        for texts in _WARM_UP:
            classifier.score(list(texts))
            classifier.score(list(texts), explain=True)
        return classifier
