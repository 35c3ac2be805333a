"""Which figures are reported of a ranked suite: all metrics overall, a few on every slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifier.labels import LABELS, Label
from classifier.routing import Thresholds
from evaluation import metrics
from evaluation.bootstrap import Statistic
from evaluation.figures import Figure, Rival, measure
from evaluation.metrics import Floats, rank
from evaluation.predictions import Predictions
from evaluation.slices import DIMENSIONS, cut
from evaluation.thresholds import RouteTargets

FALSE_POSITIVE_RATES = (0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Cut:
    """A threshold for each label, and what figures taken there are called."""

    name: str
    thresholds: Mapping[Label, float]


def overall(
    predictions: Predictions,
    thresholds: Mapping[Label, Thresholds],
    baseline: Floats | None,
    prevalences: Sequence[float] = (),
) -> list[Figure]:
    """Every metric of each label that is known on some row.

    `prevalences` asks for average precision reweighted to those shares as well. The baseline's
    probabilities are not calibrated and have no thresholds, so it stands beside the ranking
    metrics alone.
    """
    ranking = ranking_statistics(prevalences)
    rival = None if baseline is None else Rival(baseline, ranking)
    whole = cut(predictions.examples, ("overall",))
    return [
        figure
        for label in known_labels(predictions)
        for figure in measure(
            label, predictions, whole, ranking | _calibrated_statistics(thresholds[label]), rival
        )
    ]


def by_slice(
    predictions: Predictions,
    cut_at: Cut,
    baseline: Floats | None,
    dimensions: Iterable[str] = DIMENSIONS[1:],
) -> list[Figure]:
    """Average precision, and recall and false positive rate at a cut, by slice.

    Most slices hold one class only, where a ranking means nothing. So that the baseline can stand
    beside recall and false positives there too, it is cut where its false positive rate over all
    rows is at most the model's.
    """
    pieces = cut(predictions.examples, dimensions)
    figures: list[Figure] = []
    for label in known_labels(predictions):
        threshold = cut_at.thresholds[label]
        rival = None
        if baseline is not None:
            truths = predictions.truths(label)
            ours = rank(predictions.of(label), truths)
            theirs = rank(baseline[:, LABELS.index(label)], truths)
            matched = metrics.matched_threshold(theirs, ours, threshold)
            rival = Rival(baseline, _slice_statistics(cut_at.name, matched))
        statistics = _slice_statistics(cut_at.name, threshold)
        figures += measure(label, predictions, pieces, statistics, rival)
    return figures


def ranking_statistics(prevalences: Sequence[float] = ()) -> dict[str, Statistic]:
    """Metrics that need no threshold, by the names they are reported under."""
    statistics: dict[str, Statistic] = {"average_precision": metrics.average_precision}
    for prevalence in prevalences:
        statistics[f"average_precision_at_{percent(prevalence)}"] = _reweighted(prevalence)
    for limit in FALSE_POSITIVE_RATES:
        statistics[f"recall_at_{percent(limit)}_false_positives"] = _recall_at_rate(limit)
    return statistics


def known_labels(predictions: Predictions) -> list[Label]:
    """The labels whose truth is known on some row."""
    return [
        label for label in LABELS if any(truth is not None for truth in predictions.truths(label))
    ]


def percent(share: float) -> str:
    """A share as it reads in a metric's name: 0.048 is `4.8%`."""
    return f"{share * 100:g}%"


def _calibrated_statistics(thresholds: Thresholds) -> dict[str, Statistic]:
    # A label without a priority threshold hurries nothing: its recall there is 0.
    priority = float("inf") if thresholds.priority is None else thresholds.priority
    return {
        **_cut_statistics("review", thresholds.review),
        **_cut_statistics("priority", priority),
        "calibration_error": metrics.expected_calibration_error,
        "log_loss": metrics.log_loss,
    }


def _cut_statistics(name: str, threshold: float) -> dict[str, Statistic]:
    prevalence = RouteTargets().priority_prevalence
    return {
        f"{name}_recall": lambda ranking, weights: metrics.recall(ranking, threshold, weights),
        f"{name}_precision": lambda ranking, weights: metrics.precision(
            ranking, threshold, weights
        ),
        f"{name}_precision_at_{percent(prevalence)}": lambda ranking, weights: metrics.precision(
            ranking, threshold, weights, prevalence=prevalence
        ),
        f"{name}_false_positive_rate": lambda ranking, weights: metrics.false_positive_rate(
            ranking, threshold, weights
        ),
    }


def _slice_statistics(name: str, threshold: float) -> dict[str, Statistic]:
    every = _cut_statistics(name, threshold)
    kept = (f"{name}_recall", f"{name}_false_positive_rate")
    return {
        "average_precision": metrics.average_precision,
        **{metric: every[metric] for metric in kept},
    }


def _reweighted(prevalence: float) -> Statistic:
    return lambda ranking, weights: metrics.average_precision(
        ranking, weights, prevalence=prevalence
    )


def _recall_at_rate(limit: float) -> Statistic:
    return lambda ranking, weights: metrics.recall_at_false_positive_rate(ranking, limit, weights)
