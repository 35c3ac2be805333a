"""Figures: one metric of one label on one slice, for the model and beside it the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from classifier.labels import LABELS, Label
from evaluation.bootstrap import Estimate, Statistic, estimate
from evaluation.metrics import Floats, rank
from evaluation.predictions import Predictions
from evaluation.slices import Slice


@dataclass(frozen=True, slots=True)
class Figure:
    """`label` is a label's name or `any`; `baseline` is None where it was not measured."""

    label: str
    dimension: str
    slice: str
    metric: str
    model: Estimate
    baseline: Estimate | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "dimension": self.dimension,
            "slice": self.slice,
            "metric": self.metric,
            "model": self.model.to_dict(),
            "baseline": None if self.baseline is None else self.baseline.to_dict(),
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
        ours = estimate(statistics, rank(predictions.of(label)[piece.rows], known), within)
        theirs: Mapping[str, Estimate] = {}
        if rival is not None:
            scores = rival.probabilities[piece.rows, LABELS.index(label)]
            theirs = estimate(rival.statistics, rank(scores, known), within)
        figures += [
            Figure(label.value, piece.dimension, piece.name, metric, found, theirs.get(metric))
            for metric, found in ours.items()
        ]
    return figures
