"""Why an item stands where it does in the queue, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from classifier.labels import LABELS, Label
from classifier.routing import Thresholds
from serving.pages.wording import FACET_NAMES
from serving.review.ranking import (
    HALF_LIFE,
    SEVERITY,
    distance_to_threshold,
    severity,
    strongest_facet,
)
from serving.review.records import ItemView, QueuedFor, Source

_GRAVE = 6  # of `SEVERITY`
_MANY = 1_000  # people
_DOUBTFUL = 0.5  # in log-odds from the threshold

_BROUGHT: Mapping[Source, str] = MappingProxyType(
    {
        Source.TRUSTED_FLAGGER: "A trusted flagger reported it, which comes first",
        Source.USER_NOTICE: "Someone reported it",
    }
)
_QUEUED: Mapping[QueuedFor | None, str] = MappingProxyType(
    {QueuedFor.SAMPLE: "Drawn at random from what the model clears, to find what it misses"}
)


def standing_reasons(
    view: ItemView, thresholds: Mapping[Label, Thresholds], now: datetime
) -> tuple[str, ...]:
    """Why an item stands where it does, in plain words, the weightiest first."""
    found = [_BROUGHT[view.source]] if view.source in _BROUGHT else []
    found += [_QUEUED[view.queued_for]] if view.queued_for in _QUEUED else []
    label = max(LABELS, key=lambda label: view.score.scores[label] * severity(view.score, label))
    facet = strongest_facet(view.score, label)
    if label in view.score.labels and facet is not None:
        harm = "grave" if SEVERITY[facet] >= _GRAVE else "considerable"
        found.append(f"If true, the harm is {harm}: {FACET_NAMES[facet].lower()}")
    if view.reach is not None and view.reach >= _MANY:
        found.append(f"Seen by {view.reach:,} people")
    if distance_to_threshold(view.score, thresholds) < _DOUBTFUL:
        found.append("The model is unsure: close to its threshold")
    waiting = now - (view.queued_at or view.received_at)
    if waiting >= HALF_LIFE:
        hours = int(waiting / timedelta(hours=1))
        found.append(
            f"Waiting for {hours // 24} days" if hours >= 48 else f"Waiting for {hours} hours"
        )
    return tuple(found)
