"""Figures: one metric of one label on one slice, for the model and beside it the baselines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from classifier.labels import LABELS, Label
from evaluation.bootstrap import (
    Difference,
    Estimate,
    Resampled,
    Statistic,
    difference,
    resample,
    summarise,
)
from evaluation.metrics import Floats, rank
from evaluation.predictions import Predictions
from evaluation.slices import Slice

# By the end of the metric's name; of all others more is better.
_LESS_IS_BETTER = (
    "false_positive_rate",
    "false_positive_change",
    "calibration_error",
    "log_loss",
    "_per_10000",
    "decision_flips",
    "probability_change",
    "gap",
)


@dataclass(frozen=True, slots=True)
class Beside:
    """A baseline's figure, and the model's less this one where they were resampled together."""

    estimate: Estimate
    lead: Difference | None = None

    def to_dict(self) -> dict[str, Any]:
        lead = None if self.lead is None else self.lead.to_dict()
        return {**self.estimate.to_dict(), "lead": lead}


@dataclass(frozen=True, slots=True)
class Figure:
    """`label` is a label's name or `any`.

    A suite measures against one baseline at a time: `baseline` is its figure, None where it was
    not measured, and `lead` the model's less this one. `baselines` holds all, by name, once the
    runs against each are joined.
    """

    label: str
    dimension: str
    slice: str
    metric: str
    model: Estimate
    baseline: Estimate | None = None
    lead: Difference | None = None
    baselines: Mapping[str, Beside] = field(default_factory=dict)

    @property
    def best_baseline(self) -> str | None:
        """The name of the baseline that does best; None where none has a value."""
        values = {
            name: beside.estimate.value
            for name, beside in self.baselines.items()
            if beside.estimate.value is not None
        }
        if not values:
            return None
        sign = -1 if self.metric.endswith(_LESS_IS_BETTER) else 1
        return max(values, key=lambda name: sign * values[name])

    def to_dict(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "dimension": self.dimension,
            "slice": self.slice,
            "metric": self.metric,
            "model": self.model.to_dict(),
            "baselines": {name: beside.to_dict() for name, beside in self.baselines.items()},
            "best_baseline": self.best_baseline,
        }


@dataclass(frozen=True, slots=True)
class Rival:
    """The baseline's probabilities, [n, labels], and what to measure of them."""

    probabilities: Floats
    statistics: Mapping[str, Statistic]


def measure(
    label: Label,
    predictions: Predictions,
    pieces: Iterable[Slice],
    statistics: Mapping[str, Statistic],
    rival: Rival | None = None,
) -> list[Figure]:
    """The statistics of a label on each slice, beside the rival's of the same names."""
    truths, groups = predictions.truths(label), predictions.groups
    figures: list[Figure] = []
    for piece in pieces:
        known = [truths[row] for row in piece.rows]
        within = [groups[row] for row in piece.rows]
        ranking = rank(predictions.of(label)[piece.rows], known)
        n, positives = len(ranking.rows), ranking.positives
        ours = resample(statistics, ranking, within)
        theirs: Mapping[str, Resampled] = {}
        if rival is not None:
            scores = rival.probabilities[piece.rows, LABELS.index(label)]
            theirs = resample(rival.statistics, rank(scores, known), within)
        figures += [
            Figure(
                label.value,
                piece.dimension,
                piece.name,
                metric,
                summarise(found, n, positives),
                summarise(theirs[metric], n, positives) if metric in theirs else None,
                difference(found, theirs[metric]) if metric in theirs else None,
            )
            for metric, found in ours.items()
        ]
    return figures
