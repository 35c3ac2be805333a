"""From probabilities to labels and a route; a pure function of scores and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classifier.labels import LABELS, Label, Route


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities at or above which a label is flagged, or goes to the front of the queue.

    `priority` is None where the data gave no threshold that is precise enough.
    """

    review: float
    priority: float | None


def labels_at(
    scores: Mapping[Label, float], thresholds: Mapping[Label, Thresholds]
) -> tuple[Label, ...]:
    """The labels at or above their review threshold, in the one order."""
    return tuple(label for label in LABELS if scores[label] >= thresholds[label].review)


def route(scores: Mapping[Label, float], thresholds: Mapping[Label, Thresholds]) -> Route:
    """The most urgent route that any label asks for."""
    if any(_reaches(scores[label], thresholds[label].priority) for label in LABELS):
        return Route.PRIORITY
    return Route.REVIEW if labels_at(scores, thresholds) else Route.CLEAR


def _reaches(score: float, threshold: float | None) -> bool:
    return threshold is not None and score >= threshold
