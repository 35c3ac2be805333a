"""What Prometheus is told: counts, sizes and times, never a text or who sent it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from classifier.records import Rejection, Score
from serving.siblings import Siblings

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TEXTS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The metrics of one app, in a registry of their own; shown with those of its `siblings`."""

    def __init__(self, siblings: Siblings | None = None) -> None:
        self._siblings = siblings
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "lurewatch_requests",
            "Requests answered.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "lurewatch_request_seconds",
            "Time from a request's first byte to its answer's last.",
            ("path",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.batch_texts = Histogram(
            "lurewatch_batch_texts",
            "Texts that were scored together.",
            buckets=_TEXTS,
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "lurewatch_batch_seconds",
            "Time to score one batch.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.scored = Counter(
            "lurewatch_scored_texts",
            "Texts scored, by the route they got.",
            ("route",),
            registry=self.registry,
        )
        self.rejected = Counter(
            "lurewatch_rejected_texts",
            "Texts that could not be scored, by the error's code.",
            ("code",),
            registry=self.registry,
        )
        self.cache_hits = Counter(
            "lurewatch_cache_hits",
            "Texts answered with the score of an identical one.",
            registry=self.registry,
        )
        self.cache_misses = Counter(
            "lurewatch_cache_misses",
            "Texts looked for among the kept scores in vain.",
            registry=self.registry,
        )
        self._cache_texts = Gauge(
            "lurewatch_cache_texts", "Scores that are kept.", registry=self.registry
        )
        self._ready = Gauge(
            "lurewatch_ready", "1 when the model answers, else 0.", registry=self.registry
        )
        self._queue_texts = Gauge(
            "lurewatch_queue_texts", "Texts that wait to be scored.", registry=self.registry
        )
        self._queue_characters = Gauge(
            "lurewatch_queue_characters",
            "Characters that wait to be scored.",
            registry=self.registry,
        )

    def watch(
        self,
        *,
        ready: Callable[[], bool],
        queue_texts: Callable[[], int],
        queue_characters: Callable[[], int],
        cache_texts: Callable[[], int],
    ) -> None:
        """Read these at every scrape."""
        self._ready.set_function(lambda: float(ready()))
        self._queue_texts.set_function(lambda: float(queue_texts()))
        self._queue_characters.set_function(lambda: float(queue_characters()))
        self._cache_texts.set_function(lambda: float(cache_texts()))

    def count(self, results: Iterable[Score | Rejection]) -> None:
        routes: Tally[str] = Tally()
        codes: Tally[str] = Tally()
        for result in results:
            if isinstance(result, Score):
                routes[result.route.value] += 1
            else:
                codes[result.error.code] += 1
        for route, texts in routes.items():
            self.scored.labels(route).inc(texts)
        for code, texts in codes.items():
            self.rejected.labels(code).inc(texts)

    def render(self) -> bytes:
        """In Prometheus' text format."""
        if self._siblings is None:
            return generate_latest(self.registry)
        return generate_latest(self._siblings.gather(self.registry))

    def start(self) -> None:
        """Begin to let the siblings know."""
        if self._siblings is not None:
            self._siblings.start(self.registry)

    def stop(self) -> None:
        """Return when nothing is written any more."""
        if self._siblings is not None:
            self._siblings.stop()
