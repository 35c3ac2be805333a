"""How far two runs of a model agree, such as the shipped runtime and the float model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.labels import LABELS, Label
from evaluation.errors import PredictionsError
from evaluation.metrics import average_precision, rank
from evaluation.predictions import Decisions


@dataclass(frozen=True, slots=True)
class LabelParity:
    """Differences of one label. `average_precision_change` is None where a class is missing.

    `largest` and `mean` are absolute differences of probability; `flips` counts the rows that
    carry the label in one run alone.
    """

    label: Label
    largest: float
    mean: float
    average_precision_change: float | None
    flips: int

    def to_dict(self) -> dict[str, Any]:
        change = self.average_precision_change
        return {
            "largest": round(self.largest, 6),
            "mean": round(self.mean, 6),
            "average_precision_change": None if change is None else round(change, 6),
            "flips": self.flips,
        }

    def __str__(self) -> str:
        change = self.average_precision_change
        return (
            f"{self.label.value}: largest difference {self.largest:.4f}, mean {self.mean:.5f}, "
            f"average precision {'unknown' if change is None else format(change, '+.4f')}, "
            f"{self.flips} label flips"
        )


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences over all rows; `route_flips` counts the rows that go elsewhere."""

    rows: int
    labels: tuple[LabelParity, ...]
    route_flips: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "route_flips": self.route_flips,
            "labels": {parity.label.value: parity.to_dict() for parity in self.labels},
        }

    def lines(self) -> list[str]:
        """The report for people, one line for each label and one for the routes."""
        told = [str(parity) for parity in self.labels]
        return [*told, f"{self.route_flips} route flips in {self.rows:,} rows"]


def compare(reference: Decisions, other: Decisions) -> Parity:
    """Raises PredictionsError unless both hold the same examples in the same order."""
    if [example.id for example in reference.examples] != [example.id for example in other.examples]:
        raise PredictionsError(
            "parity compares two runs over the same examples in the same order, and these differ; "
            "score one list with both"
        )
    return Parity(
        rows=len(reference.examples),
        labels=tuple(_compare_label(label, reference, other) for label in LABELS),
        route_flips=sum(
            ours is not theirs for ours, theirs in zip(reference.routes, other.routes, strict=True)
        ),
    )


def _compare_label(label: Label, reference: Decisions, other: Decisions) -> LabelParity:
    column = LABELS.index(label)
    gaps = np.abs(reference.of(label) - other.of(label))
    truths = reference.truths(label)
    before = average_precision(rank(reference.of(label), truths))
    change = float(average_precision(rank(other.of(label), truths)) - before)
    return LabelParity(
        label=label,
        largest=float(gaps.max(initial=0.0)),
        mean=float(gaps.mean()) if len(gaps) else 0.0,
        average_precision_change=None if np.isnan(change) else change,
        flips=int((reference.flagged[:, column] != other.flagged[:, column]).sum()),
    )
